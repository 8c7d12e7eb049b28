"""Which files programs may read and write, and what counts as a file."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime.calls import Site, effect
from omega_runtime.lib import system
from omega_runtime.settings import configure
from omega_runtime.values.errors import FileError, OmegaError
from omega_runtime.world import arguments, files

from tests.support.command import omegac
from tests.support.permissions import nothing_allowed


def read(path: str | Path) -> Any:
    return effect(Site("test.omega", 1, 1, "file.read.op", "main", 1), str(path))


def write(path: str | Path, text: str) -> Any:
    return effect(Site("test.omega", 1, 1, "file.write.op", "main", 1), str(path), text)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with a file, next to a folder with a secret."""
    (tmp_path / "here" / "below").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.txt").write_text("secret")
    (tmp_path / "here" / "below" / "a.txt").write_text("a\r\nb\rc")
    monkeypatch.chdir(tmp_path / "here")
    with nothing_allowed():
        yield tmp_path / "here"


def test_files_below_the_current_folder_can_be_read(here: Path) -> None:
    assert read("below/a.txt") == read(here / "below" / "a.txt") == read("./below/../below/a.txt") == "a\nb\nc"
    (here / "link").symlink_to("below/a.txt")
    assert read("link") == "a\nb\nc"
    assert system.is_file_exists("below")
    assert system.is_file_exists(".")
    assert not system.is_file_exists("missing")


WAYS_OUT = {
    "an absolute path": "{}/elsewhere/secret.txt",
    "dots": "../elsewhere/secret.txt",
    "dots after a folder": "below/../../elsewhere/secret.txt",
    "a link": "link",
    "a link to a folder": "folder/secret.txt",
    "a link to what is not there": "broken",
    "a folder whose name begins alike": "../here2/secret.txt",
    "what is not there": "../elsewhere/missing.txt",
    "the folder above": "..",
}


@pytest.mark.parametrize("path", WAYS_OUT.values(), ids=WAYS_OUT)
def test_no_way_leads_out_of_the_current_folder(here: Path, path: str) -> None:
    (here / "link").symlink_to("../elsewhere/secret.txt")
    (here / "broken").symlink_to("../elsewhere/missing.txt")
    (here / "folder").symlink_to(here.parent / "elsewhere")
    (here.parent / "here2").mkdir()
    (here.parent / "here2" / "secret.txt").write_text("secret")
    path = path.format(here.parent)
    for ask in (read, system.is_file_exists):
        with pytest.raises(FileError, match="neither below the current folder nor an argument.*--allow read=/"):
            ask(path)


def test_allowed_folders_and_everything(here: Path) -> None:
    secret = here.parent / "elsewhere" / "secret.txt"
    (here / "link").symlink_to(secret)
    for allowed in ("read", "read=../elsewhere", f"read={secret.parent}", f"read={secret}"):
        with configure(allow={allowed}):
            assert read(secret) == read("link") == "secret"
            assert system.is_file_exists(str(secret))
    with configure(allow={"read=../elsewhere", "read=/usr"}):
        assert read(secret) == "secret"
    with configure(allow={"read=below"}), pytest.raises(FileError, match="--allow read=.*elsewhere"):
        read(secret)


def test_arguments_of_the_program_can_be_read(here: Path) -> None:
    arguments.set_command_line(["../elsewhere/secret.txt", "a\0b", ""])
    assert read(here.parent / "elsewhere" / "secret.txt") == "secret"
    arguments.set_command_line(["../elsewhere", "/"])
    with pytest.raises(FileError, match="nor an argument"):
        read("../elsewhere/secret.txt")


@pytest.mark.parametrize("allow", [(), ("read",), ("read=/",)])
@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/1/environ", "/sys/kernel/uevent_seqnum", "kernel"])
def test_the_kernels_files_cannot_be_read(here: Path, allow: tuple[str, ...], path: str) -> None:
    (here / "kernel").symlink_to("/proc/self/environ")
    with configure(allow=allow), pytest.raises(FileError, match="no regular file, but the kernel's view"):
        read(path)


def test_content_from_the_kernel_is_refused_wherever_it_is_mounted() -> None:
    with pytest.raises(files.Unsuitable, match="comes from the kernel"):
        files.read_regular(f"/proc/{os.getpid()}/environ")


def test_only_regular_files_are_opened(here: Path) -> None:
    os.mkfifo("pipe")
    Path("to-pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        for path, kind in [
            ("pipe", "a pipe"),
            ("to-pipe", "a pipe"),
            ("socket", "a socket"),
            ("below", "a folder"),
            ("/dev/zero", "a device"),
            ("/dev/tty", "a device"),
        ]:
            with configure(allow={"read", "write"}):
                with pytest.raises(FileError, match=f"cannot read .*: it is {kind}, no regular file"):
                    read(path)
                with pytest.raises(FileError, match=f"cannot write .*: it is {kind}, no regular file"):
                    write(path, "x")


def test_the_size_is_bounded(monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    with (here / "large").open("wb") as file:
        file.truncate(files.MOST_BYTES + 1)
    with pytest.raises(FileError, match="it is larger than 64 MB; split it"):
        read("large")


def test_writing_replaces_the_content_of_regular_files(here: Path) -> None:
    Path("a.txt").write_text("a long text")
    Path("link").symlink_to("below/a.txt")
    with configure(allow={"write"}):
        write("a.txt", "short")
        write("link", "through")
        write("new.txt", "new")
        with pytest.raises(FileError, match="the kernel's view"):
            write("/proc/self/oom_score_adj", "0")
        with pytest.raises(FileError, match="No such file"):
            write("missing/a.txt", "x")
    assert (here / "a.txt").read_text() == "short"
    assert (here / "below" / "a.txt").read_text() == "through"
    assert (here / "new.txt").read_text() == "new"
    with pytest.raises(OmegaError, match="file.write.op is off"):
        write("a.txt", "x")


def test_a_link_that_appears_meanwhile_leads_nowhere(here: Path) -> None:
    """A folder that keeps turning into a link and back: what is read is always below the current folder."""
    real, away, stop = here / "moving", here / "kept", threading.Event()
    real.mkdir()
    (real / "secret.txt").write_text("public")

    def move() -> None:
        while not stop.is_set():
            real.rename(away)
            real.symlink_to(here.parent / "elsewhere")
            real.unlink()
            away.rename(real)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        seen = set()
        for _ in range(500):
            try:
                seen.add(read("moving/secret.txt"))
            except FileError:
                seen.add("refused")
    finally:
        stop.set()
        mover.join()
    assert seen <= {"public", "refused"}


def test_a_current_folder_that_is_gone(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = here / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for path in ("a.txt", str(here / "below" / "a.txt")):
        with pytest.raises(FileError):
            read(path)


def test_the_option(here: Path) -> None:
    (here / "p.omega").write_text(
        '(for-each (lambda (f) (display (effect file.read.op f))) \'("../elsewhere/secret.txt"))'
    )
    refused = omegac("run", "p.omega", cwd=here)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"--allow read={here.parent / 'elsewhere'}" in refused.stderr
    for options in (
        ["--allow", "read"],
        ["--allow", "write,read=../elsewhere"],
        ["--allow", "env", "--allow", "read=.."],
    ):
        assert omegac("run", "p.omega", *options, cwd=here).stdout == "secret"
    assert omegac("run", "p.omega", "../elsewhere/secret.txt", cwd=here).stdout == "secret"
