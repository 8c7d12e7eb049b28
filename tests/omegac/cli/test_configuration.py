"""Settings in pyproject.toml and omegac.toml."""

from __future__ import annotations

from pathlib import Path

import omega_runtime
import pytest
from omega_runtime import OmegaError, configure, configure_from, settings

from tests.support.command import omegac

LADDER = '[tool.omegac.ladder]\nbest = ["big", "gpt-4"]\nlast = "small"\n'


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(LADDER)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    with configure():
        undo = configure_from(tmp_path / "a" / "b")
        assert undo is not None
        with undo:
            assert settings.active.ladder == (("best", ("big", "gpt-4")), ("last", ("small",)))
    (tmp_path / "a" / "omegac.toml").write_text("max-tokens = 77\n[prices]\nbig = [1, 2.5]\n")
    undo = configure_from(tmp_path / "a" / "b")
    assert undo is not None
    with undo:
        assert settings.active.max_tokens == 77
        assert [str(price) for price in settings.active.least_prices["big"]] == ["1", "2.5"]
    assert settings.active.max_tokens == 1024


WRONG = {
    "no such setting": ("max_token = 5", "there is no setting 'max_token'"),
    "impossible": ("max_tokens = 0", "max_tokens must be an integer >= 1, but got 0"),
    "not for files": ('allow = ["shell"]', "there is no setting 'allow'"),
    "of another kind": ("history = 5", "history must be the path of a file, or None, but got 5"),
    "no TOML": ("max_tokens =", "cannot be read"),
    "a ladder without models": ("[ladder]\nhigh = []", "ladder must be"),
    "a ladder that begins with a pattern": ('[ladder]\nhigh = ["gpt-*"]', "ladder must be"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_mistakes_name_the_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "omegac.toml").write_text(text)
    with pytest.raises(OmegaError) as caught:
        configure_from(tmp_path)
    assert str(tmp_path / "omegac.toml") in str(caught.value)
    assert message in str(caught.value)


def test_a_run_takes_the_settings_of_its_programs_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "omegac.toml").write_text('model = "offline"\nmax_tokens = 3\n')
    (tmp_path / "sub" / "p.omega").write_text('(display (effect infer.op "Say a long sentence: one two three four."))')
    done = omegac("run", tmp_path / "sub" / "p.omega", "--report")
    assert done.returncode == 0
    assert "ran into max-tokens" in done.stderr
    assert "ANTHROPIC" not in done.stderr
    (tmp_path / "omegac.toml").write_text("max_tokens = 0\n")
    done = omegac("run", tmp_path / "sub" / "p.omega")
    assert (done.returncode, done.stdout) == (2, "")
    assert "max_tokens must be" in done.stderr


def test_the_public_names_are_there() -> None:
    for name in omega_runtime.__all__:
        assert getattr(omega_runtime, name) is not None
