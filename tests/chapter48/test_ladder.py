"""48.4: the model ladder: which model answers for a name, and when a lower one does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime import settings
from omega_runtime.calls import infer, reserve
from omega_runtime.calls.report import report
from omega_runtime.chapter.emergency import reduce_quality_to_low, reduce_quality_to_medium, standard_mode
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models import choose as choosing
from omega_runtime.models.anthropic import DEFAULT_MODEL
from omega_runtime.models.reply import Reply
from omega_runtime.savings.ladder import stand_ins, tier_of
from omega_runtime.settings import configure
from omega_runtime.settings.ladder import DEFAULT_LADDER
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.symbols import Symbol

from tests.support.command import omegac
from tests.support.ledgers import SITE, Thread, eventually
from tests.support.messages_api import Behaviour, Server, message

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"


@pytest.fixture(autouse=True)
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryLedger]:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    with fresh_ledger() as ledger, configure(provider=None, model=None):
        yield ledger


def counted(body: dict[str, Any]) -> Behaviour:
    """An answer that costs 100 tokens of input and 20 of output."""
    return message("Hello.", 100, 20)


@pytest.fixture(scope="module")
def only_server() -> Iterator[Server]:
    """One for all tests, as the SDK takes a while for each new address."""
    with Server() as server:
        yield server


@pytest.fixture
def server(only_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The provider: every model is there."""
    only_server.answer_by = counted
    only_server.requests.clear()
    only_server.counts.clear()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test-key")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", only_server.url)
    return only_server


def sent(server: Server) -> list[str]:
    return [body["model"] for body in server.bodies()]


def downgrades() -> list[tuple[str, str, int]]:
    return [(each["asked"], each["used"], each["calls"]) for each in report()["downgrades"]]


# Which model answers


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gpt-4", OPUS),
        ("gpt-4-turbo-2024-04-09", OPUS),
        ("gpt-5", OPUS),
        ("gpt-4o", SONNET),
        ("gpt-5-mini", SONNET),
        ("gpt-3.5", HAIKU),
        ("gpt-3.5-turbo", HAIKU),
        ("gpt-4o-mini", HAIKU),
        ("high", OPUS),
        ("medium", SONNET),
        ("low", HAIKU),
        ("claude-opus-4-8", "claude-opus-4-8"),
        ("claude-haiku-4-5-20251001", "claude-haiku-4-5-20251001"),
        ("claude-of-tomorrow", "claude-of-tomorrow"),
        (None, DEFAULT_MODEL),
    ],
)
def test_with_a_key_names_on_the_ladder_stand_for_what_the_provider_offers(
    server: Server, name: str | None, model: str
) -> None:
    for written in (name, Symbol(name) if name else None):
        assert infer(SITE, "Hello?", model=written) == "Hello."
    assert sent(server) == [model, model]
    assert downgrades() == []


def test_the_ladders_first_models_are_ones_that_the_sdk_knows_and_that_have_a_price() -> None:
    from typing import get_args

    from anthropic.types.model import Model
    from omega_runtime.models.prices import price_of

    known = get_args(get_args(Model)[0])
    worst = []
    for _, models in DEFAULT_LADDER:
        price = price_of(models[0], "anthropic")
        assert models[0] in known
        assert price is not None
        worst.append(price.worst(1000, 1000))
    assert worst == sorted(worst, reverse=True)


def test_a_name_that_is_on_no_ladder_is_an_error_that_costs_nothing(server: Server) -> None:
    with pytest.raises(OmegaError, match='unknown model "gpt-99"'):
        infer(SITE, "Hello?", model="gpt-99")
    assert server.requests == []


def test_without_a_key_the_offline_model_stands_for_all_of_them_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(choosing, "_is_offline_announced", False)
    for name in ("gpt-4", "gpt-3.5", "medium", None):
        infer(SITE, "Title: The tide tables\n\nThey were wrong.", model=name)
    assert list(report()["models"]) == ["offline"]
    assert capsys.readouterr().err.count("offline model answers") == 1
    with pytest.raises(OmegaError, match="ANTHROPIC_API_KEY is not set"):
        infer(SITE, "Hello?", model="claude-opus-4-8")


