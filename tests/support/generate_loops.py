"""Programs made up by Hypothesis whose loops count, go over lists and vectors, or are procedures that call each other.

Numbers are of all kinds, bounds are sometimes none, counters and bounds are sometimes assigned, closures keep them, and
programs define library names anew. Loops that would never end run out of fuel, which is an error like others.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.expressions import BOOL, F0, INT, LIST, TEXT
from tests.support.generate import PRELUDE, ProgramWriter

FUEL = """\
(define fuel 40)
(define (burn!) (set! fuel (- fuel 1)) (if (< fuel 0) (error "out of fuel")))
"""
NUMBERS = ("0", "1", "2", "3", "5", "10", "-1", "-7", "2.0", "-3.0", "-0.0", "100000000000000000000")
BOUNDS = ("0", "1", "2", "3", "4", "5", "-2", "3.0", "4.0", '"x"', "'b", "(see 3)")
STEPS = (
    "(+ {i} 1)",
    "(+ 1 {i})",
    "(- {i} 1)",
    "(+ {i} 2)",
    "(1+ {i})",
    "(-1+ {i})",
    "(+ {i} 0.5)",
    "(+ {i} by)",
    "{i}",
)
TESTS = (
    *("(= {i} {n})", "(= {n} {i})", "(>= {i} {n})", "(> {i} {n})", "(< {i} {n})", "(<= {i} {n})", "(zero? {i})"),
    *("(> {n} {i})", "(= {i} (+ {n} 1))", "(> {i} (- {n} -2))", "(< {i} (- {n} {n}))", "(>= {i} (+ {i} {n}))"),
)
KEYS = ("1", "-3", "1.0", "100000000000000000000", '"a"', "'a", "#\\a", "#t", "#f", "'()", "'(1)", "#(1)")
REDEFINED = (
    "(define (even? n) (= (see n) 2))",
    "(define (map f items) (see items))",
    "(define (vector-ref v i) 42)",
    "(define (quotient a b) 7)",
    "(define (iota n . more) '(9 8))",
    "(define (max a b) a)",
    "(define (fold-left f start items) (f start 5))",
)


class LoopWriter(ProgramWriter):
    """Writes one program."""

    def literal(self, kind: str) -> str:
        return self.pick(NUMBERS) if kind == INT and self.number(0, 1) else super().literal(kind)

    def counted(self, _: str, d: int) -> str:
        """A loop with a counter, a bound and a test, which may do anything with them."""
        i, n, x = self.names(3)
        name = self.pick([each for each in ("loop", "again") if each not in (i, n, x)])
        start, end, other = self.pick((*NUMBERS[:8], "2.0")), self.pick(BOUNDS), self.expression(INT, 0)
        test, step = self.pick(TESTS).format(i=i, n=n), self.pick(STEPS).format(i=i)
        is_assignable = self.number(0, 4) == 0
        with self.binding((i, INT), (n, INT), assignable=is_assignable), self.binding((x, INT)):
            done = self.pick((x, f"(+ {x} 1)", i, self.expression(INT, d)))
            statement, value = self.statement(d), self.expression(INT, d)
            again = f"({name} {step} (small {value}))"
            if self.number(0, 2) == 0:
                second = self.pick((step, step, self.pick(STEPS).format(i=i)))
                left = self.pick((again, x, f"({name} {second} (small {self.expression(INT, d)}))"))
                again = f"(if {self.expression(BOOL, d)} {again} {left})"
        body = f"(begin (burn!) {statement} {again})"
        branches = f"{done} {body}" if self.number(0, 2) else f"{body} {done}"
        return f"(let (({n} {end}) (by {other})) (let {name} (({i} {start}) ({x} 0)) (if {test} {branches})))"

    def do_loop(self, _: str, d: int) -> str:
        i, x = self.names(2)
        with self.binding((i, INT), (x, INT), assignable=False):
            step, statement = self.expression(INT, d), self.statement(d)
        return f"(do (({i} 0 (+ {i} 1)) ({x} 1 (small {step}))) ((= {i} {self.number(0, 3)}) {x}) {statement})"

    def over_vector(self, _: str, d: int) -> str:
        """A loop over indices, which may leave the vector."""
        i, x, v = self.names(3)
        with self.binding((i, INT), (x, INT), assignable=False):
            value = self.expression(INT, d)
        made = self.pick(
            (f"(vector {self.expression(INT, d)} 2 3)", "(make-vector 3 1)", "(list->vector (list 1 2 3))")
        )
        change = self.pick(("", f"(vector-set! {v} {i} (small {value}))", f"(vector-set! {v} (- {i} 1) 7)"))
        end = self.pick((f"(vector-length {v})", "3", "2", "4"))
        index = self.pick((i, i, f"(- 2 {i})", f"(+ {i} 1)", f"(* {i} {i})"))
        again = f"{change} (loop (+ {i} 1) (+ {x} (vector-ref {v} {index})))"
        return f"(let (({v} {made})) (let loop (({i} 0) ({x} 0)) (if (>= {i} {end}) {x} (begin {again}))))"

    def over_text(self, _: str, d: int) -> str:
        """A loop over indices, which may leave the string."""
        i, x, s = self.names(3)
        test = self.pick((f"(> {i} {self.pick(('2', '3'))})", f"(= {i} (string-length {s}))"))
        char = f"(string-ref {s} {self.pick((i, i, f'(+ {i} 1)', f'(- 3 {i})'))})"
        value = self.pick(
            (
                f"(char->integer {char})",
                f"(if (char=? {char} (string-ref {s} 0)) 1 2)",
                f"(if (char=? #\\a {char}) 1 2)",
            )
        )
        again = f"(loop (+ {i} 1) (+ {x} {value}))"
        return f"(let (({s} {self.expression(TEXT, d)})) (let loop (({i} 0) ({x} 0)) (if {test} {x} {again})))"

    def folded(self, _: str, d: int) -> str:
        a, x = self.names(2)
        with self.binding((a, INT), (x, INT)):
            body = self.expression(INT, d)
        name = self.pick(("fold-left", "fold-right", "fold", "reduce"))
        pair = f"{x} {a}" if name == "fold-right" else f"{a} {x}"
        procedure = self.pick((f"(lambda ({pair}) (small {body}))", "+", "max", "-"))
        return f"({name} {procedure} {self.expression(INT, 0)} {self.expression(LIST, d)})"

    def chain(self, _: str, d: int) -> str:
        """Maps and filters after each other."""
        items = self.pick((self.expression(LIST, d), "(iota 4)", "(iota 3 2)", "(list 1 2.0 'a)"))
        for _each in range(self.number(1, 3)):
            (x,) = self.names(1)
            with self.binding((x, INT)):
                value, test = self.expression(INT, d), self.expression(BOOL, d)
            items = self.pick(
                (
                    f"(map (lambda ({x}) {value}) {items})",
                    f"(filter (lambda ({x}) {test}) {items})",
                    f"(remove (lambda ({x}) (= (modulo {x} 3) 0)) {items})",
                    f"(filter even? {items})",
                    f"(map abs {items})",
                    f"(map (lambda ({x}) ((lambda () {x}))) {items})",
                    f"(map (lambda (thunk) (thunk)) (map (lambda ({x}) (lambda () {value})) {items}))",
                    f"(map car (map list {items}))",
                )
            )
        return items

    def counted_items(self, _: str, d: int) -> str:
        return f"({self.pick(('length', 'apply +', 'apply max 0'))} {self.chain(LIST, d)})"

    def parity(self, _: str, d: int) -> str:
        (x,) = self.names(1)
        value, test = self.expression(INT, d), self.pick(("even?", "odd?", "zero?", "negative?"))
        half = self.pick((f"(quotient {x} 2)", f"(+ (* 3 {x}) 1)", f"(remainder {x} 2)", f"(abs {x})", f"(max {x} 2)"))
        return f"(let (({x} {value})) (if ({test} {x}) {half} {self.pick((x, half))}))"

    def chars(self, _: str, d: int) -> str:
        text, c = self.expression(TEXT, d), self.pick(("c", "value"))
        is_kind = self.pick(("alphabetic", "numeric", "whitespace", "upper-case", "lower-case"))
        tested = f"(if (char-{is_kind}? {c}) (integer->char (+ 1 (char->integer {c}))) {c})"
        value = self.pick((c, f"(char-upcase {c})", f"(if (char-alphabetic? {c}) #\\z {c})", tested))
        return f"(list->string (map (lambda ({c}) {value}) (string->list {text})))"

    def tabled(self, _: str, d: int) -> str:
        """A table that is asked for what is or isn't in it; keys are of all kinds."""
        table = self.pick(("(make-equal-hash-table)", "(make-eqv-hash-table)", "(hash-table 1 10)"))
        first, second, asked = (self.pick((*KEYS, self.expression(INT, 0))) for _ in range(3))
        (x,) = self.names(1)
        with self.binding((x, INT)):
            value = self.expression(INT, d)
        stored = f"(hash-table-set! t {first} {x}) (hash-table-set! t {second} {value})"
        if self.number(0, 1):
            (c,) = self.names(1)
            with self.binding((c, INT)):
                procedure = self.pick((f"(lambda ({c}) {self.expression(INT, d)})", "1+"))
            how = self.pick(("hash-table-update!/default t {} {} 5", "hash-table-update! t {} {} (lambda () 5)"))
            stored += f" ({how.format(asked, procedure)})"
        found = self.pick((f"(hash-table-ref/default t {asked} 7)", f"(hash-table-ref t {asked} (lambda () 7))"))
        return f"(let ((t {table}) ({x} {self.expression(INT, d)})) {stored} (+ {found} (* 100 (hash-table-size t))))"

    def mutual(self, d: int) -> list[str]:
        """Procedures that call each other last; something may run before all of them are defined."""
        names = self.pick((("ping", "pong"), ("ping", "pong", "pang"), ("ping", "ping")))
        # Operators without a value yet show only where operands do nothing.
        is_early = self.number(0, 3) == 0
        d = 0 if is_early else d
        lines = []
        for at, name in enumerate(names):
            with self.binding(("n", INT), ("x", INT), assignable=self.number(0, 5) == 0):
                done, value = self.expression(INT, d), self.expression(INT, d)
                test = self.pick(("(= n 0)", "(<= n 0)", f"(or (<= n 0) {self.expression(BOOL, d)})"))
            callee = names[(at + 1) % len(names)] if self.number(0, 5) else self.pick(names)
            lines.append(f"(define ({name} n x) (if {test} {done} ({callee} (- n 1) (small {value}))))")
            if names[0] == names[1]:
                break
            if is_early and self.number(0, 2) == 0:
                lines.append(f"(see ({name} 2 1))")
        return [*lines, f"(see ({names[0]} {self.number(0, 5)} {self.pick(NUMBERS)}))"]

    def program(self, d: int) -> str:
        lines = [PRELUDE.rstrip(), FUEL.rstrip()]
        if self.number(0, 4) == 0:
            lines.append(self.pick(REDEFINED))
        if self.number(0, 1):
            lines += self.mutual(d)
        name = self.pick(("f", "range", "len"))
        with self.binding(("n", INT), ("x", INT)):
            body = self.pick(
                (self.counted, self.do_loop, self.over_vector, self.over_text, self.folded, self.counted_items)
            )(INT, d)
        lines.append(f"(define ({name} n x) {body})")
        lines.append(f"(see ({name} {self.pick(NUMBERS)} {self.pick(NUMBERS)}))")
        lines.append(self.expression(self.pick((INT, INT, LIST, TEXT)), d + 1))
        return "\n".join(lines)

    rest = (counted_items, parity, tabled)
    special = {
        **ProgramWriter.special,
        INT: (*ProgramWriter.special[INT], counted, counted, do_loop, over_vector, over_text, folded, *rest),
        LIST: (*ProgramWriter.special[LIST], chain, chain),
        TEXT: (*ProgramWriter.special[TEXT], chars),
        F0: ProgramWriter.special[F0],
    }


@st.composite
def programs(draw: st.DrawFn, depth: int = 2) -> str:
    """Omega programs; their expressions nest about `depth` levels deep."""
    return LoopWriter(draw).program(depth)
