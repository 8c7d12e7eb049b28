"""Error objects and the place of an error in Omega source."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.places.frames import TABLE_HEAD, omega_place, place
from omega_runtime.values.errors import (
    ArgumentError,
    DivisionByZero,
    OmegaError,
    Raised,
    condition_text,
    wrong_range,
    wrong_type,
)
from omega_runtime.values.pairs import make_list
from omega_runtime.values.symbols import Symbol


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OmegaError("Budget exceeded"), "Budget exceeded"),
        (OmegaError("Budget exceeded", 1, 2), "Budget exceeded 1 2"),
        (OmegaError("no such file:", "a b", Symbol("x")), 'no such file: "a b" x'),
        (Raised(make_list(1, "a")), 'uncaught raise: (1 "a")'),
        (wrong_type("car", 1, "a pair", 5), "car: argument 1 must be a pair, but got 5"),
        (wrong_type("f", 2, "a string", "x" * 99), f'f: argument 2 must be a string, but got "{"x" * 58}…'),
        (
            wrong_range("vector-ref", 2, "an index below 3", 7),
            "vector-ref: argument 2 must be an index below 3, but got 7",
        ),
    ],
)
def test_the_text_of_an_error(error: OmegaError, text: str) -> None:
    assert str(error) == text
    assert condition_text(error) == text


def test_the_parts_of_an_error() -> None:
    error = OmegaError("m", 1, "a")
    assert error.message == "m"
    assert error.irritants == (1, "a")
    assert wrong_type("car", 1, "a pair", 5).irritants == ()


def test_errors_are_python_errors_too() -> None:
    assert issubclass(ArgumentError, TypeError)
    assert issubclass(DivisionByZero, ZeroDivisionError)


def test_a_handler_sees_what_was_raised() -> None:
    payload = make_list(1)
    error = OmegaError("x")
    assert condition(Raised(payload)) is payload
    assert condition(error) is error


def module(tmp_path: Path, source: str, **names: Any) -> types.ModuleType:
    path = tmp_path / "prog.omega"
    path.write_text(source, encoding="utf-8")
    made = types.ModuleType("prog")
    vars(made).update(names)
    exec(compile(source, str(path), "exec"), vars(made))
    return made


def fail() -> None:
    raise OmegaError("Budget exceeded", 1)


def raised_by(call: Any, *args: Any) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        call(*args)
    return caught.value


def test_the_place_is_the_innermost_omega_frame(tmp_path: Path) -> None:
    source = "def outer(f):\n    return inner(f)\ndef inner(f):\n    'é'; return   f()\n"
    prog = module(tmp_path, source, __omega_source__="prog.omega")
    error = raised_by(prog.outer, fail)
    assert omega_place(error.__traceback__) == ("prog.omega", 4, 19)
    assert place(error) == "prog.omega:4:19"
    assert str(error) == "Budget exceeded 1 (prog.omega:4:19)"
    assert condition_text(error) == "Budget exceeded 1"


def test_columns_stay_bytes_without_the_source(tmp_path: Path) -> None:
    prog = module(tmp_path, "def f(g):\n    'é'; return g()\n", __omega_source__="prog.omega")
    (tmp_path / "prog.omega").unlink()
    assert omega_place(raised_by(prog.f, fail).__traceback__) == ("prog.omega", 2, 18)


def python_module(tmp_path: Path, source: str) -> types.ModuleType:
    path = tmp_path / "prog.py"
    path.write_text(source, encoding="utf-8")
    made = types.ModuleType("prog")
    vars(made)["__omega_source__"] = "prog.omega"
    exec(compile(source, str(path), "exec"), vars(made))
    return made


def test_the_table_at_the_end_maps_python_lines(tmp_path: Path) -> None:
    source = f"def f(g):\n    return g()\n\ndef h(g):\n    return g()\n\n{TABLE_HEAD}\n# 2:12:9\n# 4:20:1\n"
    prog = python_module(tmp_path, source)
    assert str(raised_by(prog.f, fail)) == "Budget exceeded 1 (prog.omega:12:9)"
    assert place(raised_by(prog.h, fail)) == "prog.omega:20:1"


def test_without_a_table_the_place_is_the_python_line(tmp_path: Path) -> None:
    prog = python_module(tmp_path, "def f(g): return g()\n# just a comment\n")
    assert place(raised_by(prog.f, fail)) == f"{tmp_path / 'prog.py'}:1:1"


def test_no_omega_frame_no_place() -> None:
    error = raised_by(fail)
    assert place(error) is None
    assert omega_place(None) is None
    assert str(error) == "Budget exceeded 1"
