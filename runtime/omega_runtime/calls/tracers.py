"""Who traces the calls of this process: nobody, or one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.tracing import Tracer

tracers: list[Tracer] = []
