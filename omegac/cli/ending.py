"""How a command ends that Python would end with a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from omegac.cli.failures import INTERRUPTED, fail


@contextmanager
def orderly() -> Iterator[None]:
    """Ends the process with a message on Ctrl-C and where the system refused something."""
    try:
        yield
    except KeyboardInterrupt:
        fail("interrupted", INTERRUPTED)
    except OSError as error:
        if error.errno == errno.EPIPE:
            _end_unheard()
        if error.filename is None and error.errno == errno.ENOENT:
            fail("the current folder is no longer there; cd to one that is")
        fail(f"{error.filename or 'standard output'}: {error.strerror or error}")


def _end_unheard() -> None:
    """End in silence when nobody reads the output any more; Python would complain when it flushes the rest."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    raise SystemExit(1)
