"""What each pass makes of small programs: tables of programs, `=>`, and what `--dump` prints after that pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from omegac.pipeline import PASSES, dump
from omegac.source import Source

TABLES = Path(__file__).parent / "passes"


def cases() -> list[tuple[str, str, str]]:
    found = []
    for table in sorted(TABLES.glob("*.txt")):
        for case in table.read_text(encoding="utf-8").split("\n\n"):
            program, after = case.split("\n=>\n")
            found.append((table.stem, program, after.rstrip("\n")))
    return found


@pytest.mark.parametrize(("pass_name", "program", "after"), cases())
def test_a_pass(pass_name: str, program: str, after: str) -> None:
    assert dump(Source("t.omega", program), pass_name).rstrip("\n") == after


def test_every_pass_on_programs_has_a_table() -> None:
    tables = {table.stem for table in TABLES.glob("*.txt")}
    assert tables == {each.name for each in PASSES if each.grammar is not None} | {"read"}
