"""The model ladder as the setting `ladder` has it: tiers of quality, best first, and the models on each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# The tiers, best first, each with its models: the ones to use, then other names and patterns ("gpt-4*").
Ladder = tuple[tuple[str, tuple[str, ...]], ...]

DEFAULT_LADDER: Ladder = (
    ("high", ("claude-opus-5-5", "claude-opus-*", "gpt-4", "gpt-4-turbo*", "gpt-5")),
    ("medium", ("claude-sonnet-5-5", "claude-sonnet-*", "gpt-4o", "gpt-5-mini")),
    ("low", ("claude-haiku-5-5", "claude-haiku-*", "gpt-3.5*", "gpt-4o-mini", "gpt-5-nano")),
)


def tier_of(ladder: Ladder, model: str) -> int | None:
    """The place of a model's tier, 0 for the best; None for a model that is not on the ladder.

    A name that stands on a tier as it is wins over patterns; the name of a tier stands for its models.
    """
    for place, (tier, models) in enumerate(ladder):
        if model == tier or model in models:
            return place
    return next((place for place, (_, models) in enumerate(ladder) if _matches(model, models)), None)


def _matches(model: str, patterns: Iterable[str]) -> bool:
    from fnmatch import fnmatchcase

    return any("*" in pattern and fnmatchcase(model, pattern) for pattern in patterns)
