"""Which provider answers, Python functions as models, and replies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from omega_runtime import settings
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.calls.report import report
from omega_runtime.models import choose as choosing
from omega_runtime.models.anthropic import DEFAULT_MODEL, AnthropicProvider, anthropic_provider
from omega_runtime.models.choose import choose, use_model
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.offline import OFFLINE
from omega_runtime.models.provider import ModelError, NotBilled
from omega_runtime.models.reply import Reply
from omega_runtime.models.tokens import count_tokens
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock, fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError

from tests.support.ledgers import SITE, Figures


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    with configure(provider=None, model=None):
        yield


@pytest.mark.parametrize("name", ["claude-sonnet-5-5", "claude-anything"])
def test_claude_is_anthropic(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    provider, model = choose(settings.active, name)
    assert isinstance(provider, AnthropicProvider)
    assert model == name


def test_with_a_key_anthropic_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    provider, model = choose(settings.active, None)
    assert isinstance(provider, AnthropicProvider)
    assert model == DEFAULT_MODEL
    assert choose(settings.active, "offline") == (OFFLINE, "offline")


def test_a_provider_is_the_same_for_one_key_and_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    first = anthropic_provider()
    assert anthropic_provider() == first
    assert anthropic_provider()._connected() is first._connected()
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
    assert anthropic_provider() != first


def test_the_default_model_is_one_that_the_sdk_knows() -> None:
    from typing import get_args

    from anthropic.types.model import Model

    assert DEFAULT_MODEL in get_args(get_args(Model)[0])


def test_the_offline_model_says_once_that_it_was_chosen_for_want_of_a_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choosing, "_is_offline_announced", False)
    assert choose(settings.active, "offline") == (OFFLINE, "offline")
    assert capsys.readouterr().err == ""
    for _ in range(2):
        assert choose(settings.active, None) == (OFFLINE, "offline")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("offline model") == 1


def test_the_configured_model_is_used_when_a_call_names_none() -> None:
    with configure(model="offline"):
        assert choose(settings.active, None) == (OFFLINE, "offline")


def test_an_unknown_model_is_an_error_that_says_what_there_is() -> None:
    with (
        fresh_ledger() as ledger,
        pytest.raises(OmegaError, match='unknown model "llama".*offline.*claude.*use_model'),
    ):
        infer(SITE, "p", model="llama")
    assert ledger.root.held == 0


def test_a_function_answers_every_name_and_is_counted_with_the_tokenizer() -> None:
    prompts = []

    def model(prompt: str) -> str:
        prompts.append(prompt)
        return "an answer"

    with fresh_ledger(), use_model(model), budget(tokens=5000) as account:
        assert infer(SITE, ["Sum", "mary"], model="gpt-4") == "an answer"
        assert infer(SITE, "Summary") == "an answer"
        assert sorted(report()["models"]) == ["gpt-4", "model"]
    assert prompts == ["Summary", "Summary"]
    assert account.spent == 2 * (count_tokens("Summary") + count_tokens("an answer"))


def test_a_function_may_give_a_reply_of_its_own() -> None:
    with fresh_ledger(), use_model(lambda prompt: Reply("text", 7, 8)), budget(tokens=5000) as account:
        assert infer(SITE, "p") == "text"
    assert account.spent == 15


@pytest.mark.parametrize("answer", [None, 5, b"bytes", ["list"]])
def test_any_other_answer_is_an_error_and_booked_whole(answer: Any) -> None:
    with fresh_ledger(), use_model(lambda prompt: answer), budget(tokens=5000) as account:
        with pytest.raises(OmegaError, match="must give a string or a Reply"):
            infer(SITE, "p", max_tokens=10)
    assert (account.spent, account.held) == (11, 0)


def test_what_a_function_raises_may_have_cost_something() -> None:
    error = ZeroDivisionError("oops")
    with fresh_ledger(), scripted_model([error]), budget(tokens=5000) as account:
        with pytest.raises(ModelError, match="ZeroDivisionError: oops") as caught:
            infer(SITE, "p", max_tokens=10)
    assert caught.value.__cause__ is error
    assert account.spent == 11


def test_not_billed_costs_nothing_and_may_ask_for_another_attempt() -> None:
    clock = FakeClock()
    busy = NotBilled("busy", transient=True, retry_after=2)
    with fresh_ledger(clock), scripted_model([busy, "ok", NotBilled("gone")]), budget(tokens=5000) as account:
        assert infer(SITE, "p") == "ok"
        assert clock.sleeps == [2]
        assert account.spent == 2
        with pytest.raises(NotBilled, match="gone"):
            infer(SITE, "p")
        assert account.spent == 2


def test_more_than_was_asked_for_is_an_overrun_and_kept() -> None:
    with fresh_ledger(), use_model(lambda prompt: "word " * 50), budget(tokens=30) as account:
        assert infer(SITE, "p") == "word " * 50
    assert account.spent == 1 + count_tokens("word " * 50)
    assert account.overrun == account.spent - 30


def test_the_previous_model_comes_back() -> None:
    outer = use_model(lambda prompt: "outer")
    with use_model(lambda prompt: "inner"):
        assert isinstance(choose(settings.active, None)[0], FunctionProvider)
    with fresh_ledger():
        assert infer(SITE, "p") == "outer"
    with outer:
        pass
    assert choose(settings.active, "offline") == (OFFLINE, "offline")


def test_use_model_takes_a_function_or_none() -> None:
    with pytest.raises(OmegaError, match="must be a function"):
        use_model("gpt")  # type: ignore[arg-type]
    with use_model(str), use_model(None):
        assert choose(settings.active, "offline") == (OFFLINE, "offline")


def test_a_configured_provider_answers_every_name() -> None:
    figures = Figures(1)
    with configure(provider=figures):
        assert choose(settings.active, "anything") == (figures, "anything")
        assert choose(settings.active, None) == (figures, "figures")


@pytest.mark.parametrize(
    "arguments",
    [("t", -1, 0), ("t", 1, True), ("t", 1.0, 2), ("t", None, 2), (5, 1, 2), ("t", 1, 2, None, None, -1)],
)
def test_replies_are_checked(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(OmegaError, match="Reply: "):
        Reply(*arguments)


def test_a_reply_knows_its_tokens() -> None:
    assert Reply("t", 3, 4).tokens == 7