def test_the_model_offline_stays_offline_whatever_a_program_names(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with configure(model="offline"):
        for name in ("gpt-4", "gpt-3.5", "claude-opus-4-8", None):
            infer(SITE, "Title: The tide tables\n\nThey were wrong.", model=name)
    assert list(report()["models"]) == ["offline"]
    assert (capsys.readouterr().err, server.requests) == ("", [])


def test_a_configured_model_is_for_calls_that_name_none(server: Server) -> None:
    with configure(model="gpt-3.5"):
        infer(SITE, "Hello?")
        infer(SITE, "Hello?", model="gpt-4")
    assert sent(server) == [HAIKU, OPUS]


def test_with_use_model_names_stay() -> None:
    names = ["gpt-4", "gpt-3.5", "claude-opus-4-8", "llama"]
    with scripted_model(lambda prompt: "x"):
        for name in names:
            infer(SITE, "p", model=name)
    assert sorted(report()["models"]) == sorted(names)


# The table


@pytest.mark.parametrize(
    "ladder",
    [
        {"best": ["big"], "cheap": ["small", "tiny*"]},
        [("best", ["big"]), ("cheap", ("small", "tiny*"))],
        (("best", "big"), ("cheap", iter(["small", "tiny*"]))),
    ],
    ids=["table", "list of pairs", "a model as a string, and an iterator"],
)
def test_ladders_of_ones_own(ladder: Any) -> None:
    with configure(ladder=ladder):
        own = settings.active.ladder
    assert own == (("best", ("big",)), ("cheap", ("small", "tiny*")))
    assert [tier_of(own, name) for name in ("big", "small", "tiny-2", "best", "cheap", "gpt-4")] == [
        0,
        1,
        1,
        0,
        1,
        None,
    ]
    assert stand_ins(own, "big", None) == ["big", "small"]


@pytest.mark.parametrize(
    "ladder",
    [
        {},
        [],
        5,
        "high",
        {"high": []},
        {"high": ""},
        {"high": ["*"]},
        {"high": ["claude-*", "m"]},
        {"high": [5]},
        {"a": 5},
        {"a": None},
        {"a": ["b", ""]},
        ["abc"],
    ],
    ids=str,
)
def test_impossible_ladders_change_nothing(ladder: Any) -> None:
    before = settings.active
    with pytest.raises(OmegaError, match="configure: ladder must be a table from the names of tiers"):
        configure(ladder=ladder)
    assert settings.active is before


def test_none_is_the_ladder_that_comes_with_it() -> None:
    with configure(ladder={"only": ["one"]}), configure(ladder=None):
        assert settings.active.ladder == DEFAULT_LADDER


def test_a_plain_name_wins_over_a_pattern() -> None:
    assert tier_of(DEFAULT_LADDER, "gpt-4-turbo") == 0
    assert tier_of(DEFAULT_LADDER, "gpt-4o-mini") == 2
    assert tier_of(DEFAULT_LADDER, "gpt-4o-2024") is None
    assert tier_of((("a", ("x", "gpt-*")), ("b", ("gpt-1",))), "gpt-1") == 1


NAMES = st.sampled_from(["gpt-4", "gpt-4o", "gpt-3.5", "claude-opus-4-8", "high", "medium", "low", OPUS, SONNET, HAIKU])


@given(NAMES, st.sampled_from([None, "high", "medium", "low"]))
def test_what_stands_in_is_never_better_than_what_was_asked_for_or_allowed(name: str, cap: str | None) -> None:
    tiers = [tier_of(DEFAULT_LADDER, each) for each in stand_ins(DEFAULT_LADDER, name, cap)]
    asked = tier_of(DEFAULT_LADDER, name)
    allowed = 0 if cap is None else tier_of(DEFAULT_LADDER, cap)
    assert asked is not None
    assert allowed is not None
    assert tiers == list(range(max(asked, allowed), 3))


@pytest.mark.parametrize(
    ("tiers", "medium"), [(("a",), "a"), (("a", "b"), "b"), (("a", "b", "c"), "b"), (("a", "b", "c", "d"), "c")]
)
def test_a_cap_that_names_no_tier_of_the_ladder_is_its_middle_or_its_end(tiers: tuple[str, ...], medium: str) -> None:
    ladder = tuple((tier.upper(), (tier,)) for tier in tiers)
    assert stand_ins(ladder, "a", "medium")[0] == medium
    assert stand_ins(ladder, "a", "low") == [tiers[-1]]


# Downgrades


def test_a_model_whose_worst_case_fits_is_the_one(server: Server) -> None:
    with omega_runtime.budget(tokens=10_000, dollars=1):
        infer(SITE, "Hello?", model=Symbol("gpt-4"))
    assert (sent(server), downgrades(), report()["totals"]["downgraded"]) == ([OPUS], [], 0)


def test_with_a_limit_in_dollars_the_best_model_that_fits_answers(server: Server) -> None:
    """Of 1000 tokens of output opus costs 2 cents, sonnet 1 and haiku a twentieth, and a tenth more in one region."""
    for dollars, model in (("0.023", OPUS), ("0.015", SONNET), ("0.005", HAIKU)):
        with omega_runtime.budget(dollars=dollars):
            infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=1000)
        assert sent(server)[-1] == model
    assert downgrades() == [("gpt-4", SONNET, 1), ("gpt-4", HAIKU, 1)]


