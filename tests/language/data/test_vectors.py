"""Vectors and bytevectors."""

from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (vector? #(1 2)) (vector? #()) (vector? '(1)) (vector? "a") (vector? #u8(1))) ⇒ (#t #t #f #f #f)
#(0 (2 2) "Anna" a)                                     ⇒ #(0 (2 2) "Anna" a)
(list (vector) (vector 'a 'b 'c) (make-vector 2 'x) (vector-length (make-vector 5))) ⇒ (#() #(a b c) #(x x) 5)
(list (vector-ref #(1 1 2 3 5 8) 5) (vector-ref #(1 2 3) (exact 1.0))) ⇒ (8 2)
(let ((v (vector 0 '(2 2) "Anna"))) (vector-set! v 1 '("Sue" "Sue")) v) ⇒ #(0 ("Sue" "Sue") "Anna")
(list (vector->list #(dah dah didah)) (vector->list #(a b c) 1) (vector->list #(a b c) 1 2) (list->vector '(dididit dah))) ⇒ ((dah dah didah) (b c) (b) #(dididit dah))
(let* ((a #(1 8 2 8)) (b (vector-copy a))) (vector-set! b 0 3) (list a b (vector-copy b 1 3) (vector-copy b 4))) ⇒ (#(1 8 2 8) #(3 8 2 8) #(8 2) #())
(let ((a (vector 1 2 3 4 5)) (b (vector 10 20 30))) (vector-copy! b 1 a 0 2) b) ⇒ #(10 1 2)
(let ((a (vector 1 2 3 4 5))) (vector-copy! a 1 a 0 3) a) ⇒ #(1 1 2 3 5)
(let ((a (vector 1 2 3 4 5))) (vector-copy! a 0 a 2) a) ⇒ #(3 4 5 4 5)
(list (vector-append #(a b c) #(d e f)) (vector-append) (vector-append #(1) #() #(2))) ⇒ (#(a b c d e f) #() #(1 2))
(let ((a (vector 1 2 3 4 5))) (vector-fill! a 'smash 2 4) a) ⇒ #(1 2 smash smash 5)
(let ((a (vector 1 2 3))) (vector-fill! a 0) (vector-fill! a 7 2) a) ⇒ #(0 0 7)
(list (vector-map cadr #((a b) (d e) (g h))) (vector-map + #(1 2) #(10 20 30)) (vector-map car #())) ⇒ (#(b e h) #(11 22) #())
(let ((v (make-vector 5))) (vector-for-each (lambda (i) (vector-set! v i (* i i))) #(0 1 2 3 4)) v) ⇒ #(0 1 4 9 16)
(let ((s '())) (vector-for-each (lambda (a b) (set! s (cons (list a b) s))) #(1 2 3) #(x y)) s) ⇒ ((2 y) (1 x))
(list (string->vector "ABC") (vector->string #(#\\1 #\\2))) ⇒ (#(#\\A #\\B #\\C) "12")
"""),  # noqa: E501
)
def test_vectors(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(let ((v (vector 1 2 3))) (vector-map! square v) v)     ⇒ #(1 4 9)
(list (vector-fold + 0 #(1 2 3)) (vector-fold (lambda (s a b) (+ s (* a b))) 0 #(1 2) #(3 4))) ⇒ (6 11)
(vector-fold-right (lambda (tail x) (cons x tail)) '() #(1 2 3)) ⇒ (1 2 3)
(list (vector-count even? #(1 2 4)) (vector-count < #(1 5) #(2 3))) ⇒ (2 1)
(list (vector-index even? #(3 1 4)) (vector-index even? #(1)) (vector-index < #(3 1) #(2 9))) ⇒ (2 #f 1)
(list (vector-any even? #(1 2)) (vector-any digit-value #(#\\a #\\5)) (vector-any even? #())) ⇒ (#t 5 #f)
(list (vector-every even? #(2 4)) (vector-every even? #()) (vector-every 1+ #(1 2))) ⇒ (#t #t 3)
(map (lambda (x) (vector-binary-search #(1 3 5 7) x -)) '(1 5 7 4)) ⇒ (0 2 3 #f)
(let ((v (vector 1 2 3 4))) (vector-reverse! v) (vector-reverse! v 1 3) v) ⇒ #(4 2 3 1)
(let ((v (vector-grow #(1 2) 3))) (vector-set! v 2 3) v) ⇒ #(1 2 3)
(list (subvector #(a b c) 0 2) (vector-head #(a b) 1) (vector-tail #(a b) 1) (subvector->list #(a b c) 1 3)) ⇒ (#(a b) #(a) #(b) (b c))
(let ((v (vector 1 2 3))) (subvector-fill! v 0 2 'x) v) ⇒ #(x x 3)
(let ((v (vector 3 1 2))) (list (sort v <) (vector-sort v <) (vector-sort > v) v)) ⇒ (#(1 2 3) #(1 2 3) #(3 2 1) #(3 1 2))
(let ((v (vector 3 1 2))) (sort! v <) v)                ⇒ #(1 2 3)
(let ((v (vector "b" "a"))) (vector-sort! v string<?) v) ⇒ #("a" "b")
(let ((v (vector 1 2))) (vector-swap! v 0 1) (list v (vector-first v) (vector-last v))) ⇒ (#(2 1) 2 1)
"""),  # noqa: E501
)
def test_vector_library(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (bytevector? #u8(1)) (bytevector? #u8()) (bytevector? #(1)) (bytevector? "a")) ⇒ (#t #t #f #f)
#u8(0 10 255)                                           ⇒ #u8(0 10 255)
'(a #u8(1) . #u8(#x10 #e2.0))                           ⇒ (a #u8(1) . #u8(16 2))
(list (bytevector) (bytevector 1 3 5) (make-bytevector 2 12) (bytevector-length (make-bytevector 3))) ⇒ (#u8() #u8(1 3 5) #u8(12 12) 3)
(bytevector-u8-ref #u8(1 1 2 3 5 8 13 21) 5)            ⇒ 8
(let ((bv (bytevector 1 2 3 4))) (bytevector-u8-set! bv 1 3) bv) ⇒ #u8(1 3 3 4)
(list (bytevector-copy #u8(1 2 3 4 5) 2 4) (bytevector-copy #u8(1 2) 1) (bytevector-copy #u8(1 2))) ⇒ (#u8(3 4) #u8(2) #u8(1 2))
(let* ((a (bytevector 1 2)) (b (bytevector-copy a))) (bytevector-u8-set! b 0 9) (list a b)) ⇒ (#u8(1 2) #u8(9 2))
(let ((a (bytevector 1 2 3 4 5)) (b (bytevector 10 20 30 40 50))) (bytevector-copy! b 1 a 0 2) b) ⇒ #u8(10 1 2 40 50)
(let ((a (bytevector 1 2 3 4 5))) (bytevector-copy! a 1 a 0 4) a) ⇒ #u8(1 1 2 3 4)
(list (bytevector-append #u8(0 1 2) #u8(3 4 5)) (bytevector-append)) ⇒ (#u8(0 1 2 3 4 5) #u8())
(let ((bv (bytevector 1 2 3 4))) (bytevector-fill! bv 7 1 3) bv) ⇒ #u8(1 7 7 4)
(list (utf8->string #u8(#x41)) (utf8->string #u8(206 187 65) 0 2) (utf8->string #u8(65 66 67) 1)) ⇒ ("A" "λ" "BC")
(list (string->utf8 "λ") (string->utf8 "abc" 1) (string->utf8 "abc" 1 2)) ⇒ (#u8(206 187) #u8(98 99) #u8(98))
(list (bytevector->list #u8(1 2 3) 1) (list->bytevector '(1 2))) ⇒ ((2 3) #u8(1 2))
(list (equal? #u8(1 2) (bytevector 1 2)) (equal? #u8(1) #u8(2)) (equal? #u8(1) #(1)) (eqv? (bytevector 1) (bytevector 1))) ⇒ (#t #f #f #f)
(let ((t (make-hash-table))) (hash-table-set! t #u8(1 2) 'x) (hash-table-ref/default t (bytevector 1 2) #f)) ⇒ x
(let ((t (make-eqv-hash-table))) (hash-table-set! t #u8(1 2) 'x) (hash-table-ref/default t (bytevector 1 2) #f)) ⇒ #f
"""),  # noqa: E501
)
def test_bytevectors(program: str, value: str) -> None:
    assert value_of(program) == value


def test_a_bytevector_displays_as_it_is_written() -> None:
    assert value_of("(call-with-output-string (lambda (p) (display (list #u8(1 2)) p)))") == '"(#u8(1 2))"'


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(vector-ref #(1 2) 2)                   ⇒ vector-ref: argument 2 must be an index below 2, but got 2
(vector-ref #(1 2) 1.0)                 ⇒ vector-ref: argument 2 must be an exact integer, but got 1
(vector-set! '() 0 1)                   ⇒ vector-set!: argument 1 must be a vector that can be changed, but got ()
(vector-map car '(1))                   ⇒ vector-map: argument 2 must be a vector, but got (1)
(vector-for-each car #() 5)             ⇒ vector-for-each: argument 3 must be a vector, but got 5
(vector-copy! (vector 1) 0 #(1 2))      ⇒ vector-copy!: argument 3 must be at most 1 elements, but got #(1 2)
(vector-fill! (vector 1) 0 2)           ⇒ vector-fill!: argument 3 must be an index from 0 to 1, but got 2
(vector->list #(1) 0 2)                 ⇒ vector->list: argument 3 must be an index from 0 to 1, but got 2
(vector-append #(1) '(2))               ⇒ vector-append: argument 2 must be a vector, but got (2)
(vector-map! 5 (vector))                ⇒ vector-map!: argument 1 must be a procedure, but got 5
(vector-map! abs '(1))                  ⇒ vector-map!: argument 2 must be a vector that can be changed, but got (1)
(vector-fold + 0 5)                     ⇒ vector-fold: argument 3 must be a vector, but got 5
(vector-grow #(1 2) 1)                  ⇒ vector-grow: argument 2 must be at least 2, the length of the vector, but got 1
(vector-binary-search #(1) 1 eq?)       ⇒ vector-binary-search: argument 3 must be a procedure that gives numbers, but got #<procedure eq?>
(vector-sort '(1) <)                    ⇒ vector-sort: argument 1 must be a vector, but got (1)
(sort! '(1) <)                          ⇒ sort!: argument 1 must be a vector, but got (1)
(bytevector 1 256)                      ⇒ bytevector: argument 2 must be an exact integer from 0 to 255, but got 256
(make-bytevector 1 -1)                  ⇒ make-bytevector: argument 2 must be an exact integer from 0 to 255, but got -1
(bytevector-u8-ref #u8(1) 1)            ⇒ bytevector-u8-ref: argument 2 must be an index below 1, but got 1
(bytevector-u8-ref #(1) 0)              ⇒ bytevector-u8-ref: argument 1 must be a bytevector, but got #(1)
(bytevector-u8-set! (bytevector 1) 0 1.0) ⇒ bytevector-u8-set!: argument 3 must be an exact integer from 0 to 255, but got 1
(bytevector-copy #u8(1) 2)              ⇒ bytevector-copy: argument 2 must be an index from 0 to 1, but got 2
(bytevector-copy! (bytevector 1) 0 #u8(1 2)) ⇒ bytevector-copy!: argument 3 must be at most 1 bytes, but got #u8(1 2)
(bytevector-append #u8(1) "a")          ⇒ bytevector-append: argument 2 must be a bytevector, but got "a"
(list->bytevector '(1 a))               ⇒ list->bytevector: argument 1 must be a list of exact integers from 0 to 255, but got (1 a)
(utf8->string #u8(255))                 ⇒ utf8->string: argument 1 must be bytes in UTF-8, but got #u8(255)
"""),  # noqa: E501
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message
