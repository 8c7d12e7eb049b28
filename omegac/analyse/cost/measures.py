"""What gets smaller from call to call of a recursion, and so how many activations there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import ONE, ZERO, Formula
from omegac.analyse.cost.amounts import Way
from omegac.analyse.cost.sizes import ANY_DEPTH, Given, Number, Part, Size, Test
from omegac.analyse.cost.states import Bounds, Parameters, Unsolved, length_of, value_of

_TRIED = 12
"""Small sizes with which tests are tried."""


@attrs.frozen(eq=False)
class Call:
    """A call of the procedure itself: what it passes, the way that it is on, and how many there are on that."""

    arguments: tuple[Size, ...]
    way: Way
    together: int

    @property
    def tests(self) -> tuple[Test, ...]:
        """The tests that its way passes."""
        return self.way.tests


@attrs.frozen
class Measure:
    """How many activations a call leads to.

    `count` is the length of the longest chain of calls; with `branching` 1 that many activations call on.
    With more, `inner` is the number of those, `leaves` of those that don't. `is_exhausted` says that no chain
    ends earlier, `may_fail_late` that one more activation may fail on its way to the next call, and `is_tight` that
    `inner` and `leaves` are the exact numbers.
    """

    count: Formula
    branching: int
    inner: Formula
    leaves: Formula
    is_exhausted: bool
    may_fail_late: bool = False
    is_tight: bool = False
    guards: tuple[Test, ...] = ()

    def is_early(self, way: Way) -> bool:
        """Whether a way without a call is only taken where another call could have been made, too."""
        return not self.may_fail_late and any(guard in way.tests for guard in self.guards)


@attrs.frozen
class _Chain:
    """A bound on the length of a chain of calls; `is_exact` says that it is reached while its guards hold."""

    count: Formula
    guards: tuple[Test, ...]
    may_fail_late: bool = False
    is_exact: bool = False


def measure_of(parameters: Parameters, calls: list[Call], last: list[Way]) -> Measure:
    """The number of activations of a recursion. Raises Unsolved when nothing is found that gets smaller."""
    branching = max(call.together for call in calls)
    parts = _by_parts(parameters, calls, last)
    if parts is not None:
        return parts
    if branching > 1:
        divided = _division(parameters, calls, last)
        if divided is not None:
            return divided
    chains = list(_chains(parameters, calls))
    if not chains:
        raise Unsolved(_why_not(parameters))
    chain = min(chains, key=lambda each: (algebra.is_infinite(each.count), each.count.count_ops(), str(each.count)))
    ends_there = bool(last) and all(way.end is not None or _ends_by(way, chain.guards) for way in last)
    is_exhausted = chain.is_exact and ends_there
    base, count = algebra.number(branching), chain.count
    inner = count if branching == 1 else (algebra.power(base, count) - 1) / (base - 1)
    return Measure(
        count,
        branching,
        inner,
        algebra.power(base, count),
        is_exhausted and branching == 1,
        chain.may_fail_late,
        guards=chain.guards,
    )


def _why_not(parameters: Parameters) -> str:
    names = ", ".join(variable.name for variable in parameters.procedure.parameters)
    if not names:
        return "it calls itself without arguments"
    return f"none of {names} surely gets smaller, or nears a bound, each time that it calls itself"


def _ends_by(way: Way, guards: tuple[Test, ...]) -> bool:
    """Whether a way is taken only when a guard of the recursion doesn't hold any more."""
    opposite = [attrs.evolve(guard, holds=not guard.holds) for guard in guards]
    return any(test in opposite for test in way.tests)


def _chains(parameters: Parameters, calls: list[Call]) -> Iterator[_Chain]:
    """The bounds on the length of a chain of calls that are found, one for each size or sum of sizes."""
    changes = [parameters.changes(call.arguments) for call in calls]
    starts = parameters.starts
    lengths = []
    for parameter in parameters.all:
        for symbol, view in parameter.views.items():
            found = [each.get(symbol) for each in changes]
            bounds = [each for each in found if each is not None]
            if len(bounds) < len(found):
                continue
            steps = [(algebra.difference(low, symbol), algebra.difference(high, symbol)) for low, high in bounds]
            if view is length_of:
                lengths.append((symbol, steps))
                chain = _by_length(symbol, steps, starts[symbol], calls)
            elif view is value_of:
                chain = _by_value(symbol, steps, starts[symbol], calls, parameters.symbols)
            else:
                chain = None
            if chain is None:
                chain = _by_halving(symbol, bounds, starts[symbol], calls)
            if chain is not None:
                yield chain
    yield from _by_sum(lengths, starts, calls)


