"""The model ladder: tiers of quality, best first, and the models that stand on each."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.settings.ladder import Ladder


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


def _place_of_cap(ladder: Ladder, cap: str) -> int:
    """The place of the tier of that name; without one "low" is the last tier, and "medium" the one in the middle."""
    middle = len(ladder) // 2
    named = (place for place, (name, _) in enumerate(ladder) if name == cap)
    return next(named, middle if cap == "medium" else len(ladder) - 1)


def stand_ins(ladder: Ladder, model: str, cap: str | None) -> list[str]:
    """The models that may stand in for one: itself, unless a cap (the best tier allowed) is below it, then lower tiers.

    Only the model itself when it is not on the ladder.
    """
    place = tier_of(ladder, model)
    if place is None:
        return [model]
    start = place if cap is None else max(place, _place_of_cap(ladder, cap))
    lower = [next(name for name in models if "*" not in name) for _, models in ladder[start:]]
    return [model, *lower[1:]] if start == place else lower
