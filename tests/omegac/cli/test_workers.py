"""`omegac run --workers`: what the command says before anything is started."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.support.command import omegac


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--worker-count", "2"), "--worker-count needs --workers ray"),
        (
            ("--workers", "ray", "--budget", "9k", "--on-low", "degrade"),
            "--workers excludes --alert, --batch, --on-low",
        ),
        (
            ("--workers", "ray", "--budget", "9k", "--alert", "80%=true"),
            "--workers excludes --alert, --batch, --on-low",
        ),
        (("--workers", "spark"), "'spark' is no place of workers; there is ray and ray://HOST:PORT"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    done = omegac("run", "p.omega", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed here")
def test_without_ray_the_command_says_what_brings_it(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    done = omegac("run", "p.omega", "--workers", "ray", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'omegac[ray]' brings it" in done.stderr
