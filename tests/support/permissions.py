"""What programs may do in a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from omega_runtime.settings import configure
from omega_runtime.world import arguments


@contextmanager
def nothing_allowed() -> Iterator[None]:
    """No permissions and no arguments, from which files would be readable."""
    before = arguments.arguments()
    arguments.set_command_line([])
    with configure(allow=()):
        yield
    arguments.set_command_line(before)
