"""syntax-rules: patterns, templates and hygiene (R7RS section 4.3)."""

from __future__ import annotations

import pytest

from tests.support.omega import findings_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define-syntax m (syntax-rules () ((_ (a b ...) ...) '((b ... a) ...)))) (m (1 2 3) (4) (5 6))
                                                                              ⇒ ((2 3 1) (4) (6 5))
(define-syntax m (syntax-rules () ((_ (a ...) ...) '(a ... ...)))) (m (1 2) () (3))
                                                                              ⇒ (1 2 3)
(define-syntax m (syntax-rules () ((_ ((a b ...) ...) ...) '((((b ...) a) ...) ...)))) (m ((1 2 3) (4)) ())
                                                                              ⇒ ((((2 3) 1) (() 4)) ())
(define-syntax m (syntax-rules () ((_ a ... z) '(z a ...)))) (m 1 2 3)        ⇒ (3 1 2)
(define-syntax m (syntax-rules () ((_ a ... y z) '(z y a ...)))) (m 1 2)      ⇒ (2 1)
(define-syntax m (syntax-rules () ((_ a b ... . r) '(a (b ...) r)))) (m 1 2 3 . 4)
                                                                              ⇒ (1 (2 3) 4)
(define-syntax m (syntax-rules () ((_ . args) (list . args)))) (m 1 2)        ⇒ (1 2)
(define-syntax m (syntax-rules () ((_ a (b . c)) '(a b c)))) (list (m 1 (2 . 3)) (m 1 (2 3)) (m 1 (2)))
                                                                              ⇒ ((1 2 3) (1 2 (3)) (1 2 ()))
(define-syntax m (syntax-rules () ((_ #(a b ...)) '(a #(b ... a))))) (m #(1 2 3))
                                                                              ⇒ (1 #(2 3 1))
(define-syntax m (syntax-rules () ((_ (a b) ...) (list (cons a b) ...)))) (m (1 2) (3 4))
                                                                              ⇒ ((1 . 2) (3 . 4))
(define-syntax m (syntax-rules () ((_ x y ...) (list (list x y) ...)))) (m 1 2 3)
                                                                              ⇒ ((1 2) (1 3))
(define-syntax m (syntax-rules ()
  ((_ "s") 'str) ((_ 1) 'one) ((_ #\a) 'char) ((_ #t) 'true) ((_ ()) 'nil) ((_ (quote y)) 'quoted) ((_ k:) 'key)
  ((_ _) 'any)))
(list (m "s") (m 1) (m #\a) (m #t) (m ()) (m 'z) (m k:) (m 5) (m 1.0) (m #f))
                                                              ⇒ (str one char true nil quoted key any any any)
(define-syntax m (syntax-rules () ((_ _ _ x) x))) (m 1 2 3)                   ⇒ 3
;; literals
(define-syntax m (syntax-rules (=>) ((_ a => b) '(arrow a b)) ((_ a b c) '(plain a b c))))
(list (m 1 => 2) (m 1 2 3) (let ((=> 0)) (m 1 => 2)))
                                                              ⇒ ((arrow 1 2) (plain 1 2 3) (plain 1 => 2))
(define-syntax my-cond (syntax-rules (else) ((_ (else e)) e) ((_ (c e) r ...) (if c e (my-cond r ...)))))
(my-cond (#f 1) (else 2))                                                     ⇒ 2
(define-syntax for (syntax-rules (in) ((_ x in l b ...) (map (lambda (x) b ...) l)))) (for y in '(1 2) (* y y))
                                                                              ⇒ (1 4)
;; ellipses: written literally, and of another name
(define-syntax m (syntax-rules ::: () ((_ a :::) '(a ::: ...)))) (m 1 2)      ⇒ (1 2 ...)
(define-syntax m (syntax-rules () ((_ a) '(a (... ...))))) (m 1)              ⇒ (1 ...)
(define-syntax m (syntax-rules () ((_ a) '((... (a ...)))))) (m 1)            ⇒ ((1 ...))
(define-syntax m (syntax-rules (...) ((_ a ...) '(a is dots)) ((_ a b) '(a b))))
(list (m 1 ...) (m 1 2))                                                      ⇒ ((1 is dots) (1 2))
"""),
)
def test_patterns_and_templates(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; what a macro binds doesn't catch the names of its use
(define-syntax my-or (syntax-rules () ((_) #f) ((_ e) e) ((_ e r ...) (let ((t e)) (if t t (my-or r ...))))))
(let ((t 5)) (my-or #f t))                                                    ⇒ 5
(define-syntax swap! (syntax-rules () ((_ a b) (let ((tmp a)) (set! a b) (set! b tmp)))))
(define (f tmp other) (swap! tmp other) (list tmp other)) (f 1 2)             ⇒ (2 1)
(define-syntax while (syntax-rules () ((_ c b ...) (let lp () (when c b ... (lp))))))
(define n 0) (let ((lp 5)) (while (< n lp) (set! n (+ n 1)))) n               ⇒ 5
(define-syntax m (syntax-rules () ((_ e) (guard (x (#t (list 'caught x e))) (raise 1))))) (let ((x 9)) (m x))
                                                                              ⇒ (caught 1 9)
(define-syntax m (syntax-rules () ((_ e) (let-values (((a b) (values 1 2))) (list a b e))))) (let ((a 9)) (m a))
                                                                              ⇒ (1 2 9)
(define-syntax m (syntax-rules () ((_ e) (do ((i 0 (+ i 1))) ((= i 2) e))))) (let ((i 9)) (m i))
                                                                              ⇒ 9
(define-syntax m (syntax-rules () ((_ e) (handle (effect ask.op 1) (ask.op (x k) (k (list x e)))))))
(let ((x 9) (k 3)) (m (list x k)))                                            ⇒ (1 (9 3))
(define-syntax m (syntax-rules () ((_ e) (let ((_ e)) (+ _ 1))))) (m 4)       ⇒ 5
(define-syntax m (syntax-rules () ((_ e) (let* ((x 1) (y e)) (list x y))))) (let ((x 7)) (m x))
                                                                              ⇒ (1 7)
(define-syntax m (syntax-rules () ((_ x) (lambda args (cons x args))))) (let ((args 0)) ((m args) 2 3))
                                                                              ⇒ (0 2 3)
;; what its use binds doesn't catch the names of a macro
(define-syntax my-add (syntax-rules () ((_ a b) (+ a b)))) (let ((+ -)) (my-add 5 3))
                                                                              ⇒ 8
(define-syntax my-if (syntax-rules () ((_ c t e) (cond (c t) (else e))))) (let ((if list) (else #f)) (my-if #f 2 3))
                                                                              ⇒ 3
(define-syntax my-unless (syntax-rules () ((_ c b ...) (if (not c) (begin b ...)))))
(let ((not (lambda (x) x)) (if 3) (begin 4)) (my-unless #f 5))                ⇒ 5
(define x 1) (define-syntax getx (syntax-rules () ((_) x))) (define (f x) (getx)) (f 2)
                                                                              ⇒ 1
(define x 1) (define-syntax setx (syntax-rules () ((_ v) (set! x v)))) (define (f x) (setx 9) x) (list (f 2) x)
                                                                              ⇒ (2 9)
(let ((x 'outer)) (let-syntax ((m (syntax-rules () ((m) x)))) (let ((x 'inner)) (m))))
                                                                              ⇒ outer
(define-syntax m (syntax-rules () ((_ k) (let ((if 1)) (k if))))) (m list)    ⇒ (1)
(define-syntax jabber (syntax-rules () ((_ x) (let ((list vector)) (list x))))) (list (jabber 1))
                                                                              ⇒ (#(1))
(define-syntax m (syntax-rules () ((_ x) `(x ,x ,@(list x))))) (define y 5) (m y)
                                                                              ⇒ (y 5 5)
"""),
)
def test_hygiene(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define-syntax def2 (syntax-rules () ((_ a b v) (begin (define a v) (define b v))))) (def2 x y 5) (list x y)
                                                                              ⇒ (5 5)
(define-syntax my-define (syntax-rules () ((_ (n . a) b ...) (define (n . a) b ...))))
(my-define (f x . y) (list x y)) (f 1 2)                                      ⇒ (1 (2))
(define-syntax m (syntax-rules () ((_ x) (define x 1)))) (define (f) (m y) (+ y 1)) (f)
                                                                              ⇒ 2
;; a name that only the macro knows is another one in each use
(define-syntax deft (syntax-rules () ((_ g v) (begin (define t v) (define (g) t)))))
(deft g1 1) (deft g2 2) (define t 7) (list (g1) (g2) t)                       ⇒ (1 2 7)
(define-syntax deft (syntax-rules () ((_ g v) (begin (define t v) (define (g) t)))))
(define (f) (deft g1 1) (deft g2 2) (list (g1) (g2))) (f)                     ⇒ (1 2)
(define-syntax m (syntax-rules () ((_ n mk get) (define-record-type n (mk x y) pred? (x get) (y gety)))))
(m p1 mk1 get1) (m p2 mk2 get2) (list (get1 (mk1 1 2)) (get2 (mk2 3 4)))      ⇒ (1 3)
;; macros that write macros
(define-syntax be-like-begin (syntax-rules ()
  ((_ name) (define-syntax name (syntax-rules () ((name e (... ...)) (begin e (... ...))))))))
(be-like-begin sequence) (sequence 1 2 3 4)                                   ⇒ 4
(define-syntax make-adder (syntax-rules () ((_ name n) (define-syntax name (syntax-rules () ((_ x) (+ x n)))))))
(make-adder add5 5) (let ((+ *)) (add5 2))                                    ⇒ 7
(define-syntax m (syntax-rules () ((m x) x))) (define-syntax n m) (n 5)       ⇒ 5
;; order of definitions
(define (f) (m 5)) (define-syntax m (syntax-rules () ((_ x) (* x 2)))) (f)    ⇒ 10
(let () (define-syntax a (syntax-rules () ((_) 1))) (define b (a)) b)         ⇒ 1
(let () (define (f) (m)) (define-syntax m (syntax-rules () ((_) 1))) (f))     ⇒ 1
;; let-syntax and letrec-syntax
(let-syntax ((m (syntax-rules () ((_ x) (list x)))) (n (syntax-rules () ((_ x) (cdr x))))) (n (m 1)))
                                                                              ⇒ ()
(let-syntax ((m (syntax-rules () ((_) 1))))
  (let-syntax ((m (syntax-rules () ((_) 2))) (n (syntax-rules () ((_) (m))))) (list (m) (n))))
                                                                              ⇒ (2 1)
(letrec-syntax ((ev? (syntax-rules () ((_) #t) ((_ a . r) (od? . r))))
                (od? (syntax-rules () ((_) #f) ((_ a . r) (ev? . r)))))
  (list (ev? 1 2) (ev? 1)))                                                   ⇒ (#t #f)
(let-syntax ((m (syntax-rules () ((_) 1)))) (define x (m)) (+ x 1))           ⇒ 2
;; a local variable hides a macro
(define-syntax m (syntax-rules () ((_ x) 'macro))) (let ((m (lambda (x) 'procedure))) (m 1))
                                                                              ⇒ procedure
(define-syntax m (syntax-rules () ((_ x) 'macro))) (define (f m) (m 1)) (f (lambda (x) 'procedure))
                                                                              ⇒ procedure
"""),
)
def test_definitions(program: str, value: str) -> None:
    assert value_of(program) == value


def test_a_long_recursion_of_a_macro() -> None:
    ones = " ".join(["1"] * 200)
    assert value_of(f"(define-syntax m (syntax-rules () ((_ a) a) ((_ a b ...) (+ a (m b ...))))) (m {ones})") == "200"


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(define-syntax m (syntax-rules () ((_ a) a)))
(m 1 2)                                               ⇒ 2:1: error: no rule of the macro m fits (m 1 2)
(define-syntax m (syntax-rules () ((_ to: x) x)))
(m from: 2)                                           ⇒ 2:1: error: no rule of the macro m fits (m from: 2)
(define-syntax m 5)                                   ⇒ 1:18: error: a macro is defined with syntax-rules
(define-syntax m (lambda (x) x))                      ⇒ 1:18: error: a macro is defined with syntax-rules
(define-syntax m (syntax-rules))
  ⇒ 1:18: error: malformed syntax-rules: expected (syntax-rules (literal …) rule …)
(define-syntax m (syntax-rules (1)))                  ⇒ 1:33: error: a literal of syntax-rules must be a symbol
(define-syntax m (syntax-rules () ((_ a))))           ⇒ 1:35: error: a rule of syntax-rules is (pattern template)
(define-syntax m (syntax-rules () (_ 1)))
  ⇒ 1:36: error: a pattern of syntax-rules is a list that starts with the macro's name
(define-syntax m (syntax-rules () ((_ a a) 1)))       ⇒ 1:41: error: the pattern variable a stands twice
(define-syntax m (syntax-rules () ((_ a ... b ...) 1)))
                                                      ⇒ 1:36: error: a list pattern has one ellipsis at most
(define-syntax m (syntax-rules () ((_ a ...) a)))     ⇒ 1:46: error: a needs an ellipsis after it in the template
(define-syntax m (syntax-rules () ((_ a) (a ...)))) (m 1)
  ⇒ 1:43: error: an ellipsis in the template of m follows nothing that repeats
(define-syntax m (syntax-rules () ((_ a) (... 1 2)))) ⇒ 1:43: error: an ellipsis must follow something
(define-syntax m (syntax-rules () ((_ (a ...) (b ...)) '((a b) ...))))
(m (1 2) (3))                                         ⇒ 2:1: error: m: sequences under one ellipsis differ in length
(define-syntax m (syntax-rules () ((_) (m))))
(m)
  ⇒ 2:1: error: a use of m stands more than 2,000 levels deep in what macros make
(define-syntax m (syntax-rules () ((_) 1)))
m                                                     ⇒ 2:1: error: m is syntax, not a value
(define-syntax m (syntax-rules () ((_) 1)))
(set! m 5)                                            ⇒ 2:7: error: m is syntax, not a variable
(define-syntax m (syntax-rules () ((_ x) (if x))))
(list 1
  (m 2))                                              ⇒ 3:3: error: malformed if: expected (if test then [otherwise])
(define-syntax m (syntax-rules () ((_ x) x)))
(m (if 1))                                            ⇒ 2:4: error: malformed if: expected (if test then [otherwise])
"""),
)
def test_errors(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
