"""Programs that `omegac run` has compiled before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import omegac


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def run(file: Path, cache: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return omegac("run", file, *options, XDG_CACHE_HOME=str(cache), PYTHONDONTWRITEBYTECODE="")


def entries(cache: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (cache / "omegac").iterdir()}


def test_the_second_run_takes_what_the_first_has_kept_and_imports_no_compiler(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "hello.omega"
    file.write_text('(import (python sys))\n(display (sys.modules.__contains__ "hy"))')
    assert run(file, cache, "--allow", "python").stdout == "#t"
    before = entries(cache)
    assert len(before) == 1
    assert run(file, cache, "--allow", "python").stdout == "#f"
    assert entries(cache) == before


def test_nothing_is_kept_beside_a_program_or_taken_from_there(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "lib.omega").write_text("(define x 1)")
    (tmp_path / "main.omega").write_text("(import (lib)) (display x)")
    assert run(tmp_path / "main.omega", cache).stdout == "1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "lib.omega", "main.omega"]
    assert len(entries(cache)) == 2
    (tmp_path / "lib.omega").write_text("(define x 2)")
    assert run(tmp_path / "main.omega", cache).stdout == "2"


@pytest.mark.parametrize("damage", [b"", b"omegac", b"\0" * 200])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, cache: Path, damage: bytes) -> None:
    file = tmp_path / "hello.omega"
    file.write_text("(display 1)")
    run(file, cache)
    ((name, whole),) = entries(cache).items()
    (cache / "omegac" / name).write_bytes(damage)
    assert run(file, cache).stdout == "1"
    assert entries(cache) == {name: whole}


def test_warnings_are_told_each_time(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "hello.omega"
    file.write_text("(display (match 5 (x 1) (y 2)))")
    first, second = run(file, cache), run(file, cache)
    assert "warning" in first.stderr
    assert second.stderr == first.stderr


def test_what_may_not_be_read_is_refused_again(tmp_path: Path, cache: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "pyproject.toml").write_text("")
    (tmp_path / "more.omega").write_text("(define x 1)")
    file = home / "main.omega"
    file.write_text('(include "../more.omega") (display x)')
    assert run(file, cache, "--allow", "read").stdout == "1"
    assert "is outside of the program's project" in run(file, cache).stderr


def test_errors_show_the_lines_of_the_program(tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "wrong.omega"
    file.write_text("(define (f x) (car x))\n(f 5)\n")
    first, second = run(file, cache), run(file, cache)
    assert "(define (f x) (car x))" in first.stderr
    assert second.stderr == first.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_folder_that_cannot_be_used_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "hello.omega"
    file.write_text("(display 1)")
    (tmp_path / "file").write_text("")
    assert run(file, tmp_path / "file").stdout == "1"
