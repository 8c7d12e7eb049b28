"""`omegac fmt` as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, omegac

RAGGED = "(define (f x)\n x)\n"
NEAT = "(define (f x)\n  x)\n"


@pytest.mark.parametrize(
    ("text", "options", "status", "said", "after"),
    [
        (RAGGED, [], 0, "reformatted a.omega\n1 file reformatted\n", NEAT),
        (NEAT, [], 0, "1 file unchanged\n", NEAT),
        (RAGGED, ["--check"], 1, "would reformat a.omega\n1 file would be reformatted\n", RAGGED),
        (NEAT, ["--check"], 0, "1 file unchanged\n", NEAT),
        (RAGGED, ["--diff"], 0, "", RAGGED),
        (RAGGED, ["--diff", "--check"], 1, "", RAGGED),
        (NEAT, ["--diff", "--check"], 0, "", NEAT),
    ],
)
def test_what_becomes_of_a_file(
    text: str, options: list[str], status: int, said: str, after: str, tmp_path: Path
) -> None:
    (tmp_path / "a.omega").write_text(text)
    done = omegac("fmt", "a.omega", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (status, said)
    assert (tmp_path / "a.omega").read_text() == after


def test_a_difference(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text("(f\n 1)")
    assert omegac("fmt", "a.omega", "--diff", cwd=tmp_path).stdout == (
        "--- a.omega\n+++ a.omega\n@@ -1,2 +1,2 @@\n (f\n- 1)\n\\ No newline at end of file\n+  1)\n"
    )


def test_files_that_cannot_be_read_are_left_and_told(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name, data in (("a", b"(f"), ("b", b"\xff"), ("sub/c", RAGGED.encode())):
        (tmp_path / f"{name}.omega").write_bytes(data)
    (tmp_path / "notes.md").write_text("a  note")
    done = omegac("fmt", ".", "gone.omega", "notes.md", cwd=tmp_path)
    assert done.returncode == 2
    assert "a.omega:1:1: error: unbalanced parentheses: this ( is never closed" in done.stderr
    assert "b.omega:1:1: error: this file isn't UTF-8" in done.stderr
    assert "omegac: cannot read gone.omega: No such file or directory" in done.stderr
    assert "omegac: notes.md is no Omega file" in done.stderr
    assert done.stderr.endswith("1 file reformatted, 4 files failed\n")
    assert (tmp_path / "a.omega").read_bytes() == b"(f"
    assert (tmp_path / "sub/c.omega").read_text() == NEAT


@pytest.mark.parametrize(
    ("options", "status", "out"), [([], 0, NEAT), (["--check"], 1, ""), (["--check", "--diff"], 1, None)]
)
def test_standard_input(options: list[str], status: int, out: str | None, tmp_path: Path) -> None:
    done = omegac("fmt", "-", *options, input=RAGGED, cwd=tmp_path)
    assert done.returncode == status
    assert out is None or done.stdout == out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf( a )", b"\xef\xbb\xbf(a)\n"),
        (b"(f\r\n a)\r\n", b"(f\r\n  a)\r\n"),
        (b"( a \xf0\x9f\x98\x80 )", b"(a \xf0\x9f\x98\x80)\n"),
        (b"", b""),
    ],
)
def test_bytes(before: bytes, after: bytes, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "omegac", "fmt", "-"]
    assert subprocess.run(command, input=before, capture_output=True, check=True, env=environment()).stdout == after


def test_deep_nesting(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text("( " * 15_000 + ")" * 15_000)
    assert omegac("fmt", "a.omega", cwd=tmp_path).returncode == 0
    assert (tmp_path / "a.omega").read_text() == "(" * 15_000 + ")" * 15_000 + "\n"


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text(RAGGED)
    (tmp_path / "b.omega").symlink_to("a.omega")
    assert omegac("fmt", "b.omega", cwd=tmp_path).returncode == 0
    assert (tmp_path / "b.omega").is_symlink()
    assert (tmp_path / "a.omega").read_text() == NEAT


def test_a_new_project_is_laid_out(tmp_path: Path) -> None:
    assert omegac("init", "tide-tables", cwd=tmp_path).returncode == 0
    assert omegac("fmt", ".", "--check", cwd=tmp_path).stderr == "2 files unchanged\n"
