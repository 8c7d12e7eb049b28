"""What a procedure that calls itself gives: by what each activation makes of the result of the next one."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ZERO, Formula
from omegac.analyse.cost.amounts import Way
from omegac.analyse.cost.measures import Measure
from omegac.analyse.cost.sizes import (
    Anything,
    Cause,
    Either,
    Given,
    Items,
    Number,
    Pair,
    Sequence,
    Size,
    Text,
    Values,
    Vector,
    as_number,
    as_sequence,
    as_text,
    given,
    joined,
)
from omegac.analyse.cost.states import Bounds, States, bounded, bytes_of, length_of, symbols_of, value_of
from omegac.core import Lambda


def result_again(procedure: Lambda) -> Given:
    """The result of the activation that a procedure's call of itself begins."""
    found = given(f"%result {id(procedure)}")
    return attrs.evolve(found, value=algebra.signed(found.path))


@attrs.frozen(eq=False)
class Result:
    """What is known of the value, and bounds for the sizes that stood for it, which have `path` in their names."""

    value: Size
    path: str
    lows: dict[Formula, Formula]
    highs: dict[Formula, Formula]
    causes: tuple[Cause, ...] = ()

    def high(self, formula: Formula) -> Formula | None:
        """An upper bound of a formula, without these sizes; None when none is known."""
        return self._at(formula, self.highs, self.lows)

    def low(self, formula: Formula) -> Formula | None:
        """A lower bound of a formula, without these sizes; None when none is known."""
        return self._at(formula, self.lows, self.highs)

    def _at(self, formula: Formula, rising: dict[Formula, Formula], falling: dict[Formula, Formula]) -> Formula | None:
        bound = bounded(formula, rising, falling)
        return None if bound is None or any(self.path in each.name for each in algebra.symbols(bound)) else bound


def result_of(procedure: Lambda, last: list[Way], inner: list[Way], measure: Measure, states: States) -> Result:
    """What a procedure gives that calls itself."""
    again = result_again(procedure)
    base = [_without(way.value, again) for way in last if way.end is None]
    steps = [way.value for way in inner if way.end is None and way.value != again]
    value = joined(base) if base else Anything(Cause("it never gives a value", procedure.span))
    if steps:
        value = _stepped(value, steps, again, measure, states)
    cause = Cause("what it gives isn't followed", procedure.span)
    if isinstance(value, Anything) and value.cause is None:
        value = Anything(cause)
    sizes = (again.length, again.text, again.value)
    views = (as_sequence(value), as_text(value), as_number(value))
    lows = {symbol: view.low if view else ZERO for symbol, view in zip(sizes, views, strict=True)}
    if as_number(value) is None:  # it may be below 0
        del lows[again.value]
    highs = {symbol: view.high if view else INFINITY for symbol, view in zip(sizes, views, strict=True)}
    return Result(value, again.path, lows, highs, (cause,))


def _stepped(base: Size, steps: list[Size], again: Given, measure: Measure, states: States) -> Size:
    """What comes of the base value when each activation makes something of the result of the next one."""
    own = {again.length, again.text, again.value, again.pairs}
    own |= {again.element.length, again.element.text, again.element.value, again.element.pairs}
    if not any(own.intersection(symbols_of(step)) or again in _parts(step) for step in steps):
        return joined([base, *steps])
    if measure.branching > 1:
        return Anything()
    return _grown(base, [_without(step, again) for step in steps], again, measure, states)


def _grown(base: Size, steps: list[Size], again: Given, measure: Measure, states: States) -> Size:
    """A list, text or number to which each activation adds something."""
    for view, symbol in ((length_of, again.length), (bytes_of, again.text), (value_of, again.value)):
        known = [bounds for each in (base, *steps) if (bounds := view(each)) is not None]
        if len(known) <= len(steps):
            continue
        bounds = _sum(known[0], known[1:], symbol, measure, states)
        if view is length_of:
            sequences = [each for each in map(as_sequence, (base, *steps)) if each is not None and each.high != 0]
            return Sequence(*bounds, joined([each.element for each in sequences]))
        if view is bytes_of:
            return Text(*bounds)
        is_whole = all(isinstance(each, Number | Given) and getattr(each, "is_whole", True) for each in (base, *steps))
        return Anything() if algebra.is_infinite(bounds[1]) else Number(*bounds, is_whole)
    return Anything()


def _sum(
    start: Bounds,
    steps: list[Bounds],
    symbol: Formula,
    measure: Measure,
    states: States,
) -> Bounds:
    """The bounds of a size to which each activation adds something."""
    added = [(algebra.difference(low, symbol), algebra.difference(high, symbol)) for low, high in steps]
    if any(symbol in algebra.symbols(each) for bounds in added for each in bounds):
        return ZERO, INFINITY
    tops, bottoms = [states.high(high) for _, high in added], [states.low(low) for low, _ in added]
    if None in tops or None in bottoms:
        return ZERO, INFINITY
    high = algebra.times(measure.count, algebra.most(*tops))
    low = algebra.times(measure.count, algebra.least(*bottoms)) if measure.is_exhausted else ZERO
    return start[0] + low, start[1] + high


def _without(size: Size, again: Given) -> Size:
    """A size without the elements of the next result: those are among the elements already."""
    match size:
        case Sequence(element=element):
            return attrs.evolve(size, element=_without_element(element, again))
        case Items(items=items) if any(each == again.element for each in items):
            return Items(tuple(each for each in items if each != again.element))
    return size


def _without_element(element: Size, again: Given) -> Size:
    if isinstance(element, Either):
        return joined([each for each in element.choices if each != again.element])
    return Anything() if element == again.element else element


def _parts(size: Size) -> Iterator[Size]:
    yield size
    match size:
        case Items(items=items) | Values(items=items):
            for each in items:
                yield from _parts(each)
        case Sequence(element=element):
            yield from _parts(element)
        case Vector(contents=contents):
            yield from _parts(contents)
        case Pair(car=car, cdr=cdr):
            yield from _parts(car)
            yield from _parts(cdr)
        case Either(choices=choices):
            for each in choices:
                yield from _parts(each)
