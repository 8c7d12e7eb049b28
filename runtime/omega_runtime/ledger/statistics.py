"""What was counted for one effect site and one model."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from omega_runtime.ledger.report_types import Counters
    from omega_runtime.places import Site

    # A site, a model and what was counted for both.
    Entry = tuple[Site, str, "Statistics"]


STORED = (
    *("calls", "input_tokens", "output_tokens", "unknown", "unknown_tokens", "voided", "overruns", "truncated"),
    *("truncated_by_budget", "clamped", "picodollars"),
)


class Statistics:
    """Counters of one site and model: calls, tokens, money, and what went differently than asked.

    `calls` are settled calls, `unknown` those that failed but may have been billed (their whole hold is in
    `unknown_tokens`), `voided` those that were not billed. `truncated` answers ran into max_tokens, those
    `truncated_by_budget` because their calls were `clamped`: got less output room than they asked for. `overruns` were
    billed more than was held. `hits` are answers
    from the cache and `replayed` ones from the journal, which cost nothing; `downgraded` calls went to a lower model.
    `picodollars` are the cost of the `priced` ones of all these; for the `unpriced` rest, no price is known.
    """

    __slots__ = (
        "calls",
        "clamped",
        "downgraded",
        "hits",
        "input_tokens",
        "output_tokens",
        "overruns",
        "picodollars",
        "priced",
        "replayed",
        "truncated",
        "truncated_by_budget",
        "unknown",
        "unknown_tokens",
        "voided",
    )

    def __init__(self) -> None:
        self.calls = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.unknown = 0
        self.unknown_tokens = 0
        self.voided = 0
        self.overruns = 0
        self.truncated = 0
        self.truncated_by_budget = 0
        self.clamped = 0
        self.downgraded = 0
        self.hits = 0
        self.replayed = 0
        self.picodollars = 0
        self.priced = 0

    @classmethod
    def stored(cls, figures: Iterable[int]) -> Statistics:
        """The counters that ledger files and servers sum up: `STORED`, and last the unpriced calls."""
        statistics = cls()
        *counters, unpriced = figures
        for name, figure in zip(STORED, counters, strict=True):
            setattr(statistics, name, figure)
        statistics.priced = statistics.calls + statistics.unknown - unpriced
        return statistics

    @property
    def unpriced(self) -> int:
        """Calls that cost something nobody knows."""
        return self.calls + self.unknown - self.priced

    def add(self, other: Statistics) -> None:
        """Add another's counters to these."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> Counters:
        """The counters by name; `tokens`, the sum of all that counts as spent; `dollars`, None if not known."""
        return {
            "calls": self.calls,
            "clamped": self.clamped,
            "downgraded": self.downgraded,
            "hits": self.hits,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "overruns": self.overruns,
            "replayed": self.replayed,
            "truncated": self.truncated,
            "truncated_by_budget": self.truncated_by_budget,
            "unknown": self.unknown,
            "unknown_tokens": self.unknown_tokens,
            "unpriced": self.unpriced,
            "voided": self.voided,
            "tokens": self.input_tokens + self.output_tokens + self.unknown_tokens,
            "dollars": dollars_or_none(self.picodollars, self.unpriced),
        }


def dollars_or_none(picodollars: int, unpriced: int) -> Decimal | None:
    """An amount as `Decimal` US dollars; None when there are calls without a known price."""
    if unpriced:
        return None
    from omega_runtime.money import dollars

    return dollars(picodollars)
