"""Characters, strings and symbols."""

from __future__ import annotations

import pytest

from tests.support.omega import error_of, findings_of, rendered, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(list (char? #\a) (char? "a") (char? 'a))               ⇒ (#t #f #f)
(list #\alarm #\backspace #\delete #\escape #\newline)  ⇒ (#\alarm #\backspace #\delete #\escape #\newline)
(list #\null #\return #\space #\tab #\x41 #\x3bb #\x0)  ⇒ (#\null #\return #\space #\tab #\A #\λ #\null)
(list #\( #\) #\; #\" #\# #\' #\ )                      ⇒ (#\( #\) #\; #\" #\# #\' #\space)
(list (char=? #\a #\a #\a) (char=? #\a #\A) (char=? #\a)) ⇒ (#t #f #t)
(list (char<? #\a #\b #\c) (char<? #\a #\c #\b) (char<? #\a #\a)) ⇒ (#t #f #f)
(list (char>? #\c #\b #\a) (char>? #\c #\c))            ⇒ (#t #f)
(list (char<=? #\a #\a #\b) (char>=? #\b #\b #\a) (char<=? #\b #\a)) ⇒ (#t #t #f)
(list (char-ci=? #\a #\A #\a) (char-ci=? #\a #\b))      ⇒ (#t #f)
(list (char-ci<? #\a #\B #\c) (char-ci<? #\B #\a))      ⇒ (#t #f)
(list (char-ci>? #\C #\b #\A) (char-ci>? #\a #\A))      ⇒ (#t #f)
(list (char-ci<=? #\a #\A #\b) (char-ci<=? #\b #\A))    ⇒ (#t #f)
(list (char-ci>=? #\B #\b #\A) (char-ci>=? #\a #\B))    ⇒ (#t #f)
(char-ci=? #\σ #\ς #\Σ)                                 ⇒ #t
(map char-upcase (list #\i #\ß #\A #\ä #\1))            ⇒ (#\I #\ß #\A #\Ä #\1)
(map char-downcase (list #\I #\Σ #\a #\Ä #\1))          ⇒ (#\i #\σ #\a #\ä #\1)
(map char-foldcase (list #\I #\Σ #\ς #\ß #\1))          ⇒ (#\i #\σ #\σ #\ß #\1)
(map char-alphabetic? (list #\a #\λ #\日 #\1 #\space))  ⇒ (#t #t #t #f #f)
(map char-numeric? (list #\0 #\9 #\٣ #\a #\²))          ⇒ (#t #t #t #f #f)
(map char-whitespace? (list #\space #\tab #\newline #\x00a0 #\a)) ⇒ (#t #t #t #t #f)
(map char-upper-case? (list #\A #\a #\1 #\Σ))           ⇒ (#t #f #f #t)
(map char-lower-case? (list #\A #\a #\1 #\σ))           ⇒ (#f #t #f #t)
(map digit-value (list #\3 #\٤ #\a #\²))                ⇒ (3 4 #f #f)
(list (char->integer #\A) (integer->char 955))          ⇒ (65 #\λ)
(integer->char #x10FFFF)                                ⇒ #\x10ffff
(list (char->digit #\7) (char->digit #\f 16) (digit->char 11 16)) ⇒ (7 15 #\b)
"""),
)
def test_chars(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(list (string? "a") (string? #\a) (string? 'a))         ⇒ (#t #f #f)
(list (make-string 3 #\x) (string) (string #\a #\b))    ⇒ ("xxx" "" "ab")
(string-length (make-string 2))                         ⇒ 2
(list (string-length "") (string-length "λ日") (string-ref "abc" 1)) ⇒ (0 2 #\b)
(list "a\tb\"\\\x41;" "a\
       b" "c  \
   d")
                                                        ⇒ ("a\tb\"\\A" "ab" "c  d")
(string-length "\r\n")                                  ⇒ 2
(list (string=? "a" "a" "a") (string=? "a" "b") (string=? "a")) ⇒ (#t #f #t)
(list (string<? "a" "ab" "b") (string<? "b" "a") (string<? "a" "a")) ⇒ (#t #f #f)
(list (string>? "c" "b" "a") (string>? "a" "a") (string<=? "a" "a" "b")) ⇒ (#t #f #t)
(list (string>=? "b" "b" "a") (string>=? "a" "b"))      ⇒ (#t #f)
(list (string-ci=? "AbC" "aBc" "abc") (string-ci=? "Straße" "STRASSE")) ⇒ (#t #t)
(list (string-ci<? "a" "B" "c") (string-ci<? "B" "a"))  ⇒ (#t #f)
(list (string-ci>? "C" "b" "A") (string-ci>? "a" "A"))  ⇒ (#t #f)
(list (string-ci<=? "a" "A" "b") (string-ci<=? "B" "a")) ⇒ (#t #f)
(list (string-ci>=? "B" "b" "A") (string-ci>=? "a" "B")) ⇒ (#t #f)
(list (string-upcase "aße") (string-downcase "ÄB") (string-foldcase "AßΣ")) ⇒ ("ASSE" "äb" "assσ")
(string-downcase "ΧΑΟΣ")                                ⇒ "χαος"
(list (substring "hello" 1 3) (substring "hello" 2) (substring "" 0 0)) ⇒ ("el" "llo" "")
(list (string-append) (string-append "a") (string-append "a" "" "bc")) ⇒ ("" "a" "abc")
(list (string-copy "hello") (string-copy "hello" 1) (string-copy "hello" 1 3)) ⇒ ("hello" "ello" "el")
(list (string->list "apple") (string->list "apple" 3) (string->list "apple" 1 3)) ⇒ ((#\a #\p #\p #\l #\e) (#\l #\e) (#\p #\p))
(list (list->string '()) (list->string '(#\a #\b)))     ⇒ ("" "ab")
(list (string->vector "ABC") (string->vector "ABC" 1) (string->vector "ABC" 1 2)) ⇒ (#(#\A #\B #\C) #(#\B #\C) #(#\B))
(list (vector->string #(#\1 #\2 #\3)) (vector->string #(#\1 #\2 #\3) 1) (vector->string #(#\1 #\2 #\3) 1 2)) ⇒ ("123" "23" "2")
(string-map char-foldcase "AbdEgH")                     ⇒ "abdegh"
(string-map (lambda (c) (integer->char (+ 1 (char->integer c)))) "HAL") ⇒ "IBM"
(string-map (lambda (c k) ((if (char=? k #\u) char-upcase char-downcase) c)) "studlycaps xxx" "ululululul") ⇒ "StUdLyCaPs"
(let ((v '())) (string-for-each (lambda (c) (set! v (cons (char->integer c) v))) "abcde") v) ⇒ (101 100 99 98 97)
(let ((v '())) (string-for-each (lambda (a b) (set! v (cons (string a b) v))) "abc" "xy") v) ⇒ ("by" "ax")
"""),  # noqa: E501
)
def test_strings(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(list (string-index "hello" #\l) (string-index "hello" #\z) (string-index "hello" char-upper-case?)) ⇒ (2 #f #f)
(list (string-index "hello" #\l 3) (string-index "hello" #\o 0 4)) ⇒ (3 #f)
(list (string-index-right "hello" #\l) (string-rindex "hello" #\z)) ⇒ (3 #f)
(list (string-skip "  ab" #\space) (string-skip "aaa" #\a)) ⇒ (2 #f)
(list (string-skip-right "ab  " char-whitespace?) (string-skip-right "" #\a)) ⇒ (1 #f)
(list (string-count "banana" #\a) (string-count "banana" char-alphabetic? 4)) ⇒ (3 2)
(list (string-filter char-numeric? "a1b2") (string-remove char-numeric? "a1b2") (string-delete #\b "abab")) ⇒ ("12" "ab" "aa")
(list (string-any char-numeric? "ab1") (string-any digit-value "ab7") (string-any char? "")) ⇒ (#t 7 #f)
(list (string-every char-numeric? "12") (string-every digit-value "17") (string-every char-numeric? "")) ⇒ (#t 7 #t)
(list (string-fold cons '() "abc") (string-fold-right cons '() "abc")) ⇒ ((#\c #\b #\a) (#\a #\b #\c))
(string-tabulate (lambda (i) (integer->char (+ 97 i))) 4) ⇒ "abcd"
(string-concatenate '("ab" "" "c"))                     ⇒ "abc"
(list (string-take "hello" 2) (string-drop "hello" 2) (string-take-right "hello" 2) (string-drop-right "hello" 2)) ⇒ ("he" "llo" "lo" "hel")
(list (string-trim "  ab  ") (string-trim-left "  ab ") (string-trim-right " ab  ")) ⇒ ("ab" "ab " " ab")
(list (string-trim "xxaxbxx" #\x) (string-trim-left "12ab" char-numeric?) (string-trim-right "ab" char-alphabetic?)) ⇒ ("axb" "ab" "")
(list (string-search-forward "l" "hello" 0) (string-search-forward "l" "hello" 3) (string-search-backward "l" "hello" 5)) ⇒ (2 3 4)
"""),  # noqa: E501
)
def test_searching_strings(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(define (f s) (list->string (map (lambda (c) c) (string->list s)))) (f "aλ😀") ⇒ "aλ😀"
(define (f s) (list->string (map (lambda (c) (if (char-alphabetic? c) (integer->char (+ 1 (char->integer c))) c)) (string->list s)))) (f "az 1") ⇒ "b{ 1"
(define (f s) (list->string (map (lambda (c) (if (char=? c #\a) #\* c)) (string->list s 2 5)))) (f "banana") ⇒ "n*n"
(define (f s) (list->string (map (lambda (c) (if (char=? #\a #\a) #\x5c c)) (string->list s)))) (f "ab") ⇒ "\\\\"
(define (f s) (list->string (map (lambda (c) (if (char=? c #\') #\" c)) (string->list s)))) (f "a'b") ⇒ "a\"b"
(define (f s) (list->string (map (lambda (c) (let ((n (char->integer c))) (if (< n 98) (char-upcase c) c))) (string->list s)))) (f "abc") ⇒ "Abc"
(define (f s) (list->string (filter (lambda (c) (not (char=? c #\-))) (string->list s)))) (f "a-b") ⇒ "ab"
(define (f s) (let ((n 0)) (for-each (lambda (c) (if (char-whitespace? c) (set! n (+ n 1)))) (string->list s)) n)) (f " a b ") ⇒ 3
(define (f s) (fold-left (lambda (n c) (if (or (char-upper-case? c) (char=? c #\!)) (+ n 1) n)) 0 (string->list s))) (f "aBC!d") ⇒ 3
(define (f s) (let ((k '())) (for-each (lambda (c) (if (char-numeric? c) (set! k (cons c k)))) (string->list s)) k)) (f "a1b2") ⇒ (#\2 #\1)
(define (f s) (map (lambda (f) (f)) (map (lambda (c) (lambda () (char->integer c))) (string->list s)))) (f "ab") ⇒ (97 98)
(define (f s) (fold-left + 1 (map char->integer (string->list s)))) (f "ab") ⇒ 196
(define (f s) (map (lambda (c) (list (char-numeric? c) (map (lambda (d) (char=? c d)) (string->list s)))) (string->list s))) (f "a1") ⇒ ((#f (#t #f)) (#t (#f #t)))
(define (f s) (map (lambda (c) (list c (char-numeric? c))) (string->list s))) (f "a1") ⇒ ((#\a #f) (#\1 #t))
(define (f s) (let ((n 0)) (for-each (lambda (c) (set! c (integer->char 65)) (if (char-upper-case? c) (set! n (+ n 1)))) (string->list s)) n)) (f "ab") ⇒ 2
(define (f s) (list->string (map (lambda (c) (do ((i 0 (+ i 1))) ((= i 2) c))) (string->list s)))) (f "ab") ⇒ "ab"
(define (f s) (list->string (map (lambda (c) (guard (e (#t c)) (car 1))) (string->list s)))) (f "ab") ⇒ "ab"
"""),  # noqa: E501
)
def test_going_through_the_chars_of_a_string(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(list (symbol? 'foo) (symbol? (car '(a b))) (symbol? "bar") (symbol? 'nil) (symbol? '()) (symbol? #f)) ⇒ (#t #t #f #t #f #f)
(list (symbol=? 'a 'a) (symbol=? 'a 'a 'a) (symbol=? 'a 'a 'b)) ⇒ (#t #t #f)
(list (symbol->string 'flying-fish) (symbol->string 'Martin)) ⇒ ("flying-fish" "Martin")
(list (string->symbol "mISSISSIppi") (string->symbol "a b") (string->symbol "")) ⇒ (mISSISSIppi |a b| ||)
(eq? 'bitBlt (string->symbol "bitBlt"))                 ⇒ #t
(eq? 'LollyPop (string->symbol (symbol->string 'LollyPop))) ⇒ #t
(list '|foo bar| '|H\x65;llo| '|\t\|| (symbol->string '|1|)) ⇒ (|foo bar| Hello |\x9;\|| "1")
(map string->symbol '("1" "+1.5" "1/0" "#e1.5" "+inf.0" "-Inf.0" "." "a;b" "1+")) ⇒ (|1| |+1.5| |1/0| |#e1.5| |+inf.0| |-Inf.0| |.| |a;b| 1+)
(list (boolean=? #t #t) (boolean=? #f #f #f) (boolean=? #t #t #f)) ⇒ (#t #t #f)
(list (boolean? #f) (boolean? '()) (not 3) (not #f) (not '())) ⇒ (#t #f #f #t #f)
"""),  # noqa: E501
)
def test_symbols_and_booleans(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table(r"""
(char-upcase "a")                       ⇒ char-upcase: argument 1 must be a char, but got "a"
(char<? #\a 1)                          ⇒ char<?: argument 2 must be a char, but got 1
(char-ci>=? #\a #\b 'c)                 ⇒ char-ci>=?: argument 3 must be a char, but got c
(define (f s) (list->string (map (lambda (c) (if (char-numeric? c) 7 c)) (string->list s)))) (f "a1") ⇒ list->string: argument 1 must be chars only, but got (#\a 7)
(define (f s) (list->string (map (lambda (c) (integer->char (- (char->integer c) 98))) (string->list s)))) (f "ba") ⇒ integer->char: argument 1 must be a Unicode scalar value, but got -1
(define (f s d) (list->string (map (lambda (c) (if (char=? c d) c c)) (string->list s)))) (f "a" 1) ⇒ char=?: argument 2 must be a char, but got 1
(define (f s) (for-each (lambda (c) (char-numeric? c)) (string->list s))) (f 5) ⇒ string->list: argument 1 must be a string, but got 5
(integer->char #xD800)                  ⇒ integer->char: argument 1 must be a Unicode scalar value, but got 55296
(string #\a "b")                        ⇒ string: argument 2 must be a char, but got "b"
(string-ref "abc" 3)                    ⇒ string-ref: argument 2 must be an index below 3, but got 3
(substring "abc" 2 1)                   ⇒ substring: argument 2 must be an index from 0 to 1, but got 2
(string-ci<=? "a" 'b)                   ⇒ string-ci<=?: argument 2 must be a string, but got b
(string-map char->integer "ab")         ⇒ string-map: argument 1 must be a procedure that gives chars, but got #<procedure char->integer>
(string-for-each display "ab" 5)        ⇒ string-for-each: argument 3 must be a string, but got 5
(string->list "abc" 4)                  ⇒ string->list: argument 2 must be an index from 0 to 3, but got 4
(string-index "abc" "b")                ⇒ string-index: argument 2 must be a char or procedure, but got "b"
(string-index "abc" #\a 4)              ⇒ string-index: argument 3 must be an index from 0 to 3, but got 4
(string-tabulate (lambda (i) i) 1)      ⇒ string-tabulate: argument 1 must be a procedure that gives chars, but got #<procedure>
(string-concatenate '("a" b))           ⇒ string-concatenate: argument 1 must be a list of strings, but got ("a" b)
(string-trim 'a)                        ⇒ string-trim: argument 1 must be a string, but got a
(symbol->string "a")                    ⇒ symbol->string: argument 1 must be a symbol, but got "a"
(symbol=? 'a 'b "c")                    ⇒ symbol=?: argument 3 must be a symbol, but got "c"
(boolean=? #t #f 1)                     ⇒ boolean=?: argument 3 must be a boolean, but got 1
"""),  # noqa: E501
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message


@pytest.mark.parametrize("name", ["string-set!", "string-fill!", "string-copy!"])
def test_strings_do_not_change(name: str) -> None:
    assert findings_of(f'({name} "abc" 0 #\\x)') == [f"1:2: error: there is no {name}: strings don't change"]
    assert "help: make a new string" in rendered(f'({name} "abc" 0 #\\x)')
