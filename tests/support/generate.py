"""Programs made up by Hypothesis: well-typed most of the time, terminating always.

Every loop and recursion counts a small number down, and what grows from round to round is cut to size, so that
programs end soon. Expressions print, assign, ask the model and raise in the middle of operands, where the order of
evaluation shows. Names are those that a Python program would use for something else.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.expressions import F0, F1, F2, FIRST_ORDER, INT, LIST, POINT, TEXT, Writer

PRELUDE = """\
(define-record-type point (make-point x y) point? (x point-x set-point-x!) (y point-y))
(define level (make-parameter 1))
(define (small n) (if (and (< n 100) (> n -100)) n (modulo n 100)))
(define (short items) (if (> (length items) 8) (list-head items 8) items))
(define (clip text) (if (> (string-length text) 30) (substring text 0 30) text))
(define (see value) (write value) value)
"""


class ProgramWriter(Writer):
    """Writes one program."""

    definition_names = ("f", "g", "list-of", "range", "open?", "len")

    def definition(self, name: str, d: int) -> tuple[str, str]:
        """A definition, and the type of what it defines."""
        (i,) = self.names(1)
        shape = self.number(0, 5)
        if shape == 0:
            kind = self.pick((INT, TEXT, LIST, F0, POINT))
            return f"(define {name} {self.expression(kind, d)})", kind
        if shape == 1:
            with self.binding((i, INT)):
                return f"(define ({name} {i}) {self.body(INT, d)})", F1
        if shape == 2:
            with self.binding((i, INT), assignable=False):
                step = self.expression(INT, d)
            again = self.pick((f"({name} (- {i} 1))", f"({name} (- {i} 2))", f"(small ({name} (- {i} 1)))"))
            recursion = self.pick((f"(+ {step} {again})", f"(+ {again} {step})", f"(- {again} ({name} (- {i} 3)))"))
            return f"(define ({name} {i}) (set! {i} (min {i} 6)) (if (<= {i} 0) {i} {recursion}))", F1
        x = "x" if i != "x" else "y"
        if shape == 3:
            with self.binding((i, INT), assignable=False), self.binding((x, INT)):
                self.loops = [(name, i, (INT,))]
                again = self.tail(INT, d)
                self.loops = []
            limit = f"(if (> {i} 5) ({name} 5 {x}) (if (<= {i} 0) {x} {again}))"
            return f"(define ({name} {i} {x}) {limit})", F2
        if shape == 4:
            with self.binding((i, INT), assignable=False):
                here, there = self.statement(d), self.expression(INT, d)
            other = f"{name}-other"
            one = f"(define ({name} {i}) {here} (if (<= {i} 0) {there} ({other} (- (min {i} 6) 1))))"
            return f"{one}\n(define ({other} {i}) (if (<= {i} 0) 0 ({name} (- {i} 1))))", F1
        with self.binding((i, F1), (x, INT)):
            body = self.body(INT, d)
        return (
            f"(define (apply-{name} {i} {x}) {body})\n(define ({name} {x}) (apply-{name} {self.literal(F1)} {x}))",
            F1,
        )

    def program(self, d: int) -> str:
        """A whole program."""
        lines = [PRELUDE.rstrip()]
        for name in self.draw(st.lists(st.sampled_from(self.definition_names), max_size=3, unique=True)):
            text, kind = self.definition(name, d)
            lines.append(text)
            self.scope = [each for each in self.scope if each[0] != name]
            self.scope.append((name, kind, kind in (INT, TEXT, LIST)))
        lines += [self.statement(d) for _ in range(self.number(0, 2))]
        lines.append(self.expression(self.pick(FIRST_ORDER), d + 1))
        return "\n".join(lines)


@st.composite
def programs(draw: st.DrawFn, depth: int = 3) -> str:
    """Omega programs; their expressions nest about `depth` levels deep."""
    return ProgramWriter(draw).program(depth)
