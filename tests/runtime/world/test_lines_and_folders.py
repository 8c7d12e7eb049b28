"""Appending to files, reading lines, listing folders: what they give, and that they are allowed as files are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from omega_runtime.calls import Site, effect
from omega_runtime.lib.folders import directory_list, read_lines
from omega_runtime.settings import configure
from omega_runtime.values.errors import ArgumentError, FileError, OmegaError
from omega_runtime.values.ports import InputPort

from tests.support.command import omegac
from tests.support.omega import error_of, findings_of, value_of
from tests.support.permissions import nothing_allowed


def append(path: str | Path, text: str) -> None:
    effect(Site("test.omega", 1, 1, "file.append.op", "main", 1), str(path), text)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with a file and a folder, next to a secret."""
    (tmp_path / "here" / "below").mkdir(parents=True)
    (tmp_path / "here" / "lines.txt").write_bytes("ein\r\nzwei\n\ndrü".encode())
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.chdir(tmp_path / "here")
    with nothing_allowed():
        yield tmp_path / "here"


def test_lines_of_files_and_ports(here: Path) -> None:
    assert list(read_lines("lines.txt")) == ["ein", "zwei", "", "drü"]
    (here / "empty.txt").write_text("")
    (here / "one.txt").write_text("\n")
    assert list(read_lines("empty.txt")) == []
    assert list(read_lines("one.txt")) == [""]
    port = InputPort("a\nb\nc\n")
    assert port.read_line() == "a"
    assert list(read_lines(port)) == ["b", "c"]
    assert list(read_lines(port)) == []
    assert value_of('(read-lines (open-input-string "a\\n\\nb"))') == '("a" "" "b")'
    assert value_of('(read-lines "lines.txt")') == '("ein" "zwei" "" "drü")'


def test_what_is_in_a_folder(here: Path) -> None:
    (here / "below" / "b.txt").write_text("")
    (here / "below" / "a.txt").write_text("")
    assert list(directory_list("below")) == ["a.txt", "b.txt"]
    assert list(directory_list()) == ["below", "lines.txt"]
    assert value_of('(directory-list "below")') == '("a.txt" "b.txt")'


@pytest.mark.parametrize("path", ["../secret.txt", "..", "/", "link"])
def test_no_way_leads_out(here: Path, path: str) -> None:
    (here / "link").symlink_to("..")
    for look in (read_lines, directory_list):
        with pytest.raises(FileError, match="neither below the current folder nor an argument"):
            look(path)
    with configure(allow={f"read={here.parent}"}):
        assert list(directory_list("..")) == ["here", "secret.txt"]
        assert list(read_lines("../secret.txt")) == ["secret"]


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ('(directory-list "missing")', "missing"),
        ('(directory-list "lines.txt")', "lines.txt"),
        ('(read-lines "missing")', "missing"),
        ('(read-lines "below")', "below"),
    ],
)
def test_errors_name_the_file(program: str, message: str) -> None:
    assert f'"{message}"' in error_of(program)
    assert value_of(f"(guard (e ((file-error? e) 'file)) {program})") == "file"


def test_wrong_arguments() -> None:
    for look in (read_lines, directory_list):
        with pytest.raises(ArgumentError, match="argument 1 must be a path"):
            look(5)
    closed = InputPort("a")
    closed.is_open = False
    with pytest.raises(ArgumentError, match="an open input port"):
        read_lines(closed)


def test_appending_is_writing(here: Path) -> None:
    with pytest.raises(OmegaError, match=r"file.append.op is off; allow it with --allow write"):
        append("new.txt", "a")
    assert not (here / "new.txt").exists()
    with configure(allow={"write"}):
        append("new.txt", "a\n")
        append("new.txt", "ü\n")
        append(here / "lines.txt", "!")
        assert (here / "new.txt").read_text() == "a\nü\n"
        assert (here / "lines.txt").read_bytes().endswith("drü!".encode())
        with pytest.raises(FileError, match=r'file.append.op: cannot write "below": it is a folder, no regular file'):
            append("below", "a")
        with pytest.raises(OmegaError, match="half a character"):
            append("new.txt", "\ud800")
        with pytest.raises(OmegaError, match="the text must be a string, but got 5"):
            effect(Site("test.omega", 1, 1, "file.append.op", "main", 1), "new.txt", 5)


def test_appending_is_an_effect() -> None:
    program = '(handle (effect file.append.op "f" "text") (on file.append.op (path text k) (k (list path text))))'
    assert value_of(program) == '("f" "text")'
    assert findings_of('(effect file.append.op "f" "t" n: 1)') == [
        "1:32: error: unknown option n: of file.append.op",
    ]


def test_a_program_appends(here: Path) -> None:
    (here / "p.omega").write_text('(effect file.append.op "log.txt" "x\\n")\n')
    done = omegac("run", "p.omega", cwd=here)
    assert done.returncode == 1
    for _ in range(2):
        assert omegac("run", "p.omega", "--allow", "write", cwd=here).returncode == 0
    assert (here / "log.txt").read_text() == "x\nx\n"
