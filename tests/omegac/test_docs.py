"""The documentation tells the truth: its programs do what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.command import omegac

LANGUAGE = (ROOT / "docs" / "LANGUAGE.md").read_text()
BUDGETS = (ROOT / "docs" / "BUDGETS.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAMS = [text for text in re.findall(r"```lisp\n(.*?)```", BUDGETS, re.DOTALL) if "\n=> " not in text]


def test_the_transcripts_of_all_pages_hold() -> None:
    done = omegac("doctest", *PAGES)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert re.fullmatch(rf"[0-9]+ transcripts in {len(PAGES)} files hold\n", done.stdout)


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 8


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_programs_of_the_budgets_page_run(program: str, tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(program)
    done = omegac("run", tmp_path / "p.omega", "--model", "offline")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_readmes_program_runs(tmp_path: object) -> None:
    readme = (ROOT / "README.md").read_text()
    program = next(text for text in re.findall(r"```lisp\n(.*?)```", readme, re.DOTALL) if "greet" in text)
    path = ROOT.__class__(str(tmp_path)) / "hello.omega"
    path.write_text(program)
    done = omegac("run", path, "Ada", "Grace", "--model", "offline", "--budget", "500", "--report")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2
    assert "of 500 tokens in 2 calls" in done.stderr


def test_the_tutorials_program_runs_and_is_bounded(tmp_path: Path) -> None:
    tutorial = (ROOT / "docs" / "TUTORIAL.md").read_text()
    program, inside = re.findall(r"```lisp\n(.*?)```", tutorial, re.DOTALL)
    (tmp_path / "titles.omega").write_text(program)
    (tmp_path / "notes.txt").write_text("The sea rises and falls twice a day.")
    done = omegac("run", "titles.omega", "notes.txt", "--model", "offline", "--budget", "200", "--report", cwd=tmp_path)
    assert done.stdout.startswith("notes.txt: ")
    assert "of 200 tokens in 1 call" in done.stderr
    assert "input    <= " in omegac("check", "--cost", "titles.omega", cwd=tmp_path).stdout
    (tmp_path / "inside.omega").write_text(
        f'{program.partition("(for-each")[0]}{inside}(display (modest-title "The sea"))'
    )
    assert omegac("run", "inside.omega", "--model", "offline", cwd=tmp_path).stdout.strip()
