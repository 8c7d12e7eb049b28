"""How the parameters of a procedure that calls itself change from one activation to the next."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ZERO, Formula
from omegac.analyse.cost.sizes import (
    ANY_DEPTH,
    Anything,
    Datum,
    Either,
    Given,
    Items,
    Number,
    Pair,
    Part,
    Sequence,
    Size,
    Text,
    Values,
    Vector,
    as_number,
    as_sequence,
    as_text,
    joined,
    known_items,
    parts_of,
    shown,
)
from omegac.core import Lambda

Change = Callable[[Formula], Formula]
Bounds = tuple[Formula, Formula]
"""The least and the most that something can be."""


class Unsolved(Exception):
    """No bound of a recursion was found; says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@attrs.frozen(eq=False)
class Parameter:
    """A parameter: what it is at first, and in any activation, where `symbols` stand for its sizes.

    `views` give each symbol the size of an argument that it stands for.
    """

    start: Size
    general: Size
    starts: Mapping[Formula, Bounds]
    views: Mapping[Formula, Callable[[Size], Bounds | None]]


@attrs.frozen(eq=False)
class Parameters:
    """The parameters of a procedure in a recursion."""

    procedure: Lambda
    all: tuple[Parameter, ...]
    signed: frozenset[int] = frozenset()

    @property
    def general(self) -> tuple[Size, ...]:
        """What they are in any activation."""
        return tuple(each.general for each in self.all)

    @property
    def starts(self) -> dict[Formula, Bounds]:
        """The bounds of each size in the first activation."""
        return {symbol: bounds for each in self.all for symbol, bounds in each.starts.items()}

    @property
    def symbols(self) -> frozenset[Formula]:
        """All sizes of any activation."""
        return frozenset(self.starts)

    def changes(self, arguments: tuple[Size, ...]) -> dict[Formula, Bounds | None]:
        """What becomes of each size in a call with these arguments; None where that isn't known."""
        return {
            symbol: view(argument)
            for each, argument in zip(self.all, arguments, strict=False)
            for symbol, view in each.views.items()
        }

    def widened(self, calls: list[tuple[Size, ...]]) -> Parameters | None:
        """Parameters of which the arguments of all calls may be values; None when these are."""
        changed, signed = False, set(self.signed)
        starts = []
        for i, each in enumerate(self.all):
            start = each.start
            for arguments in calls:
                if i >= len(arguments):
                    raise Unsolved("it calls itself with different numbers of arguments")
                start = _widened(start, each.general, arguments[i])
                number = as_number(arguments[i])
                may_be_negative = number is not None and not number.low.is_nonnegative
                if may_be_negative and i not in signed and isinstance(each.general, Number | Given):
                    signed.add(i)
                    changed = True
            changed |= start != each.start
            starts.append(start)
        return parameters_of(self.procedure, tuple(starts), frozenset(signed)) if changed else None

    def states(self, calls: list[tuple[Size, ...]], index: Formula, count: Formula) -> States:
        """What the sizes are in the activation with an index, after so many calls."""
        changes = [self.changes(arguments) for arguments in calls]
        return _Solver(self, index, count).solve(
            {symbol: [each.get(symbol) for each in changes] for symbol in self.starts}
        )


@attrs.frozen(eq=False)
class States:
    """Bounds of each size in an activation, as formulas over its index."""

    lows: dict[Formula, Formula] = attrs.field(factory=dict)
    highs: dict[Formula, Formula] = attrs.field(factory=dict)

    def high(self, formula: Formula) -> Formula | None:
        """An upper bound of a formula over the sizes; None when it neither surely rises nor surely falls with one."""
        return self._at(formula, self.highs, self.lows)

    def low(self, formula: Formula) -> Formula | None:
        """A lower bound of a formula over the sizes; None likewise."""
        return self._at(formula, self.lows, self.highs)

    def _at(
        self, formula: Formula, rising: Mapping[Formula, Formula], falling: Mapping[Formula, Formula]
    ) -> Formula | None:
        same = {symbol for symbol in rising if self.lows[symbol] == self.highs[symbol]}
        return bounded(formula, rising, falling, same)


