"""Random programs that call a model in all the ways that the analysis of costs follows.

Values have one of a few kinds, so that programs rarely fail: "text", "number", "texts", "numbers", "nested" (lists of
texts in a list) and "truth". Recursions and loops end by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

DEFINITIONS = """\
(define (ask x) (effect infer.op (list "Say: " x) max-tokens: 2))
(define (name x) (effect infer.op x max-tokens: 1 system: "Name it."))
(define (twice g x) (g (g x)))
(define (each g xs) (if (null? xs) '() (cons (g (car xs)) (each g (cdr xs)))))
"""
KINDS = ("text", "number", "texts", "numbers", "nested", "truth")
_LITERALS = {
    "text": ('""', '"a"', '"b, c"', '"ä"', '"Say: a"', '"longer than the rest"'),
    "number": ("0", "1", "2", "3", "5"),
    "texts": ("'()", """'("a")""", """'("b" "cc" "a")""", """(list "x" "yy")"""),
    "numbers": ("'()", "'(2)", "'(3 0 1)", "(iota 3)"),
    "nested": ("'()", """'(("a") ("b" "cc"))""", """(list '() '("c"))"""),
    "truth": ("#t", "#f"),
}
# What may be called with a text, and how often it asks.
_ASKING = ("ask", "name")

Scope = dict[str, str]
"""Variables with their kinds; calls of the procedure around stand there as if they were variables."""


Argument = str | int | list["Argument"]


def _displayed(value: Argument) -> str:
    return f"({' '.join(map(_displayed, value))})" if isinstance(value, list) else str(value)


def _pairs(value: Argument) -> int:
    return len(value) + sum(map(_pairs, value)) if isinstance(value, list) else 0


def _largest(value: Argument) -> int:
    """The largest number in a value."""
    if isinstance(value, list):
        return max(map(_largest, value), default=0)
    return value if isinstance(value, int) else 0


def written(value: Argument) -> str:
    """An expression that gives a value."""
    if isinstance(value, list):
        return f"(list {' '.join(map(written, value))})"
    return f'"{value}"' if isinstance(value, str) else str(value)


def sizes_of(value: Argument, path: str) -> dict[str, int]:
    """The sizes of an argument by their names in formulas; of elements, those of the largest one."""
    found = {
        path: value if isinstance(value, int) else 0,
        f"len({path})": len(value) if isinstance(value, list) else 0,
        f"bytes({path})": len(_displayed(value).encode()),
    }
    found[f"pairs({path})"], found[f"{path}[*]"] = _pairs(value), _largest(value)
    if path.count("[]") > 2:
        return found
    inner = [sizes_of(each, f"{path}[]") for each in value] if isinstance(value, list) else []
    inner = inner or [sizes_of(0, f"{path}[]")]
    return found | {name: max(each[name] for each in inner) for name in inner[0]}


class Generator:
    """Makes one program from a seed: `program` defines p1, p2, … and f; `call` calls f with `arguments`, by name."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.defined: list[tuple[str, tuple[str, ...], str]] = []
        self.fresh = 0
        self.again = "#"  # how calls of the procedure around begin
        self.names: tuple[str, ...] = ()  # the parameters of the procedure that was defined last
        definitions = [self._definition(f"p{i}") for i in range(1, self.random.randint(1, 3))]
        definitions.append(self._definition("f"))
        self.program = DEFINITIONS + "\n".join(definitions) + "\n"
        self.arguments = {
            name: self._argument(kind) for name, kind in zip(self.names, self.defined[-1][1], strict=True)
        }
        self.call = f"(f {' '.join(map(written, self.arguments.values()))})"

    def _once(self, scope: Scope) -> Scope:
        """The scope without calls of the procedure around, for code that may run many times."""
        return {name: kind for name, kind in scope.items() if not name.startswith(self.again)}

    def _with(self, scope: Scope, name: str, kind: str = "text") -> Scope:
        """The scope of a procedure with a parameter."""
        return {**self._once(scope), name: kind}

    def _name(self, stem: str) -> str:
        self.fresh += 1
        return f"{stem}{self.fresh}"

    def _pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def _argument(self, kind: str) -> Argument:
        if kind == "text":
            return "".join(self._pick("a", "b", ",", "ä", " ") for _ in range(self.random.randint(0, 6)))
        if kind == "number":
            return self.random.randint(0, 5)
        inner = {"texts": "text", "numbers": "number", "nested": "texts"}[kind]
        return [self._argument(inner) for _ in range(self.random.randint(0, 4))]

    def _definition(self, name: str) -> str:
        kinds = tuple(
            self._pick("text", "number", "texts", "texts", "numbers", "nested")
            for _ in range(self.random.randint(1, 2))
        )
        names = tuple(self._name(kind[0]) for kind in kinds)
        result = self._pick(*KINDS[:4])
        scope = dict(zip(names, kinds, strict=True))
        self.names = names
        body = self._recursive(name, names, kinds, result) or self.expression(result, 5, scope)
        self.defined.append((name, kinds, result))
        return f"(define ({name} {' '.join(names)}) {body})"

    def _recursive(self, name: str, names: tuple[str, ...], kinds: tuple[str, ...], result: str) -> str | None:
        """A body that calls the procedure itself with something smaller; None for none."""
        if self.random.random() < 0.4:
            return None
        scope = dict(zip(names, kinds, strict=True))
        rest = [self.expression(kind, 1, scope) if self.random.random() < 0.5 else n for n, kind in scope.items()][1:]
        return self._shrinking(name, names[0], kinds[0], rest, scope, result)

    def _shrinking(self, name: str, first: str, kind: str, rest: list[str], scope: Scope, result: str) -> str:
        """A test for the end of a recursion over a variable, and its branches."""
        self.again = f"({name} "

        def again(smaller: str) -> str:
            return f"({' '.join([name, smaller, *rest])})"

        base = self.expression(result, 3, scope)
        if kind == "number":
            test = self._pick(f"(<= {first} 0)", f"(< {first} 1)", f"(not (> {first} 0))")
            smaller = [f"(- {first} 1)", f"(- {first} 2)", f"(quotient {first} 2)"]
            inner = dict(scope)
        elif kind == "text":
            test = self._pick(f'(string=? {first} "")', f"(= (string-length {first}) 0)")
            smaller = [f"(substring {first} 1 (string-length {first}))"]
            inner = {**scope, f"(substring {first} 0 1)": "text"}
        else:
            test = self._pick(f"(null? {first})", f"(not (pair? {first}))", f"(= (length {first}) 0)")
            smaller = [f"(cdr {first})"]
            element = {"texts": "text", "numbers": "number", "nested": "texts"}[kind]
            inner = {**scope, f"(car {first})": element}
            if self.random.random() < 0.2:
                test = f"(or (null? {first}) (null? (cdr {first})))"
                half = f"(quotient (length {first}) 2)"
                smaller = [f"(take {first} {half})", f"(drop {first} {half})"]
        for each in self.random.sample(smaller, k=self.random.randint(1, len(smaller))):
            inner[again(each)] = result
        step = self._combined(result, [again(smaller[0])], inner)
        if self.random.random() < 0.2:
            other = self.expression("truth", 1, scope)
            return f"(cond ({test} {base}) ({other} {self.expression(result, 1, scope)}) (else {step}))"
        return f"(if {test} {base} {step})"

    def _combined(self, kind: str, calls: list[str], scope: Scope) -> str:
        """An expression of a kind that makes some calls of that kind."""
        other = self.expression(kind, 3, scope)
        (call,) = calls
        if self.random.random() < 0.4:
            return f"(begin (ask {self.expression('text', 3, scope)}) {call})"
        return {
            "text": f"(string-append {call} {other})",
            "number": f"({self._pick('+', 'max', 'min')} {call} {other})",
            "texts": self._pick(f"(append {call} {other})", f"(cons {self.expression('text', 2, scope)} {call})"),
            "numbers": f"(cons {self.expression('number', 1, scope)} {call})",
        }[kind]

    def expression(self, kind: str, depth: int, scope: Scope) -> str:
        """An expression of a kind."""
        known = [name for name, each in scope.items() if each == kind]
        if depth <= 0 or self.random.random() < 0.1:
            return self._pick(*known, *known, *_LITERALS[kind][: 3 if known else None])
        makers: list[Callable[[int, Scope], str]] = [getattr(self, f"_{kind}"), getattr(self, f"_{kind}")]
        makers.append(lambda depth, scope: self._any(kind, depth, scope))
        return self.random.choice(makers)(depth - 1, scope)

    def _any(self, kind: str, depth: int, scope: Scope) -> str:
        """A form that gives what its parts give."""

        def make(kind: str, more: Scope | None = None) -> str:
            return self.expression(kind, depth, {**self._once(scope), **(more or {})})

        variable, bound = self._name("v"), self._pick(*KINDS[:4])
        index, items = self._name("i"), self._name("r")
        called = [each for each in self.defined if each[2] == kind]
        choices = [
            lambda: f"(if {make('truth')} {make(kind)} {make(kind)})",
            lambda: f"(cond ({make('truth')} {make(kind)}) ({make('truth')} {make(kind)}) (else {make(kind)}))",
            lambda: f"(case {make('number')} ((0) {make(kind)}) ((1 2) {make(kind)}) (else {make(kind)}))",
            lambda: f"(let (({variable} {make(bound)})) {make(kind, {variable: bound})})",
            lambda: f"(begin (ask {make('text')}) {make(kind)})",
            lambda: f"(guard (e (#t {make(kind)})) {make(kind)})",
            lambda: f'(guard (e ((string? e) {make(kind)})) (if {make("truth")} (raise "no") {make(kind)}))',
            lambda: f"(with-budget {self._pick('40', '150', '5000')} (lambda () {make(kind)}))",
            lambda: f"(call/cc (lambda (k) (if {make('truth')} (k {make(kind)}) {make(kind)})))",
            lambda: (
                f"(call-with-values (lambda () (values {make(bound)} {make(kind)}))"
                f" (lambda ({variable} w) {make(kind, {variable: bound, 'w': kind})}))"
            ),
            lambda: (
                f"(let loop (({index} {make('number')}) (out {make(kind)}))"
                f" (if (<= {index} 0) out (loop (- {index} 1) {make(kind, {index: 'number', 'out': kind})})))"
            ),
            lambda: (
                f"(let loop (({items} {make('texts')}) (out {make(kind)})) (if (null? {items}) out"
                f" (loop (cdr {items}) {make(kind, {f'(car {items})': 'text', 'out': kind})})))"
            ),
            lambda: (
                f"(do (({index} 0 (+ {index} {self._pick('1', '2')})) (out {make(kind)}"
                f" {make(kind, {index: 'number', 'out': kind})})) ((>= {index} {make('number')}) out))"
            ),
            lambda: f"(fold (lambda (a x) {make(kind, {'a': kind, 'x': 'text'})}) {make(kind)} {make('texts')})",
            lambda: (
                f"(fold-right (lambda (x a) {make(kind, {'a': kind, 'x': 'number'})}) {make(kind)} {make('numbers')})"
            ),
        ]
        if called:
            name, kinds, _ = self.random.choice(called)
            choices += [lambda: f"({' '.join([name, *map(make, kinds)])})"] * 3
        return self.random.choice(choices)()

    def _procedure(self, depth: int, scope: Scope) -> str:
        """A procedure from texts to texts."""
        if self.random.random() < 0.6:
            return self._pick(*_ASKING)
        x = self._name("x")
        return f"(lambda ({x}) {self.expression('text', depth, self._with(scope, x))})"

    def _test(self, depth: int, scope: Scope, kind: str = "text") -> str:
        x = self._name("x")
        return f"(lambda ({x}) {self.expression('truth', depth, self._with(scope, x, kind))})"

    def _text(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        return self.random.choice(
            [
                lambda: f"({self._pick(*_ASKING)} {make(self._pick('text', 'text', 'texts', 'number'))})",
                *[lambda: f"({self._pick(*_ASKING)} {make('text')})"] * 5,
                lambda: f"(string-append {make('text')} {make('text')})",
                lambda: f"(number->string {make('number')})",
                lambda: f"(string-join {make('texts')} {self._pick(chr(34) * 2, make('text'))})",
                lambda: f"(twice {self._procedure(depth, scope)} {make('text')})",
                lambda: f"(apply string-append {make('texts')})",
                lambda: f'(reduce string-append "" {make("texts")})',
                lambda: f'(let ((l {make("texts")})) (if (null? l) "" (car l)))',
                lambda: f"(string-upcase {make('text')})",
                lambda: f'(or (find {self._test(depth, scope)} {make("texts")}) "none")',
                lambda: f'(or (any {self._procedure(depth, scope)} {make("texts")}) "none")',
            ]
        )()

    def _number(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        return self.random.choice(
            [
                lambda: f"(length {make(self._pick('texts', 'numbers', 'nested'))})",
                lambda: f"({self._pick('+', '-', 'min', 'max')} {make('number')} {make('number')})",
                lambda: f"({self._pick('quotient', 'remainder', 'modulo')} {make('number')} {self._pick('2', '3')})",
                lambda: f"(min 4 (string-length {make('text')}))",
                lambda: f"(count {self._test(depth, scope)} {make('texts')})",
                lambda: f"(or (list-index {self._test(depth, scope, 'number')} {make('numbers')}) 1)",
                lambda: f"(let-values (((q r) (floor/ {make('number')} 2))) ({self._pick('+', 'max')} q r))",
                lambda: f"(apply + {make('numbers')})",
            ]
        )()

    def _texts(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        n = self._name("n")
        return self.random.choice(
            [
                *[lambda: f"(map {self._procedure(depth, scope)} {make('texts')})"] * 3,
                lambda: f"({self._pick('map', 'each')} {self._procedure(depth, scope)} {make('texts')})",
                lambda: (
                    f"(map (lambda ({n}) {self.expression('text', depth, self._with(scope, n, 'number'))})"
                    f" {make('numbers')})"
                ),
                lambda: f"(map string-append {make('texts')} {make('texts')})",
                lambda: (
                    f"({self._pick('filter', 'remove', 'take-while', 'drop-while')}"
                    f" {self._test(depth, scope)} {make('texts')})"
                ),
                lambda: f"(append {make('texts')} {make('texts')})",
                lambda: f"(cons {make('text')} {make('texts')})",
                lambda: f"(reverse {make('texts')})",
                lambda: f"(apply append {make('nested')})",
                lambda: (
                    f"(append-map (lambda (l) {self.expression('texts', depth, self._with(scope, 'l', 'texts'))})"
                    f" {make('nested')})"
                ),
                lambda: f"(let ((l {make('texts')})) (if (null? l) '() (cdr l)))",
                lambda: f"(vector->list (vector-map {self._procedure(depth, scope)} (list->vector {make('texts')})))",
                lambda: f"(sort {make('texts')} string<?)",
                lambda: f"(delete-duplicates {make('texts')})",
                lambda: (
                    f"(let-values (((a b) (partition {self._test(depth, scope)} {make('texts')})))"
                    f" {self._pick('a', 'b', '(append b a)')})"
                ),
                lambda: (
                    f"(filter-map (lambda (x) (and {self.expression('truth', depth, self._with(scope, 'x'))} x))"
                    f" {make('texts')})"
                ),
            ]
        )()

    def _numbers(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        return self.random.choice(
            [
                lambda: f"(iota (max 0 (min 4 {make('number')})))",
                lambda: f"(map string-length {make('texts')})",
                lambda: (
                    f"(map (lambda (n) {self.expression('number', depth, self._with(scope, 'n', 'number'))})"
                    f" {make('numbers')})"
                ),
                lambda: f"(cons {make('number')} {make('numbers')})",
                lambda: f"(filter {self._test(depth, scope, 'number')} {make('numbers')})",
                lambda: f"(list {make('number')} {make('number')})",
            ]
        )()

    def _nested(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        return self.random.choice(
            [
                lambda: f"(list {make('texts')} {make('texts')})",
                lambda: f"(map (lambda (x) {self.expression('texts', depth, self._with(scope, 'x'))}) {make('texts')})",
                lambda: f"(cons {make('texts')} {make('nested')})",
            ]
        )()

    def _truth(self, depth: int, scope: Scope) -> str:
        def make(kind: str) -> str:
            return self.expression(kind, depth, scope)

        return self.random.choice(
            [
                lambda: f"({self._pick('<', '<=', '=', '>', 'eqv?')} {make('number')} {make('number')})",
                lambda: f"({self._pick('null?', 'pair?')} {make(self._pick('texts', 'nested'))})",
                lambda: f"({self._pick('string=?', 'string<?', 'equal?')} {make('text')} {make('text')})",
                lambda: f"({self._pick('not', 'and #t', 'or #f')} {make('truth')})",
                lambda: f"({self._pick('and', 'or')} {make('truth')} {make('truth')})",
                lambda: f"({self._pick('any', 'every')} {self._test(depth, scope)} {make('texts')})",
                lambda: f"(pair? (member {make('text')} {make('texts')}))",
                lambda: f"({self._pick('zero?', 'even?', 'positive?')} {make('number')})",
            ]
        )()
