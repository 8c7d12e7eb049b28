"""What library procedures make of sizes, by their names; `library` and `arithmetic` have the rules."""

from __future__ import annotations

from collections.abc import Callable

from omegac.analyse.cost.sizes import Size

SIZES: dict[str, Callable[..., Size]] = {}
"""By Omega name: the size of the result, from those of the arguments."""


def sized(*names: str) -> Callable[[Callable[..., Size]], Callable[..., Size]]:
    """Registers what some procedures give."""

    def register(function: Callable[..., Size]) -> Callable[..., Size]:
        for name in names:
            SIZES[name] = function
        return function

    return register
