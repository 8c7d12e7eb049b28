"""The effects that are built in besides calls to models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.calls import Site, effect, handle
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError


def perform(operation: str, *operands: Any) -> Any:
    return effect(Site("test.omega", 1, 1, operation, "main", 1), *operands)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_reading_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Käse\n".encode())
    assert perform("file.read.op", str(tmp_path / "a.txt")) == "Käse\n"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"K\xe4se")
    for path, why in [
        ("missing.txt", "No such file or directory"),
        (".", "it is a folder, no regular file"),
        ("latin.txt", "is not UTF-8 text (byte 1)"),
        ("nul\0.txt", "is no path"),
    ]:
        with pytest.raises(OmegaError) as caught:
            perform("file.read.op", str(tmp_path / path))
        assert path in caught.value.message
        assert why in caught.value.message


@pytest.mark.parametrize(
    ("operation", "operands", "flag"),
    [("file.write.op", ("a.txt", "x"), "write"), ("shell.op", ("echo hi",), "shell")],
)
def test_what_is_off_unless_allowed(operation: str, operands: tuple[str, ...], flag: str) -> None:
    with pytest.raises(OmegaError, match=f"{operation} is off; allow it with --allow {flag}"):
        perform(operation, *operands)


def test_writing_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with configure(allow={"write"}):
        perform("file.write.op", str(path), "Käse\n")
        assert path.read_bytes() == "Käse\n".encode()
        with pytest.raises(OmegaError, match="lone surrogate"):
            perform("file.write.op", str(path), "\ud800")
        with pytest.raises(OmegaError, match="cannot write"):
            perform("file.write.op", str(tmp_path), "x")
    assert path.read_bytes() == "Käse\n".encode()


def test_shell_commands() -> None:
    python = sys.executable
    with configure(allow={"shell"}):
        assert perform("shell.op", f"{python} -c 'print(1 + 1)'") == "2\n"
        with pytest.raises(OmegaError, match="status 3: oh no"):
            perform("shell.op", "echo oh no >&2; exit 3")


@pytest.mark.parametrize(
    ("operation", "operands", "message"),
    [
        ("ask.op", (1,), "no handler for effect ask.op; handle it with"),
        ("file.raed.op", ("a",), "no handler for effect file.raed.op; did you mean file.read.op?"),
        ("inferop", ("a",), "did you mean infer.op?"),
        ("file.read.op", (), "file.read.op takes 1 operand, but got 0"),
        ("file.write.op", ("a",), "file.write.op takes 2 operands, but got 1"),
        ("file.read.op", (5,), "file.read.op: the path must be a string, but got 5"),
    ],
)
def test_what_cannot_be_performed(operation: str, operands: tuple[Any, ...], message: str) -> None:
    with configure(allow={"write", "shell"}), pytest.raises(OmegaError) as caught:
        perform(operation, *operands)
    assert message in caught.value.message


def test_a_call_to_a_model_goes_through_the_ledger_here_too() -> None:
    with fresh_ledger() as ledger, scripted_model(["hello"]):
        assert perform("infer.op", "hi") == "hello"
        assert ledger.root.spent > 0


def test_handlers_see_built_in_operations_first() -> None:
    assert handle(lambda: perform("shell.op", "rm"), {"shell.op": lambda command, k: k("no")}) == "no"