def _by_length(symbol: Formula, steps: list[Bounds], start: Bounds, calls: list[Call]) -> _Chain | None:
    """A list that gets shorter: there are no more calls than it has elements."""
    least = [algebra.constant(high) for _, high in steps]
    if any(each is None or each > -1 for each in least):
        return None
    step = min(int(-each) for each in least if each is not None)
    guards = _common([_about(call.tests, symbol) for call in calls])
    late = any(_smallest(call.tests, symbol) < step for call in calls)
    count = start[1] if step == 1 else algebra.quotient(start[1], algebra.number(step))
    is_same_step = all(low == high == -step for low, high in steps)
    is_exact = is_same_step and step == 1 and start[0] == start[1]
    return _Chain(count, guards if is_same_step and step == 1 else (), late, is_exact)


def _by_sum(
    lengths: list[tuple[Formula, list[Bounds]]],
    starts: dict[Formula, Bounds],
    calls: list[Call],
) -> Iterator[_Chain]:
    """Several lists of which one gets shorter in each call, as in merging: there are no more calls than elements."""
    shrinking = [
        (symbol, steps)
        for symbol, steps in lengths
        if all((bound := algebra.constant(high)) is not None and bound <= 0 for _, high in steps)
    ]
    if len(shrinking) < 2:
        return
    for i in range(len(calls)):
        if not any((algebra.constant(steps[i][1]) or 0) <= -1 for _, steps in shrinking):
            return
    yield _Chain(sum((starts[symbol][1] for symbol, _ in shrinking), ZERO), (), may_fail_late=True)


def _by_value(
    symbol: Formula,
    steps: list[Bounds],
    start: Bounds,
    calls: list[Call],
    changing: frozenset[Formula],
) -> _Chain | None:
    """A number that nears a bound, which a test before each call guards."""
    lows, highs = [algebra.constant(low) for low, _ in steps], [algebra.constant(high) for _, high in steps]
    if None in lows or None in highs:
        return None
    rising = all(each is not None and each > 0 for each in lows)
    falling = all(each is not None and each < 0 for each in highs)
    if not rising and not falling:
        return None
    step = min(abs(each) for each in (lows if rising else highs) if each is not None)
    exact = {*lows, *highs} == {step if rising else -step}
    guards = _common([_about(call.tests, symbol) for call in calls])
    for guard in guards:
        count = _steps_within(guard, symbol, start, (rising, algebra.number(step), exact), changing)
        if count is not None:
            is_exact = exact and start[0] == start[1] and None not in (guard.one.exact, guard.other.exact)
            return _Chain(count, (guard,) if exact else (), is_exact=is_exact)
    return None


def _steps_within(
    guard: Test,
    symbol: Formula,
    start: Bounds,
    step: tuple[bool, Formula, bool],
    changing: frozenset[Formula],
) -> Formula | None:
    """How often a number may be changed by a step while a guard holds."""
    rising, by, is_exact = step
    bound = _bound(guard, symbol, rising)
    if bound is None or algebra.symbols(bound[0]) & changing or algebra.is_infinite(bound[0]):
        return None
    limit, is_included, is_met = bound
    room = algebra.difference(limit, start[0]) if rising else algebra.difference(start[1], limit)
    if is_met:  # until it equals the limit: it must not step over it
        sign = room.is_nonnegative
        return room if sign and by == 1 and is_exact and start[0] == start[1] else None
    if is_included:
        return algebra.most(ZERO, algebra.quotient(room, by) + 1)
    return algebra.most(ZERO, algebra.rounded_up(room, by))


def _bound(guard: Test, symbol: Formula, rising: bool) -> tuple[Formula, bool, bool] | None:
    """What a number stays below (or above), whether it may be that, and whether the guard asks for just that."""
    one, other = guard.one, guard.other
    on_left = symbol in algebra.symbols(one.high)
    mine, theirs = (one, other) if on_left else (other, one)
    if mine.exact is None:
        return None
    offset = algebra.difference(mine.exact, symbol)
    if symbol in algebra.symbols(offset) or symbol in algebra.symbols(theirs.high):
        return None
    limit = (theirs.high if rising else theirs.low) - offset
    if guard.relation == "=":
        return None if guard.holds or theirs.exact is None else (limit, False, True)
    is_below = on_left == guard.holds  # symbol < limit, or symbol <= limit
    if is_below != rising:
        return None
    is_included = (guard.relation == "<=") == guard.holds
    return limit, is_included, False


def _by_halving(symbol: Formula, bounds: list[Bounds], start: Bounds, calls: list[Call]) -> _Chain | None:
    """A size that is at most half of what it was, as long as it is 1 or more."""
    half = algebra.halved(symbol)
    if not all(algebra.is_at_least(half, high) or algebra.is_at_least(symbol / 2, high) for _, high in bounds):
        return None
    least = min(_smallest(call.tests, symbol) for call in calls)
    if least < 1:
        return None
    return _Chain(algebra.most(ZERO, algebra.halvings(start[1], algebra.number(least))), ())


