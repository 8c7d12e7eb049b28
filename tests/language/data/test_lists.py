"""Pairs, lists, lists as sets and association lists."""

from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of

RING = "(define ring (circular-list 1 2 3)) "


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (pair? '(a . b)) (pair? '(a)) (pair? '()) (pair? #(a b))) ⇒ (#t #t #f #f)
(list (cons 'a '()) (cons '(a) '(b)) (cons "a" '(b)) (cons 'a 3)) ⇒ ((a) ((a) b) ("a" b) (a . 3))
(let ((x (list 'a 'b))) (set-car! x 1) (set-cdr! (cdr x) 2) x) ⇒ (1 b . 2)
(list (list? '(a b)) (list? '()) (list? '(a . b)) (let ((x (list 'a))) (set-cdr! x x) (list? x))) ⇒ (#t #t #f #f)
(list (length '(a b c)) (length '(a (b) (c d e))) (length '())) ⇒ (3 3 0)
(list (make-list 2 3) (length (make-list 2)) (make-list 0)) ⇒ ((3 3) 2 ())
(list (append '(x) '(y)) (append '(a) '(b c d)) (append '(a (b)) '((c)))) ⇒ ((x y) (a b c d) (a (b) (c)))
(list (append '(a b) '(c . d)) (append '() 'a) (append) (append 5) (append '() '() '(1) '())) ⇒ ((a b c . d) a () 5 (1))
(let ((tail (list 1))) (eq? tail (cdr (append '(0) tail)))) ⇒ #t
(list (reverse '(a b c)) (reverse '(a (b c) d (e (f)))) (reverse '())) ⇒ ((c b a) ((e (f)) d (b c) a) ())
(list (list-tail '(a b c d) 2) (list-tail '(a . b) 1) (list-tail '() 0)) ⇒ ((c d) b ())
(list (list-ref '(a b c d) 2) (list-ref '(a b c d) (exact (round 1.8)))) ⇒ (c c)
(let ((ls (list 'one 'two 'five!))) (list-set! ls 2 'three) ls) ⇒ (one two three)
(let* ((a (list 1 2)) (b (list-copy a))) (set-car! b 9) (list a b (list-copy '(1 . 2)) (list-copy 5) (list-copy '()))) ⇒ ((1 2) (9 2) (1 . 2) 5 ())
(list (memq 'c '(a b c d e)) (memq 'z '(a b)) (memq (list 'a) '(b (a) c))) ⇒ ((c d e) #f #f)
(list (memv 101 '(100 101 102)) (member (list 'a) '(b (a) c)) (member "B" '("a" "b" "c") string-ci=?)) ⇒ ((101 102) ((a) c) ("b" "c"))
(member 2.5 '(1 2 3 4) <)                               ⇒ (3 4)
(list (assq 'b '((a 1) (b 2))) (assq 'd '((a 1))) (assq (list 'a) '(((a)) ((b))))) ⇒ ((b 2) #f #f)
(list (assoc (list 'a) '(((a)) ((b)))) (assoc 2.0 '((1 1) (2 4)) =) (assv 5 '((2 3) (5 7)))) ⇒ (((a)) (2 4) (5 7))
(cadr '((a b) (c d)))                                   ⇒ (c d)
(cddadr '(1 (2 3 4 5)))                                 ⇒ (4 5)
"""),  # noqa: E501
)
def test_pairs_and_lists(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(map (lambda (f) (f '(1 2 3 4 5 6 7 8 9 10))) (list first second third fourth fifth sixth seventh eighth ninth tenth)) ⇒ (1 2 3 4 5 6 7 8 9 10)
(list (xcons 1 2) (cons* 1 2 '(3)) (cons* 1))           ⇒ ((2 . 1) (1 2 3) 1)
(call-with-values (lambda () (car+cdr '(1 2 3))) list)  ⇒ (1 (2 3))
(list (take '(a b c) 2) (drop '(a b c) 2) (take '() 0) (take! (list 1 2) 1)) ⇒ ((a b) (c) () (1))
(list (take-right '(a b c) 2) (take-right '(a b . c) 1) (take-right '(a b . c) 0) (take-right '() 0)) ⇒ ((b c) (b . c) c ())
(let ((x (list 1 2 3))) (eq? (cdr x) (take-right x 2))) ⇒ #t
(list (drop-right '(a b c) 2) (drop-right '(a b . c) 1) (drop-right! (list 1 2) 2)) ⇒ ((a) (a) ())
(call-with-values (lambda () (split-at '(a b c d) 1)) list) ⇒ ((a) (b c d))
(list (last '(a b c)) (last-pair '(a b . c)) (except-last-pair '(a b c))) ⇒ (c (b . c) (a b))
(list (take-while even? '(2 18 3 10)) (drop-while even? '(2 18 3 10)) (take-while! even? '())) ⇒ ((2 18) (3 10) ())
(call-with-values (lambda () (span even? '(2 18 3 10 22 9))) list) ⇒ ((2 18) (3 10 22 9))
(call-with-values (lambda () (break even? '(3 1 4 1 5 9))) list) ⇒ ((3 1) (4 1 5 9))
(call-with-values (lambda () (span! even? '())) list)   ⇒ (() ())
(call-with-values (lambda () (partition symbol? '(one 2 3 four))) list) ⇒ ((one four) (2 3))
(list (filter even? '(0 7 8)) (remove even? '(0 7 8)) (filter! odd? (list 1 2)) (remove! odd? (list 1 2))) ⇒ ((0 8) (7) (1) (2))
(list (length+ '(a b c)) (length+ '()))                 ⇒ (3 0)
(list (concatenate '((1) () (2 3))) (append-reverse '(3 2 1) '(4)) (append-reverse! (list 1) 2)) ⇒ ((1 2 3) (1 2 3 4) (1 . 2))
(list (zip '(1 2 3) '(a b) '(x y z)) (zip '(1 2)) (zip '())) ⇒ (((1 a x) (2 b y)) ((1) (2)) ())
(list (unfold (lambda (x) (> x 5)) square 1+ 1) (unfold null? car cdr '(1 2) (lambda (x) 'end))) ⇒ ((1 4 9 16 25) (1 2 . end))
(list (unfold-right zero? square -1+ 5) (unfold-right null? car cdr '(1 2 3)) (unfold-right null? car cdr '(1 2) '(0))) ⇒ ((1 4 9 16 25) (3 2 1) (2 1 0))
(list (fold + 0 '(1 2 3)) (fold cons '() '(1 2)) (fold-right cons '() '(1 2)) (fold-left list '() '(1 2) '(3 4))) ⇒ (6 ((() . 1) . 2) (1 2) ((() 1 3) 2 4))
(list (reduce + 0 '(1 2 3)) (reduce max 0 '()) (reduce-right append '() '((1) (2) (3)))) ⇒ (6 0 (1 2 3))
(list (delete 3 '(1 3 2 3)) (delete 3 '(1 5 2) <) (delete! "a" (list "a" "b"))) ⇒ ((1 2) (1 2) ("b"))
(list (delete-duplicates '(a b a c b)) (delete-duplicates '(1 -1 2 -2) (lambda (a b) (= (abs a) (abs b))))) ⇒ ((a b c) (1 2))
(list (any even? '(1 2)) (any + '(1) '(2)) (any odd? '()) (every + '(1 2) '(3 4)) (every odd? '()) (every odd? '(1 2))) ⇒ (#t 3 #f 6 #t #f)
(list (list-index even? '(3 1 4)) (list-index < '(3 1) '(2 9)) (list-index even? '(1))) ⇒ (2 1 #f)
(list (count even? '(1 2 4)) (count < '(1 5) '(2 3)))   ⇒ (2 1)
(list (filter-map (lambda (x) (and (number? x) (* x x))) '(a 1 b 3)) (append-map list '(1 2) '(a b))) ⇒ ((1 9) (1 a 2 b))
(list (list= eq? '(a b) '(a b) '(a b)) (list= eq? '(a) '(a b)) (list= eq?) (list= < '(1 2) '(2 3))) ⇒ (#t #f #t #t)
(let ((seen '())) (pair-for-each (lambda (p) (set! seen (cons p seen))) '(a b)) seen) ⇒ ((b) (a b))
(list (pair-fold cons '() '(a b)) (not-pair? '()) (not-pair? '(1))) ⇒ (((b) (a b)) #t #f)
(list (iota 3) (iota 3 1) (iota 3 0 -2) (iota 2 0.5))   ⇒ ((0 1 2) (1 2 3) (0 -2 -4) (0.5 1.5))
(list (list-tabulate 4 square) (sublist '(a b c d) 1 3)) ⇒ ((0 1 4 9) (b c))
(list (find even? '(3 1 4 1)) (find-tail even? '(3 1 4 1)) (find even? '(1))) ⇒ (4 (4 1) #f)
(list (map + '(1 2 3) '(10 20)) (map-in-order - '(1 2))) ⇒ ((11 22) (-1 -2))
(list (list-sort < '(3 1 2)) (sort '(3 1 2) <) (sort < '(3 1 2)) (list-sort '("b" "a") string<?)) ⇒ ((1 2 3) (1 2 3) (1 2 3) ("a" "b"))
"""),  # noqa: E501
)
def test_list_library(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (list? ring) (circular-list? ring) (dotted-list? ring) (length+ ring)) ⇒ (#f #t #f #f)
(list (circular-list? '(1 2)) (circular-list? '()) (dotted-list? '(1 . 2)) (dotted-list? 5) (dotted-list? '(1))) ⇒ (#f #f #t #t #f)
(list (take ring 5) (list-ref ring 100) (car (list-tail ring 4))) ⇒ ((1 2 3 1 2) 2 2)
(list (map + '(10 20 30 40) ring) (any even? ring) (find odd? ring)) ⇒ ((11 22 33 41) #t 1)
(list (memv 3 ring) 'end)                               ⇒ (#0=(3 1 2 . #0#) end)
(call-with-values (lambda () (span odd? ring)) (lambda (before rest) (list before (car rest)))) ⇒ ((1) 2)
(zip '(a b) ring)                                       ⇒ ((a 1) (b 2))
ring                                                    ⇒ #0=(1 2 3 . #0#)
"""),  # noqa: E501
)
def test_circular_lists(program: str, value: str) -> None:
    assert value_of(RING + program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (lset<= eq? '(a) '(a b a) '(a b c)) (lset<= eq? '(a z) '(a)) (lset<= eq?) (lset<= eq? '(a))) ⇒ (#t #f #t #t)
(list (lset= eq? '(b e a) '(a e b) '(e e b a)) (lset= eq? '(a) '(a b)) (lset= eq?)) ⇒ (#t #f #t)
(list (lset-adjoin eq? '(a b c) 'd 'a 'd) (lset-adjoin eq? '())) ⇒ ((d a b c) ())
(list (lset-union eq? '(a b c) '(a e i)) (lset-union eq? '(a a c) '(x a x)) (lset-union eq?) (lset-union eq? '(a b c))) ⇒ ((i e a b c) (x a a c) () (a b c))
(list (lset-intersection eq? '(a b c d e) '(a e i o u)) (lset-intersection eq? '(a x y a) '(x a x z)) (lset-intersection eq? '(a b))) ⇒ ((a e) (a x a) (a b))
(list (lset-difference eq? '(a b c d e) '(a e i o u)) (lset-difference eq? '(a b) '(a) '(b)) (lset-difference eq? '(a b))) ⇒ ((b c d) () (a b))
(list (lset-xor eq? '(a b c d e) '(a e i o u)) (lset-xor eq?) (lset-xor eq? '(a b))) ⇒ ((b c d i o u) () (a b))
(call-with-values (lambda () (lset-diff+intersection eq? '(a b c d) '(b) '(d x))) list) ⇒ ((a c) (b d))
(lset-union string-ci=? '("a") '("A" "b"))              ⇒ ("b" "a")
(lset-intersection = '(1 2.0 3) '(2 3.0))               ⇒ (2 3)
"""),  # noqa: E501
)
def test_lists_as_sets(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(alist-cons 'a 1 '((b . 2)))                            ⇒ ((a . 1) (b . 2))
(let* ((a (list (cons 'x 1))) (b (alist-copy a))) (set-cdr! (car b) 9) (list a b)) ⇒ (((x . 1)) ((x . 9)))
(list (del-assq 'a '((a . 1) (b . 2) (a . 3))) (del-assv 1 '((1 . a) (2 . b))) (del-assoc "x" '(("x" . 1) ("y" . 2)))) ⇒ (((b . 2)) ((2 . b)) (("y" . 2)))
(list (alist-delete "a" '(("a" . 1) ("b" . 2))) (alist-delete 2 '((1 . a) (3 . b)) <)) ⇒ ((("b" . 2)) ((1 . a)))
(list (assq-ref '((a . 1) (b 2)) 'b) (assq-ref '((a . 1)) 'z) (assv-ref '((1 . x)) 1) (assoc-ref '(("k" . v)) "k")) ⇒ ((2) #f x v)
(let ((l (list (cons 'a 1)))) (list (eq? l (assq-set! l 'a 5)) l (assq-set! l 'b 6))) ⇒ (#t ((a . 5)) ((b . 6) (a . 5)))
(list (assv-set! '() 1 2) (assoc-set! (list (cons "k" 1)) "k" 2)) ⇒ (((1 . 2)) (("k" . 2)))
"""),  # noqa: E501
)
def test_association_lists(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(set-car! '() 1)                        ⇒ set-car!: argument 1 must be a pair, but got ()
(length '(1 . 2))                       ⇒ length: argument 1 must be a list, but got (1 . 2)
(length+ '(1 . 2))                      ⇒ length+: argument 1 must be a list, but got (1 . 2)
(list-tail '(1) 2)                      ⇒ list-tail: argument 2 must be at most 1, the length of the list, but got 2
(list-ref '(1) 1)                       ⇒ list-ref: argument 2 must be an index below 1, but got 1
(tenth '(1 2 3))                        ⇒ tenth: argument 1 must be a list of at least 10 elements, but got (1 2 3)
(take-right '(1) 2)                     ⇒ take-right: argument 2 must be at most 1, the length of the list, but got 2
(split-at '(1) 2)                       ⇒ split-at: argument 2 must be at most 1, the length of the list, but got 2
(span 5 '(1))                           ⇒ span: argument 1 must be a procedure, but got 5
(break odd? '(2 . 4))                   ⇒ break: argument 2 must be a list, but got (2 . 4)
(car+cdr '())                           ⇒ car+cdr: argument 1 must be a pair, but got ()
(zip '(1) 2)                            ⇒ zip: argument 2 must be a list, but got 2
(unfold-right 1 2 3 4)                  ⇒ unfold-right: argument 1 must be a procedure, but got 1
(pair-fold cons 0 '(1 . 2))             ⇒ pair-fold: argument 3 must be a list, but got (1 . 2)
(list= eq? '(1) 2)                      ⇒ list=: argument 3 must be a list, but got 2
(lset-union eq? '(1) 2)                 ⇒ lset-union: argument 3 must be a list, but got 2
(lset-adjoin 'eq? '(1))                 ⇒ lset-adjoin: argument 1 must be a procedure, but got eq?
(del-assq 'a '(1))                      ⇒ del-assq: argument 2 must be a list of pairs, but got (1)
(assq-ref '(1) 'a)                      ⇒ assq-ref: argument 1 must be a list of pairs, but got (1)
(assq-set! 5 'a 1)                      ⇒ assq-set!: argument 1 must be a list of pairs, but got 5
(alist-copy '((a . 1) b))               ⇒ alist-copy: argument 1 must be a list of pairs, but got ((a . 1) b)
"""),
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize("program", ["(drop-right ring 1)", "(take-right ring 1)", "(length ring)", "(reverse ring)"])
def test_what_needs_the_end_of_a_list_refuses_a_circular_one(program: str) -> None:
    procedure = program.split()[0].strip("(")
    assert error_of(RING + program).startswith(f"{procedure}: argument 1 must be a list")
