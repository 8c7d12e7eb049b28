"""The recursion limit for modules that Python programs import: as many nested calls as every stack surely holds.

Python's own limit of 1,000 stops ordinary recursion over a list. It is one limit for all threads, so it is raised no
further than what fits the smallest stack that a thread of the process gets by itself.
"""

from __future__ import annotations

import sys

BYTES_PER_LEVEL = 3_072
"""The most C stack that one level of the limit takes in Python 3.11, with room to spare; see `control.deep`."""

# What is on a stack besides.
_RESERVED = 512 * 1024
# Python's own limit; somebody who has set another one knows why.
_PYTHONS = 1_000
# From Python 3.12 on calls of Python functions take no C stack, which has a limit of its own; this bounds the memory.
# That limit of 3.13 is too high for calls through `sorted`, which end the process instead.
_MOST = 100_000
_BOUNDS_C_STACK = sys.version_info >= (3, 12) and sys.version_info[:2] != (3, 13)


def raise_limit() -> None:
    """Raise the recursion limit of the process, unless somebody has changed it."""
    if sys.getrecursionlimit() == _PYTHONS:
        sys.setrecursionlimit(max(_PYTHONS, levels()))


def levels() -> int:
    """How many nested calls any thread has room for that is started in the usual way."""
    if _BOUNDS_C_STACK:
        return _MOST
    return max(0, _least_stack() - _RESERVED) // BYTES_PER_LEVEL


def _least_stack() -> int:
    """The bytes of the smallest stack of the main thread and of those started from now on; 0 where it isn't known."""
    from _thread import stack_size

    try:
        import os
        from resource import RLIM_INFINITY, RLIMIT_STACK, getrlimit

        # Only the C library of GNU takes the limit of the main thread for other threads, too.
        os.confstr("CS_GNU_LIBC_VERSION")
    except (ImportError, AttributeError, ValueError):
        return 0
    main = getrlimit(RLIMIT_STACK)[0]
    return 0 if main == RLIM_INFINITY else min(main, stack_size() or main)
