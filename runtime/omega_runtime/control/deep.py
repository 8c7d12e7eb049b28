"""Calls with a large stack, for deep recursion that isn't in tail position.

Plain calls of Python functions take no C stack in CPython 3.11 and later, but calls that pass through C code
do: at most 2.6 kB for each level that the recursion limit counts (measured on CPython 3.11: `sorted` with a key
function is the worst, `f(*arguments)` takes 0.4 kB). So the limit is set to what the stack surely holds, and an
overflow is a RecursionError, not a crash.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from omega_runtime import forks
from omega_runtime.control.limit import BYTES_PER_LEVEL

LEVELS = 1_100_000
_LEVELS_MIN = 20_000
_GRACE_SECONDS = 2.0

_lock = forks.lock()
_active = 0
_limit_before = 0
_inside = threading.local()


class _Call:
    """One call on its own thread, and how it ended."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.function = function
        self.arguments = arguments
        self.context = copy_context()
        self.result: Any = None
        self.error: BaseException | None = None
        self.finished = threading.Event()

    def run(self) -> None:
        _inside.is_deep = True
        try:
            self.result = self.context.run(self.function, *self.arguments)
        except BaseException as error:
            self.error = error
        finally:
            self.finished.set()


def deep(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function(*arguments)`, run with room for 1,000,000 nested calls.

    It runs on a thread of its own, in a copy of the current context; what it raises is raised here. The
    process's recursion limit is raised meanwhile and put back afterwards. Inside of another `deep` call
    this is a plain call. On Ctrl-C the call gets the KeyboardInterrupt.
    """
    if is_deep():
        return function(*arguments)
    call = _Call(function, arguments)
    thread = _start(call)
    try:
        _wait(call, thread)
    finally:
        _restore_limit()
    if call.error is not None:
        error, call.error = call.error, None
        raise error
    return call.result


def _start(call: _Call) -> threading.Thread:
    """A started thread with the largest stack that the system grants, and the limit that fits it."""
    levels = LEVELS
    while True:
        thread = threading.Thread(target=call.run, name="omega", daemon=True)
        with _lock:
            try:
                before = threading.stack_size(levels * BYTES_PER_LEVEL // 4096 * 4096)
            except ValueError:
                before = None
            if before is not None:
                try:
                    _raise_limit(levels)
                    thread.start()
                    return thread
                except RuntimeError:
                    _lower_limit()
                    if levels <= _LEVELS_MIN:
                        raise
                finally:
                    threading.stack_size(before)
        levels = max(levels // 2, _LEVELS_MIN)


def is_deep() -> bool:
    """Whether the code that runs here has the large stack."""
    return getattr(_inside, "is_deep", False)


def start_helper(work: Callable[[], None], name: str) -> bool:
    """Start a daemon thread for `work`, with as much stack as the caller has; False where the system grants none.

    The recursion limit is that of the process, so a thread with less stack might crash where the caller does not.
    """
    needs_stack = is_deep()

    def run() -> None:
        _inside.is_deep = needs_stack
        work()

    thread = threading.Thread(target=run, name=name, daemon=True)
    with _lock:
        size = sys.getrecursionlimit() * BYTES_PER_LEVEL // 4096 * 4096 if needs_stack else threading.stack_size()
        try:
            before = threading.stack_size(size)
        except ValueError:
            return False
        try:
            thread.start()
        except RuntimeError:
            return False
        finally:
            threading.stack_size(before)
    return True


on_interrupt: list[Callable[[int], None]] = []
"""Called with the identity of a thread that is interrupted: who breaks off what it waits for outside of Python."""


def interrupt(thread: int) -> None:
    """Raise KeyboardInterrupt in a thread, by its identity, as soon as it runs Python code."""
    import ctypes

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))
    for break_off in on_interrupt:
        break_off(thread)


def _raise_limit(levels: int) -> None:
    global _active, _limit_before
    if _active == 0:
        _limit_before = sys.getrecursionlimit()
    _active += 1
    sys.setrecursionlimit(max(levels, sys.getrecursionlimit()))


def _lower_limit() -> None:
    global _active
    _active -= 1
    if _active == 0:
        sys.setrecursionlimit(_limit_before)


def _restore_limit() -> None:
    with _lock:
        _lower_limit()


def _forget() -> None:
    """In a forked child no deep call is left but the one that forked."""
    global _active
    if _active and not is_deep():
        sys.setrecursionlimit(_limit_before)
    _active = int(is_deep())


forks.in_child(_forget)


def _wait(call: _Call, thread: threading.Thread) -> None:
    """Wait for the call; an interrupt goes to its thread, which may take a moment to end.

    A thread that waits outside of Python doesn't notice; then the interrupt is raised here after all.
    Thread.join won't do: in CPython 3.11 an interrupted join takes the thread for finished.
    """
    try:
        call.finished.wait()
    except KeyboardInterrupt:
        interrupt(thread.ident or 0)
        if not call.finished.wait(_GRACE_SECONDS):
            raise
