"""Continuations that are entered again: what such programs use of the runtime, and all entries of library procedures.

Only programs that capture continuations import this module.
"""

import omega_runtime.chapter.reentry
import omega_runtime.concurrent.reentry
from omega_runtime.calls.reentry import handle_step, perform_step
from omega_runtime.control.machine import run_in_session
from omega_runtime.lib.reentry import call, guard, reentrant, reraise, run

__all__ = ["call", "guard", "handle_step", "perform_step", "reentrant", "reraise", "run", "run_in_session"]

# Entries that are compiled from Omega, and import from this module in their turn.
import omega_runtime.prelude  # noqa: F401
