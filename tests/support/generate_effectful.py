"""Programs that do things through procedures that are passed on, made and kept, made up by Hypothesis.

What a procedure does is written where only an analysis of the whole program finds it: behind parameters, in lists,
vectors and tables, in results of calls, promises and handlers. Most of it is of one kind only, so that rows that say
too little show.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.generate_reentrant import F1, INT, LIST, PRELUDE, Writer

MORE_PRELUDE = """\
(define count 0)
(define counts (vector 0 0))
(define (count! x) (set! count (small (+ count 1))) x)
(define (count-in! x) (vector-set! counts 0 (small x)) x)
(define (ask-model x) (string-length (effect infer.op "prompt")))
(define (ask-handler x) (small (effect ask x)))
(define (curry f) (lambda (x) (lambda (y) (f (small (+ x y))))))
(define (pass-on f) (lambda (x) (f x)))
(define (first-of . fs) (car fs))
(define (call f x) (f x))
(define (call-later f x) (force (delay (f x))))
(define (call-each f items) (for-each (lambda (x) (f x)) items) 0)
(define (keep f) (let ((kept f)) (lambda (x) (kept x))))
(define scale (make-parameter 1 (lambda (x) (count! x))))
"""
DOING = ("see", "count!", "count-in!", "ask-model", "ask-handler", "small", "(lambda (x) (* 2 x))")


class EffectfulWriter(Writer):
    """Writes programs in which procedures get about."""

    def f1(self, d: int) -> str:
        """An expression that gives a procedure of one integer."""
        if d <= 0:
            known = self.variables(F1)
            return self.pick(known) if known and self.number(0, 1) else self.pick(DOING)
        f, (x,) = self.f1, self.names(1)
        match self.number(0, 15):
            case 0:
                return f"(car (list {f(d - 1)} {f(d - 1)}))"
            case 1:
                return f"(vector-ref (vector {f(d - 1)} {f(d - 1)}) {self.number(0, 1)})"
            case 2:
                return f"(hash-table-ref/default (hash-table 1 {f(d - 1)}) {self.number(1, 2)} {f(d - 1)})"
            case 3:
                return f"({self.pick(('compose', 'pipe', 'compose2'))} {f(d - 1)} {f(d - 1)})"
            case 4:
                return f"((curry {f(d - 1)}) {self.int(d - 1)})"
            case 5:
                return f"({self.pick(('pass-on', 'keep'))} {f(d - 1)})"
            case 6:
                return f"(first-of {f(d - 1)} {f(d - 1)})"
            case 7:
                return f"(let (({x} {f(d - 1)})) {x})"
            case 8:
                return f"(call-with-values (lambda () (values {f(d - 1)} {f(d - 1)})) (lambda (a b) b))"
            case 9:
                return f"(partial {self.pick(('call', 'call-later'))} {f(d - 1)})"
            case 10:
                return f"(force (delay {f(d - 1)}))"
            case 11:
                return f"(begin {self.statement(d - 1)} {f(d - 1)})"
            case 12:
                return f"(unbox (make-box {f(d - 1)}))"
            case 13:
                return f"(if {self.condition(d - 1)} {f(d - 1)} {f(d - 1)})"
        with self.binding((x, INT)):
            return f"(lambda ({x}) {self.body(d - 1)})"

    def passing(self, d: int) -> str:
        """Calls of procedures that are passed on."""
        e, f = self.int, self.f1
        match self.number(0, 7):
            case 0 | 1:
                return f"({self.pick(('call', 'call-later', 'twice'))} {f(d)} {e(d)})"
            case 2:
                return f"(call-each {f(d)} {self.list(d)})"
            case 3:
                return f"(apply {f(d)} (list {e(d)}))"
            case 4:
                return f"(apply call {f(d)} (list {e(d)}))"
            case 5:
                (x,), value = self.names(1), f(d)
                with self.binding((x, F1)):
                    return f"(let (({x} {value})) {self.body(d)})"
            case 6:
                return f"(parameterize ((scale {e(d)})) (small (+ (scale) {e(d)})))"
        return f"({f(d)} {e(d)})"

    def doing(self, d: int) -> str:
        """A call of a procedure that does one thing."""
        return f"({self.pick(DOING)} {self.int(d)})"

    makers = (
        *(Writer.arithmetic, Writer.variable, Writer.call, Writer.conditional, Writer.failure, Writer.extent),
        *(Writer.effect, Writer.effect, Writer.continuation, Writer.choice, Writer.prompt),
        *(doing, doing, doing, passing, passing, passing, passing, passing),
    )

    def item(self, name: str, d: int) -> tuple[str, str]:
        """A definition, and the type of what it defines."""
        x, y = self.names(2)
        match self.number(0, 7):
            case 0:
                return f"(define {name} {self.f1(d)})", F1
            case 1:
                body = self.f1(d)
                return f"(define (make-{name}) {body})\n(define {name} (make-{name}))", F1
            case 2:
                with self.binding((x, INT)):
                    here, there = self.int(d), self.int(d)
                other = f"(define (other-{name} {x}) (if (<= {x} 0) {there} ({name} (- (min {x} 3) 1))))"
                return f"(define ({name} {x}) {here} (other-{name} (- (min {x} 3) 1)))\n{other}", F1
            case 3:
                with self.binding((x, F1), (y, LIST)):
                    body = self.body(d)
                each = f"(define (with-{name} {x} {y}) {body})"
                return f"{each}\n(define ({name} {y}) (with-{name} {self.f1(d - 1)} (list {y})))", F1
            case 4:
                with self.binding((x, INT), (y, INT)):
                    body = self.int(d)
                return f"(define {name} (let (({x} 0)) (lambda ({y}) (set! {x} (small {y})) {body})))", F1
            case 5:
                with self.binding((x, F1)):
                    body = self.f1(d)
                return f"(define (wrap-{name} {x}) {body})\n(define {name} (wrap-{name} {self.f1(d - 1)}))", F1
        return super().item(name, d)

    def program(self, d: int) -> str:
        """A whole program."""
        lines = [PRELUDE.rstrip(), MORE_PRELUDE.rstrip()]
        for name in ("one", "two", "three", "four")[: self.number(1, 4)]:
            text, kind = self.item(name, d)
            lines.append(text)
            self.scope.append((name, kind, kind == INT and self.number(0, 3) == 0))
        calls = [f"(see ({name} {self.number(0, 3)}))" for name in self.variables(F1)]
        body = f"(begin {' '.join(calls)} {self.int(d)})"
        lines.append(f"(handle {body} (on ask (x k) (k (+ x 1))))")
        return "\n".join(lines)


@st.composite
def programs(draw: st.DrawFn, depth: int = 3) -> str:
    """Omega programs whose expressions nest about `depth` levels deep."""

    def number(least: int, most: int) -> int:
        drawn: Any = draw(st.integers(least, most))
        return int(drawn)

    return EffectfulWriter(number).program(depth)
