"""Programs whose continuations are entered again, made up by Hypothesis.

They store continuations and resumptions and call them later, choose and fail, wind and unwind, raise and handle, in
the middle of operands, loops and library procedures, through closures in variables and data. A counter that only ever
goes down bounds how often anything is entered again, so that programs end. What happens is displayed on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
PRELUDE = """\
(define-record-type box (make-box value) box? (value unbox set-box!))
(define fuel 8)
(define (more?) (set! fuel (- fuel 1)) (>= fuel 0))
(define (small n) (if (and (number? n) (< n 100) (> n -100)) n 1))
(define (sum items) (fold (lambda (s x) (+ s (small x))) 0 items))
(define (see x) (display x) (display " ") x)
(define level (make-parameter 1))
(define kept '())
(define (keep! k) (set! kept (cons k kept)))
(define (again i x) (if (and (pair? kept) (more?)) ((list-ref kept (modulo i (length kept))) x) x))
(define cell (list 1 2 3))
(define row (vector 1 2 3))
(define table (hash-table 1 2))
(define (twice f x) (f (f x)))
(define (compose2 f g) (lambda (x) (f (g x))))
(define (each-of f items) (if (null? items) '() (cons (f (car items)) (each-of f (cdr items)))))
(define actions (make-box (lambda (x) (+ x 1))))
"""
INT, LIST, F0, F1 = "int", "list", "f0", "f1"
NAMES = ("x", "y", "z", "k", "f", "value", "then", "frame", "after-f", "test")
OPERATIONS = ("ask", "pick", "tell")


class Writer:
    """Writes expressions of integers, lists of them, and procedures; `number` draws."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self.number = number
        self.scope: list[tuple[str, str, bool]] = []
        self.winds = 0

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.number(0, len(items) - 1)]

    @contextmanager
    def binding(self, *variables: tuple[str, str], free: bool = True) -> Iterator[None]:
        """Bring variables, given as name and type, into scope; `free` ones may be assigned."""
        before = self.scope
        names = {name for name, _ in variables}
        self.scope = [each for each in before if each[0] not in names]
        self.scope += [(name, kind, free) for name, kind in variables]
        yield
        self.scope = before

    @contextmanager
    def hiding(self, *names: str) -> Iterator[None]:
        """Take names out of scope: those that a body defines further on."""
        before = self.scope
        self.scope = [each for each in before if each[0] not in names]
        yield
        self.scope = before

    def names(self, count: int) -> list[str]:
        """Different names."""
        start = self.number(0, len(NAMES) - 1)
        return [NAMES[(start + 3 * i) % len(NAMES)] for i in range(count)]

    def variables(self, kind: str) -> list[str]:
        """The visible variables of a type."""
        return [name for name, each, _ in self.scope if each == kind]

    def int(self, d: int) -> str:
        """An expression that gives an integer, as a rule."""
        known = self.variables(INT)
        if d <= 0 or (known and self.number(0, 5) == 0):
            return self.pick(known) if known and self.number(0, 3) else str(self.pick((0, 1, 2, 3, 5, -1)))
        return self.pick(self.makers)(self, d - 1)

    def list(self, d: int) -> str:
        """An expression that gives a list of integers."""
        known = self.variables(LIST)
        if d <= 0 or (known and self.number(0, 4) == 0):
            return self.pick(known) if known and self.number(0, 2) else self.pick(("'(1 2)", "(list 3)", "'()", "cell"))
        e, (x,) = self.int, self.names(1)
        match self.number(0, 12):
            case 0:
                return f"(list {e(d - 1)} {e(d - 1)})"
            case 1:
                return f"(cons {e(d - 1)} {self.list(d - 1)})"
            case 2 | 3:
                return f"(map {self.f1(d - 1)} {self.list(d - 1)})"
            case 4:
                how = self.pick(("filter", "remove", "take-while", "drop-while"))
                return f"({how} {self.test(d - 1)} {self.list(d - 1)})"
            case 5 | 6:
                return f"(amb-collect {e(d)})"
            case 7:
                return f"(amb-collect-n {self.number(0, 3)} {e(d)})"
            case 8:
                return f"(each-of {self.f1(d - 1)} {self.list(d - 1)})"
            case 9:
                return f"(vector->list (vector-map {self.f1(d - 1)} (vector {e(d - 1)} {e(d - 1)})))"
            case 10:
                with self.binding((x, INT)):
                    same = f"(lambda ({x} other) {self.condition(d - 1)})"
                return f"(or (member {e(d - 1)} {self.list(d - 1)} {same}) '())"
            case 11:
                with self.binding((x, INT)):
                    part = self.list(d - 1)
                return f"(append-map (lambda ({x}) {part}) {self.list(d - 1)})"
        return f"(map (lambda (f g) (f (small g))) (list {self.f1(d - 1)} {self.f1(d - 1)}) {self.list(d - 1)})"

    def test(self, d: int) -> str:
        """A predicate of one integer."""
        (x,) = self.names(1)
        with self.binding((x, INT)):
            return f"(lambda ({x}) {self.condition(d)})"

    def condition(self, d: int) -> str:
        """A test."""
        match self.number(0, 5):
            case 0 | 1:
                return f"({self.pick(('<', '=', '>'))} {self.int(d)} {self.int(d)})"
            case 2:
                return f"(even? (small {self.int(d)}))"
            case 3:
                return f"(pair? {self.list(d)})"
            case 4:
                return "(more?)"
        return self.pick(("#t", "#f", f"(not {self.condition(d - 1) if d > 0 else '#f'})"))

    def f1(self, d: int) -> str:
        """An expression that gives a procedure of one integer."""
        known = self.variables(F1)
        if known and self.number(0, 2) == 0:
            return self.pick(known)
        (x,) = self.names(1)
        match self.number(0, 8) if d > 0 else 9:
            case 0:
                return f"(compose2 {self.f1(d - 1)} {self.f1(d - 1)})"
            case 1:
                made = f"(compose {self.f1(d - 1)} {self.f1(d - 1)})", f"(partial twice {self.f1(d - 1)})"
                return self.pick(("(unbox actions)", *made))
            case 2:
                return f"(if {self.condition(d - 1)} {self.f1(d - 1)} {self.f1(d - 1)})"
            case 3:
                start = self.int(d - 1)
                with self.binding((x, INT)):
                    return f"(let (({x} {start})) (lambda (d) (set! {x} (small (+ {x} d))) {self.int(d - 1)}))"
            case 9:
                return self.pick(("small", "see", "(lambda (x) (+ x 1))"))
        with self.binding((x, INT)):
            return f"(lambda ({x}) {self.body(d)})"

    def body(self, d: int) -> str:
        """A body."""
        return f"{self.statement(d)} {self.int(d)}" if self.number(0, 2) == 0 else self.int(d)

    def statement(self, d: int) -> str:
        """An expression that is evaluated for what it does."""
        places = [(name, kind) for name, kind, free in self.scope if free and kind in (INT, F1, LIST)]
        keepable = self.variables("k")
        (x,) = self.names(1)
        match self.number(0, 13):
            case 0 | 1 if places:
                name, kind = self.pick(places)
                made = {INT: lambda: f"(small {self.int(d)})", F1: lambda: self.f1(d), LIST: lambda: self.list(d)}
                return f"(set! {name} {made[kind]()})"
            case 2 | 3 if keepable:
                return f"(keep! {self.pick(keepable)})"
            case 4:
                return f"(set-car! cell (small {self.int(d)}))"
            case 5:
                return f"(vector-set! row {self.number(0, 2)} (small {self.int(d)}))"
            case 6:
                return f"(set-box! actions {self.f1(d)})"
            case 7:
                with self.binding((x, INT)):
                    body = self.int(d - 1)
                return f"(for-each (lambda ({x}) {body}) {self.list(d - 1)})"
            case 8 if d > 0:
                with self.binding((x, INT), free=False):
                    body = self.int(d - 1)
                return f"(do (({x} 0 (+ {x} 1))) ((= {x} 2)) {body})"
            case 9:
                return f"(require {self.condition(d - 1)})"
            case 10:
                return f"(when {self.condition(d - 1)} {self.int(d - 1)})"
            case 11:
                how = f"{self.number(1, 2)} (lambda (value) (small {self.int(d - 1)})) {self.number(0, 3)}"
                return f"(hash-table-update!/default table {how})"
            case 12:
                return f"(vector-for-each {self.f1(d - 1)} row)"
        return f"(see {self.int(d)})"

    # What gives integers, by theme.

    def arithmetic(self, d: int) -> str:
        e = self.int
        match self.number(0, 8):
            case 0 | 1:
                return f"({self.pick(('+', '-', '+'))} (small {e(d)}) (small {e(d)}))"
            case 2:
                return f"(+ (small {e(d)}) (small {e(d)}) (small {e(d)}))"
            case 3:
                return f"(sum {self.list(d)})"
            case 4:
                return f"(see {e(d)})"
            case 5:
                return f"(vector-ref row {self.number(0, 2)})"
            case 6:
                return f"(hash-table-ref table {self.number(1, 2)} (lambda () {e(d)}))"
            case 7:
                return f"(force (delay {e(d)}))"
        return f"(begin {self.statement(d)} {e(d)})"

    def variable(self, d: int) -> str:
        x, y = self.names(2)
        match self.number(0, 5):
            case 0 | 1:
                kind = self.pick((INT, INT, F1, LIST))
                value = {INT: self.int, F1: self.f1, LIST: self.list}[kind](d)
                with self.binding((x, kind)):
                    return f"(let (({x} {value})) {self.body(d)})"
            case 2:
                values = self.int(d), self.int(d)
                with self.binding((x, INT), (y, INT)):
                    return f"(let (({x} {values[0]}) ({y} {values[1]})) {self.body(d)})"
            case 3:
                with self.hiding(x, y):
                    first = self.int(d)
                with self.hiding(y), self.binding((x, INT)):
                    second = self.f1(d)
                    with self.binding((y, F1)):
                        return f"(let () (define {x} {first}) (define {y} {second}) {self.body(d)})"
            case 4:
                producer = f"(lambda () (values {self.int(d)} {self.int(d)}))"
                with self.binding((x, INT), (y, LIST)):
                    return f"(call-with-values {producer} (lambda ({x} . {y}) {self.body(d)}))"
        with self.binding((y, INT), (x, INT), free=False):
            again = self.int(d)
        step = f"(loop (- {y} 1) (small (+ {x} {again})))"
        return f"(let loop (({y} {self.number(1, 3)}) ({x} 0)) (if (<= {y} 0) {x} {step}))"

    def call(self, d: int) -> str:
        e = self.int
        match self.number(0, 6):
            case 0 | 1:
                return f"({self.f1(d)} {e(d)})"
            case 2:
                return f"(twice {self.f1(d)} {e(d)})"
            case 3:
                return f"(apply {self.f1(d)} (list {e(d)}))"
            case 4:
                x, y = self.names(2)
                with self.binding((x, INT), (y, INT)):
                    body = e(d)
                how = self.pick(("fold", "fold-left", "fold-right", "reduce", "reduce-right"))
                return f"({how} (lambda ({x} {y}) (small {body})) {e(d)} {self.list(d)})"
            case 5:
                how = self.pick(("find", "any", "every", "list-index", "count"))
                return f"(let ((found ({how} {self.test(d)} {self.list(d)}))) (if (number? found) found 0))"
        return self.conditional(d)

    def conditional(self, d: int) -> str:
        return f"(if {self.condition(d)} {self.int(d)} {self.int(d)})"

    def continuation(self, d: int) -> str:
        (k,) = self.names(1)
        match self.number(0, 8):
            case 0 | 1 | 2:
                with self.binding((k, "k"), free=False):
                    self.scope.append((k, F1, False))
                    body = self.body(d)
                    if self.number(0, 1):
                        body = f"(keep! {k}) {body}"
                return f"(call/cc (lambda ({k}) {body}))"
            case 3 | 4:
                return f"(again {self.number(0, 3)} {self.int(d)})"
            case 5:
                with self.binding((k, F1), free=False):
                    return f"(call/cc (lambda ({k}) {self.body(d)}))"
            case 6:
                with self.binding((k, F1), free=False):
                    return f"(call/ec (lambda ({k}) {self.body(d)}))"
            case 7:
                with self.binding((k, F1), free=False):
                    less = f"(lambda (a b) {self.condition(d)})"
                    return f"(call/cc (lambda ({k}) (sum (sort {self.list(d)} {less}))))"
        return f"(apply call/cc (list (lambda (k) (keep! k) {self.int(d)})))"

    def choice(self, d: int) -> str:
        match self.number(0, 5):
            case 0 | 1 | 2:
                return f"(amb {' '.join(self.int(d) for _ in range(self.number(1, 3)))})"
            case 3:
                return f"(begin (require {self.condition(d)}) {self.int(d)})"
            case 4:
                return f"(let ((x (amb 1 2 3))) (require (> x {self.number(0, 2)})) {self.int(d)})"
        return self.pick(("(amb)", f"(bind (mplus 1 {self.int(d)}) {self.f1(d)})"))

    def extent(self, d: int) -> str:
        self.winds += 1
        n = self.winds
        match self.number(0, 3):
            case 0:
                return f"(parameterize ((level {self.int(d)})) (+ (small (level)) (small {self.int(d)})))"
            case 1:
                return "(small (level))"
        after = self.statement(d - 1) if self.number(0, 5) == 0 else "#f"
        body = f"(lambda () {self.body(d)})"
        return f'(dynamic-wind (lambda () (display "<{n} ")) {body} (lambda () (display "{n}> ") {after}))'

    def failure(self, d: int) -> str:
        (x,) = self.names(1)
        body, raised = self.body(d), self.int(d)
        with self.binding((x, "any"), free=False):
            handler = self.int(d)
        raising = self.pick(
            (
                f"(raise {raised})",
                f"(raise-continuable {raised})",
                f'(error "bad" {raised})',
                "(car '())",
                "(vector-ref row 3)",
                "(raise 'stop)",
                f"(assert (< {raised} 0))",
            )
        )
        match self.number(0, 7):
            case 0 | 1 | 2:
                test = self.pick(("#t", f"(symbol? {x})", f"(number? {x})", f"(error? {x})"))
                return f"(guard ({x} ({test} {handler})) {self.pick((body, f'(+ {raising} {self.int(d)})'))})"
            case 3 | 4:
                return f"(with-exception-handler (lambda ({x}) {handler}) (lambda () {body}))"
            case 5:
                return f"(with-exception-handler (lambda ({x}) {handler}) (lambda () (+ 1 (small {raising}))))"
            case 6:
                return f"(if {self.condition(d)} {raising} {raised})"
        return f"(raise-continuable {raised})"

    def effect(self, d: int) -> str:
        """An effect, as a rule within its handler."""
        operation = self.pick(OPERATIONS)
        if self.number(0, 2) == 0:
            return f"(effect {operation} {self.int(d)})"
        x, k = self.names(2)
        with self.binding((x, INT), (k, "k"), free=False):
            self.scope.append((k, F1, False))
            clause = self.clause(k, d)
        ends = ""
        if self.number(0, 3) == 0:
            with self.binding((x, INT), free=False):
                ends += f" (return ({x}) {self.body(d)})"
        if self.number(0, 4) == 0:
            ends += f" (finally {self.statement(d)})"
        body = self.pick((self.int(d), f"(+ (small (effect {operation} {self.int(d)})) (small {self.int(d)}))"))
        return f"(handle {body} (on {operation} ({x} {k}) {clause}){ends})"

    def clause(self, k: str, d: int) -> str:
        e = self.int
        match self.number(0, 8):
            case 0:
                return f"({k} {e(d)})"
            case 1:
                return e(d)
            case 2:
                return f"(+ (small ({k} {e(d)})) (small ({k} {e(d)})))"
            case 3:
                return f"(keep! {k}) {e(d)}"
            case 4:
                return f"(sum (map {k} {self.list(d)}))"
            case 5:
                return f"{self.statement(d)} ({k} {e(d)})"
            case 6:
                return f"(see ({k} {e(d)}))"
            case 7:
                return f"({k} ({k} {e(d)}))"
        return f"(if {self.condition(d)} ({k} {e(d)}) {e(d)})"

    def prompt(self, d: int) -> str:
        if self.number(0, 2) == 0:
            return f"(abort-to-prompt 'p {self.int(d)})"
        k, x = self.names(2)
        with self.binding((x, INT), (k, "k"), free=False):
            self.scope.append((k, F1, False))
            clause = self.clause(k, d)
        body = self.pick((self.int(d), f"(+ (small (abort-to-prompt 'p {self.int(d)})) (small {self.int(d)}))"))
        return f"(call-with-prompt 'p (lambda () {body}) (lambda ({k} {x}) {clause}))"

    makers = (
        *(arithmetic, arithmetic, arithmetic, variable, variable, call, call, call, conditional),
        *(continuation, continuation, choice, choice, extent, failure, failure, effect, effect, prompt),
    )

    def item(self, name: str, d: int) -> tuple[str, str]:
        """A definition, and the type of what it defines."""
        x, y = self.names(2)
        match self.number(0, 5):
            case 0 | 1:
                with self.binding((x, INT)):
                    return f"(define ({name} {x}) {self.body(d)})", F1
            case 2:
                return f"(define {name} {self.int(d)})", INT
            case 3:
                with self.binding((x, INT), free=False):
                    step = self.int(d)
                again = f"(+ (small {step}) (small ({name} (- (min {x} 3) 1))))"
                return f"(define ({name} {x}) (if (<= {x} 0) 0 {again}))", F1
            case 4:
                return f"(define {name} (call/cc (lambda (c) (keep! c) {self.int(d)})))", INT
        with self.binding((x, F1), (y, INT)):
            body = self.body(d)
        return f"(define (with-{name} {x} {y}) {body})\n(define ({name} {y}) (with-{name} {self.f1(d - 1)} {y}))", F1

    def program(self, d: int) -> str:
        """A whole program."""
        lines = [PRELUDE.rstrip()]
        for i in range(self.number(0, 3)):
            name = ("one", "two", "three")[i]
            text, kind = self.item(name, d)
            lines.append(text)
            self.scope.append((name, kind, kind == INT))
            if self.number(0, 3) == 0:
                lines.append(self.statement(d))
        last = self.number(0, 3)
        if last == 0:
            lines.append(self.int(d + 1))
        elif last == 1:
            lines.append(f"(write (list fuel {self.int(d)} {self.int(d)}))\n(if (more?) (again 0 {self.int(d)}))")
        else:
            lines.append(f"(define result {self.int(d + 1)})\n(see result)\n(again 1 2)\n(list result fuel cell row)")
        return "\n".join(lines)


@st.composite
def programs(draw: st.DrawFn, depth: int = 3) -> str:
    """Omega programs whose expressions nest about `depth` levels deep."""

    def number(least: int, most: int) -> int:
        drawn: Any = draw(st.integers(least, most))
        return int(drawn)

    return Writer(number).program(depth)
