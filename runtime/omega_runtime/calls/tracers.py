"""Who traces the calls of this process: nobody, or one. And who looks at their frames."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.tracing import Tracer

tracers: list[Tracer] = []

frame_readers: list[object] = []
"""While this isn't empty, calls are made in Python, where `perform` has a frame."""
