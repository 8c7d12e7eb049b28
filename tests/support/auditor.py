"""An independent model of a ledger: it knows what happened, and works every figure out from the beginning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import NamedTuple
from zoneinfo import ZoneInfo

from omega_runtime.ledger.account import Account
from omega_runtime.ledger.limits import Periods
from omega_runtime.models.prices import Price
from omega_runtime.models.reply import Reply


class Rates(NamedTuple):
    """Trillionths of a dollar for one token of each kind."""

    fresh: int
    written: int
    read: int
    output: int

    def of(self, reply: Reply) -> int:
        fresh = reply.input_tokens - reply.cache_write_tokens - reply.cache_read_tokens
        cached = reply.cache_write_tokens * self.written + reply.cache_read_tokens * self.read
        return fresh * self.fresh + cached + reply.output_tokens * self.output


class FlatPrice(Price):
    """A price that is quick to work out."""

    __slots__ = ("rates",)

    def __init__(self, rates: Rates) -> None:
        self.rates = rates

    def of(self, reply: Reply) -> int:
        return self.rates.of(reply)

    def worst(self, input_tokens: int, output_tokens: int) -> int:
        return input_tokens * max(self.rates[:3]) + output_tokens * self.rates.output


@dataclass
class Wish:
    """What a call asks for."""

    account: int
    prompt: int
    wanted: int
    clamp: bool = True
    rates: Rates | None = None
    counted: bool = False

    def cost(self, output: int) -> int:
        """The dearest way to be billed for so much output."""
        return 0 if self.rates is None else self.prompt * max(self.rates[:3]) + output * self.rates.output


Turn = tuple[int, ...]


def turn_of(unit: str, timezone: str, time: float) -> Turn:
    """What tells a period from others, and is larger for later ones; in zones that are whole hours from UTC."""
    local = datetime.fromtimestamp(time, ZoneInfo(timezone))
    numbers: dict[str, Turn] = {
        "minute": (int(time // 60),),
        "hour": (int(time // 3600),),
        "day": (local.year, local.month, local.day),
        "week": local.isocalendar()[:2],
        "month": (local.year, local.month),
        "year": (local.year,),
    }
    return numbers[unit]


@dataclass
class Call:
    """A hold and what became of it: held, settled, unknown, voided or expired."""

    account: int
    tokens: int
    cost: int
    is_priced: bool
    is_clamped: bool = False
    lease: float = inf
    state: str = "held"
    spent: int = 0
    spent_cost: int = 0
    over: int = 0
    over_cost: int = 0
    has_counted: bool = False
    reply: Reply | None = None
    # In which period it began, by account and unit.
    turns: dict[tuple[int, str], Turn] = field(default_factory=dict)


@dataclass
class Place:
    """Where a call waits; a place that is not `listed` any more blocks nobody."""

    account: int
    number: int
    lease: float
    listed: bool = True


class Books(NamedTuple):
    """The figures of one account."""

    spent: int
    held: int
    overrun: int
    dollars_spent: int
    dollars_held: int
    dollars_overrun: int
    is_priced: bool


class Verdict(NamedTuple):
    """What ought to become of a call, and with how much output."""

    outcome: str
    output: int = 0


@dataclass
class Auditor:
    """Limits (tokens, picodollars), parents, and a journal of calls; the first account is the root."""

    floor: int = 16
    limits: list[tuple[int | None, int | None]] = field(default_factory=lambda: [(None, None)])
    chains: list[tuple[int, ...]] = field(default_factory=lambda: [(0,)])
    calls: list[Call] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    arrivals: int = 0
    periods: list[Periods | None] = field(default_factory=lambda: [None])
    # The latest period in which something was held, by account and unit.
    turns: dict[tuple[int, str], Turn] = field(default_factory=dict)
    time: Callable[[], float] = lambda: 0.0

    def open(self, parent: int, tokens: int | None, dollars: int | None, periods: Periods | None = None) -> int:
        """A new account; its index."""
        self.limits.append((tokens, dollars))
        self.periods.append(periods)
        self.chains.append((len(self.chains), *self.chains[parent]))
        return len(self.limits) - 1

    # Figures

    def books(self, all_time: bool = False) -> list[Books]:
        """The figures of all accounts in their current periods, or over all time, added up call by call."""
        sums = [[0, 0, 0, 0, 0, 0, True] for _ in self.limits]
        turns: dict[tuple[int, str], Turn] = {}
        for account, periods in enumerate(self.periods):
            if periods is not None and not all_time:
                turns |= {(account, unit): self.turn(account, unit) for unit in periods.units}
        for call in self.calls:
            held = call.state == "held"
            for each in self.chains[call.account]:
                units = (None, None) if all_time else (self.periods[each] or (None, None))[:2]
                counts = [unit is None or call.turns[each, unit] == turns[each, unit] for unit in units]
                if counts[0]:
                    sums[each][0] += call.spent
                    sums[each][1] += call.tokens * held
                    sums[each][2] += call.over
                if counts[1]:
                    sums[each][3] += call.spent_cost
                    sums[each][4] += call.cost * held
                    sums[each][5] += call.over_cost
                    sums[each][6] &= call.is_priced or not call.has_counted
        return [Books(*each) for each in sums]

    def turn(self, account: int, unit: str) -> Turn:
        """The current period: that of the clock, or a later one in which something was held."""
        periods = self.periods[account]
        assert periods is not None
        return max(turn_of(unit, periods.timezone, self.time()), self.turns.get((account, unit), ()))

    def check_periods(self) -> None:
        """In every period that ever was, spent and held are within the limit, save for overruns."""
        used: dict[tuple[int, str, Turn], list[int]] = {}
        for call in self.calls:
            held = call.state == "held"
            for (account, unit), turn in call.turns.items():
                figures = (call.spent + call.tokens * held - call.over, call.spent_cost + call.cost * held)
                sums = used.setdefault((account, unit, turn), [0, 0])
                sums[0] += figures[0]
                sums[1] += figures[1] - call.over_cost
        for (account, unit, turn), (tokens, cost) in used.items():
            limits, periods = self.limits[account], self.periods[account]
            assert periods is not None
            for limit, each, figure in zip(limits, periods[:2], (tokens, cost), strict=True):
                assert limit is None or each != unit or figure <= limit, f"account {account} in {unit} {turn}: {figure}"

    def counters(self) -> dict[str, int]:
        """What reports say of all calls together."""
        ends = [call.state for call in self.calls]
        doubtful = [call for call in self.calls if call.state in ("unknown", "expired")]
        replies = [call.reply for call in self.calls if call.reply is not None]
        return {
            "calls": ends.count("settled"),
            "input_tokens": sum(reply.input_tokens for reply in replies),
            "output_tokens": sum(reply.output_tokens for reply in replies),
            "unknown": len(doubtful),
            "unknown_tokens": sum(call.tokens for call in doubtful),
            "voided": ends.count("voided"),
            "overruns": sum(bool(call.over or call.over_cost) for call in self.calls),
            "truncated": sum(reply.stop_reason == "max_tokens" for reply in replies),
            "clamped": sum(call.is_clamped for call in self.calls),
            "picodollars": sum(call.spent_cost for call in self.calls),
            "unpriced": sum(not call.is_priced for call in self.calls if call.state not in ("held", "voided")),
        }

    # Judging a call

    def judge(self, wish: Wish, key: int) -> Verdict:
        """What the call must get now, `key` being its name in the queue."""
        books = self.books()
        chain = self.chains[wish.account]
        if wish.rates is None and any(self.limits[each][1] is not None for each in chain):
            return Verdict("unpriced")
        if not wish.counted and not all(self._fits(each, books[each], wish, wish.wanted, True) for each in chain):
            return Verdict("count")
        output = self._most(wish, chain, books)
        if output is None:
            return Verdict("refused")
        if any(self.blocks(each, books[each], wish, output, key) for each in chain):
            return Verdict("wait", output)
        return Verdict("granted", output)

    def blocks(self, account: int, books: Books, wish: Wish, output: int, key: int) -> bool:
        """Whether a call must wait for this account: others came earlier, or there is no room now."""
        return self.is_queued(account, key) or not self._fits(account, books, wish, output, True)

    def _most(self, wish: Wish, chain: tuple[int, ...], books: list[Books]) -> int | None:
        """The most output that what is not spent yet would pay for, if that is enough."""
        least = min(self.floor, wish.wanted) if wish.clamp else wish.wanted
        for output in range(wish.wanted, least - 1, -1):
            if all(self._fits(each, books[each], wish, output, False) for each in chain):
                return output
        return None

    def _fits(self, account: int, books: Books, wish: Wish, output: int, with_held: bool) -> bool:
        tokens, dollars = self.limits[account]
        used = books.spent + books.held * with_held + wish.prompt + output
        cost = books.dollars_spent + books.dollars_held * with_held + wish.cost(output)
        return (tokens is None or used <= tokens) and (dollars is None or cost <= dollars)

    def is_queued(self, account: int, key: int) -> bool:
        """Whether a call that came earlier waits for this account."""
        mine = self.places[key].number if key in self.places else inf
        return any(place.listed and place.account == account and place.number < mine for place in self.places.values())

    # What happened

    def wait(self, key: int, account: int, lease: float = inf) -> bool:
        """A call waits for this account. Whether it waited for another one before."""
        place = self.places.get(key)
        has_moved = place is not None and place.account != account
        if place is None or not place.listed:
            self.arrivals += 1
            self.places[key] = Place(account, self.arrivals, lease)
        else:
            place.account = account
        return has_moved

    def leave(self, key: int) -> None:
        """A call waits no more."""
        self.places.pop(key, None)

    def hold(self, wish: Wish, output: int, lease: float = inf) -> Call:
        """A call was granted."""
        tokens, cost = wish.prompt + output, wish.cost(output)
        call = Call(wish.account, tokens, cost, wish.rates is not None, output < wish.wanted, lease)
        for account in self.chains[wish.account]:
            periods = self.periods[account]
            call.turns |= {(account, unit): self.turn(account, unit) for unit in (periods.units if periods else ())}
        self.turns |= call.turns
        self.calls.append(call)
        return call

    def settle(self, call: Call, reply: Reply, cost: int) -> str:
        """A call was answered; what settling must say."""
        call.reply = reply
        self._end(call, "settled", reply.input_tokens + reply.output_tokens, cost)
        call.over, call.over_cost = max(0, call.spent - call.tokens), max(0, cost - call.cost)
        return "overrun" if call.over or call.over_cost else "settled"

    def unknown(self, call: Call) -> str:
        """A call may have been billed."""
        return self._end(call, "unknown", call.tokens, call.cost)

    def void(self, call: Call) -> str:
        """A call was not billed."""
        return self._end(call, "voided", 0, 0)

    def _end(self, call: Call, state: str, spent: int, cost: int) -> str:
        call.state, call.spent, call.spent_cost = state, spent, cost
        call.has_counted |= state != "voided"
        return state

    def expire(self, now: float) -> bool:
        """Leases that have ended: holds count as spent, places are lost. Whether there were any."""
        calls = [call for call in self.calls if call.state == "held" and call.lease < now]
        places = [place for place in self.places.values() if place.listed and place.lease < now]
        for call in calls:
            self._end(call, "expired", call.tokens, call.cost)
        for place in places:
            place.listed = False
        return bool(calls or places)


def books_of(account: Account, all_time: bool = False) -> Books:
    """The figures of an account as its ledger has them."""
    figures = account.all_time if all_time else account.figures
    return Books(
        figures.spent_tokens,
        figures.committed_tokens - figures.spent_tokens,
        figures.overrun_tokens,
        figures.spent_picodollars,
        figures.committed_picodollars - figures.spent_picodollars,
        figures.overrun_picodollars,
        bool(figures.is_priced),
    )
