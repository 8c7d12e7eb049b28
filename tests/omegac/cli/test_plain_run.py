"""`omegac run FILE` without options: the same as with them, in less time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from omegac.cli.run import command
from omegac.cli.run_options import RunOptions
from tests.support.command import environment, omegac


def test_a_run_without_options_has_what_the_options_are_when_none_is_given() -> None:
    context = command.make_context("run", ["file.omega", "a"])
    given = {name: value for name, value in context.params.items() if name not in ("file", "arguments")}
    assert RunOptions(**given) == RunOptions()


def test_it_imports_nothing_for_options(tmp_path: Path) -> None:
    file = tmp_path / "hello.omega"
    file.write_text("(display 1)")
    for is_first in (True, False):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "omegac", "run", file],
            env=environment(XDG_CACHE_HOME=str(tmp_path), PYTHONDONTWRITEBYTECODE=""),
            capture_output=True,
            text=True,
            check=True,
        )
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert ("omegac.pipeline" in imported) == is_first
        assert "omegac.cli.execution" in imported
        assert not imported & {"click", "attr", "rich", "hashlib"} or is_first


@pytest.mark.parametrize("options", [(), ("--stream",)])
@pytest.mark.parametrize(
    ("text", "status", "output", "error"),
    [
        ("(write (command-line))", 0, '("a" "b c")', ""),
        ("(exit 7)", 7, "", ""),
        ("(car 1)", 1, "", "file.omega:1:1: error: car: argument 1 must be a pair, but got 1\n"),
        ("(car", 2, "", "file.omega:1:1: error: "),
        (None, 2, "", "omegac: cannot read file.omega: No such file or directory\n"),
    ],
)
def test_both_ways_end_alike(
    tmp_path: Path, options: tuple[str, ...], text: str | None, status: int, output: str, error: str
) -> None:
    if text is not None:
        (tmp_path / "file.omega").write_text(text)
    done = omegac("run", *options, "file.omega", "a", "b c", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (status, output)
    assert done.stderr.startswith(error)
    assert error or not done.stderr


def begun(folder: Path, text: str, options: tuple[str, ...]) -> tuple[subprocess.Popen[str], IO[str], IO[str]]:
    """A run that is under way, and what it writes."""
    file = folder / "file.omega"
    file.write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-m", "omegac", "run", *options, file],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    return process, process.stdout, process.stderr


@pytest.mark.parametrize("options", [(), ("--stream",)])
def test_nobody_reads_the_output_any_more(tmp_path: Path, options: tuple[str, ...]) -> None:
    process, output, errors = begun(tmp_path, "(let loop ((i 0)) (display i) (newline) (loop (+ i 1)))", options)
    output.readline()
    output.close()
    assert errors.read() == ""
    assert process.wait(60) == 1
    errors.close()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("options", [(), ("--stream",)])
def test_an_interrupt_ends_it_in_order(tmp_path: Path, options: tuple[str, ...]) -> None:
    text = '(display "on") (newline) (flush-output-port) (let loop () (loop))'
    process, output, _ = begun(tmp_path, text, options)
    assert output.readline() == "on\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "omegac: interrupted\n")
