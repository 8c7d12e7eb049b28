"""`omegac check` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.command import omegac

WARNED = '(display (effect infer.op "a"))\n'
NOTED = '(define (f) (effect infer.op "a"))\n'


@pytest.mark.parametrize(
    ("program", "options", "status"),
    [
        ("5", [], 0),
        (WARNED, [], 1),
        (NOTED, [], 0),
        (NOTED, ["--fail-on", "note"], 1),
        (WARNED, ["--fail-on", "error"], 0),
        (WARNED, ["--ignore", "OM101"], 0),
        (WARNED, ["--select", "OM103,OM104", "--select", "OM105"], 0),
        (WARNED, ["--select", "OM101"], 1),
        ("(", [], 2),
        (WARNED, ["--select", "OM1"], 2),
        (WARNED, ["--format", "xml"], 2),
    ],
)
def test_the_exit_status(program: str, options: list[str], status: int, tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text(program)
    assert omegac("check", "a.omega", *options, cwd=tmp_path).returncode == status


def test_findings_are_on_stdout_and_the_compilers_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text("(car")
    (tmp_path / "b.omega").write_text(WARNED)
    done = omegac("check", ".", "--format", "json", cwd=tmp_path)
    assert done.returncode == 2
    assert [(each["file"], each["code"]) for each in json.loads(done.stdout)] == [("b.omega", "OM101")]
    assert done.stderr.startswith("a.omega:1:1: error: ")


def test_folders_and_files_are_checked_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.omega").write_text(WARNED)
    done = omegac("check", "deep", "deep/a.omega", "--format", "github", cwd=tmp_path)
    assert done.stdout.count("::warning file=deep/a.omega,") == 1


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.omega", "omegac: cannot read none.omega: No such file or directory\n"),
        ("empty", "omegac: there is no .omega file in empty\n"),
    ],
)
def test_what_is_not_there(file: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = omegac("check", file, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_the_projects_configuration_counts_and_options_before_it(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text(WARNED)
    (tmp_path / "pyproject.toml").write_text('[tool.omegac.check]\nignore = ["OM101"]\n')
    assert omegac("check", "a.omega", cwd=tmp_path).returncode == 0
    assert omegac("check", "a.omega", "--ignore", "OM102", cwd=tmp_path).returncode == 1
    (tmp_path / "pyproject.toml").write_text('[tool.omegac.check]\nfail-on = "never"\n')
    done = omegac("check", "a.omega", cwd=tmp_path)
    assert done.returncode == 2
    assert "[tool.omegac.check]: fail-on must be one of note, warning, error, but is 'never'" in done.stderr


def test_effects_are_those_of_the_pass_analyse(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text(NOTED)
    done = omegac("check", "a.omega", "--effects", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "1:1 f: infer\n")
    assert done.stdout == omegac("compile", "a.omega", "--dump", "analyse", cwd=tmp_path).stdout


def test_nothing_is_found_in_the_examples() -> None:
    done = omegac("check", ROOT / "examples", "--fail-on", "note")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
