"""What one call to a model costs in processor time, without the model."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from benchmarks.contenders import compiled, silent_model
from benchmarks.ledger import ACCOUNTS, answer, ask_model
from benchmarks.measure import Spread, interleaved, ratios, spread

CALLS = 10_000
PROMPT = "Say nothing."


@attrs.frozen
class EffectCost:
    """Nanoseconds for one call, and the woven effect's ratio to the hand-written ledger."""

    bare: Spread
    handwritten: Spread
    woven: Spread
    ratio: Spread


def effect_cost(rounds: int) -> EffectCost:
    """Compare a woven effect under three nested budgets with a hand-written ledger of three accounts."""
    ask = compiled("effects")["ask"]

    def repeated(call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(CALLS):
                call()

        return run

    with silent_model():
        seconds = interleaved(
            {
                "bare": repeated(lambda: answer(PROMPT, 10)),
                "handwritten": repeated(lambda: ask_model(ACCOUNTS, PROMPT, 10)),
                "woven": repeated(lambda: ask(PROMPT)),
            },
            rounds,
        )
    nanoseconds = {name: spread([value * 1e9 / CALLS for value in values]) for name, values in seconds.items()}
    return EffectCost(**nanoseconds, ratio=ratios(seconds["woven"], seconds["handwritten"]))
