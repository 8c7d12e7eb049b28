"""What is spent on the way through a program: bounds on calls, tokens and dollars, and the ways that it may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ZERO, Formula
from omegac.analyse.cost.sizes import Cause, Closure, Size, Test, joined

WAYS_MAX = 24


@attrs.frozen
class Amount:
    """Calls to models, input tokens, output tokens, all tokens, and US dollars, each as a formula.

    `tokens` may be less than input and output together: a budget around them says so.
    """

    calls: Formula = ZERO
    input: Formula = ZERO
    output: Formula = ZERO
    tokens: Formula = ZERO
    dollars: Formula = ZERO

    def __add__(self, other: Amount) -> Amount:
        return _each(lambda one, two: one + two, self, other)

    def map(self, change: Callable[[Formula], Formula]) -> Amount:
        """The amount with a change applied to each formula."""
        return Amount(*(change(getattr(self, name)) for name in RESOURCES))


RESOURCES = tuple(field.name for field in attrs.fields(Amount))
NOTHING = Amount()
ENDLESS = Amount(*[INFINITY] * len(RESOURCES))


def _each(combine: Callable[..., Formula], *amounts: Amount) -> Amount:
    return Amount(*(combine(*(getattr(amount, name) for amount in amounts)) for name in RESOURCES))


def most(amounts: Iterable[Amount]) -> Amount:
    """The largest of some amounts, for each resource by itself."""
    found = list(dict.fromkeys(amounts))
    return found[0] if len(found) == 1 else _each(algebra.most, *found)


def least(amounts: Iterable[Amount]) -> Amount:
    """The smallest of some amounts, for each resource by itself."""
    found = list(dict.fromkeys(amounts))
    return found[0] if len(found) == 1 else _each(algebra.least, *found)


@attrs.frozen
class Cost:
    """Bounds on what is spent. `sites` are the bounds of each call site, `causes` say what made a bound infinite."""

    low: Amount = NOTHING
    high: Amount = NOTHING
    sites: Mapping[int, tuple[Amount, Amount]] = attrs.field(factory=dict)
    causes: tuple[Cause, ...] = ()

    def __add__(self, other: Cost) -> Cost:
        if not other.sites and other.high == NOTHING and not other.causes:
            return self
        if not self.sites and self.high == NOTHING and not self.causes:
            return other
        sites = dict(self.sites)
        for site, (low, high) in other.sites.items():
            before = sites.get(site, (NOTHING, NOTHING))
            sites[site] = before[0] + low, before[1] + high
        return Cost(self.low + other.low, self.high + other.high, sites, _united(self.causes, other.causes))

    @property
    def is_free(self) -> bool:
        """Whether nothing is ever spent."""
        return self.high == NOTHING and not self.causes

    def map(self, change: Callable[[Formula], Formula], change_low: Callable[[Formula], Formula] | None = None) -> Cost:
        """The cost with a change applied to each formula, another one to lower bounds if given."""
        lower = change_low or change
        sites = {site: (low.map(lower), high.map(change)) for site, (low, high) in self.sites.items()}
        return Cost(self.low.map(lower), self.high.map(change), sites, self.causes)

    def because(self, *causes: Cause) -> Cost:
        """The same, with more reasons."""
        return attrs.evolve(self, causes=_united(self.causes, causes))

    def at_least_nothing(self) -> Cost:
        """The same for something that needn't happen."""
        sites = {site: (NOTHING, high) for site, (_, high) in self.sites.items()}
        return Cost(NOTHING, self.high, sites, self.causes)


FREE = Cost()


def unknown(cause: Cause) -> Cost:
    """The cost of what may spend anything."""
    return Cost(NOTHING, ENDLESS, {}, (cause,))


def _united(one: tuple[Cause, ...], other: tuple[Cause, ...]) -> tuple[Cause, ...]:
    return one if not other else tuple(dict.fromkeys((*one, *other)))


def either(costs: Iterable[Cost]) -> Cost:
    """The bounds of one of several costs."""
    found = list(costs)
    if len(found) == 1:
        return found[0]
    ids = dict.fromkeys(site for cost in found for site in cost.sites)
    nothing = (NOTHING, NOTHING)
    sites = {
        site: (
            least(cost.sites.get(site, nothing)[0] for cost in found),
            most(cost.sites.get(site, nothing)[1] for cost in found),
        )
        for site in ids
    }
    return Cost(
        least(cost.low for cost in found),
        most(cost.high for cost in found),
        sites,
        reduce(_united, (cost.causes for cost in found), ()),
    )


