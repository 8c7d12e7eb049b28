"""Numbers: predicates, arithmetic, rounding, and their text."""

from __future__ import annotations

import pytest

from tests.support.omega import error_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(map number? (list 1 1.5 +inf.0 +nan.0 "1" #t 'a))      ⇒ (#t #t #t #t #f #f #f)
(map integer? '(3 3.0 3.5 8/4 +inf.0 +nan.0))           ⇒ (#t #t #f #t #f #f)
(map rational? '(6/10 6/3 -1.5 +inf.0 -inf.0 +nan.0))   ⇒ (#t #t #t #f #f #f)
(map real? '(1 -2.5 1e0 +inf.0 +nan.0))                 ⇒ (#t #t #t #t #t)
(map complex? '(3 -1.0))                                ⇒ (#t #t)
(map exact? '(5 5.0 #e5.0 #i5))                         ⇒ (#t #f #t #f)
(map inexact? '(5 5.0 #e5.0 +inf.0))                    ⇒ (#f #t #f #t)
(map exact-integer? '(32 32.0 32/5))                    ⇒ (#t #f #f)
(map exact-rational? '(32 32.0))                        ⇒ (#t #f)
(map exact-nonnegative-integer? '(0 3 -1 1.0))          ⇒ (#t #t #f #f)
(map finite? '(3 -2.5 +inf.0 -inf.0 +nan.0))            ⇒ (#t #t #f #f #f)
(map infinite? '(3 +inf.0 -inf.0 +nan.0))               ⇒ (#f #t #t #f)
(map nan? '(+nan.0 32 +inf.0))                          ⇒ (#t #f #f)
(map zero? '(0 0.0 -0.0 1 -1))                          ⇒ (#t #t #t #f #f)
(map positive? '(0 1 -1 0.5 +inf.0 -inf.0))             ⇒ (#f #t #f #t #t #f)
(map negative? '(0 1 -1 -0.5 +inf.0 -inf.0))            ⇒ (#f #f #t #t #f #t)
(map odd? '(0 1 -1 2 3.0))                              ⇒ (#f #t #t #f #t)
(map even? '(0 1 -2 4.0))                               ⇒ (#t #f #t #t)
"""),
)
def test_kinds(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (= 1) (= 2 2 2) (= 2 2 3) (= 1 1.0))              ⇒ (#t #t #f #t)
(list (< 1) (< 1 2 3) (< 1 3 2) (< 1 1))                ⇒ (#t #t #f #f)
(list (> 3 2 1) (> 3 3) (<= 1 1 2) (<= 2 1) (>= 2 2 1)) ⇒ (#t #f #t #f #t)
(list (= +nan.0 +nan.0) (< +nan.0 1) (> +nan.0 1))      ⇒ (#f #f #f)
(< 9007199254740992 9007199254740993.5)                 ⇒ #t
(= 9007199254740993 9007199254740992.0)                 ⇒ #f
(list (max 3 4) (min 3 4) (max 1) (min -1 -2 -3))       ⇒ (4 3 1 -3)
(list (max 3 1.5) (exact? (max 3 1.5)))                 ⇒ (3 #f)
(map exact? (list (min 1 2.5) (max 1 2) (min 1 2 3.0))) ⇒ (#f #t #f)
(list (+) (*) (+ 7) (* 7) (+ 3 4 5) (* 2 3 4))          ⇒ (0 1 7 7 12 24)
(list (- 3) (- 3 4) (- 3 4 5) (- 0.0))                  ⇒ (-3 -1 -6 -0)
(list (/ 6 3) (/ 1 2) (/ 24 2 3) (/ 4) (/ 1.0 4))       ⇒ (2 0.5 4 0.25 0.25)
(list (abs -7) (abs 7) (abs -7.5) (magnitude -3))       ⇒ (7 7 7.5 3)
(list (square 42) (square 2.0) (square -3))             ⇒ (1764 4 9)
(list (1+ 5) (-1+ 5) (1- 5))                            ⇒ (6 4 4)
(list (gcd) (gcd 32 -36) (gcd 0 5) (gcd -4))            ⇒ (0 4 5 4)
(list (lcm) (lcm 32 -36) (lcm 32.0 -36) (lcm 0 5))      ⇒ (1 288 288 0)
(map exact? (list (lcm 32.0 -36) (gcd 32 -36) (gcd 4.0 2))) ⇒ (#f #t #f)
(list (expt 2 10) (expt 2 -2) (expt 2.0 3) (expt 0 0) (expt 0.0 0)) ⇒ (1024 0.25 8 1 1)
(list (expt 0 2) (expt 4 0.5) (expt 1 -5) (expt -2 3))  ⇒ (0 2 1 -8)
(* 99999999999 99999999999)                             ⇒ 9999999999800000000001
(exact->inexact 12345678901234567890)                   ⇒ 1.2345678901234567e19
"""),
)
def test_comparison_and_arithmetic(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(call-with-values (lambda () (floor/ 5 2)) list)        ⇒ (2 1)
(call-with-values (lambda () (floor/ -5 2)) list)       ⇒ (-3 1)
(call-with-values (lambda () (floor/ 5 -2)) list)       ⇒ (-3 -1)
(call-with-values (lambda () (floor/ -5 -2)) list)      ⇒ (2 -1)
(call-with-values (lambda () (truncate/ 5 2)) list)     ⇒ (2 1)
(call-with-values (lambda () (truncate/ -5 2)) list)    ⇒ (-2 -1)
(call-with-values (lambda () (truncate/ 5 -2)) list)    ⇒ (-2 1)
(call-with-values (lambda () (truncate/ -5 -2)) list)   ⇒ (2 -1)
(call-with-values (lambda () (truncate/ -5.0 2)) list)  ⇒ (-2 -1)
(list (floor-quotient -7 2) (floor-remainder -7 2))     ⇒ (-4 1)
(list (truncate-quotient -7 2) (truncate-remainder -7 2)) ⇒ (-3 -1)
(list (quotient 17 -5) (remainder 17 -5) (modulo 17 -5)) ⇒ (-3 2 -3)
(list (modulo -13 4) (remainder -13 4) (modulo 13 -4))  ⇒ (3 -1 -3)
(list (modulo -13 4.0) (exact? (modulo -13 4.0)))       ⇒ (3 #f)
(quotient 100000000000000000000 3)                      ⇒ 33333333333333333333
(call-with-values (lambda () (exact-integer-sqrt 17)) list) ⇒ (4 1)
(call-with-values (lambda () (exact-integer-sqrt 0)) list) ⇒ (0 0)
(call-with-values (lambda () (exact-integer-sqrt (expt 10 40))) list) ⇒ (100000000000000000000 0)
"""),
)
def test_division_of_integers(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(map floor '(-4.3 3.5 7))                               ⇒ (-5 3 7)
(map ceiling '(-4.3 3.5 7))                             ⇒ (-4 4 7)
(map truncate '(-4.3 3.5 7))                            ⇒ (-4 3 7)
(map round '(-4.3 3.5 2.5 -2.5 -3.5 7))                 ⇒ (-4 4 2 -2 -4 7)
(map exact? (list (floor 3.5) (round 7)))               ⇒ (#f #t)
(map (lambda (f) (f +inf.0)) (list floor ceiling truncate round)) ⇒ (+inf.0 +inf.0 +inf.0 +inf.0)
(map floor->exact '(2.5 -2.5))                          ⇒ (2 -3)
(map exact-ceiling '(2.5 -2.5))                         ⇒ (3 -2)
(map round->exact '(2.5 3.5 -0.2))                      ⇒ (2 4 0)
(map truncate->exact '(2.9 -2.9))                       ⇒ (2 -2)
(exact? (floor->exact 2.5))                             ⇒ #t
(list (exact 2.0) (exact 1e20) (exact 7))               ⇒ (2 100000000000000000000 7)
(list (inexact 7) (exact? (inexact 7)) (inexact 0.5))   ⇒ (7 #f 0.5)
(list (numerator 6/4) (denominator 6/4))                ⇒ (3 2)
(list (numerator 0.75) (denominator 0.75))              ⇒ (3 4)
(list (numerator 5) (denominator 5) (denominator 0))    ⇒ (5 1 1)
(map exact? (list (numerator 5) (numerator 0.5) (denominator 5.0))) ⇒ (#t #f #f)
(list (rationalize .3 1/10) (rationalize 3 1))          ⇒ (0.3333333333333333 2)
(list (rationalize -0.3 0.1) (rationalize 0.1 0.2))     ⇒ (-0.3333333333333333 0)
(list (rationalize +inf.0 1) (rationalize 5 +inf.0))    ⇒ (+inf.0 0)
(map exact? (list (rationalize 3 1) (rationalize 3 1.0))) ⇒ (#t #f)
(list (real-part 5) (imag-part 5.5) (angle 3))          ⇒ (5 0 0)
(angle -1)                                              ⇒ 3.141592653589793
"""),
)
def test_rounding_and_fractions(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (sqrt 9) (sqrt 16.0) (sqrt 2) (sqrt 0))           ⇒ (3 4 1.4142135623730951 0)
(map exact? (list (sqrt 9) (sqrt 16.0)))                ⇒ (#t #f)
(list (exp 0) (exp 1) (log 1) (log 8 2) (log 100 10))   ⇒ (1 2.718281828459045 0 3 2)
(list (sin 0) (cos 0) (tan 0) (asin 1) (acos 1))        ⇒ (0 1 0 1.5707963267948966 0)
(list (atan 1) (atan 1 1) (atan 1 -1) (atan -1 0))      ⇒ (0.7853981633974483 0.7853981633974483 2.356194490192345 -1.5707963267948966)
"""),  # noqa: E501
)
def test_functions(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(list (bitwise-and) (bitwise-and 12 10) (bitwise-and -1 6)) ⇒ (-1 8 6)
(list (bitwise-or) (bitwise-or 12 10) (bitwise-xor 12 10 1)) ⇒ (0 14 7)
(list (bitwise-not 0) (bitwise-not -8) (bitwise-xor))   ⇒ (-1 7 0)
(list (arithmetic-shift 1 70) (arithmetic-shift -5 -1)) ⇒ (1180591620717411303424 -3)
(list (shift-left 3 2) (shift-right 12 2))              ⇒ (12 3)
(list (bit-count 7) (bit-count -8) (bit-count 0))       ⇒ (3 3 0)
(list (integer-length 8) (integer-length -8) (integer-length 0)) ⇒ (4 3 0)
"""),
)
def test_bits(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("text", "value"),
    table("""
100        ⇒ 100
-0         ⇒ 0
+5         ⇒ 5
1e2        ⇒ 100
1E2        ⇒ 100
1.e2       ⇒ 100
.5e1       ⇒ 5
-.25       ⇒ -0.25
1.         ⇒ 1
1e-2       ⇒ 0.01
1e400      ⇒ +inf.0
1/4        ⇒ 0.25
8/4        ⇒ 2
-6/4       ⇒ -1.5
+inf.0     ⇒ +inf.0
-INF.0     ⇒ -inf.0
+NaN.0     ⇒ +nan.0
#xFf       ⇒ 255
#Xff       ⇒ 255
#b-101     ⇒ -5
#o17/2     ⇒ 7.5
#d1.5      ⇒ 1.5
#e1.0      ⇒ 1
#e1.5e1    ⇒ 15
#e1e25     ⇒ 10000000000000000000000000
#i7        ⇒ 7
#i1/2      ⇒ 0.5
#x#e1F     ⇒ 31
#e#x1F     ⇒ 31
#i#b101    ⇒ 5
1          ⇒ 1
"""),
)
def test_literals_and_string_to_number_agree(text: str, value: str) -> None:
    program = f'(let ((n (string->number "{text}"))) (list n (eqv? n {text}) (eq? (exact? n) (exact? {text}))))'
    expected = "(+nan.0 #t #t)" if value == "+nan.0" else f"({value} #t #t)"
    assert value_of(program) == expected


@pytest.mark.parametrize(
    "text",
    ["", "-", "+", ".", "...", "abc", "1+", "1e", "e1", "1.2.3", "--1", "+-1", "1 2", " 1", "0x10", "1_000", "1/",
     "/2", "1/2/3", "1/-2", "1/0", "#e1.5", "#e+inf.0", "#x", "#xfg", "#b2", "#b1.0", "#q1", "#x#x1", "#e#i1", "inf",
     "nan", "+inf", "inf.0", "1i", "+i", "1+2i", "1@2"],
)  # fmt: skip
def test_texts_that_are_no_numbers(text: str) -> None:
    assert value_of(f'(string->number "{text}")') == "#f"


@pytest.mark.parametrize(
    ("program", "value"),
    table("""
(string->number "100" 16)                               ⇒ 256
(string->number "zz" 36)                                ⇒ 1295
(string->number "#d100" 16)                             ⇒ 100
(string->number "1e2" 16)                               ⇒ 482
(string->number "2" 2)                                  ⇒ #f
(string->number "1.5" 8)                                ⇒ #f
(string->number "-f/2" 16)                              ⇒ -7.5
(number->string 3.0)                                    ⇒ "3"
(number->string 10)                                     ⇒ "10"
(number->string -255 16)                                ⇒ "-ff"
(number->string 10 2)                                   ⇒ "1010"
(number->string 16.0 8)                                 ⇒ "20"
(number->string 1e21)                                   ⇒ "1e21"
(map number->string '(+inf.0 -inf.0 +nan.0))            ⇒ ("+inf.0" "-inf.0" "+nan.0")
(string->number (number->string 0.1))                   ⇒ 0.1
(string-length (number->string (expt 10 5000)))         ⇒ 5001
"""),
)
def test_text_of_numbers(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "message"),
    table("""
(+ 1 'a)                                ⇒ +: argument 2 must be a number, but got a
(max 1 "2")                             ⇒ max: argument 2 must be a number, but got "2"
(abs 'x)                                ⇒ abs: argument 1 must be a number, but got x
(quotient 1 0)                          ⇒ quotient: division by zero
(floor/ 1 0)                            ⇒ floor/: division by zero
(exact-integer-sqrt -1)                 ⇒ exact-integer-sqrt: argument 1 must be a non-negative exact integer, but got -1
(exact-integer-sqrt 4.0)                ⇒ exact-integer-sqrt: argument 1 must be a non-negative exact integer, but got 4
(exact 1.5)                             ⇒ exact: argument 1 must be an integer, but got 1.5
(exact +inf.0)                          ⇒ exact: argument 1 must be an integer, but got +inf.0
(floor->exact +nan.0)                   ⇒ floor->exact: argument 1 must be a finite number, but got +nan.0
(numerator +inf.0)                      ⇒ numerator: argument 1 must be a finite number, but got +inf.0
(rationalize 1 'x)                      ⇒ rationalize: argument 2 must be a number, but got x
(number->string 'a)                     ⇒ number->string: argument 1 must be a number, but got a
(number->string 1 1)                    ⇒ number->string: argument 2 must be a radix from 2 to 36, but got 1
(string->number 5)                      ⇒ string->number: argument 1 must be a string, but got 5
(string->number "1" 37)                 ⇒ string->number: argument 2 must be a radix from 2 to 36, but got 37
(bitwise-and 1 2.0)                     ⇒ bitwise-and: argument 2 must be an exact integer, but got 2
(arithmetic-shift 1 (expt 10 30))       ⇒ arithmetic-shift: argument 2 must be at most 1000000000, but got 1000000000000000000000000000000
(shift-left 1 -1)                       ⇒ shift-left: argument 2 must be a non-negative exact integer, but got -1
"""),  # noqa: E501
)
def test_errors(program: str, message: str) -> None:
    assert error_of(program) == message