def bounded(
    formula: Formula,
    rising: Mapping[Formula, Formula],
    falling: Mapping[Formula, Formula],
    same: Container[Formula] = (),
) -> Formula | None:
    """A formula with bounds in place of symbols: `rising` where it rises, or for those that are the `same` in both.

    None when it neither surely rises nor surely falls, or a bound that it takes is no number.
    """
    values = {}
    for symbol in algebra.symbols(formula) & (rising.keys() | falling.keys()):
        if symbol in rising and (symbol in same or algebra.rises(formula, symbol)):
            values[symbol] = rising[symbol]
        elif symbol in falling and algebra.falls(formula, symbol) and not algebra.is_infinite(falling[symbol]):
            values[symbol] = falling[symbol]
        else:
            return None
    return algebra.replaced(formula, values)


class _Solver:
    """Finds bounds for sizes one after another: those that change by what is known already."""

    def __init__(self, parameters: Parameters, index: Formula, count: Formula) -> None:
        self.symbols = parameters.symbols
        self.starts = parameters.starts
        self.index = index
        self.count = count
        self.states = States()

    def solve(self, changes: dict[Formula, list[Bounds | None]]) -> States:
        """The bounds of all sizes, from what becomes of each in the calls."""
        left = dict(changes)
        while solved := [symbol for symbol in left if self._solve(symbol, left[symbol])]:
            for symbol in solved:
                del left[symbol]
        for symbol in left:
            self._note(symbol, None)
        return self.states

    def _note(self, symbol: Formula, bounds: Bounds | None) -> None:
        low, high = bounds or (ZERO, INFINITY)
        self.states.lows[symbol], self.states.highs[symbol] = low, high

    def _solve(self, symbol: Formula, changes: list[Bounds | None]) -> bool:
        """Find the bounds of a size if what it depends on is known."""
        steps: list[Bounds] = []
        replaced: list[Bounds] = []
        for change in changes:
            if change is None:
                self._note(symbol, None)
                return True
            step = algebra.difference(change[0], symbol), algebra.difference(change[1], symbol)
            if any(symbol in algebra.symbols(each) for each in step):
                replaced.append(change)
            else:
                steps.append(step)
        needed = {each for bounds in (*steps, *replaced) for formula in bounds for each in algebra.symbols(formula)}
        if not needed & self.symbols <= self.states.lows.keys():
            return False
        rises, sets = self._known(steps), self._known(replaced)
        self._note(symbol, None if rises is None or sets is None else self._combined(self.starts[symbol], rises, sets))
        return True

    def _known(self, changes: list[Bounds]) -> list[Bounds] | None:
        """The bounds in the activation with the index, if all have some there."""
        found = []
        for low, high in changes:
            bounds = self.states.low(low), self.states.high(high)
            if bounds[0] is None or bounds[1] is None:
                return None
            found.append(bounds)
        return found

    def _combined(self, start: Bounds, steps: list[Bounds], sets: list[Bounds]) -> Bounds:
        """The bounds of a size that changes by steps, or becomes what doesn't depend on it."""
        low, high = start
        if steps:
            # What doesn't change in one of the calls may have changed in another one.
            down = algebra.total(algebra.least(*(each[0] for each in steps)), self.index, self.index)
            up = algebra.total(algebra.most(*(each[1] for each in steps)), self.index, self.index)
            low = ZERO if down is None else low + down
            high = INFINITY if up is None else high + up
        if sets:
            tops = [algebra.highest(each[1], self.index, self.count) for each in sets]
            high = INFINITY if None in tops or steps else algebra.most(high, *tops)
            bottoms = [algebra.lowest(each[0], self.index, self.count) for each in sets]
            low = ZERO if None in bottoms or steps else algebra.least(low, *bottoms)
        return low, high


