"""The page about calls of plain Python programs tells the truth: its programs run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.messages_api import Answer, Server, message

PAGES = [(ROOT / "docs" / "CALLS.md").read_text(encoding="utf-8")]
PROGRAMS = [text for page in PAGES for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]


def answer(_: dict[str, Any]) -> Answer:
    """Three seas."""
    return message("Baltic, Black, Red.", 12, 9)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program(program: str, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(program, encoding="utf-8")
    with Server() as server:
        server.answer_by = answer
        environment = {**os.environ, "ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url}
        done = subprocess.run(
            [sys.executable, "p.py"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 3