def _by_parts(parameters: Parameters, calls: list[Call], last: list[Way]) -> Measure | None:
    """Data of which the calls get parts that don't overlap: no more activations call on than it has pairs."""
    for i, parameter in enumerate(parameters.all):
        start, general = parameter.start, parameter.general
        if not isinstance(general, Given) or not general.path.endswith(ANY_DEPTH) or general.part is None:
            continue
        assert isinstance(start, Given)
        ways: dict[int, list[str]] = {}
        for call in calls:
            argument = call.arguments[i]
            place = argument.part if isinstance(argument, Given) else None
            if place is None or place.whole is not general.part.whole or not place.steps:
                break
            ways.setdefault(id(call.way), []).append(place.steps)
        else:
            if not all(_are_apart(steps) for steps in ways.values()):
                continue
            branching = max(map(len, ways.values()))
            is_guarded = all(_says_pair(call.tests, general.part, is_pair=True) for call in calls)
            is_late = not is_guarded or any(len(each) > 1 for steps in ways.values() for each in steps)
            ends = all(way.end is not None or _says_pair(way.tests, general.part, is_pair=False) for way in last)
            is_whole = all(sorted(steps) == ["a", "d"] for steps in ways.values())
            root = start.path.removesuffix(ANY_DEPTH)
            is_tight = not is_late and ends and is_whole and not root.endswith(("]", "()"))
            inner, leaves = start.pairs, start.pairs * (branching - 1) + 1
            return Measure(start.pairs, max(2, branching), inner, leaves, is_tight, is_late, is_tight)
    return None


def _are_apart(steps: list[str]) -> bool:
    """Whether none of some parts is within another one."""
    return not any(other.startswith(one) for one, other in permutations(steps, 2))


def _says_pair(tests: Iterable[Test], part: Part, is_pair: bool) -> bool:
    """Whether tests say that something is a pair, or that it is none."""
    return any(test.pair == part and test.holds is not is_pair for test in tests)


def _division(parameters: Parameters, calls: list[Call], last: list[Way]) -> Measure | None:
    """A list that is divided among the calls: there are no more leaves than elements."""
    changes = [parameters.changes(call.arguments) for call in calls]
    for parameter in parameters.all:
        for symbol, view in parameter.views.items():
            if view is not length_of:
                continue
            low, high = ZERO, ZERO
            parts = [each.get(symbol) for each in changes]
            if None in parts or len({call.together for call in calls}) != 1 or calls[0].together != len(calls):
                continue
            known = [each for each in parts if each is not None]
            for part in known:
                low, high = low + part[0], high + part[1]
            least = min(_smallest(call.tests, symbol) for call in calls)
            if not algebra.is_at_least(symbol, algebra.expanded(high)) or not _are_parts(known, symbol, least):
                continue
            start = parameter.starts[symbol]
            ends_small = all(_largest(way.tests, symbol) <= 1 for way in last)
            is_tight = algebra.expanded(low) == symbol and ends_small and start[0] == start[1]
            count = algebra.most(ONE, start[1])
            return Measure(count, len(calls), count - 1, count, is_tight, is_tight=is_tight)
    return None


def _are_parts(parts: list[Bounds], symbol: Formula, least: int) -> bool:
    """Whether each part has an element, and all have fewer than the whole, from the least size on."""
    if least < 2:
        return False
    sizes = [algebra.constant(low.subs(symbol, least)) for low, _ in parts]
    return all(each is not None and 1 <= each < least for each in sizes)


def _about(tests: Iterable[Test], symbol: Formula) -> tuple[Test, ...]:
    return tuple(each for each in tests if symbol in _symbols(each))


def _symbols(test: Test) -> frozenset[Formula]:
    sides: list[Number] = [test.one, test.other]
    return frozenset(symbol for side in sides for each in (side.low, side.high) for symbol in algebra.symbols(each))


def _common(groups: list[tuple[Test, ...]]) -> tuple[Test, ...]:
    return tuple(test for test in groups[0] if all(test in group for group in groups[1:])) if groups else ()


def _possible(tests: Iterable[Test], symbol: Formula) -> Iterator[int]:
    """The small sizes with which tests about nothing else may hold."""
    own = [each for each in tests if _symbols(each) == {symbol} and each.one.exact is not None is not each.other.exact]
    for value in range(_TRIED):
        if all(_holds(each, symbol, value) for each in own):
            yield value


def _holds(test: Test, symbol: Formula, value: int) -> bool:
    one, other = (algebra.constant(side.low.subs(symbol, value)) for side in (test.one, test.other))
    if one is None or other is None:
        return True
    if test.of_lengths and (one < 0 or other < 0):
        return False  # there is no such list, so the test is never made
    found = {"<": one < other, "<=": one <= other, "=": one == other}[test.relation]
    return found == test.holds


def _smallest(tests: Iterable[Test], symbol: Formula) -> int:
    return min(_possible(tests, symbol), default=_TRIED)


def _largest(tests: Iterable[Test], symbol: Formula) -> int:
    return max(_possible(tests, symbol), default=0)
