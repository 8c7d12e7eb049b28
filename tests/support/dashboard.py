"""The page of a ledger, served by the command as a user starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command import environment


@contextmanager
def dashboard(where: str | Path, *options: str) -> Iterator[str]:
    """The address of a running page."""
    command = [sys.executable, "-m", "omegac", "ledger", "serve", str(where), "--port", "0", *options]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        found = None
        while found is None:
            said.append(process.stderr.readline())
            assert said[-1], said
            found = re.search(r"open (http://\S+/) in a browser; Ctrl-C ends this", said[-1])
        try:
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30)[1] == ""
            assert process.returncode == 0
