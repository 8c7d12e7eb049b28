"""The calls of a run as data."""

from __future__ import annotations

from typing import Any

from omega_runtime.calls.watching import Watched
from omega_runtime.money import dollars


def as_data(call: Watched) -> dict[str, Any]:
    """A call as data: times in seconds, sizes in tokens, dollars as `Decimal` or None where the price is not known."""
    caching, is_minimal, cap = call.mode
    data = {
        "file": call.site.file,
        "line": call.site.line,
        "column": call.site.column,
        "stack": list(call.stack),
        "model": call.model,
        "instead_of": call.instead_of,
        "account": call.account,
        "attempt": call.attempt,
        "began": round(call.began, 6),
        "waited": round(call.waited, 6),
        "seconds": round(call.ended - call.began, 6),
        "outcome": call.outcome,
        "prompt": call.prompt,
        "wanted": call.wanted,
        "granted": call.granted,
        "held": call.held,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "dollars": None if call.picodollars is None else dollars(call.picodollars),
        "caching": caching,
        "minimal": is_minimal,
        "cap": cap,
    }
    return data if call.text is None else {**data, "text": call.text}
