"""Names of models that are not available: what is said when another model answers, and what an unknown name is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from omega_runtime import settings
from omega_runtime.calls import infer
from omega_runtime.calls.asking import note_substitution
from omega_runtime.calls.report import report
from omega_runtime.models import choose as choosing
from omega_runtime.models.choose import choose, use_model
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.errors import OmegaError

from tests.support.command import omegac
from tests.support.ledgers import SITE
from tests.support.messages_api import Server, message


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    monkeypatch.setattr(choosing, "_announced", set())
    with fresh_ledger(), configure(provider=None, model=None):
        yield


def substitutions() -> list[tuple[str, str]]:
    return [(each["asked"], each["used"]) for each in report()["substitutions"]]


def test_that_the_ladder_answers_is_said_once_for_each_name(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("gpt-4o", "gpt-4o", "gpt-3.5-turbo"):
        choose(settings.active, name, note_substitution)
    assert capsys.readouterr().err.splitlines() == [
        "omegac: gpt-4o: not available here; claude-sonnet-5-5 answers (the ladder's tier medium)",
        "omegac: gpt-3.5-turbo: not available here; claude-haiku-5-5 answers (the ladder's tier low)",
    ]
    assert substitutions() == [("gpt-4o", "claude-sonnet-5-5"), ("gpt-3.5-turbo", "claude-haiku-5-5")]


@pytest.mark.parametrize("name", ["claude-sonnet-5-5", "claude-anything", "high", None, "offline"])
def test_names_that_are_available_say_nothing(name: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    choose(settings.active, name, note_substitution)
    assert capsys.readouterr().err == ""
    assert substitutions() == []


def test_a_function_and_the_offline_model_answer_all_names_silently(capsys: pytest.CaptureFixture[str]) -> None:
    with use_model(lambda prompt: "yes"):
        infer(SITE, "p", model="gpt-4o")
    with configure(model="offline"):
        infer(SITE, "p", model="gpt-4o")
    assert capsys.readouterr().err == ""
    assert substitutions() == []


def test_without_a_key_the_report_names_the_offline_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    infer(SITE, "p", model="gpt-4o")
    assert substitutions() == [("gpt-4o", "offline")]


UNKNOWN = {
    "gpt4o": "did you mean gpt-4o",
    "gtp-4": "did you mean .*gpt-4",
    "cluade-sonnet-5-5": "did you mean .*claude-sonnet-5-5",
    "Claude-Opus-5-5": "did you mean .*claude-opus-5-5",
    "ofline": "did you mean offline",
    "sonnet": "did you mean claude-sonnet-5-5 or claude-sonnet-5 or claude-sonnet-4-6",
    "opus": "did you mean claude-opus-5-5",
    "haiku": "did you mean claude-haiku-5-5",
    "haiku-4.5": "did you mean claude-haiku-4-5",
    "zzzzzz": '"zzzzzz"; there are "offline"',
    "gemini-2.5-pro": "is one of Google, which cannot be asked from here; put it on a tier of the ladder",
    "o1": "is one of OpenAI, which cannot be asked from here",
    "o3-mini": "is one of OpenAI",
}


@pytest.mark.parametrize(("name", "message"), UNKNOWN.items(), ids=UNKNOWN)
def test_an_unknown_name_suggests_near_ones(name: str, message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        choose(settings.active, name, note_substitution)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("claude-sonet-4-5", "claude-sonnet-4-5"),
        ("claude-opsu-5", "claude-opus-5"),
        ("claude-haikuu-9-9", "claude-haiku-5-5"),
        ("claude-sonnet-9-9", None),
        ("claude-opus-5-20990101", None),
        ("claude-ballad-1", None),
    ],
)
def test_a_misspelt_claude_is_told_once_and_new_models_are_not(
    name: str, meant: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert choose(settings.active, name)[1] == name
    expected = f"omegac: model {name} is not known; did you mean {meant}?\n" if meant else ""
    assert capsys.readouterr().err == expected


def test_a_name_that_was_given_a_price_is_no_slip(capsys: pytest.CaptureFixture[str]) -> None:
    with configure(prices={"claude-sonet-4-5": ("1", "2")}):
        choose(settings.active, "claude-sonet-4-5")
    assert capsys.readouterr().err == ""


def test_a_run_says_it_and_reports_it(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(effect infer.op "a") (effect infer.op "b" model: \'gpt-3.5)')
    with Server() as server:
        server.answer_by = lambda body: message("Hello.", 10, 2)
        done = omegac(
            *("run", "p.omega", "--model", "gpt-4o", "--report"),
            cwd=tmp_path,
            ANTHROPIC_API_KEY="test-key",
            ANTHROPIC_BASE_URL=server.url,
        )
    assert done.returncode == 0
    assert done.stderr.count("gpt-4o: not available here; claude-sonnet-5-5 answers") == 1
    assert "gpt-4o is not available here: claude-sonnet-5-5 answered for it" in done.stderr
    assert "gpt-3.5 is not available here: claude-haiku-5-5 answered for it" in done.stderr
