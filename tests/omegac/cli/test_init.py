"""`omegac init`: the project that it makes passes its own tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, omegac


def test_a_new_project_passes_its_own_tests_and_checks(tmp_path: Path) -> None:
    done = omegac("init", "tide-tables", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "tide-tables"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    tested = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert "3 passed" in tested.stdout, tested.stdout
    assert omegac("doctest", "tide_tables.omega", cwd=folder).stdout == "1 transcript in 1 file holds\n"
    assert omegac("check", ".", cwd=folder).returncode == 0
    done = omegac("run", "main.omega", "README.md", "--model", "offline", cwd=folder)
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "README.md")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("there", "omegac: there is there already, and not empty; take another name\n"),
        ("3x", "omegac: 3x cannot be the name of a Python module; take a word of letters, digits and - or _\n"),
        ("main", "omegac: main cannot be the name of a Python module; take a word of letters, digits and - or _\n"),
        (
            "json",
            "omegac: Python has a module json already, which would be imported instead; take another name\n",
        ),
        (
            "pytest",
            "omegac: Python has a module pytest already, which would be imported instead; take another name\n",
        ),
        ("x" * 300, f"omegac: cannot write {'x' * 300}: File name too long\n"),
    ],
)
def test_what_cannot_be_made(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("")
    done = omegac("init", name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, said)