def parameters_of(procedure: Lambda, arguments: tuple[Size, ...], signed: frozenset[int] = frozenset()) -> Parameters:
    """The parameters of a procedure, from the arguments of its first call."""
    names = [variable.name for variable in procedure.parameters]
    if procedure.rest is not None:
        raise Unsolved("it takes any number of arguments")
    if len(names) != len(arguments):
        raise Unsolved("the number of its arguments is wrong")
    pairs = zip(names, arguments, strict=True)
    return Parameters(procedure, tuple(parameter_of(n, a, i in signed) for i, (n, a) in enumerate(pairs)), signed)


def parameter_of(name: str, start: Size, is_signed: bool = False) -> Parameter:
    """A parameter that is this at first, with fresh sizes for any activation; `is_signed` for numbers below 0."""
    make = algebra.fresh_signed if is_signed else algebra.fresh
    match start:
        case Number():
            symbol = make(name) if start.is_whole else algebra.fresh_fraction(name)
            general: Size = Number(symbol, symbol, start.is_whole)
            return Parameter(start, general, {symbol: (start.low, start.high)}, {symbol: value_of})
        case Items() | Sequence():
            sequence = as_sequence(start)
            assert sequence is not None
            symbol = algebra.fresh(name)
            general = Sequence(symbol, symbol, sequence.element)
            return Parameter(start, general, {symbol: (sequence.low, sequence.high)}, {symbol: length_of})
        case Text() | Datum(value=str()):
            text = as_text(start)
            assert text is not None
            symbol = algebra.fresh(name)
            return Parameter(text, Text(symbol, symbol), {symbol: (text.low, text.high)}, {symbol: bytes_of})
        case Given() if start.path.endswith(ANY_DEPTH):
            return Parameter(start, attrs.evolve(start, part=Part(object())), {}, {})
        case Given():
            length, text, pairs, value = algebra.fresh(name), algebra.fresh(name), algebra.fresh(name), make(name)
            general = Given(start.path, length, text, value, pairs, part=Part(object()))
            starts = {
                length: start.bounds(start.length),
                text: start.bounds(start.text),
                value: start.bounds(start.value),
                pairs: start.bounds(start.pairs),
            }
            views = {length: length_of, text: _shown_bytes_of, value: value_of, pairs: pairs_of}
            return Parameter(start, general, starts, views)
    return Parameter(start, start, {}, {})


def length_of(size: Size) -> Bounds | None:
    """The bounds of a list's length."""
    sequence = as_sequence(size)
    return None if sequence is None else (sequence.low, sequence.high)


def bytes_of(size: Size) -> Bounds | None:
    """The bounds of a text's bytes."""
    text = as_text(size)
    return None if text is None else (text.low, text.high)


def _shown_bytes_of(size: Size) -> Bounds | None:
    """The bounds of the bytes that something given is shown with, which may be a number."""
    return bytes_of(shown(size)[0] if isinstance(size, Number) else size)


def pairs_of(size: Size) -> Bounds | None:
    """The bounds of the number of pairs, those within included; lower ones are 0."""
    match size:
        case Given():
            return size.bounds(size.pairs)
        case Number() | Text() | Datum() | Vector():
            return ZERO, ZERO
        case Items() | Sequence():
            sequence = as_sequence(size)
            inner = None if sequence is None else pairs_of(sequence.element)
            if sequence is not None and inner is not None:
                return ZERO, sequence.high + algebra.times(sequence.high, inner[1])
    return None


def value_of(size: Size) -> Bounds | None:
    """The bounds of a number."""
    number = as_number(size)
    return None if number is None else (number.low, number.high)


