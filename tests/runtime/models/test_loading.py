"""What becomes of the heap when an SDK is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support import ROOT

PROGRAM = """
import gc, sys
from omega_runtime.models.connections import loaded
{before}
module = loaded("anthropic")
assert module is sys.modules["anthropic"] is loaded("anthropic")
print(gc.get_freeze_count() > 50_000)
"""


@pytest.mark.parametrize(
    ("before", "is_frozen"),
    [
        ("", True),
        ("import anthropic", False),
        ("mine = [[] for _ in range(400_000)]", False),
        ("gc.disable()", False),
    ],
)
def test_only_what_the_sdk_brings_is_taken_from_the_collector(before: str, is_frozen: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == f"{is_frozen}\n"
