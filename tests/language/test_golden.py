"""The Python that whole programs become, to read and to review: golden/NAME.omega, NAME.py and NAME.txt, its output.

With OMEGA_UPDATE_GOLDEN=1 in the environment the .py and .txt files are written anew; read the difference.
"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from tests.support.omega import output_of, python_of

GOLDEN = Path(__file__).parent / "golden"
PROGRAMS = sorted(GOLDEN.glob("*.omega"))


@pytest.fixture(params=PROGRAMS, ids=lambda path: path.stem)
def program(request: pytest.FixtureRequest) -> Path:
    """One of the programs."""
    path: Path = request.param
    return path


def python_without_version(program: Path) -> str:
    """The program's Python, whatever version of the compiler wrote it."""
    text = python_of(program.read_text(encoding="utf-8"), program.name)
    text = re.sub(r"\bomegac \d+(\.\w+)*|(?<=compiled_by\(\")[^\"]+", "VERSION", text)
    return re.sub(r"(?<=Output sha256:)\w+", "…", text)


def check(path: Path, text: str) -> None:
    """A golden file has this text; or gets it, when the environment says so."""
    if os.environ.get("OMEGA_UPDATE_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 8


def test_the_python_of_a_program(program: Path) -> None:
    check(program.with_suffix(".py"), python_without_version(program))


def test_what_a_program_prints(program: Path) -> None:
    check(program.with_suffix(".txt"), output_of(program.read_text(encoding="utf-8")))


def test_the_python_can_be_read(program: Path) -> None:
    """No line is too long, and every definition has a docstring or a name that the program has."""
    text = python_without_version(program)
    assert max(map(len, text.splitlines())) <= 120
    module = ast.parse(text)
    exported = next(
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    defined = {node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {name for name in defined if not name.startswith("_")} <= set(exported)
