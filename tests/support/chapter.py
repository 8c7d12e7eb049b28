"""The definitions of the manual's chapter on budgets, as it prints them."""

from __future__ import annotations

WITH_BUDGET = """
(define (with-budget budget-tokens thunk)
  (let ((spent 0))
    (define (track-spend tokens)
      (set! spent (+ spent tokens))
      (if (> spent budget-tokens)
          (error "Budget exceeded")))

    (with-tracking track-spend thunk)))
"""

ADAPTIVE_SUMMARIZE = """
(define (adaptive-summarize documents remaining-budget)
  (cond
    ((> remaining-budget 50000)
      ;; Plenty of budget: detailed summaries
      (map (lambda (doc)
             (effect infer.op (list "Detailed summary: " doc)))
           documents))

    ((> remaining-budget 10000)
      ;; Moderate budget: brief summaries
      (map (lambda (doc)
             (effect infer.op (list "Brief summary (50 words): " doc)))
           documents))

    (else
      ;; Low budget: titles only
      (map (lambda (doc)
             (effect infer.op (list "Title only: " doc)))
           documents))))
"""

ALLOCATE_BUDGET = """
(define (allocate-budget total-budget tasks)
  (let* ((num-tasks (length tasks))
         (priority-weights (map get-priority tasks))
         (total-weight (sum priority-weights))
         (allocations
           (map (lambda (task weight)
                  (cons task (* total-budget (/ weight total-weight))))
                tasks
                priority-weights)))
    allocations))
"""

GENERATE_WITH_QUALITY_TARGET = """
(define (generate-with-quality-target text quality-level budget)
  (case quality-level
    ((high)
      ;; Use expensive model, multiple passes
      (if (>= budget 5000)
          (multi-pass-refinement text 'gpt-4 3)
          (error "Insufficient budget for high quality")))

    ((medium)
      ;; Single pass with good model
      (if (>= budget 1000)
          (single-pass text 'gpt-4)
          (single-pass text 'gpt-3.5)))  ; Downgrade if needed

    ((low)
      ;; Fast model, no refinement
      (single-pass text 'gpt-3.5))))
"""

MONITOR_BUDGET_USAGE = """
(define (monitor-budget-usage task)
  (let ((initial-budget (get-budget))
        (start-time (current-time)))

    (define (report-usage)
      (let ((spent (- initial-budget (get-budget)))
            (duration (- (current-time) start-time)))
        (display (list "Budget used:" spent "tokens in" duration "seconds"))
        (display (list "Rate:" (/ spent duration) "tokens/sec"))))

    (on-completion report-usage)
    (execute task)))
"""

EMERGENCY_MODE = """
(define (emergency-mode remaining-budget)
  (cond
    ((< remaining-budget 1000)
      ;; Critical: cache everything, use shortest prompts
      (enable-aggressive-caching!)
      (use-minimal-prompts!))

    ((< remaining-budget 5000)
      ;; Warning: reduce quality, increase caching
      (reduce-quality-to-medium!)
      (enable-caching!))

    (else
      ;; Normal operation
      (standard-mode!))))
"""

FORECAST_BUDGET_NEEDS = """
(define (forecast-budget-needs task)
  (let* ((similar-tasks (find-similar-historical-tasks task))
         (avg-cost (average (map get-cost similar-tasks)))
         (std-dev (standard-deviation (map get-cost similar-tasks)))
         (safety-margin 1.5))
    (* avg-cost safety-margin)))  ; 50% safety margin
"""
