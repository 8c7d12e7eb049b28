"""The magic for cells, with a shell that keeps what it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from omegac.repl.magic import load_ipython_extension


class Shell:
    """What IPython offers to extensions, as far as it is used."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.magics: dict[tuple[str, str], Callable[[str, str], Any]] = {}

    def register_magic_function(self, function: Callable[[str, str], Any], kind: str, name: str) -> None:
        self.magics[kind, name] = function

    def push(self, names: dict[str, Any]) -> None:
        self.names.update(names)

    def cell(self, text: str) -> Any:
        """Evaluate a cell of Omega."""
        return self.magics["cell", "omega"]("", text)


@pytest.fixture
def shell() -> Shell:
    shell = Shell()
    load_ipython_extension(shell)
    return shell


def test_cells_are_one_session_whose_names_python_has(shell: Shell) -> None:
    assert shell.cell("(define (twice-as-much x) (* 2 x))") is None
    shown = shell.cell('(twice-as-much 3) (list (twice-as-much 4) "a")')
    assert (repr(shown), list(shown.value)) == ('(8 "a")', [8, "a"])
    assert shell.names["twice_as_much"](5) == 10


def test_errors_are_printed_and_leave_the_session_alive(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.cell("(define x 1)\n(car x)")
    shell.cell("(if)")
    printed = capsys.readouterr().err
    assert "<input 1>:2:1: error: car: argument 1 must be a pair, but got 1" in printed
    assert "<input 2>:1:1: error: malformed if" in printed
    assert (repr(shell.cell("x")), shell.names) == ("1", {"x": 1})
