"""Files that are written whole, with the permissions that they had, or that any new file gets."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from omegac.files import write_atomically


@pytest.fixture
def mask() -> object:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.usefixtures("mask")
@pytest.mark.parametrize(("before", "after"), [(None, 0o640), (0o600, 0o600), (0o755, 0o755), (0o666, 0o666)])
def test_permissions(tmp_path: Path, before: int | None, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    if before is not None:
        path.touch()
        path.chmod(before)
    # The umask belongs to all threads: one that makes a file just then would make it for everybody.
    monkeypatch.delattr(os, "umask")
    write_atomically(path, "text")
    monkeypatch.undo()
    assert stat.S_IMODE(path.stat().st_mode) == after
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError):  # noqa: PT011
        write_atomically(tmp_path / "out", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "out").touch()
    (tmp_path / "link").symlink_to("real/out")
    write_atomically(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "out").read_text() == "text"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_atomically, args=(pipe, "text"), daemon=True)
    writer.start()
    assert pipe.read_text() == "text"
    writer.join()
    assert pipe.is_fifo()


def test_a_full_device_is_an_error_and_stays() -> None:
    with pytest.raises(OSError, match="No space left"):
        write_atomically(Path("/dev/full"), "text")
    assert Path("/dev/full").is_char_device()
