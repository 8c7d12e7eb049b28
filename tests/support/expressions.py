"""Expressions made up by Hypothesis, by type, with the scopes that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
NAMES = (
    "x",
    "y",
    "n",
    "acc",
    "value",
    "hold",
    "class",
    "print",
    "None",
    "sum",
    "fn",
    "result",
    "is-x",
    "x?",
    "x!",
    "exc",
)
INT, BOOL, TEXT, LIST, POINT, F0, F1, F2 = "int", "bool", "text", "list", "point", "f0", "f1", "f2"
FIRST_ORDER = (INT, INT, INT, BOOL, TEXT, LIST, POINT)
CUT = {INT: "(small {})", TEXT: "(clip {})", LIST: "(short {})"}


class Writer:
    """Writes expressions. `scope` holds the visible variables, `loops` what tail position may jump to."""

    variable_names: Sequence[str] = NAMES

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.scope: list[tuple[str, str, bool]] = []
        self.loops: list[tuple[str, str, tuple[str, ...]]] = []
        self.result = INT

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        item: T = self.draw(st.sampled_from(items))
        return item

    def number(self, least: int, most: int) -> int:
        """A number in a range; both ends are included."""
        return self.draw(st.integers(least, most))

    @contextmanager
    def binding(self, *variables: tuple[str, str], assignable: bool = True) -> Iterator[None]:
        """Bring variables, given as name and type, into scope."""
        before = self.scope
        names = {name for name, _ in variables}
        self.scope = [each for each in before if each[0] not in names]
        self.scope += [(name, kind, assignable) for name, kind in variables]
        loops, self.loops = self.loops, [loop for loop in self.loops if not names & set(loop[:2])]
        yield
        self.scope, self.loops = before, loops

    @contextmanager
    def no_tail(self) -> Iterator[None]:
        """Leave tail position: nothing here may jump to a loop around."""
        loops, self.loops = self.loops, []
        yield
        self.loops = loops

    def names(self, count: int) -> list[str]:
        """Different names, of visible variables as well."""
        return self.draw(st.lists(st.sampled_from(self.variable_names), min_size=count, max_size=count, unique=True))

    def variables(self, kind: str, assignable: bool = False) -> list[str]:
        """The visible variables of a type."""
        return [name for name, each, free in self.scope if each == kind and (free or not assignable)]

    # Expressions of each type; `depth` is how deep they may still nest.

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a type."""
        with self.no_tail():
            known = self.variables(kind)
            if depth <= 0 or (known and self.number(0, 3) == 0):
                return self.pick(known) if known and self.number(0, 2) else self.literal(kind)
            special = self.special[kind]
            general = self.general if kind in FIRST_ORDER else self.general_procedure
            makers = [*special, *special, *general]
            made: str = self.pick(makers)(self, kind, depth - 1)
            return made

    def literal(self, kind: str) -> str:
        """The simplest expressions of a type."""
        match kind:
            case "int":
                return str(self.pick((0, 1, 2, 3, 5, 10, -1, -7)))
            case "bool":
                return self.pick(("#t", "#f"))
            case "text":
                return self.pick(('""', '"a"', '"é\\n"', '"seven c"', '"hello world"'))
            case "list":
                return self.pick(("'()", "'(1)", "'(3 1 2)", "(list 4 5)", "'(1 2 3 4 5)"))
            case "point":
                return "(make-point 1 2)"
            case "f0":
                return "(lambda () 7)"
            case "f1":
                return self.pick(("abs", "-", "(lambda (x) (+ x 1))", "1+"))
        return self.pick(("+", "-", "max", "(lambda (x y) x)"))

    def int_operation(self, _: str, d: int) -> str:
        e, i = self.expression, INT
        shape = self.number(0, 13)
        if shape <= 3:
            return f"({self.pick(('+', '-', '+'))} {e(i, d)} {e(i, d)})"
        match shape:
            case 4:
                return f"(modulo (* {e(i, d)} {e(i, d)}) 97)"
            case 5:
                return f"(+ {e(i, d)} {e(i, d)} {e(i, d)})"
            case 6:
                return f"({self.pick(('length', 'car', 'apply +', 'fold + 0', 'apply max 1'))} {e(LIST, d)})"
            case 7:
                return f"(string-length {e(TEXT, d)})"
            case 8:
                return f"({self.pick(('point-x', 'point-y'))} {e(POINT, d)})"
            case 9:
                return f"({self.pick(('quotient', 'remainder', 'modulo'))} {e(i, d)} {e(i, d)})"
            case 10:
                return f"({e(F1, d)} {e(i, d)})"
            case 11:
                return f"({e(F2, d)} {e(i, d)} {e(i, d)})"
            case 12:
                return f"(vector-ref (vector {e(i, d)} {e(i, d)}) {self.pick((0, 1, 1, 2))})"
        return f"({e(F0, d)})"

    def int_odd(self, _: str, d: int) -> str:
        """Numbers from forms that few programs use."""
        e = self.expression
        (x,), (y, z) = self.names(1), self.names(2)
        match self.number(0, 8):
            case 0:
                with self.binding((y, INT), (z, INT)):
                    body = e(INT, d)
                return f"(let-values ((({y} {z}) (values {e(INT, d)} {e(INT, d)}))) {body})"
            case 1:
                return f"(parameterize ((level {e(INT, d)})) (+ (level) {e(INT, d)}))"
            case 2:
                return f"(force (delay {e(INT, d)}))"
            case 3:
                with self.binding((x, F1)):
                    return f"(call/cc (lambda ({x}) {e(INT, d)}))"
            case 4:
                before, body, after = self.statement(d), e(INT, d), self.statement(d)
                return f"(dynamic-wind (lambda () {before}) (lambda () {body}) (lambda () {after}))"
            case 5:
                with self.binding((y, INT), (z, LIST)):
                    body = e(INT, d)
                return f"((lambda ({y} . {z}) {body}) {e(INT, d)} {e(INT, d)} 2)"
            case 6:
                handler = f"(lambda ({x}) {e(INT, d)})"
                return f"(with-exception-handler {handler} (lambda () (+ 1 (raise-continuable {e(INT, d)}))))"
            case 7:
                return f"(let* (({x} {e(INT, d)}) ({x} (+ {x} 1))) {x})"
        return f"(begin (set-point-x! {e(POINT, d)} {e(INT, d)}) {e(INT, d)})"

    def bool_operation(self, _: str, d: int) -> str:
        e = self.expression
        match self.number(0, 6):
            case 0:
                return f"({self.pick(('<', '>', '=', '<=', '>='))} {e(INT, d)} {e(INT, d)})"
            case 1:
                return f"(not {e(BOOL, d)})"
            case 2:
                return f"({self.pick(('null?', 'pair?'))} {e(LIST, d)})"
            case 3:
                return f"({self.pick(('zero?', 'even?', 'negative?', 'number?'))} {e(INT, d)})"
            case 4:
                kind = self.pick(FIRST_ORDER)
                return f"({self.pick(('equal?', 'eqv?')) if kind != POINT else 'eq?'} {e(kind, d)} {e(kind, d)})"
            case 5:
                return f"(pair? (memv {e(INT, d)} {e(LIST, d)}))"
        return f"(< {e(INT, d)} {e(INT, d)} {e(INT, d)})"

    def text_operation(self, _: str, d: int) -> str:
        e = self.expression
        match self.number(0, 6):
            case 0 | 1:
                return f"(effect infer.op {e(TEXT, d)}{self.pick(('', '', f' max-tokens: {e(INT, 0)}'))})"
            case 2:
                return f"(string-append {e(TEXT, d)} {e(TEXT, d)})"
            case 3:
                return f"(number->string {e(INT, d)})"
            case 4:
                return f"(substring {e(TEXT, d)} 0 {self.pick((0, 1, 3))})"
            case 5:
                return f"(effect infer.op (list {e(TEXT, d)} {e(INT, d)}))"
        return f"(list->string (reverse (string->list {e(TEXT, d)})))"

    def list_operation(self, _: str, d: int) -> str:
        e = self.expression
        match self.number(0, 11):
            case 0 | 1:
                return f"(list {e(INT, d)} {e(INT, d)})"
            case 2:
                return f"(cons {e(INT, d)} {e(LIST, d)})"
            case 3:
                return f"(append {e(LIST, d)} {e(LIST, d)})"
            case 4:
                return f"(map {e(F1, d)} {e(LIST, d)})"
            case 5:
                (x,) = self.names(1)
                with self.binding((x, INT)):
                    test = e(BOOL, d)
                return f"(filter (lambda ({x}) {test}) {e(LIST, d)})"
            case 6:
                return f"({self.pick(('cdr', 'reverse', 'list-copy'))} {e(LIST, d)})"
            case 7:
                return f"(vector->list (vector {e(INT, d)} {e(INT, d)}))"
            case 8:
                return f"`({e(INT, 0)} ,{e(INT, d)} ,@{e(LIST, d)})"
        return self.closures(d)

    def closures(self, d: int) -> str:
        """Procedures made in the rounds of a loop and called after it."""
        i, kept = self.names(2)
        with self.binding((i, INT), assignable=False), self.binding((kept, "kept"), assignable=False):
            before, procedure = self.statement(d), self.expression(F0, d + 1)
        loop = f"(do (({i} 0 (+ {i} 1))) ((= {i} 3)) {before} (set! {kept} (cons {procedure} {kept})))"
        return f"(let (({kept} '())) {loop} (map (lambda (x) (x)) {kept}))"

    def point_operation(self, _: str, d: int) -> str:
        return f"(make-point {self.expression(INT, d)} {self.expression(INT, d)})"

    def procedure_literal(self, kind: str, d: int) -> str:
        names = self.names({F0: 0, F1: 1, F2: 2}[kind])
        with self.binding(*((name, INT) for name in names)):
            return f"(lambda ({' '.join(names)}) {self.body(INT, d)})"

    def counter(self, kind: str, d: int) -> str:
        """A procedure with state of its own."""
        if kind != F0:
            return self.procedure_literal(kind, d)
        (x,) = self.names(1)
        start = self.expression(INT, 0)
        with self.binding((x, INT)):
            change = self.expression(INT, d)
        return f"(let (({x} {start})) (lambda () (set! {x} (small (+ {x} {change}))) {x}))"

    def bound_procedure(self, kind: str, d: int) -> str:
        (x,) = self.names(1)
        value = self.expression(kind, d)
        with self.binding((x, kind)):
            return f"(let (({x} {value})) {self.pick((x, self.expression(kind, d)))})"

    # Expressions of any type, which is `kind`.

    def conditional(self, kind: str, d: int) -> str:
        return f"(if {self.expression(BOOL, d)} {self.expression(kind, d)} {self.expression(kind, d)})"

    def cases(self, kind: str, d: int) -> str:
        e = self.expression
        if self.number(0, 1):
            first = f"({e(BOOL, d)} {e(kind, d)})"
            return f"(cond {first} ({e(BOOL, d)} {self.statement(d)} {e(kind, d)}) (else {e(kind, d)}))"
        return f"(case {e(INT, d)} ((0 1) {e(kind, d)}) ((2) {self.statement(d)} {e(kind, d)}) (else {e(kind, d)}))"

    def let(self, kind: str, d: int) -> str:
        names = self.names(self.number(1, 2))
        kinds = [self.pick((*FIRST_ORDER, F0, F1)) for _ in names]
        pairs = " ".join(f"({name} {self.expression(each, d)})" for name, each in zip(names, kinds, strict=True))
        with self.binding(*zip(names, kinds, strict=True)):
            return f"(let ({pairs}) {self.body(kind, d)})"

    def sequenced(self, kind: str, d: int) -> str:
        return f"(begin {self.statement(d)} {self.expression(kind, d)})"

    def internal(self, kind: str, d: int) -> str:
        """A body with definitions; each may use those before it."""
        x, y = self.names(2)
        with self.binding((x, INT), (y, F1)):
            parameter = self.pick([name for name in self.variable_names if name not in (x, y)])
            value = self.expression(INT, d) if self.number(0, 9) == 0 else str(self.number(0, 5))
            with self.binding((parameter, INT)):
                procedure = self.body(INT, d)
            body = self.body(kind, d)
        return f"(let () (define {x} {value}) (define ({y} {parameter}) {procedure}) {body})"

    def seen(self, kind: str, d: int) -> str:
        return f"(see {self.expression(kind, d)})"

    def guarded(self, kind: str, d: int) -> str:
        (x,) = self.names(1)
        body, handler = self.expression(kind, d), self.expression(kind, d)
        if self.number(0, 2):
            body = f"(begin {self.expression(INT, d)} {self.failure(d)} {body})"
        test = self.pick(("#t", f"(symbol? {x})", f"(error? {x})", f"(see (number? {x}))", "else"))
        return f"(guard ({x} ({test} {handler})) {body})"

    def handled(self, kind: str, d: int) -> str:
        (x,) = self.names(1)
        k = self.pick([name for name in self.variable_names if name != x])
        operand = self.expression(INT, d)
        with self.binding((x, INT), (k, "resumption")):
            resumed = f"({k} {self.expression(INT, d)})"
            clause = self.pick((resumed, self.expression(kind, d), f"(begin {self.statement(d)} {resumed})"))
        inside = f"(begin (see (effect ask {operand})) {self.expression(kind, d)})"
        return f"(handle {inside} (on ask ({x} {k}) {clause}))"

    def failing(self, kind: str, d: int) -> str:
        if self.number(0, 2):
            return self.conditional(kind, d)
        return f"(if {self.expression(BOOL, d)} {self.failure(d)} {self.expression(kind, d)})"

    def failure(self, d: int) -> str:
        """Something that raises."""
        return self.pick(
            (
                f'(error "bad" {self.expression(INT, d)})',
                "(raise 'stop)",
                f"(raise {self.expression(INT, d)})",
                "(car '())",
                f"(+ 'a {self.expression(INT, d)})",
                f"(quotient {self.expression(INT, d)} 0)",
                f"(vector-ref (vector 1 2) {self.expression(INT, d)})",
                "(car 'x)",
                "(effect ask 1)",
                f"((if {self.expression(BOOL, d)} 5 car) {self.expression(LIST, d)})",
                f"((if {self.expression(BOOL, d)} car cons) {self.expression(LIST, d)})",
            )
        )

    # Statements and bodies.

    def statement(self, d: int) -> str:
        """An expression that is evaluated for what it does."""
        e = self.expression
        kind = self.pick((INT, TEXT, LIST))
        places = [(name, each) for name, each, free in self.scope if free and each in (*FIRST_ORDER, F0, F1)]
        match self.number(0, 7):
            case 0 | 1 | 2 if places:
                name, each = self.pick(places)
                return f"(set! {name} {CUT.get(each, '{}').format(e(each, d))})"
            case 3:
                return f"(when {e(BOOL, d)} {self.statement(d - 1) if d > 0 else '(newline)'})"
            case 4:
                (x,) = self.names(1)
                items = e(LIST, d)
                with self.binding((x, INT)):
                    body = self.statement(d - 1) if d > 0 else f"(display {x})"
                return f"(for-each (lambda ({x}) {body}) {items})"
            case 5 if d > 0:
                (x,) = self.names(1)
                with self.binding((x, INT), assignable=False):
                    return f"(do (({x} 0 (+ {x} 1))) ((= {x} {self.number(1, 3)})) {self.statement(d - 1)})"
            case 6 if d > 0:
                return self.named_let(INT, d - 1)
        return f"({self.pick(('display', 'write'))} {e(kind, d)})"

    def body(self, kind: str, d: int) -> str:
        """A body without definitions."""
        if self.number(0, 2) == 0:
            return f"{self.statement(d)} {self.expression(kind, d)}"
        return self.expression(kind, d)

    def named_let(self, kind: str, d: int) -> str:
        """A loop that counts down; its last calls may also be those of loops around it."""
        name, i, x = self.names(3)
        each = self.pick((INT, TEXT, LIST))
        start = f"(({i} {self.number(1, 3)}) ({x} {self.expression(each, d)}))"
        result, self.result = self.result, kind
        with self.binding((name, "loop"), (i, INT), assignable=False), self.binding((x, each)):
            self.loops = [*self.loops, (name, i, (each,))]
            loops = self.loops
            done = self.expression(kind, d)
            self.loops = loops
            again = self.tail(kind, d)
        self.result = result
        return f"(let {name} {start} (if (<= {i} 0) {done} {again}))"

    def tail(self, kind: str, d: int) -> str:
        """An expression in tail position of a loop."""
        shape = self.number(0, 9)
        if shape <= 2 or d <= 0:
            return self.jump(d) if self.number(0, 4) else self.expression(kind, d)
        match shape:
            case 3 | 4:
                with self.no_tail():
                    test = self.expression(BOOL, d)
                return f"(if {test} {self.tail(kind, d - 1)} {self.tail(kind, d - 1)})"
            case 5:
                with self.no_tail():
                    statement = self.statement(d)
                return f"(begin {statement} {self.tail(kind, d - 1)})"
            case 6:
                (x,) = self.names(1)
                each = self.pick((*FIRST_ORDER, F0))
                with self.no_tail():
                    value = self.expression(each, d)
                with self.binding((x, each)):
                    return f"(let (({x} {value})) {self.tail(kind, d - 1)})"
            case 7:
                return self.named_let(kind, d - 1)
            case 8:
                with self.no_tail():
                    body = f"(begin {self.failure(d - 1)} {self.expression(kind, d - 1)})"
                return f"(guard (e ((error? e) {self.tail(kind, d - 1)}) (#t {self.tail(kind, d - 1)})) {body})"
        with self.no_tail():
            key, statement = self.expression(INT, d - 1), self.statement(d - 1)
        return f"(case {key} ((0 1 2) {statement} {self.tail(kind, d - 1)}) (else {self.tail(kind, d - 1)}))"

    def jump(self, d: int) -> str:
        """The next round of one of the loops around."""
        if not self.loops:
            return self.expression(self.result, d)
        name, i, kinds = self.pick(self.loops)
        with self.no_tail():
            values = " ".join(CUT[kind].format(self.expression(kind, d)) for kind in kinds)
        return f"({name} (- {i} 1) {values})"

    general = (conditional, cases, let, sequenced, internal, seen, guarded, handled, named_let, failing)
    general_procedure = (conditional, sequenced, bound_procedure, let)
    special = {
        INT: (int_operation, int_operation, int_operation, int_odd),
        BOOL: (bool_operation, bool_operation),
        TEXT: (text_operation, text_operation),
        LIST: (list_operation, list_operation),
        POINT: (point_operation,),
        F0: (procedure_literal, procedure_literal, counter),
        F1: (procedure_literal,),
        F2: (procedure_literal,),
    }
