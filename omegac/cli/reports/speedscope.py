"""A profile in speedscope's format: tokens by call stack."""

from __future__ import annotations

from typing import Any

from omega_runtime.calls.watching import Watched

from omegac import __version__


def profile(calls: list[Watched]) -> dict[str, Any]:
    """The calls that cost something as samples, in the order in which they ended; their weights are tokens."""
    frames: dict[tuple[str, str, int, int], int] = {}
    samples, weights = [], []
    for call in sorted((call for call in calls if call.tokens), key=lambda call: call.ended):
        site = call.site
        place = (f"{site.file}:{site.line} {call.model}", site.file, site.line, site.column)
        stack = [(name, "", 0, 0) for name in call.stack]
        samples.append([frames.setdefault(frame, len(frames)) for frame in (*stack, place)])
        weights.append(call.tokens)
    return {
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": f"omegac {__version__}",
        "name": "tokens by call stack",
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(*frame) for frame in frames]},
        "profiles": [
            {
                "type": "sampled",
                "name": "tokens",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        ],
    }


def _frame(name: str, file: str, line: int, column: int) -> dict[str, Any]:
    return {"name": name, "file": file, "line": line, "col": column} if file else {"name": name}