def _widened(start: Size, general: Size, argument: Size) -> Size:
    """What a parameter may be that may be such an argument, too. Only kinds and elements widen: sizes have symbols."""
    if argument == general or argument is general:
        return start
    if isinstance(start, Anything):
        return start
    if isinstance(start, Given) and start.path.endswith(ANY_DEPTH) and start != general:
        return start  # which other arguments are parts, the next round sees
    if isinstance(general, Given):
        wider = _widened_given(start, general, argument)
        if isinstance(wider, Anything) and isinstance(start, Given) and _is_part(argument, general):
            return parts_of(start)
        return wider
    number = as_number(argument)
    if isinstance(general, Number) and isinstance(start, Number) and number is not None:
        return start if number.is_whole or not start.is_whole else attrs.evolve(start, is_whole=False)
    if isinstance(general, Text) and isinstance(start, Text) and as_text(argument) is not None:
        return start
    if isinstance(general, Sequence):
        sequence, first = as_sequence(argument), as_sequence(start)
        if sequence is not None and first is not None:
            if sequence.high == 0 or sequence.element == first.element:
                return start
            element = sequence.element if first.high == 0 else joined([first.element, sequence.element])
            return start if element == first.element else Sequence(first.low, first.high, element)
    return joined([start, argument]) if isinstance(argument, Datum | Either) else Anything()


def _is_part(argument: Size, general: Given) -> bool:
    """Whether an argument is something within the parameter."""
    place = argument.part if isinstance(argument, Given) else None
    return place is not None and general.part is not None and place.whole is general.part.whole


def _widened_given(start: Size, general: Given, argument: Size) -> Size:
    sequence = as_sequence(argument)
    if isinstance(argument, Number) or (isinstance(argument, Given) and argument.path == general.path):
        return start
    if sequence is not None and (sequence.element == general.element or sequence.high == 0):
        return start
    if isinstance(argument, Text):
        return start
    return Anything()


def mapped(size: Size, low: Change, high: Change, number: Callable[[Number], Size] | None = None) -> Size:
    """A size with changes applied to all its lower and upper bounds, to those of numbers by `number` if given."""

    def changed(size: Size) -> Size:
        return mapped(size, low, high, number)

    match size:
        case Number():
            return number(size) if number else Number(low(size.low), high(size.high), size.is_whole)
        case Text():
            return Text(low(size.low), high(size.high))
        case Sequence():
            return Sequence(low(size.low), high(size.high), changed(size.element))
        case Items(items=items):
            return known_items(changed(each) for each in items)
        case Vector(contents=contents):
            inner = changed(contents)
            assert isinstance(inner, Items | Sequence)
            return Vector(inner)
        case Values(items=items):
            return Values(tuple(changed(each) for each in items))
        case Pair():
            return Pair(changed(size.car), changed(size.cdr))
        case Either(choices=choices):
            return joined(changed(each) for each in choices)
        case Given():
            return _mapped_given(size, low, high)
    return size


def _mapped_given(size: Given, low: Change, high: Change) -> Size:
    """Something given whose sizes have become others: only what doesn't change stays of unknown kind."""
    changed = {
        name: (low(getattr(size, name)), high(getattr(size, name))) for name in ("length", "text", "value", "pairs")
    }
    if all(bounds == (getattr(size, name),) * 2 for name, bounds in changed.items()):
        return size
    if all(one == other for one, other in changed.values()) or size.is_any:
        length, text, value, pairs = (most for _, most in changed.values())
        return Given(size.path, length, text, value, pairs, size.is_any)
    return Either(
        (
            Sequence(*changed["length"], size.element),
            Text(*changed["text"]),
            Number(*changed["value"]),
        )
    )


def symbols_of(size: Size) -> Iterator[Formula]:
    """The symbols in all bounds of a size."""
    found: list[Formula] = []

    def note(formula: Formula) -> Formula:
        found.extend(algebra.symbols(formula))
        return formula

    mapped(size, note, note)
    yield from found
