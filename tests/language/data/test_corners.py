"""Corner cases of R7RS's data, as this language has them."""

from __future__ import annotations

import pytest

from tests.support.omega import output_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(string->number "1e2")                                     ⇒ 100
(string->number "1E2")                                     ⇒ 100
(string->number "#e1e2")                                   ⇒ 100
(string->number "#i5")                                     ⇒ 5
(inexact? (string->number "#i5"))                          ⇒ #t
(exact? (string->number "#e1.0"))                          ⇒ #t
(string->number "#xFF")                                    ⇒ 255
(string->number "#x-ff")                                   ⇒ -255
(string->number "-#xff")                                   ⇒ #f
(string->number "#X1f")                                    ⇒ 31
(string->number "#b102")                                   ⇒ #f
(string->number "#x#e10")                                  ⇒ 16
(string->number "#e#x10")                                  ⇒ 16
(string->number "#e#i10")                                  ⇒ #f
(string->number "#x#x10")                                  ⇒ #f
(string->number "")                                        ⇒ #f
(string->number "+")                                       ⇒ #f
(string->number "-")                                       ⇒ #f
(string->number ".")                                       ⇒ #f
(string->number "..")                                      ⇒ #f
(string->number "1.")                                      ⇒ 1
(inexact? (string->number "1."))                           ⇒ #t
(string->number ".5")                                      ⇒ 0.5
(string->number "-.5")                                     ⇒ -0.5
(string->number "+.5e1")                                   ⇒ 5
(string->number ".e1")                                     ⇒ #f
(string->number "1e")                                      ⇒ #f
(string->number "1e+")                                     ⇒ #f
(string->number "1e+2")                                    ⇒ 100
(string->number "1e-2")                                    ⇒ 0.01
(string->number "1 ")                                      ⇒ #f
(string->number " 1")                                      ⇒ #f
(string->number "1_000")                                   ⇒ #f
(string->number "١")                                       ⇒ #f
(string->number "0x10")                                    ⇒ #f
(string->number "1/2")                                     ⇒ 0.5
(string->number "4/2")                                     ⇒ 2
(string->number "1/0")                                     ⇒ #f
(string->number "1/-2")                                    ⇒ #f
(string->number "-1/2")                                    ⇒ -0.5
(string->number "1/2.0")                                   ⇒ #f
(string->number "#x1/10")                                  ⇒ 0.0625
(string->number "+inf.0")                                  ⇒ +inf.0
(string->number "-INF.0")                                  ⇒ -inf.0
(string->number "+nan.0")                                  ⇒ +nan.0
(string->number "inf.0")                                   ⇒ #f
(string->number "nan")                                     ⇒ #f
(string->number "inf")                                     ⇒ #f
(string->number "infinity")                                ⇒ #f
(string->number "+inf.0i")                                 ⇒ #f
(string->number "+i")                                      ⇒ #f
(string->number "1+i")                                     ⇒ #f
(string->number "#e+inf.0")                                ⇒ #f
(string->number "101" 2)                                   ⇒ 5
(string->number "ff" 10)                                   ⇒ #f
(string->number "#d10" 16)                                 ⇒ 10
(string->number "#x10" 2)                                  ⇒ 16
(string->number "1.5" 16)                                  ⇒ #f
(string->number "1e400")                                   ⇒ +inf.0
(string->number "1e-400")                                  ⇒ 0
(string->number "#e1.5")                                   ⇒ #f
(string->number "abc")                                     ⇒ #f
(string->number "100000000000000000000000")                ⇒ 100000000000000000000000
(number->string 1e100)                                     ⇒ "1e100"
(number->string 123456789012345678901234567890)            ⇒ "123456789012345678901234567890"
(number->string +inf.0)                                    ⇒ "+inf.0"
(number->string -inf.0)                                    ⇒ "-inf.0"
(number->string +nan.0)                                    ⇒ "+nan.0"
(number->string -0.0)                                      ⇒ "-0"
(exact 1e18)                                               ⇒ 1000000000000000000
(exact-integer? (exact 2.0))                               ⇒ #t
(exact-integer-sqrt 5)                                     ⇒ #<values 2 1>
(expt 0 1)                                                 ⇒ 0
(expt 2 0.5)                                               ⇒ 1.4142135623730951
(inexact? (expt 2.0 3))                                    ⇒ #t
(exact? (expt 0 0))                                        ⇒ #t
(sqrt 16)                                                  ⇒ 4
(exact? (sqrt 16))                                         ⇒ #t
(inexact? (sqrt 16.0))                                     ⇒ #t
(atan 1 0)                                                 ⇒ 1.5707963267948966
(atan 0 -1)                                                ⇒ 3.141592653589793
(floor -4.3)                                               ⇒ -5
(ceiling -4.3)                                             ⇒ -4
(truncate -4.3)                                            ⇒ -4
(round -4.3)                                               ⇒ -4
(round 3.5)                                                ⇒ 4
(round 7/2)                                                ⇒ 4
(remainder -13 4.0)                                        ⇒ -1
(max 3 3.9)                                                ⇒ 3.9
(inexact? (max 3.9 4))                                     ⇒ #t
(list (max 1 +nan.0) (max 1.0 +nan.0) (max +nan.0 1.0) (min 1.0 +nan.0)) ⇒ (+nan.0 +nan.0 +nan.0 +nan.0)
(= 1 1.0 1)                                                ⇒ #t
(integer? 3.0)                                             ⇒ #t
(integer? +inf.0)                                          ⇒ #f
(rational? +nan.0)                                         ⇒ #f
(rational? 6/10)                                           ⇒ #t
(real? +nan.0)                                             ⇒ #t
(complex? 3)                                               ⇒ #t
(exact-integer? 32.0)                                      ⇒ #f
(exact? 5/2)                                               ⇒ #f
(nan? 32)                                                  ⇒ #f
(finite? +nan.0)                                           ⇒ #f
(infinite? +nan.0)                                         ⇒ #f
(zero? -0.0)                                               ⇒ #t
(rationalize 3/10 1/10)                                    ⇒ 0.3333333333333333
(eq? '() '())                                              ⇒ #t
(string->number "1e2.5")                                   ⇒ #f
(string->number "--1")                                     ⇒ #f
(string->number "+-1")                                     ⇒ #f
(string->number "1+")                                      ⇒ #f
(exact->inexact 1/3)                                       ⇒ 0.3333333333333333
(exact (floor 2.5))                                        ⇒ 2
(atan +inf.0)                                              ⇒ 1.5707963267948966
(square 0.5)                                               ⇒ 0.25
(even? 0)                                                  ⇒ #t
(inexact 2)                                                ⇒ 2
(inexact? (inexact 2))                                     ⇒ #t
(exact-integer? (expt 2 100))                              ⇒ #t
(quotient 17.0 -5)                                         ⇒ -3
(floor-quotient 17 -5)                                     ⇒ -4
(floor-remainder 17 -5)                                    ⇒ -3
(truncate-remainder 17 -5)                                 ⇒ 2
(exact (truncate 1e20))                                    ⇒ 100000000000000000000
(floor 2.7)                                                ⇒ 2
(inexact? (floor 2.7))                                     ⇒ #t
(exact? (floor 2))                                         ⇒ #t
(round -2.5)                                               ⇒ -2
(round 0.5)                                                ⇒ 0
(round 1.5)                                                ⇒ 2
(abs -1/2)                                                 ⇒ 0.5
(number->string 1e10)                                      ⇒ "10000000000"
(< 1 2 3 3)                                                ⇒ #f
(<= 1 2 3 3)                                               ⇒ #t
(/ 3 4 5)                                                  ⇒ 0.15
(/ 2)                                                      ⇒ 0.5
(+ 0.1 0.2)                                                ⇒ 0.30000000000000004
(expt 1.0 +nan.0)                                          ⇒ 1
(exp 1000)                                                 ⇒ +inf.0
(sin 0.0)                                                  ⇒ 0
(atan -1)                                                  ⇒ -0.7853981633974483
(sqrt 1e100)                                               ⇒ 1e50
(nan? +nan.0)                                              ⇒ #t
"""),
)
def test_numbers(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(char-upcase #\i)                                          ⇒ #\I
(char-downcase #\Σ)                                        ⇒ #\σ
(char-foldcase #\Σ)                                        ⇒ #\σ
(char-foldcase #\ς)                                        ⇒ #\σ
(char-ci=? #\ς #\σ)                                        ⇒ #t
(string-ci=? "ΑΣ" "ας")                                    ⇒ #t
(string-downcase "ΧΑΟΣΣ")                                  ⇒ "χαοσς"
(string-foldcase "ΧΑΟΣ")                                   ⇒ "χαοσ"
(string-upcase "ß")                                        ⇒ "SS"
(string-foldcase "ß")                                      ⇒ "ss"
(string-ci=? "Strasse" "Straße")                           ⇒ #t
(char-upcase #\ß)                                          ⇒ #\ß
(char-numeric? #\x664)                                     ⇒ #t
(digit-value #\x664)                                       ⇒ 4
(digit-value #\xAE6)                                       ⇒ 0
(digit-value #\xEA6)                                       ⇒ #f
(char-alphabetic? #\x3bb)                                  ⇒ #t
(char-whitespace? #\xA0)                                   ⇒ #t
(char-whitespace? #\x180e)                                 ⇒ #f
(char-upper-case? #\Σ)                                     ⇒ #t
(char-upper-case? #\5)                                     ⇒ #f
(char->integer #\x10FFFF)                                  ⇒ 1114111
(map char->integer (list #\alarm #\backspace #\delete #\escape #\newline #\null #\return #\space #\tab)) ⇒ (7 8 127 27 10 0 13 32 9)
(string-length "\a\b\t\n\r\"\\\|")                         ⇒ 8
(eq? '|abc| 'abc)                                          ⇒ #t
(symbol->string '||)                                       ⇒ ""
(string->vector "abc" 1 2)                                 ⇒ #(#\b)
(vector->string #(#\a #\b #\c) 2)                          ⇒ "c"
(string-map (lambda (c k) ((if (eqv? k #\u) char-upcase char-downcase) c)) "studlycaps xxx" "ululululul") ⇒ "StUdLyCaPs"
(symbol->string 'K)                                        ⇒ "K"
(string #\a)                                               ⇒ "a"
(substring "abc" 1 1)                                      ⇒ ""
(string-copy "abc" 3)                                      ⇒ ""
(string<? "a" "b" "a")                                     ⇒ #f
(string=? "a" "a" "b")                                     ⇒ #f
(string<? "abc" "abcd")                                    ⇒ #t
(utf8->string #u8(206 187))                                ⇒ "λ"
(utf8->string #u8(65 66 67) 1 2)                           ⇒ "B"
(char<? #\a #\b #\a)                                       ⇒ #f
(string->list "abc" 1 3)                                   ⇒ (#\b #\c)
(string->list "abc" 3)                                     ⇒ ()
(string-upcase "abcß")                                     ⇒ "ABCSS"
(string<? "A" "a")                                         ⇒ #t
(string-ci<? "A" "b" "C")                                  ⇒ #t
(char<? #\A #\a)                                           ⇒ #t
(char->integer #\xD7FF)                                    ⇒ 55295
(char-upcase #\ı)                                          ⇒ #\I
(char-downcase #\İ)                                        ⇒ #\İ
(char-upcase #\ǆ)                                          ⇒ #\Ǆ
(char-alphabetic? #\1)                                     ⇒ #f
(char-numeric? #\½)                                        ⇒ #f
(char-upper-case? #\ǅ)                                     ⇒ #f
(char-lower-case? #\ª)                                     ⇒ #t
(symbol? #t)                                               ⇒ #f
(string->vector "")                                        ⇒ #()
(string-for-each (lambda (c) c) "")                        ⇒ #<unspecified>
(char-foldcase #\A)                                        ⇒ #\a
(char-foldcase #\İ)                                        ⇒ #\İ
(char-foldcase #\ẞ)                                        ⇒ #\ß
(string-foldcase "ẞ")                                      ⇒ "ss"
(string-downcase "ẞ")                                      ⇒ "ß"
(string-ci=? "ﬁ" "FI")                                     ⇒ #t
(digit-value #\5)                                          ⇒ 5
(digit-value #\²)                                          ⇒ #f
(list "a\x0;b")                                            ⇒ ("a\x0;b")
(string #\x0 #\x7f)                                        ⇒ "\x0;\x7f;"
(list #\x200b)                                             ⇒ (#\x200b)
"""),  # noqa: E501
)
def test_characters_and_strings(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
'(#\x #\x41 #\( #\) #\; #\" #\#)                           ⇒ (#\x #\A #\( #\) #\; #\" #\#)
"a\x41;b"                                                  ⇒ "aAb"
'|a\x41;b|                                                 ⇒ aAb
'(#0=(1 2) #0#)                                            ⇒ ((1 2) (1 2))
'#!fold-case ABC                                           ⇒ abc
'#!fold-case |ABC|                                         ⇒ ABC
#!fold-case (char->integer #\A)                            ⇒ 65
#!fold-case #\SPACE                                        ⇒ #\space
#!fold-case "ABC"                                          ⇒ "ABC"
#u8(1 2 #xff)                                              ⇒ #u8(1 2 255)
(read (open-input-string ""))                              ⇒ #<eof>
(read (open-input-string "  ; nothing\n #| x |# #;y "))    ⇒ #<eof>
(read (open-input-string "(1 . 2)"))                       ⇒ (1 . 2)
(read (open-input-string "#(1 #t #\\a \"s\")"))            ⇒ #(1 #t #\a "s")
(read (open-input-string "#u8(1 2)"))                      ⇒ #u8(1 2)
(guard (e ((read-error? e) 'read)) (read (open-input-string "(1"))) ⇒ read
(let ((p (open-input-string "a b(c)\"d\"#\\e"))) (list (read p) (read p) (read p) (read p) (read p) (read p))) ⇒ (a b (c) "d" #\e #<eof>)
(let ((p (open-input-string "abc def"))) (read p) (read-char p)) ⇒ #\space
(let ((p (open-input-string "(a)b"))) (read p) (read-char p)) ⇒ #\b
(let ((x (read (open-input-string "#0=(a #0#)")))) (eq? x (cadr x))) ⇒ #t
(let ((p (open-input-string "a\r\nb\rc\n\nd"))) (list (read-line p) (read-line p) (read-line p) (read-line p) (read-line p) (read-line p))) ⇒ ("a" "b" "c" "" "d" #<eof>)
(read-string 0 (open-input-string ""))                     ⇒ ""
(read-string 1 (open-input-string ""))                     ⇒ #<eof>
'(1 .5)                                                    ⇒ (1 0.5)
'(a.b)                                                     ⇒ (a.b)
'(1 . (2 . (3 . ())))                                      ⇒ (1 2 3)
'1+                                                        ⇒ 1+
'--                                                        ⇒ --
'+.a                                                       ⇒ +.a
'#d1.5                                                     ⇒ 1.5
'1e3                                                       ⇒ 1000
'-0.0                                                      ⇒ -0
(char-ready? (open-input-string ""))                       ⇒ #t
(input-port? 5)                                            ⇒ #f
(close-port (open-input-string ""))                        ⇒ #<unspecified>
(let ((p (open-input-string "x"))) (peek-char p) (peek-char p) (read-char p)) ⇒ #\x
(eof-object? (peek-char (open-input-string "")))           ⇒ #t
(read-u8 (open-input-bytevector #u8()))                    ⇒ #<eof>
(read-bytevector 3 (open-input-bytevector #u8(1)))         ⇒ #u8(1)
(let ((b (make-bytevector 4 9))) (list (read-bytevector! b (open-input-bytevector #u8(1 2)) 1 4) b)) ⇒ (2 #u8(9 1 2 9))
(let ((p (open-input-string "#;(a b) c #| d #| e |# |# f"))) (list (read p) (read p) (read p))) ⇒ (c f #<eof>)
(read (open-input-string "#d#e10"))                        ⇒ 10
(read (open-input-string "|a b|"))                         ⇒ |a b|
(read (open-input-string "#!fold-case FOO"))               ⇒ foo
(read (open-input-string "#\\x"))                          ⇒ #\x
(read (open-input-string "#\\x41"))                        ⇒ #\A
(read (open-input-string "#\\("))                          ⇒ #\(
(read (open-input-string "\"a\\x41;\\n\""))                ⇒ "aA\n"
(read (open-input-string "\"a\\\n   b\""))                 ⇒ "ab"
(read (open-input-string "#true #false"))                  ⇒ #t
(read (open-input-string "-5"))                            ⇒ -5
(read (open-input-string "- 5"))                           ⇒ -
(read (open-input-string "..."))                           ⇒ ...
(read (open-input-string "(a . (b . (c)))"))               ⇒ (a b c)
(read (open-input-string "#(#(1) #u8(2) (3 . 4))"))        ⇒ #(#(1) #u8(2) (3 . 4))
(read (open-input-string "#1=(#0=(a) #0# . #1#)"))         ⇒ #0=((a) (a) . #0#)
(call-with-port (open-input-string "x") (lambda (p) (read p))) ⇒ x
(let ((p (open-input-string "abc"))) (close-input-port p) (input-port-open? p)) ⇒ #f
(let ((p (open-input-string "ab"))) (list (read-string 5 p) (read-string 5 p))) ⇒ ("ab" #<eof>)
"""),  # noqa: E501
)
def test_reading(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(eqv? +nan.0 +nan.0)                                       ⇒ #t
(eqv? 100000000 100000000)                                 ⇒ #t
(eqv? "" "")                                               ⇒ #t
(let ((x '(#0=(1 2) #0#))) (eq? (car x) (cadr x)))         ⇒ #t
(let ((x '#0=(a b . #0#))) (eq? x (cddr x)))               ⇒ #t
(let ((x '#0=#(1 #0#))) (eq? x (vector-ref x 1)))          ⇒ #t
(let ((x (list 'a 'b 'c))) (set-cdr! (cddr x) x) x)        ⇒ #0=(a b c . #0#)
(vector->list #(1 2 3) 1 2)                                ⇒ (2)
(vector-fill! (vector 1 2) 0)                              ⇒ #<unspecified>
(let ((a (vector 1 2 3 4 5)) (b #(10 20 30 40 50))) (vector-copy! b 1 a 0 2) b) ⇒ #(10 1 2 40 50)
(let ((v (vector 1 2 3 4 5))) (vector-copy! v 1 v 0 4) v)  ⇒ #(1 1 2 3 4)
(map + '(1 2 3) '#0=(10 20 . #0#))                         ⇒ (11 22 13)
(list-copy '(1 2 . 3))                                     ⇒ (1 2 . 3)
(append '() 5)                                             ⇒ 5
(append '(1) '(2) 3)                                       ⇒ (1 2 . 3)
(list-tail '(1 2 . 3) 2)                                   ⇒ 3
(member 2.0 '(1 2 3) =)                                    ⇒ (2 3)
(assoc 2.0 '((1 one) (2 two)) =)                           ⇒ (2 two)
(list? '#0=(a . #0#))                                      ⇒ #f
(boolean=? #t #t #t)                                       ⇒ #t
(let ((b (bytevector 1 2 3 4 5))) (bytevector-copy! b 1 b 0 3) b) ⇒ #u8(1 1 2 3 5)
(equal? #u8(1 2) #u8(1 2))                                 ⇒ #t
(equal? "abc" "abc")                                       ⇒ #t
(equal? (make-vector 5 'a) (make-vector 5 'a))             ⇒ #t
(call-with-values (lambda () (values)) list)               ⇒ ()
(let-values (((q r) (exact-integer-sqrt 17))) (list q r))  ⇒ (4 1)
"""),
)
def test_structures(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "output"),
    table(r"""
(write (list #\x0 #\x7f #\x41 #\space #\x3bb))             ⇒ (#\null #\delete #\A #\space #\λ)
(write '||)                                                ⇒ ||
(write (string->symbol "1"))                               ⇒ |1|
(write (string->symbol "+a"))                              ⇒ +a
(write (string->symbol "+1"))                              ⇒ |+1|
(write (string->symbol "a.b"))                             ⇒ a.b
(write (string->symbol "."))                               ⇒ |.|
(write (string->symbol "A"))                               ⇒ A
(write (string->symbol "a|b"))                             ⇒ |a\|b|
(write '(+ - ... ->a -- .a))                               ⇒ (+ - ... ->a -- .a)
(string-for-each (lambda (a b) (display a) (display b)) "abc" "12") ⇒ a1b2
(write 'sym)                                               ⇒ sym
(write "a\nb\tc\\d\"e")                                    ⇒ "a\nb\tc\\d\"e"
(display '("a" #\b c))                                     ⇒ (a b c)
(write ''a)                                                ⇒ 'a
(write '(quote a b))                                       ⇒ (quote a b)
(write '(quasiquote (a (unquote b))))                      ⇒ `(a ,b)
(write-shared '#0=(a . #0#))                               ⇒ #0=(a . #0#)
(let ((x (list 1 2))) (write (list x x)))                  ⇒ ((1 2) (1 2))
(let ((x (list 1 2))) (write-shared (list x x)))           ⇒ (#0=(1 2) #0#)
(let ((x (list 1 2))) (write-simple (list x x)))           ⇒ ((1 2) (1 2))
"""),
)
def test_writing(program: str, output: str) -> None:
    assert output_of(program) == output
