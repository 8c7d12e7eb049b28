"""The model ladder: tiers of quality, best first, and the models that stand on each."""

from __future__ import annotations

from omega_runtime.settings.ladder import tier_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from omega_runtime.settings.ladder import Ladder


def _place_of_cap(ladder: Ladder, cap: str) -> int:
    """The place of the tier of that name; without one "low" is the last tier, and "medium" the one in the middle."""
    middle = len(ladder) // 2
    named = (place for place, (name, _) in enumerate(ladder) if name == cap)
    return next(named, middle if cap == "medium" else len(ladder) - 1)


def stand_ins(
    ladder: Ladder, model: str, cap: str | None, is_there: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """The models that may stand in for one: itself, unless a cap (the best tier allowed) is below it, then lower tiers.

    Of a tier that is the first model that is there. Only the model itself when it is not on the ladder, or no other is
    there.
    """
    place = tier_of(ladder, model)
    if place is None:
        return [model]
    start = place if cap is None else max(place, _place_of_cap(ladder, cap))
    first = start + 1 if start == place else start
    firsts = (_first(models, is_there) for _, models in ladder[first:])
    lower = [name for name in firsts if name is not None]
    return [model, *lower] if start == place or not lower else lower


def _first(models: Iterable[str], is_there: Callable[[str], bool]) -> str | None:
    return next((name for name in models if "*" not in name and is_there(name)), None)
