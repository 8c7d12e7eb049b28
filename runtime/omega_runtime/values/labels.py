"""Datum labels: how a datum that contains itself, or the same part twice, is written as text and as Python."""

from __future__ import annotations

from omega_runtime.values.pairs import Pair
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from omega_runtime.values import Value


class Label:
    """A datum with a label, as in #0=(a); without a datum the place of one that has the label elsewhere, as in #0#."""

    __slots__ = ("datum", "number")

    def __init__(self, number: int, datum: Value = None) -> None:
        self.number = number
        self.datum = datum

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return f"#{self.number}#" if self.datum is None else f"#{self.number}={write_text(self.datum)}"


def linked(datum: Value) -> Value:
    """A datum with every label replaced by what has it; its pairs and vectors are changed, not copied.

    Places whose label nothing has stay as they are. Raises ValueError for a label that stands for itself.
    """
    found = {label.number: label for label in _walked(datum) if type(label) is Label and label.datum is not None}

    def target(part: Value) -> Value:
        steps = 0
        while type(part) is Label and part.number in found:
            part = found[part.number].datum
            steps += 1
            if steps > len(found):
                raise ValueError("a label stands for itself")
        return part

    for part in _walked(datum):
        if type(part) is Pair:
            part.car, part.cdr = target(part.car), target(part.cdr)
        elif type(part) is Vector:
            part[:] = map(target, part)
    return target(datum)


def _walked(datum: Value) -> Iterator[Value]:
    """Every pair, vector and label of a datum, once; what is inside of each is looked up before it is given."""
    stack = [datum]
    seen = set()
    while stack:
        part = stack.pop()
        kind = type(part)
        if kind not in (Pair, Vector, Label) or id(part) in seen:
            continue
        seen.add(id(part))
        if kind is Pair:
            stack += (part.cdr, part.car)
        elif kind is Vector:
            stack += part
        else:
            stack.append(part.datum)
        yield part
