(defclass Pair []
  (setv __slots__ #("car" "cdr"))
  (defn __init__ [self car cdr]
    (setv self.car car
          self.cdr cdr)))

(defn up-to [n]
  (setv items None)
  (for [i (range n 0 -1)]
    (setv items (Pair i items)))
  items)

(defn evens [items]
  (cond (is items None) None
        (= (% items.car 2) 0) (Pair items.car (evens items.cdr))
        True (evens items.cdr)))

(defn reversed-list [items]
  (setv result None)
  (while (is-not items None)
    (setv result (Pair items.car result)
          items items.cdr))
  result)

(defn total [items]
  (if (is items None)
      0
      (+ items.car (total items.cdr))))

(defn run [n]
  (setv items (up-to n))
  (+ (total (reversed-list items)) (total (evens (reversed-list items)))))
