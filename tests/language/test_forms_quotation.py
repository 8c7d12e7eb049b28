"""quote and quasiquote (R7RS sections 4.1.2, 4.2.8)."""

from __future__ import annotations

import pytest

from tests.support.omega import findings_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
(quote a)                                                    ⇒ a
(quote #(a b c))                                             ⇒ #(a b c)
(quote (+ 1 2))                                              ⇒ (+ 1 2)
'a                                                           ⇒ a
'()                                                          ⇒ ()
'(quote a)                                                   ⇒ 'a
''a                                                          ⇒ 'a
(car ''a)                                                    ⇒ quote
'145932                                                      ⇒ 145932
145932                                                       ⇒ 145932
'"abc"                                                       ⇒ "abc"
'#\a                                                         ⇒ #\a
'#t                                                          ⇒ #t
#(a 10)                                                      ⇒ #(a 10)
'(a . b)                                                     ⇒ (a . b)
'(a b . (c d))                                               ⇒ (a b c d)
'(a #(b (c . d)) "e" 1.5 k: #f)                              ⇒ (a #(b (c . d)) "e" 1.5 k: #f)
'(research priority: 3)                                      ⇒ (research priority: 3)
(list 'k: k: :k)                                             ⇒ (k: k: k:)
'(lambda (x) `(,x ,@x))                                      ⇒ (lambda (x) `(,x ,@x))
(define (f) '(1 2)) (eq? (f) (f))                            ⇒ #t
(define (f) '(1 2)) (equal? (f) '(1 2))                      ⇒ #t
(eq? 'a 'a)                                                  ⇒ #t
(eq? 'abc (string->symbol "abc"))                            ⇒ #t
'|a b|                                                       ⇒ |a b|
(let ((quote -)) '5)                                         ⇒ -5
;; quasiquote, with the examples of R7RS
`(list ,(+ 1 2) 4)                                           ⇒ (list 3 4)
(let ((name 'a)) `(list ,name ',name))                       ⇒ (list a 'a)
`(a ,(+ 1 2) ,@(map abs '(4 -5 6)) b)                        ⇒ (a 3 4 5 6 b)
`((foo ,(- 10 3)) ,@(cdr '(c)) . ,(car '(cons)))             ⇒ ((foo 7) . cons)
`#(10 5 ,(sqrt 4) ,@(map sqrt '(16 9)) 8)                    ⇒ #(10 5 2 4 3 8)
(let ((foo '(foo bar)) (@baz 'baz)) `(list ,@foo , @baz))    ⇒ (list foo bar baz)
`(a `(b ,(foo ,(+ 1 3) d) e) f)                              ⇒ (a `(b ,(foo 4 d) e) f)
(let ((name1 'x) (name2 'y)) `(a `(b ,,name1 ,',name2 d) e)) ⇒ (a `(b ,x ,'y d) e)
(quasiquote (list (unquote (+ 1 2)) 4))                      ⇒ (list 3 4)
'(quasiquote (list (unquote (+ 1 2)) 4))                     ⇒ `(list ,(+ 1 2) 4)
;; what else there is
`a                                                           ⇒ a
`5                                                           ⇒ 5
`()                                                          ⇒ ()
`,(+ 1 2)                                                    ⇒ 3
`(,@'(1 2))                                                  ⇒ (1 2)
`(,@'() . tail)                                              ⇒ tail
`(1 ,@'(2 3))                                                ⇒ (1 2 3)
`(,@'(1 2) ,@'() ,@'(3))                                     ⇒ (1 2 3)
`(1 . ,(+ 1 1))                                              ⇒ (1 . 2)
`(1 ,@'(2) . ,(+ 1 2))                                       ⇒ (1 2 . 3)
`(1 ,@5)                                                     ⇒ (1 . 5)
`(((,(+ 1 2))))                                              ⇒ (((3)))
`#()                                                         ⇒ #()
`#(,@'())                                                    ⇒ #()
`#(a #(,(+ 1 1)))                                            ⇒ #(a #(2))
`(k: ,(+ 1 1) #\a "s")                                       ⇒ (k: 2 #\a "s")
`(1 `,(+ 1 ,(+ 2 3)))                                        ⇒ (1 `,(+ 1 5))
`(1 ```,,@,,@(list (+ 1 2)) 4)                               ⇒ (1 ```,,@,3 4)
`(`(,@(a ,@(list 1 2) b)))                                   ⇒ (`(,@(a 1 2 b)))
`(1 `(2 ,(3 ,@(list 4 5))))                                  ⇒ (1 `(2 ,(3 4 5)))
`(a `(b ,(c ,(+ 1 2))))                                      ⇒ (a `(b ,(c 3)))
(let ((x 1)) `(let ((x ,x)) `(x ,x ,,x)))                    ⇒ (let ((x 1)) `(x ,x ,1))
(let ((l (list 1 2))) (eq? (cdr `(0 ,@l)) l))                ⇒ #t
(let ((l (list 1 2))) (eq? (cdr `(0 . ,l)) l))               ⇒ #t
(define (f x) `(a ,x)) (eq? (f 1) (f 1))                     ⇒ #f
(define (f x) `(,x b)) (let ((l (f 1))) (set-car! l 9) (f 2))  ⇒ (2 b)
(map (lambda (x) `(,x ,(* x x))) '(1 2))                     ⇒ ((1 1) (2 4))
`(1 ,(let ((x 2)) (set! x 3) x) ,(do ((i 0 (+ i 1))) ((= i 4) i)))  ⇒ (1 3 4)
(let ((log '())) `(,(begin (set! log (cons 1 log)) 1) ,@(begin (set! log (cons 2 log)) '()) ,(length log)))  ⇒ (1 2)
"""),
)
def test_values(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(quote)                ⇒ 1:1: error: malformed quote: expected (quote datum)
(quote 1 2)            ⇒ 1:1: error: malformed quote: expected (quote datum)
()                     ⇒ 1:1: error: () is no expression
(1 . 2)                ⇒ 1:1: error: a dotted list is no expression
,x                     ⇒ 1:1: error: unquote outside of a quasiquote
(list ,@x)             ⇒ 1:7: error: unquote-splicing outside of a quasiquote
`(1 ,,x)               ⇒ 1:6: error: unquote outside of a quasiquote
`(,(if))               ⇒ 1:4: error: malformed if: expected (if test then [otherwise])
"""),
)
def test_malformed(program: str, finding: str) -> None:
    assert findings_of(program) == [finding]