def test_as_a_budget_in_dollars_falls_the_models_do(server: Server) -> None:
    server.answer_by = lambda body: message("Hello.", 10, body["max_tokens"])

    def ask_on() -> None:
        while True:
            infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=1000)

    with omega_runtime.budget(dollars="0.043") as account:
        with pytest.raises(BudgetExceeded):
            ask_on()
    models = sent(server)
    assert models == sorted(models, key=[OPUS, SONNET, HAIKU].index)
    assert models[:3] == [OPUS, OPUS, HAIKU]
    assert account.dollars.spent is not None
    assert account.dollars.limit is not None
    assert account.dollars.spent <= account.dollars.limit


def test_with_a_limit_in_tokens_the_lowest_model_answers_when_the_worst_case_does_not_fit(server: Server) -> None:
    with omega_runtime.budget(tokens=500) as account:
        infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=400)
        infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=400)
    assert sent(server) == [OPUS, HAIKU]
    first, second = (body["max_tokens"] for body in server.bodies())
    assert second < first == 400, "clamped as any other call"
    assert downgrades() == [("gpt-4", HAIKU, 1)]
    assert report()["totals"]["downgraded"] == 1
    assert (account.spent, account.held) == (240, 0)


def test_what_an_outer_budget_has_left_counts_too(server: Server) -> None:
    with omega_runtime.budget(dollars="0.015"), omega_runtime.budget(tokens=100_000):
        infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=1000)
    assert sent(server) == [SONNET]


def test_the_providers_count_saves_a_downgrade(server: Server) -> None:
    """By bytes the prompt wouldn't fit."""
    prompt = "word " * 400
    server.counts = [400, 400]
    with omega_runtime.budget(tokens=700):
        infer(SITE, prompt, model=Symbol("gpt-4"), max_tokens=100)
    assert (sent(server), downgrades()) == ([OPUS], [])


def test_a_call_that_only_has_to_wait_keeps_its_model(server: Server, ledger: MemoryLedger) -> None:
    with omega_runtime.budget(tokens=1000):
        other = reserve(SITE, "p", 800, {"model": Symbol("gpt-4")})
        waiting = Thread(lambda: infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=500))
        eventually(lambda: len(ledger.tickets) == 1)
        ledger.void(other)
        assert waiting.result() == "Hello."
    assert (sent(server), downgrades()) == ([OPUS], [])


def test_a_model_that_the_user_configured_is_not_downgraded(server: Server) -> None:
    """Only names in the program are wishes; the user's choice is binding."""
    with configure(model=OPUS), omega_runtime.budget(tokens=500):
        infer(SITE, "Hello?", max_tokens=400)
        infer(SITE, "Hello?", max_tokens=400)
    assert (sent(server), downgrades()) == ([OPUS, OPUS], [])


def test_nor_one_that_is_on_no_ladder(server: Server) -> None:
    with omega_runtime.budget(tokens=500):
        infer(SITE, "Hello?", model="claude-of-tomorrow", max_tokens=4000)
    assert (sent(server), downgrades()) == (["claude-of-tomorrow"], [])


def test_downgrading_can_be_turned_off(server: Server) -> None:
    with configure(downgrade=False), omega_runtime.budget(tokens=500):
        infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=4000)
    assert (sent(server), downgrades()) == ([OPUS], [])
    with pytest.raises(OmegaError, match="downgrade must be True or False"):
        configure(downgrade="no")


