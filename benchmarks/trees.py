"""Commits that are measured: their files in a folder, and their run time as it is installed, with its accelerator."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import click

ROOT = Path(__file__).parent.parent


def cache_in(folder: str) -> dict[str, str]:
    """An environment in which processes keep bytecode in a folder, so that all but the first find it."""
    return {"PYTHONPYCACHEPREFIX": str(Path(folder) / "cache"), "PYTHONDONTWRITEBYTECODE": ""}


@attrs.frozen
class Tree:
    """The files of a commit, and where Python finds what they install."""

    files: Path
    installed: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that runs what the commit has."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (self.installed, self.files)))}


WORKING = Tree(ROOT, ROOT / "runtime")
"""The working tree, with the accelerator that the environment has."""


@contextmanager
def tree_of(revision: str) -> Iterator[Tree]:
    """The files of a commit, and what they install, in folders. Raises ClickException when git or pip fails."""
    with tempfile.TemporaryDirectory(prefix="omegac-commit-") as folder:
        files, installed = Path(folder) / "files", Path(folder) / "installed"
        git = ["git", "-C", str(ROOT), "worktree"]
        _run([*git, "add", "--quiet", "--detach", str(files), revision])
        try:
            _run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(installed), str(files)]
            )
            yield Tree(files, installed)
        finally:
            _run([*git, "remove", "--force", str(files)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(done.stderr.strip())
