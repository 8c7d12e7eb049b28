"""Hash tables under the names of SRFI 69 and 125 and of R6RS."""

from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of

TABLE = "(define t (hash-table 'a 1 'b 2 'c 3)) "


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (hash-table? t) (hash-table? '((a . 1))) (hash-table-size t) (hash-table-count t) (hash-table-empty? t)) ⇒ (#t #f 3 3 #f)
(list (hash-table-ref t 'a) (hash-table-ref t 'z (lambda () 'none)) (hash-table-ref t 'b (lambda () 0) square)) ⇒ (1 none 4)
(list (hash-table-ref/default t 'z 0) (hash-table-contains? t 'a) (hash-table-exists? t 'z)) ⇒ (0 #t #f)
(begin (hash-table-set! t 'd 4 'e 5) (hash-table-delete! t 'a 'b 'z) (hash-table->alist t)) ⇒ ((c . 3) (d . 4) (e . 5))
(begin (hash-table-update! t 'a 1+) (hash-table-update! t 'z 1+ (lambda () 9)) (hash-table-update! t 'b 1+ (lambda () 0) -) (hash-table-values t)) ⇒ (2 -1 3 10)
(begin (hash-table-update!/default t 'z 1+ 0) (hash-table-update!/default t 'a 1+ 0) (hash-table->alist t)) ⇒ ((a . 2) (b . 2) (c . 3) (z . 1))
(list (hash-table-keys t) (hash-table-values t))        ⇒ ((a b c) (1 2 3))
(call-with-values (lambda () (hash-table-entries t)) list) ⇒ ((a b c) (1 2 3))
(let ((s '())) (hash-table-walk t (lambda (k v) (set! s (cons k s)))) (hash-table-for-each (lambda (k v) (set! s (cons v s))) t) s) ⇒ (3 2 1 c b a)
(list (hash-table-fold t (lambda (k v a) (+ v a)) 0) (hash-table-fold (lambda (k v a) (cons k a)) '() t)) ⇒ (6 (c b a))
(list (hash-table-find (lambda (k v) (and (even? v) k)) t) (hash-table-find (lambda (k v) #f) t)) ⇒ (b #f)
(list (hash-table-count (lambda (k v) (odd? v)) t) (hash-table-map->list cons t)) ⇒ (2 ((a . 1) (b . 2) (c . 3)))
(begin (hash-table-map! (lambda (k v) (* v v)) t) (hash-table-prune! (lambda (k v) (= v 4)) t) (hash-table->alist t)) ⇒ ((a . 1) (c . 9))
(let* ((x (hash-table-intern! t 'a (lambda () 0))) (y (hash-table-intern! t 'z (lambda () 9)))) (list x y (hash-table-ref t 'z))) ⇒ (1 9 9)
(call-with-values (lambda () (hash-table-pop! t)) (lambda (k v) (list k v (hash-table-size t)))) ⇒ (c 3 2)
(let ((u (hash-table-copy t))) (hash-table-clear! t) (list (hash-table-empty? t) (hash-table-size u) (hash-table-size (hash-table-empty-copy u)))) ⇒ (#t 3 0)
(hash-table->alist (hash-table-union! t (hash-table 'c 30 'd 40))) ⇒ ((a . 1) (b . 2) (c . 3) (d . 40))
(hash-table->alist (hash-table-intersection! t (hash-table 'c 30 'd 40))) ⇒ ((c . 3))
(hash-table->alist (hash-table-difference! t (hash-table 'c 30 'd 40))) ⇒ ((a . 1) (b . 2))
(hash-table->alist (hash-table-xor! t (hash-table 'c 30 'd 40))) ⇒ ((a . 1) (b . 2) (d . 40))
(hash-table-size (hash-table-xor! t t))                 ⇒ 0
(hash-table->alist (hash-table-intersection! t t))      ⇒ ((a . 1) (b . 2) (c . 3))
(list (hash-table=? = t (hash-table 'c 3 'b 2 'a 1)) (hash-table=? = t (hash-table 'a 1)) (hash-table=? = t (hash-table 'a 1 'b 2 'c 4))) ⇒ (#t #f #f)
(hash-table->alist (alist->hash-table '((a . 1) (b . 2) (a . 3)))) ⇒ ((a . 1) (b . 2))
(let ((t (make-hash-table))) (do ((i 0 (+ i 1))) ((= i 5)) (hash-table-set! t (modulo i 2) (+ i (hash-table-ref/default t (modulo i 2) 0)))) (hash-table->alist t)) ⇒ ((0 . 6) (1 . 4))
(let ((t (make-hash-table))) (for-each (lambda (k) (hash-table-set! t k (list k))) '(1 #t "a" a #\\a)) (map (lambda (k) (hash-table-ref/default t k #f)) '(1 #t "a" a #\\a 1.0 #f))) ⇒ ((1) (#t) ("a") (a) (#\\a) (1) #f)
(let ((t (make-hash-table)) (u t)) (begin (hash-table-set! t "a" 1) (hash-table-set! u 'a 2) (hash-table-set! t 1 3)) (list (hash-table-ref/default t "a" 0) (hash-table-ref/default u 'a 0) (hash-table-ref/default t 1 0) (hash-table-ref/default t "b" 0))) ⇒ (1 2 3 0)
(hash-table->alist (hash-table-unfold (lambda (n) (> n 3)) (lambda (n) (values n (* n n))) 1+ 1)) ⇒ ((1 . 1) (2 . 4) (3 . 9))
"""),  # noqa: E501
)
def test_hash_tables(program: str, value: str) -> None:
    assert value_of(TABLE + program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define t (make-hash-table)) (hash-table-set! t (list 1 "a") 'x) (hash-table-ref t (list 1.0 "a")) ⇒ x
(define t (make-hash-table equal?)) (hash-table-set! t '(1) 'x) (hash-table-ref/default t (list 1) #f) ⇒ x
(define t (make-hash-table eqv?)) (hash-table-set! t '(1) 'x) (hash-table-ref/default t (list 1) #f) ⇒ #f
(define t (make-hash-table eq? hash 100)) (hash-table-set! t 'a 'x) (hash-table-ref/default t 'a #f) ⇒ x
(define t (make-hash-table string=? string-hash)) (hash-table-set! t "a" 1) (hash-table-ref t (string #\\a)) ⇒ 1
(define t (make-hash-table 50)) (hash-table-size t)     ⇒ 0
(define t (hash-table eqv? '(1) 'x)) (list (hash-table-size t) (hash-table-ref/default t (list 1) #f)) ⇒ (1 #f)
(define t (alist->hash-table '(((1) . x)) eq?)) (hash-table-ref/default t (list 1) #f) ⇒ #f
(map hash-table-equivalence-function (list (make-hash-table) (make-eqv-hash-table))) ⇒ (#<procedure equal?> #<procedure eq?>)
(map (lambda (same) (hash-table? (make-hash-table same))) (list = char=? symbol=?)) ⇒ (#t #t #t)
"""),  # noqa: E501
)
def test_how_keys_are_compared(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (equal? (hash "ab") (hash (string #\\a #\\b))) (= (hash '(1 2)) (hash (list 1.0 2)))) ⇒ (#t #t)
(list (= (string-hash "ab") (string-hash "ab")) (= (string-ci-hash "aB") (string-ci-hash "Ab"))) ⇒ (#t #t)
(list (= (symbol-hash 'a) (symbol-hash 'a)) (= (eq-hash 5) (eqv-hash 5.0)) (= (hash-by-identity #t) (hash-by-identity #t))) ⇒ (#t #t #t)
(map exact-nonnegative-integer? (list (hash "a") (equal-hash #(1)) (string-hash "a") (hash -5))) ⇒ (#t #t #t #t)
(< -1 (hash "something" 10) 10)                         ⇒ #t
"""),  # noqa: E501
)
def test_hash_functions(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(hashtable? t)                                          ⇒ #t
(begin (hashtable-set! t 'a 1) (hashtable-set! t 'b 2) (list (hashtable-size t) (hashtable-ref t 'a 0) (hashtable-ref t 'z 0))) ⇒ (2 1 0)
(begin (hashtable-update! t 'a 1+ 10) (hashtable-update! t 'a 1+ 10) (hashtable-ref t 'a #f)) ⇒ 12
(begin (hashtable-set! t 'a 1) (hashtable-delete! t 'a) (hashtable-contains? t 'a)) ⇒ #f
(begin (hashtable-set! t 'a 1) (list (hashtable-keys t) (hashtable-values t))) ⇒ (#(a) #(1))
(begin (hashtable-set! t 'a 1) (call-with-values (lambda () (hashtable-entries t)) list)) ⇒ (#(a) #(1))
(begin (hashtable-set! t 'a 1) (let ((u (hashtable-copy t #t))) (hashtable-clear! t) (list (hashtable-size t) (hashtable-size u)))) ⇒ (0 1)
(list (hashtable-mutable? t) (hashtable-equivalence-function t)) ⇒ (#t #<procedure eq?>)
(let ((u (make-hashtable string-hash string=?))) (hashtable-set! u "a" 1) (hashtable-ref u "a" #f)) ⇒ 1
(let ((u (make-hashtable equal-hash equal? 10))) (hashtable-set! u '(1) 1) (hashtable-ref u (list 1) #f)) ⇒ 1
(let ((u (make-eq-hashtable))) (hashtable-set! u '(1) 1) (hashtable-ref u (list 1) #f)) ⇒ #f
"""),  # noqa: E501
)
def test_r6rs_names(program: str, value: str) -> None:
    assert value_of("(define t (make-eqv-hashtable)) " + program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(hash-table-ref t 'z)                   ⇒ hash-table-ref: argument 2 must be a key of the table, but got z
(hash-table-update! t 'z 1+)            ⇒ hash-table-update!: argument 2 must be a key of the table, but got z
(hash-table-set! t 'a 1 'b)             ⇒ hash-table-set!: argument 4 must be a key that a value follows, but got b
(hash-table 'a 1 'b)                    ⇒ hash-table: argument 3 must be a key that a value follows, but got b
(make-hash-table string-ci=?)           ⇒ make-hash-table: argument 1 must be eq?, eqv?, equal?, =, string=?, char=? or symbol=?, but got #<procedure string-ci=?>
(make-hashtable 5 eq?)                  ⇒ make-hashtable: argument 1 must be a procedure, but got 5
(make-hashtable hash 'eq?)              ⇒ make-hashtable: argument 2 must be eq?, eqv?, equal?, =, string=?, char=? or symbol=?, but got eq?
(hash-table-for-each 5 t)               ⇒ hash-table-walk: argument 1 must be a procedure, but got 5
(hash-table-count t t)                  ⇒ hash-table-count: argument 1 must be a procedure, but got #hash((a . 1) (b . 2) (c . 3))
(hash-table-count even? 5)              ⇒ hash-table-count: argument 2 must be a hash table, but got 5
(hash-table-pop! (make-hash-table))     ⇒ hash-table-pop!: argument 1 must be a hash table that is not empty, but got #hash()
(hash-table-unfold zero? 1+ -1+ 1)      ⇒ hash-table-unfold: argument 2 must be a procedure that gives two values, but got #<procedure 1+>
(hash-table-union! t 5)                 ⇒ hash-table-merge!: argument 2 must be a hash table, but got 5
(hashtable-keys '())                    ⇒ hashtable-keys: argument 1 must be a hash table, but got ()
(hash "a" 0)                            ⇒ equal-hash: argument 2 must be a positive exact integer, but got 0
(string-hash 'a)                        ⇒ string-hash: argument 1 must be a string, but got a
"""),  # noqa: E501
)
def test_errors(program: str, message: str) -> None:
    assert error_of(TABLE + program) == message
