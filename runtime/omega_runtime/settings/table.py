"""The table of settings; what can be configured, what files may say and what the documentation says follow from it."""

from __future__ import annotations

from omega_runtime.settings import checks
from omega_runtime.settings.ladder import DEFAULT_LADDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.values import Value


class FileRule:
    """What a settings file, which somebody else may have written, may make of a setting.

    `says` is that in words. With `bounds`, numbers from the first to the second one.
    """

    __slots__ = ("bounds", "says")

    def __init__(self, says: str, bounds: tuple[int, int] | None = None) -> None:
        self.says = says
        self.bounds = bounds


ANY = FileRule("any")
BELOW_FOLDER = FileRule("a path below the file's folder")
NEVER_LAXER = FileRule("only what is stricter")
NEVER_LOWER = FileRule("as `least_prices`")


def _between(least: int, most: int) -> FileRule:
    return FileRule(f"{least:,} to {most:,}", (least, most))


class Setting:
    """A row of the table.

    `check(name, value)` gives the value as it is kept, or raises OmegaError. `in_file` is None for what no file may
    set: what a program may do, and where its answers come from, is up to who runs it. `doc` is one line.
    """

    __slots__ = ("check", "default", "doc", "in_file", "name")

    def __init__(
        self, name: str, default: Value, check: Callable[[str, Value], Value], in_file: FileRule | None, doc: str
    ) -> None:
        self.name = name
        self.default = default
        self.check = check
        self.in_file = in_file
        self.doc = doc


_ALL = (
    Setting("max_tokens", 1024, checks.positive, ANY, "output tokens of a call that does not say otherwise"),
    Setting("floor", 16, checks.positive, ANY, "fewest output tokens that a call may be clamped to"),
    Setting(
        "max_wait",
        None,
        checks.seconds_or_none,
        _between(0, 86_400),
        "seconds that a call waits for room in its budget; none: as long as it takes",
    ),
    Setting(
        "retries",
        4,
        checks.positive,
        _between(1, 10),
        "attempts at a call altogether, when an attempt failed in passing and cost nothing",
    ),
    Setting(
        "retry_wait",
        0.5,
        checks.seconds,
        _between(0, 60),
        "seconds before the second attempt, doubled for each further one",
    ),
    Setting(
        "retry_max",
        60.0,
        checks.seconds,
        _between(0, 600),
        "most seconds between two attempts; a provider that asks for more is not tried again",
    ),
    Setting(
        "jitter",
        None,
        checks.function_or_none,
        None,
        "a function that gives a number from 0 to 1 for each wait, so that retries spread; none: by chance",
    ),
    Setting(
        "stream",
        False,
        checks.flag,
        ANY,
        "whether answers that come piece by piece show on standard error as they come",
    ),
    Setting(
        "timeout",
        600.0,
        checks.some_seconds,
        _between(10, 3_600),
        "seconds for a call from its first connection to the last byte, with all attempts and the waits between",
    ),
    Setting(
        "jobs",
        8,
        checks.positive,
        _between(1, 1_000),
        "how many calls of a concurrent map, and of `run_async`, go on at once; 1: one after the other",
    ),
    Setting(
        "requests_per_minute",
        {},
        checks.rates,
        ANY,
        'most calls of a model in a minute: a table from models, or patterns such as `"claude-*"`, to numbers; or one '
        "number for each model",
    ),
    Setting(
        "tokens_per_minute",
        {},
        checks.rates,
        ANY,
        "the same for tokens, of which a call that is under way counts with the most that it can cost",
    ),
    Setting(
        "allow",
        frozenset({"python"}),
        checks.permissions,
        None,
        'what programs may do: `"python"`, `"python=MODULE"`, `"write"`, `"shell"`, `"read"`, `"read=DIR"`, `"env"`, '
        '`"env=NAME"`, `"terminal"`; see the [language](LANGUAGE.md#effects)',
    ),
    Setting("model", None, checks.model_or_none, ANY, "the model of calls that name none; none: what is there"),
    Setting(
        "prices",
        {},
        checks.prices,
        NEVER_LOWER,
        "US dollars per million tokens, for input and output, by model; they win over the price data",
    ),
    Setting(
        "least_prices",
        {},
        checks.prices,
        None,
        "the same for what somebody else says: it adds to the price data, and never lowers a price",
    ),
    Setting(
        "search_fee",
        None,
        checks.fee_or_none,
        None,
        "US dollars for 1,000 searches of the web by a provider; none: by the price data",
    ),
    Setting(
        "ladder",
        DEFAULT_LADDER,
        checks.ladder,
        ANY,
        "the model ladder: a table from the names of tiers, best first, to lists of models",
    ),
    Setting(
        "downgrade",
        True,
        checks.flag,
        ANY,
        "whether a model of the ladder that a program names gives way to a lower one that fits the budget",
    ),
    Setting(
        "similarity",
        None,
        checks.share_or_none,
        ANY,
        "from 0 to 1: aggressive caching also takes answers to prompts that are so similar; none: never",
    ),
    Setting(
        "embed",
        None,
        checks.function_or_none,
        None,
        "a function from a text to numbers, for embeddings and similarity; none: similarity goes by the letters",
    ),
    Setting("short_answer", 256, checks.positive, ANY, "most output tokens of a call while prompts are minimal"),
    Setting(
        "lease",
        60.0,
        checks.some_seconds,
        _between(10, 3_600),
        "seconds after which a hold in a ledger file counts as spent when its process does not renew it",
    ),
    Setting(
        "history",
        None,
        checks.path_or_none,
        BELOW_FOLDER,
        "the ledger file that keeps the history of tasks; none: the ledger in use",
    ),
    Setting(
        "provider",
        None,
        checks.provider_or_none,
        None,
        "a `Provider` that answers every call; none: chosen by the model's name",
    ),
    Setting(
        "unbudgeted",
        "error",
        checks.unbudgeted,
        NEVER_LAXER,
        'a call outside every budget while one is open elsewhere: `"allow"`, `"warn"` or `"error"`',
    ),
)

SETTINGS = {row.name: row for row in _ALL}
"""The rows by name."""
