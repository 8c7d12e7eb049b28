"""Tables: whole in pipes and logs; on a narrow terminal names lose their middle, never a path its line number."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.support.command import omegac

DEEP = (
    Path("a-folder-with-a-long-name") / "another-folder-with-a-long-name" / "below-it" / "summaries-of-everything.omega"
)
SITE = f"{DEEP}:1:30"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / DEEP).parent.mkdir(parents=True)
    (tmp_path / DEEP).write_text(
        '(define (a-long-procedure x) (effect infer.op x max-tokens: 9)) (a-long-procedure "hi")'
    )
    done = omegac("run", DEEP, "--model", "offline", "--ledger", "l.db", "--budget", "900", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def on_terminal(folder: Path, width: int, *arguments: str | Path, columns: str = "") -> str:
    """What the command prints on a terminal of that width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (25, width))
    environment = {**os.environ, "COLUMNS": columns, "LINES": "", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.Popen(
        [sys.executable, "-m", "omegac", *arguments], cwd=folder, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        printed += piece
    os.close(ours)
    assert done.wait() == 0
    return printed.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "environment", [{"COLUMNS": "40"}, {"FORCE_COLOR": "1", "LINES": "", "TERM": "dumb"}, {"TERM": "dumb"}]
)
def test_paths_are_whole_where_there_is_no_terminal(folder: Path, environment: dict[str, str]) -> None:
    table = omegac("ledger", "show", "l.db", cwd=folder, **environment).stdout
    (line,) = (line for line in table.splitlines() if SITE in line)
    assert "a-long-procedure  offline" in line
    assert line == line.rstrip()
    report = omegac("run", DEEP, "--model", "offline", "--report", cwd=folder, **environment).stderr
    assert any(SITE in line and "offline" in line for line in report.splitlines())


@pytest.mark.parametrize("width", [200, 100, 80, 60])
def test_a_narrow_terminal_keeps_the_lines_of_places(folder: Path, width: int) -> None:
    table = on_terminal(folder, width, "ledger", "show", "l.db")
    (line,) = (line for line in table.splitlines() if ":1:30" in line)
    place = line.split()[0]
    assert place.endswith(":1:30" if width < 80 else ".omega:1:30")
    assert (place == SITE) == (width == 200)
    assert place.startswith("a")
    assert all(len(line) <= width for line in table.splitlines())


def test_columns_go_before_what_the_terminal_says(folder: Path) -> None:
    assert SITE in on_terminal(folder, 60, "ledger", "show", "l.db", columns="200")
