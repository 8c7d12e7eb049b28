"""Loops that count, go over lists, or come from procedures that call each other: they do what the program says."""

from __future__ import annotations

import pytest

from tests.support.omega import Run, codes_of, compiled, error_of, python_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
;; bounds and counters may be floats
(define (f n) (let loop ((i 0) (l '())) (if (= i n) l (loop (+ i 1) (cons i l))))) (f 3.)     ⇒ (2 1 0)
(define (f n) (do ((i n (- i 1)) (l '() (cons i l))) ((<= i 0) l))) (f 2.5)                   ⇒ (0.5 1.5 2.5)
(define (f n) (do ((i 0 (+ i 2)) (l '() (cons i l))) ((>= i n) l))) (f 4.5)                   ⇒ (4 2 0)
;; a loop that never meets its end goes on
(define (f n) (call/cc (lambda (k) (do ((i 0 (+ i 1))) ((= i n) 'done) (if (> i 5) (k i)))))) (f 2.5)  ⇒ 6
(define (f n) (call/cc (lambda (k) (do ((i 4 (+ i 1))) ((= i n) 'done) (if (> i 9) (k i)))))) (f 3)    ⇒ 10
(define (f n) (call/cc (lambda (k) (do ((i 0 (+ i 1))) ((>= i n) 'done) (if (> i 5) (k i)))))) (f +nan.0) ⇒ 6
(define (f n) (let loop ((i 0)) (if (< i n) (loop (+ i 1)) 'done))) (f +nan.0)                ⇒ done
(define (f s) (call/cc (lambda (k) (do ((i 0 (+ i s))) ((>= i 3) i) (if (< i -2) (k 'out)))))) (f -1)  ⇒ out
;; bounds at the edges
(define (f a b) (let loop ((i a) (n 0)) (if (<= i b) (loop (+ i 1) (+ n 1)) n))) (list (f 1 3) (f 3 3) (f 4 3))
                                                                                              ⇒ (3 1 0)
(define (f a b) (let loop ((i a) (n 0)) (if (> i b) (loop (- i 1) (+ n 1)) n))) (list (f 3 1) (f 3 3) (f 3 4))
                                                                                              ⇒ (2 0 0)
(define (f a) (let loop ((i a) (n 0)) (if (>= i 1) (loop (- i 1) (+ n 1)) n))) (list (f 3) (f 0)) ⇒ (3 0)
;; the counter behind the loop, assigned counters and bounds
(define (f n) (do ((i 0 (+ i 1))) ((= i n) i))) (f 3)                                         ⇒ 3
(define (f n) (do ((i 0 (+ i 1)) (c 0 (+ c 1))) ((>= i n) c) (set! i (+ i 1)))) (f 6)         ⇒ 3
(define (f n) (do ((i 0 (+ i 1))) ((>= i n) n) (if (= i 2) (set! n 5)))) (f 4)                ⇒ 5
;; different steps
(define (f n) (let loop ((i 0) (c 0)) (if (>= i n) c (if (even? i) (loop (+ i 1) (+ c 1)) (loop (+ i 2) c))))) (f 7)
                                                                                              ⇒ 1
;; an inner loop goes on with the outer one
(define (f n) (let outer ((i 0) (l '()))
  (if (= i n) l
      (let inner ((j 0))
        (if (= j 2) (outer (+ i 1) (cons 'end l)) (if (= i j) (outer (+ i 1) (cons j l)) (inner (+ j 1))))))))
(f 4)                                                                                         ⇒ (end end 1 0)
;; a procedure's own loop
(define (f i n acc) (if (= i n) acc (f (+ i 1) n (* 2 acc)))) (f 0 10 1)                      ⇒ 1024
(define (f n) (if (= n 0) 'end (f (- n 1)))) (f 100000)                                       ⇒ end
;; vectors
(define (f n) (let ((v (make-vector n 0))) (do ((i 0 (+ i 1))) ((= i n) v) (vector-set! v i (* i i))))) (f 4)
                                                                                              ⇒ #(0 1 4 9)
(define (f v) (let loop ((i 0) (s 0)) (if (= i (vector-length v)) s (loop (+ i 1) (+ s (vector-ref v i))))))
(f #(1 2 3))
                                                                                              ⇒ 6
;; a loop that stores the same value
(define (f v n s) (do ((i 0 (+ i s))) ((>= i n) v) (vector-set! v i 'x))) (f (vector 1 2 3 4 5) 5 2)   ⇒ #(x 2 x 4 x)
(define (f v n) (do ((i n (- i 1))) ((< i 1) v) (vector-set! v i n))) (f (vector 1 2 3 4 5) 3)         ⇒ #(1 3 3 3 5)
(define (f v n) (do ((i 0 (+ i 1))) ((>= i n) v) (vector-set! v i i))) (f (vector 1 2 3) 2)            ⇒ #(0 1 3)
(define (f v n) (do ((i 0 (+ i 1))) ((>= i n) v) (vector-set! v i 'x))) (f "no vector" 0)              ⇒ "no vector"
(define (f v n) (do ((i 0 (+ i 1))) ((>= i n) v) (vector-set! v i 'x)))
(define v (vector 1 2 3))
(list (call/cc (lambda (k) (with-exception-handler (lambda (e) (k 'out)) (lambda () (f v 9))))) v)
                                                                                              ⇒ (out #(x x x))
;; numbers of unknown kind
(define (f n) (if (even? n) (quotient n 2) (+ (* 3 n) 1))) (map f '(4 3 4. -2 -3))            ⇒ (2 10 2 -1 -8)
(define (f n) (remainder n 3)) (define (g) (do ((i 0 (+ i 1)) (l '() (cons (remainder i 3) l))) ((= i 5) l))) (g)
                                                                                              ⇒ (1 0 2 1 0)
;; short procedures in loops
(define (next c) (integer->char (+ (char->integer c) 1))) (define (f t) (list->string (map next (string->list t))))
(f "HAL")
                                                                                              ⇒ "IBM"
(define (half x) (/ x 2)) (define (f n) (do ((i 0 (+ i 1)) (s 0 (+ s (half i)))) ((= i n) s))) (f 4)  ⇒ 3
(define k 2) (define (by x) (* k x)) (define (f n) (do ((i 0 (+ i 1)) (s 0 (+ s (by i)))) ((= i n) s))) (set! k 3) (f 4)
                                                                                              ⇒ 18
(define (by k) (define (go x) (* k x)) go) (define (f n) (do ((i 0 (+ i 1)) (s 0 (+ s ((by 2) i)))) ((= i n) s))) (f 4)
                                                                                              ⇒ 12
;; pairs, taken apart after `pair?`
(define (size e) (if (pair? e) (+ (size (car e)) (size (cdr e))) 1)) (size '(1 (2 . 3) 4))                    ⇒ 5
(define (sum e) (if (pair? e) (+ (car e) (sum (cdr e))) 'end)) (guard (x (#t 'wrong)) (sum '(1 . 2)))         ⇒ wrong
(define (last e) (if (pair? e) (if (pair? (cdr e)) (last (cdr e)) (car e)) e)) (list (last '(1 2)) (last 3) (last '()))
                                                                                              ⇒ (2 3 ())
;; lists: all of one stage comes before the next
(define l '()) (define (note x) (set! l (cons x l)) x)
(define (f xs) (map (lambda (x) (note (* 10 x))) (filter (lambda (x) (note x) (odd? x)) xs))) (f '(1 2 3)) (reverse l)
                                                                                              ⇒ (1 2 3 10 30)
(define (f xs) (fold-right cons '(end) (map - xs))) (f '(1 2))                                ⇒ (-1 -2 end)
(define (f n) (length (remove odd? (iota n)))) (f 7)                                          ⇒ 4
(define (f text) (list->string (map (lambda (c) (char-upcase c)) (string->list text)))) (f "aé")  ⇒ "AÉ"
(define (f xs) (let ((n 0)) (for-each (lambda (x) (set! n (+ n x))) xs) n)) (f '(1 2 3))      ⇒ 6
(define (f xs) (map (lambda (x) (set! x (+ x 1)) x) xs)) (f '(1 2))                           ⇒ (2 3)
(define (f xss) (map (lambda (xs) (map (lambda (x) (+ x (length xs))) xs)) xss)) (f '((1) (2 3))) ⇒ ((2) (4 5))
(define (f xs) (call/cc (lambda (k) (for-each (lambda (x) (if (< x 0) (k x))) xs) 'none))) (list (f '(1 -2)) (f '()))
                                                                                              ⇒ (-2 none)
;; sorting by a key
(define (f xs) (sort xs (lambda (a b) (> (cdr a) (cdr b))))) (f '((a . 1) (b . 2) (c . 2)))
 ⇒ ((b . 2) (c . 2) (a . 1))
(define (f xs) (sort xs (lambda (a b) (< (cdr a) (cdr b))))) (f '((a . 1)))                   ⇒ ((a . 1))
(define (f xs) (sort xs (lambda (a b) (< (abs a) (abs b))))) (f (vector -3 2. 1))             ⇒ #(1 2 -3)
;; procedures that call each other
(define (ev n) (if (= n 0) #t (od (- n 1)))) (define (od n) (if (= n 0) #f (ev (- n 1)))) (list (ev 100001) (od 7))
                                                                                              ⇒ (#f #t)
(define (f n) (define (a i) (if (= i 0) 'a (b (- i 1)))) (define (b i) (if (= i 0) 'b (c (- i 1))))
  (define (c i) (if (= i 0) 'c (a (- i 1)))) (a n)) (map f '(0 1 2 30000))                    ⇒ (a b c a)
(define (a n) (if (= n 0) 'a (b (- n 1)))) (define (b n) (if (= n 0) 'b (a (- n 1)))) (set! b (lambda (n) 'other)) (a 5)
                                                                                              ⇒ other
"""),
)
def test_what_loops_give(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(define (f n) (do ((i 0 (+ i 1))) ((= i n) i) (list i))) (f "a")    ⇒ =: an argument must be a number, but got "a"
(define (f n) (let loop ((i 0)) (if (< i n) (loop (+ i 1)) i))) (f 'a)  ⇒ <: argument 2 must be a number, but got a
(define (f n) (let ((v (make-vector 2 0))) (do ((i 0 (+ i 1))) ((= i n) v) (vector-set! v i i)))) (f 3)
                              ⇒ vector-set!: argument 2 must be an index below 2, but got 2
(define (f v) (do ((i 1 (+ i 1))) ((= i 5) v) (vector-set! v i 0))) (f (vector 1 2))
                              ⇒ vector-set!: argument 2 must be an index below 2, but got 2
(define (f v n) (do ((i 1 (+ i n))) ((>= i 5) v) (vector-set! v i 0))) (f (vector 1 2 3) 0.5)
                              ⇒ vector-set!: argument 2 must be an exact integer, but got 1.5
(define (f v) (do ((i 1 (+ i 1))) ((= i 5) v) (vector-set! v i 0))) (f "abc")
                              ⇒ vector-set!: argument 1 must be a vector that can be changed, but got "abc"
(define (f v) (do ((i 1 (+ i 1))) ((= i 5) v) (vector-ref v i))) (f (vector 1 2))
                              ⇒ vector-ref: argument 2 must be an index below 2, but got 2
(define (f s) (let ((n (string-length s))) (char=? (string-ref s 0) (string-ref s (+ n (* n 2)))))) (f "ab")
                              ⇒ string-ref: argument 2 must be an index below 2, but got 6
(define (f v) (let ((n (vector-length v))) (vector-set! v (- (+ n 1) 1) 5))) (f (vector 1 2))
                              ⇒ vector-set!: argument 2 must be an index below 2, but got 2
(define (f v) (let ((n (vector-length v))) (vector-set! v (+ n 1) (vector-ref v (+ n 2))))) (f (vector 1 2))
                              ⇒ vector-ref: argument 2 must be an index below 2, but got 4
(define (f s) (map string-length (string-split s ""))) (f "ab")
                              ⇒ string-split: argument 2 must be a string that is not empty, but got ""
(define (f s) (apply string-append (map (lambda (w) (string-append w "!")) (string-split s)))) (f 5)
                              ⇒ string-split: argument 1 must be a string, but got 5
(define (f n) (let loop ((i 0)) (if (> i n) i (loop (+ i 1))))) (f 'a)  ⇒ >: argument 2 must be a number, but got a
(define (f t) (hash-table-update!/default t 'a 1+ 0)) (f 5)
                              ⇒ hash-table-update!/default: argument 1 must be a hash table, but got 5
(define (f xs) (map (lambda (x) x) xs)) (f '(1 . 2))                ⇒ map: argument 2 must be a list, but got (1 . 2)
(define (f n) (length (map car (iota n)))) (f -1)
                              ⇒ iota: argument 1 must be a non-negative exact integer, but got -1
"""),
)
def test_what_goes_wrong_in_loops(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize(
    ("program", "procedure"),
    [
        (
            "(define (f v) (vector-length v) (map (lambda (i) (vector-ref v (+ i 1))) (iota 3))) (f (vector 1 2))",
            "vector-ref",
        ),
        (
            '(define (f s) (string-length s) (map (lambda (i) (char->integer (string-ref s i))) (iota 3))) (f "ab")',
            "string-ref",
        ),
    ],
)
def test_an_index_is_refused_in_a_comprehension(program: str, procedure: str) -> None:
    """From Python 3.12 on, its variables are gone when somebody asks which index that was."""
    assert (error_of(program) or "").startswith(f"{procedure}: argument 2 must be an index ")


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("(define (ev n) (if (= n 0) #t (od (- n 1)))) (ev 3) (define (od n) (if (= n 0) #f (ev (- n 1))))", "od"),
        ("(define (g) (map f (iota 3))) (g) (define (f x) x)", "f"),
        ("(define (g) (filter f (iota 3))) (g) (define (f x) #t)", "f"),
    ],
)
def test_procedures_are_called_only_once_they_are_defined(program: str, name: str) -> None:
    for code in codes_of(program):
        assert Run(code).message == f"{name} is used before it is defined"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(define (even? n) 'mine) (define (f xs) (map even? xs)) (f '(1 2))               ⇒ (mine mine)
(define (map f xs) 'mine) (define (f xs) (map (lambda (x) x) xs)) (f '(1 2))     ⇒ mine
(define (f map xs) (map (lambda (x) x) xs)) (f (lambda (p xs) 'mine) '(1 2))     ⇒ mine
(define (quotient a b) 'mine) (define (f) (do ((i 0 (+ i 1)) (x 0 (quotient i 2))) ((= i 3) x))) (f)   ⇒ mine
(define (vector-ref v i) 'mine)
(define (f) (let ((v (vector 1))) (do ((i 0 (+ i 1)) (x 0 (vector-ref v i))) ((= i 1) x)))) (f)
                                                                                  ⇒ mine
(define (iota n) '(x)) (define (f) (map (lambda (x) x) (iota 3))) (f)            ⇒ (x)
(define (sort xs p) 'mine) (define (f xs) (sort xs (lambda (a b) (< (car a) (car b))))) (f '())   ⇒ mine
(define (f +) (let loop ((i 0)) (if (= i 3) i (loop (+ i 1))))) (f (lambda (a b) 3))  ⇒ 3
"""),
)
def test_what_the_program_defines_itself_is_called(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "python"),
    table("""
(define (f) (do ((i 0 (+ i 1)) (n 0 (+ n i))) ((= i 9) n)))                      ⇒ for i in range(9):
(define (f n) (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i n) s)))                    ⇒ for i in until(0, +n):
(define (f v) (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i (vector-length v)) s)))    ⇒ for i in range(vector_length(v)):
(define (f v g) (do ((i 0 (+ i 1)) (s 0 (g s))) ((= i (vector-length v)) s)))    ⇒ while i != vector_length(v):
(define (f t g) (do ((i 0 (+ i 1)) (s 0 (g s))) ((= i (string-length t)) s)))    ⇒ for i in range(string_length(t)):
(define (f s) (apply string-append (map (lambda (w) (string-append w "!")) (string-split s))))
                                                                ⇒ "".join([w + "!" for w in string_parts(s)])
(define (f n) (let loop ((n n) (s 0))
  (cond ((= n 1) s) ((even? n) (loop (quotient n 2) (+ s 1))) (else (loop (+ n 1) s)))))
                                                                                 ⇒ while n_2 != 1:
(define (f n) (let loop ((i 1) (s 0)) (if (> i n) s (loop (+ i 1) (+ s i)))))    ⇒ for i in passing(1, n):
(define (f s) (let loop ((i (string-length s)) (n 0)) (if (< i 0) n (loop (- i 1) (+ n i)))))
                                                                            ⇒ for i in range(string_length(s), -1, -1):
(define (f n) (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i (- n i)) s)))              ⇒ while i != n - i:
(define (f n m) (do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i (- n m 1)) s)))          ⇒ for i in until(0, n - m - 1):
(define (f s) (let ((n (string-length s))) (char=? (string-ref s 0) (string-ref s (+ 1 n)))))  ⇒ return s[0] == s[1 + n]
(define (f v) (let ((n (vector-length v))) (vector-set! v n (vector-ref v (+ n 1)))))  ⇒ v[n] = v[n + 1]
(define (f n v) (let ((w (make-vector n 1)))
  (do ((i 1 (+ i 1))) ((= i n) (vector-ref v 0)) (vector-set! w i (vector-ref w (- i 1))))))        ⇒ w[i] = w[i - 1]
(define (f n v) (let ((w (make-vector n 1)))
  (do ((i 0 (+ i 1))) ((= i n) (vector-ref v 0)) (vector-set! w i (vector-ref w (- i 1))))))
                                                                                 ⇒ w[i] = vector_ref(w, i - 1)
(define (f v) (let loop ((i (- (vector-length v) 1)) (s 0)) (if (< i 0) s (loop (- i 1) (+ s (vector-ref v i))))))
                                                                                 ⇒ s + v[i]
(define (f n) (if (= n 0) 0 (let ((v (make-vector 9 1)) (k (abs (* n 2)))) (if (> k 0) (vector-ref v (- k 1)) 0))))
                                                                                 ⇒ vector_ref(v, k - 1)
(define (f v) (let ((n (vector-length v))) (if (= n 0) 0 (vector-ref v (- n 1)))))                 ⇒ v[n - 1]
(define (f x) (let loop ((g 1.) (i 0)) (if (= i 9) g (loop (/ (+ g (/ x g)) 2) (+ i 1)))))  ⇒ g = (g + x / g) / 2
(define (f v x) (let loop ((lo 0) (hi (- (vector-length v) 1))) (if (> lo hi) #f (let ((mid (quotient (+ lo hi) 2)))
  (if (< (vector-ref v mid) x) (loop (+ mid 1) hi) (loop lo (- mid 1)))))))     ⇒ mid = (lo + hi) // 2
(define (f v x) (let loop ((lo 0) (hi (- (vector-length v) 1))) (if (> lo hi) #f (let ((mid (quotient (+ lo hi) 2)))
  (if (< (vector-ref v mid) x) (loop (- mid 1) hi) (loop lo (- mid 1)))))))     ⇒ mid = quotient(lo + hi, 2)
(define (f) (let ((t (make-equal-hash-table))) (hash-table-update!/default t 'a 1+ 0) t))  ⇒ table_put(t, A, value + 1)
(define (f t) (hash-table-update!/default t 'a 1+ 0))                            ⇒ hash_table_update_default(t
(define (f xs) (map (lambda (x) (* x x)) xs))          ⇒ list_from([x * x for x in elements("map", 2, xs)])
(define (f n) (length (filter even? (iota n))))        ⇒ length([item for item in iota_items(n) if item % 2 == 0])
(define (f v n) (do ((i 0 (+ i 1))) ((= i n)) (vector-set! v i #f)))     ⇒ vector_set_each(v, until(0, +n), False)
(define (f n) (string-append "a" (number->string n)))                    ⇒ "a" + number_to_string(n)
(define (f s) (string-append "a" (number->string (string-length s))))    ⇒ "a" + str(string_length(s))
(define (f xs n) (string-append (apply string-append xs) "/" (number->string (length n))))  ⇒ xs) + "/" + str(length(n))
(define (f xs) (string-append (apply list xs) "/"))                      ⇒ string_append(apply(list_, xs), "/")
(define (f s) (string-append "a" s))                                     ⇒ string_append("a", s)
(define (f e x) (if (symbol? e) (eqv? e x) (string? e)))                 ⇒ return e is x
(define (f e x) (if (symbol? e) (eqv? e x) (string? e)))                 ⇒ return isinstance(e, str)
(define (f e) (if (symbol? e) (eqv? e 5) #t))                            ⇒ is_eqv(e, 5)
(define (f a b) (equal? a b))                                            ⇒ is_equal(a, b)
(define (f e) (if (pair? e) (list (car e) (cdr e)) 1))                   ⇒ return list_(e.car, e.cdr)
(define (f e) (if (pair? e) (car e) 1))                                  ⇒ type(e) is Pair or is_pair(e)
(define (f p) (define-record-type q (mk a) q? (a q-a)) (q-a p))                  ⇒ record_field
"""),
)
def test_what_loops_become(program: str, python: str) -> None:
    assert python in python_of(program)


def test_lists_of_python_are_taken_apart_like_omegas() -> None:
    names = Run(
        compiled("""
        (define (size e) (if (pair? e) (+ (size (car e)) (size (cdr e))) 1))
        (define (sum e) (if (pair? e) (+ (car e) (sum (cdr e))) 0))
    """).code()
    ).names
    assert names["size"]([1, [2, (3,)], []]) == 7
    assert names["sum"]((1, 2, 3)) == 6
    assert names["sum"]([]) == 0