def test_downgrades_are_counted_by_place_and_models(server: Server) -> None:
    with omega_runtime.budget(dollars="0.0021"):
        for name in ("gpt-4", "gpt-4", "gpt-4o", "gpt-3.5"):
            infer(SITE, "Hello?", model=Symbol(name), max_tokens=1000)
    assert downgrades() == [("gpt-4", HAIKU, 2), ("gpt-4o", HAIKU, 1)]
    first = report()["downgrades"][0]
    assert (first["file"], first["line"], first["column"]) == ("test.omega", 1, 2)


def test_with_use_model_downgrades_are_by_name_only() -> None:
    with scripted_model(lambda prompt: Reply("x", 5, 5)), omega_runtime.budget(tokens=100):
        infer(SITE, "p", model=Symbol("gpt-4"), max_tokens=1000)
    assert downgrades() == [("gpt-4", HAIKU, 1)]


# The cap on quality


@pytest.mark.parametrize(
    ("name", "medium", "low"),
    [
        ("gpt-4", SONNET, HAIKU),
        ("claude-opus-4-8", SONNET, HAIKU),
        ("gpt-4o", SONNET, HAIKU),
        ("claude-sonnet-4-6", "claude-sonnet-4-6", HAIKU),
        ("gpt-3.5", HAIKU, HAIKU),
        ("claude-haiku-4-5", "claude-haiku-4-5", "claude-haiku-4-5"),
        (None, DEFAULT_MODEL, HAIKU),
    ],
)
@pytest.mark.parametrize("is_downgrading", [True, False])
def test_caps(server: Server, name: str | None, medium: str, low: str, is_downgrading: bool) -> None:
    with configure(downgrade=is_downgrading), omega_runtime.budget(tokens=100_000):
        reduce_quality_to_medium()
        infer(SITE, "Hello?", model=name)
        reduce_quality_to_low()
        infer(SITE, "Hello?", model=name)
        standard_mode()
        infer(SITE, "Hello?", model="claude-opus-4-8")
    assert sent(server) == [medium, low, "claude-opus-4-8"]


def test_a_cap_holds_for_the_model_that_the_user_configured(server: Server) -> None:
    with configure(model="claude-opus-4-8"), omega_runtime.budget(tokens=100_000):
        reduce_quality_to_medium()
        infer(SITE, "Hello?")
    assert sent(server) == [SONNET]
    assert downgrades() == [("claude-opus-4-8", SONNET, 1)]


def test_below_a_cap_a_model_may_still_be_downgraded(server: Server) -> None:
    with omega_runtime.budget(dollars="0.005"):
        reduce_quality_to_medium()
        infer(SITE, "Hello?", model=Symbol("gpt-4"), max_tokens=1000)
    assert sent(server) == [HAIKU]


# From the command line


def test_the_report_of_a_run_names_every_downgrade(tmp_path: Path) -> None:
    program = tmp_path / "p.omega"
    program.write_text(
        '(define (ask)\n  (effect infer.op "Hello?" model: \'gpt-4 max-tokens: 400))\n(ask) (ask) (ask)\n'
    )
    with Server() as server:
        server.answer_by = counted
        environment = {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url}
        shown = omegac("run", "p.omega", "--budget", "500", "--report", cwd=tmp_path, **environment)
    assert shown.returncode == 0
    assert f"2 calls at p.omega:2:3 went to {HAIKU} instead of gpt-4" in shown.stderr
    assert sent(server) == [OPUS, HAIKU, HAIKU]


@pytest.mark.parametrize(
    ("file", "table"), [("omegac.toml", "ladder"), ("pyproject.toml", "tool.omegac.ladder")], ids=["own", "pyproject"]
)
def test_the_ladder_may_stand_in_a_file(tmp_path: Path, file: str, table: str) -> None:
    (tmp_path / file).write_text(
        f'[{table}]\nbest = ["claude-opus-4-8", "gpt-4"]\ncheap = ["claude-haiku-4-5", "gpt-3*"]\n'
    )
    (tmp_path / "p.omega").write_text(
        '(for-each (lambda (m) (effect infer.op "Hello?" model: m)) \'(gpt-4 gpt-3.5 best))'
    )
    with Server() as server:
        server.answer_by = counted
        environment = {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url}
        done = omegac("run", "p.omega", "--jobs", "1", cwd=tmp_path, **environment)
    assert (done.returncode, done.stderr.splitlines()[0]) == (0, f"omegac: settings from {tmp_path / file}")
    assert sent(server) == ["claude-opus-4-8", "claude-haiku-4-5", "claude-opus-4-8"]