def repeated(cost: Cost, low: Formula, high: Formula) -> Cost:
    """A cost, between `low` and `high` times."""
    return cost.map(lambda formula: algebra.times(high, formula), lambda formula: algebra.times(low, formula))


@attrs.frozen(eq=False)
class Again:
    """A call of a procedure that is being looked at: its arguments say how one activation follows from another.

    `is_repeated` says that it may be made many times.
    """

    procedure: Closure
    arguments: tuple[Size, ...]
    is_repeated: bool = False


@attrs.frozen(eq=False)
class Way:
    """A way through some code: its value, what is spent on it, the tests that it passes and the calls that repeat it.

    `end` is None when it goes on behind the code; otherwise it ends there: "exit", "error", or where an escape leads.
    """

    value: Size
    cost: Cost = FREE
    tests: tuple[Test, ...] = ()
    again: tuple[Again, ...] = ()
    end: object = None


Ways = tuple[Way, ...]


def then(ways: Ways, following: Callable[[Size], Ways]) -> Ways:
    """All ways through some code and what follows it, which gets the value of the first."""
    found: list[Way] = []
    for way in ways:
        if way.end is not None:
            found.append(way)
            continue
        found += [
            Way(after.value, way.cost + after.cost, way.tests + after.tests, way.again + after.again, after.end)
            for after in following(way.value)
        ]
    return merged(tuple(found))


def tested(ways: Ways, test: Size) -> Ways:
    """Ways that are only taken when a test holds."""
    if not isinstance(test, Test):
        return ways
    return tuple(attrs.evolve(way, tests=(test, *way.tests)) for way in ways)


def merged(ways: Ways) -> Ways:
    """Fewer ways: those that repeat nothing are one for each end, unless other ways do repeat something."""
    if len(ways) < 2:
        return ways
    if any(way.again for way in ways) and len(ways) <= WAYS_MAX:
        return ways
    groups: dict[tuple[object, bool], list[Way]] = {}
    for way in ways:
        groups.setdefault((way.end, bool(way.again)), []).append(way)
    return tuple(_one_of(group) for group in groups.values())


def _one_of(ways: list[Way]) -> Way:
    if len(ways) == 1:
        return ways[0]
    common = tuple(test for test in ways[0].tests if all(test in way.tests for way in ways[1:]))
    again = max((way.again for way in ways), key=len)
    if again:  # each way's calls are among those of the one that stands for all
        again = tuple(dict.fromkeys(each for way in ways for each in way.again))
    return Way(joined(way.value for way in ways), either(way.cost for way in ways), common, again, ways[0].end)


def value_of(ways: Ways) -> Size:
    """What is known of the value, whichever way is taken."""
    return joined(way.value for way in ways if way.end is None)


def cost_of(ways: Ways, of_normal_ends: bool = True) -> Cost:
    """What is spent, whichever way is taken; errors spend too, but are no way to spend less."""
    high = either(way.cost for way in ways) if ways else FREE
    normal = [way.cost for way in ways if way.end != "error"] if of_normal_ends else []
    low = either(normal) if normal else high
    sites = {site: (low.sites.get(site, (NOTHING, NOTHING))[0], bound) for site, (_, bound) in high.sites.items()}
    return Cost(low.low, high.high, sites, high.causes)


def may_spend(ways: Ways) -> bool:
    """Whether something may be spent, calls of procedures that are being looked at included."""
    return any(way.again for way in ways) or not cost_of(ways).is_free


def interrupted(body: Ways, following: Ways) -> Ways:
    """Ways that are taken when some code fails on its way, before or after its calls of what is being looked at."""
    failed = cost_of(body, of_normal_ends=False).at_least_nothing()
    made = dict.fromkeys(((), *(way.again for way in body)))
    return tuple(
        attrs.evolve(way, cost=failed + way.cost, again=again + way.again) for again in made for way in following
    )


def budgeted(cost: Cost, tokens: Formula | None, dollars: Formula | None) -> Cost:
    """A cost within a budget, which bounds it also when nothing else does."""

    def bounded(amount: Amount) -> Amount:
        if tokens is not None:
            amount = attrs.evolve(
                amount,
                tokens=algebra.least(amount.tokens, tokens),
                input=algebra.least(amount.input, tokens) if algebra.is_infinite(amount.input) else amount.input,
                output=algebra.least(amount.output, tokens) if algebra.is_infinite(amount.output) else amount.output,
            )
        return amount if dollars is None else attrs.evolve(amount, dollars=algebra.least(amount.dollars, dollars))

    return attrs.evolve(cost, high=bounded(cost.high))
