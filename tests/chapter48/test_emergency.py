"""48.6: what each switch really does to the calls that follow, and how long it lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import omega_runtime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime.calls import infer
from omega_runtime.calls.report import report
from omega_runtime.chapter import emergency
from omega_runtime.chapter.scopes import get_budget, with_budget, with_tracking
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.savings.minimal import SHORT_ANSWER
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.symbols import Symbol

from tests.support.ledgers import SITE, Thread
from tests.support.omega import error_of, table, value_of
from tests.support.recorder import Recorder


@pytest.fixture(autouse=True)
def ledger() -> Iterator[MemoryLedger]:
    with fresh_ledger() as ledger:
        yield ledger


@pytest.fixture
def model() -> Iterator[Recorder]:
    """Answers all calls; there is plenty of budget around."""
    recorder = Recorder()
    with configure(provider=recorder, model=None), omega_runtime.budget(tokens=1_000_000):
        yield recorder


def ask(prompt: Any, **options: Any) -> str:
    return str(infer(SITE, prompt, **options))


def mode() -> str:
    return str(emergency.current_mode())


def hits() -> int:
    return int(report()["totals"]["hits"])


SWITCHES: dict[str, tuple[Callable[[], None], str]] = {
    "enable-caching!": (emergency.enable_caching, "(caching)"),
    "enable-aggressive-caching!": (emergency.enable_aggressive_caching, "(aggressive-caching)"),
    "use-minimal-prompts!": (emergency.use_minimal_prompts, "(minimal-prompts)"),
    "reduce-quality-to-medium!": (emergency.reduce_quality_to_medium, "(medium)"),
    "reduce-quality-to-low!": (emergency.reduce_quality_to_low, "(low)"),
}


@pytest.mark.parametrize(("switch", "mode"), [(name, shown) for name, (_, shown) in SWITCHES.items()], ids=SWITCHES)
def test_switches_from_omega(switch: str, mode: str) -> None:
    assert value_of(f"(with-budget 10 (lambda () ({switch}) (current-mode)))") == mode
    assert value_of(f"(with-budget 10 (lambda () ({switch})))") == value_of("(if #f #f)")
    assert value_of("(current-mode)") == "()"


# Answers that are there already


def test_the_exact_cache_gives_the_answer_to_the_same_prompt_again(model: Recorder) -> None:
    emergency.enable_caching()
    assert [ask("Why?"), ask("Why?"), ask(list_from(["Wh", "y?"]))] == ["answer 1"] * 3
    assert ask("why?") == "answer 2"
    assert ask("Why? ") == "answer 3"
    assert (len(model.requests), hits()) == (3, 2)


def test_without_it_every_call_is_made(model: Recorder) -> None:
    assert [ask("Why?"), ask("Why?")] == ["answer 1", "answer 2"]
    assert hits() == 0


def test_the_aggressive_cache_overlooks_case_blanks_and_punctuation(model: Recorder) -> None:
    emergency.enable_aggressive_caching()
    for prompt in ("Summarize the tide tables", "summarize  the tide tables.", "SUMMARIZE THE TIDE TABLES!"):
        assert ask(prompt) == "answer 1"
    assert ask("Summarize the tidal tables") == "answer 2"
    assert ask("Summarize the 2 tide tables") == "answer 3"
    assert ask("Summarize the 3 tide tables") == "answer 4"
    assert hits() == 2


@pytest.mark.parametrize("switch", [emergency.enable_caching, emergency.enable_aggressive_caching])
def test_a_hit_costs_nothing_is_no_call_and_is_reported(model: Recorder, switch: Callable[[], None]) -> None:
    tracked: list[int] = []
    with omega_runtime.budget(tokens=1000) as account:
        switch()
        with_tracking(tracked.append, lambda: [ask("Why?") for _ in range(5)])
    totals = report()["totals"]
    assert (account.spent, account.held, tracked) == (10, 0, [10])
    assert (totals["calls"], totals["hits"], totals["tokens"]) == (1, 4, 10)
    assert report()["models"]["claude-sonnet-5-5"]["hits"] == 4


def test_a_hit_needs_no_room_in_the_budget(model: Recorder) -> None:
    emergency.enable_caching()
    ask("Why?")
    with omega_runtime.budget(tokens=0):
        assert ask("Why?") == "answer 1"
        with pytest.raises(OmegaError, match="Budget exceeded"):
            ask("Why not?")


@pytest.mark.parametrize(
    "other",
    [{"model": "claude-haiku-5-5"}, {"system": "Be rude."}, {"stop": list_from(["."])}],
    ids=["model", "system", "stop"],
)
@pytest.mark.parametrize("switch", [emergency.enable_caching, emergency.enable_aggressive_caching])
def test_answers_stay_with_their_model_system_and_stops(
    model: Recorder, switch: Callable[[], None], other: dict[str, Any]
) -> None:
    switch()
    with configure(similarity=0.01):
        assert [ask("Why?"), ask("Why?", **other)] == ["answer 1", "answer 2"]
        assert [ask("Why?"), ask("Why?", **other)] == ["answer 1", "answer 2"]
        reply = ask("Why?", max_tokens=7, clamp=False)
    assert reply == "answer 1", "these are about the call, not about its answer"


def test_functions_as_models_do_not_share_answers() -> None:
    with omega_runtime.budget(tokens=1000):
        emergency.enable_caching()
        for answer in ("one", "two"):
            with scripted_model(lambda prompt, answer=answer: answer):  # type: ignore[misc]
                assert [ask("Why?"), ask("Why?")] == [answer, answer]


def test_a_truncated_answer_serves_only_calls_that_want_no_more(model: Recorder) -> None:
    emergency.enable_caching()
    model.stop_reason = "max_tokens"
    assert [ask("Why?", max_tokens=20), ask("Why?", max_tokens=20), ask("Why?", max_tokens=5)] == ["answer 1"] * 3
    assert ask("Why?", max_tokens=21) == "answer 2"
    model.stop_reason = "end_turn"
    assert ask("Why?", max_tokens=4000) == "answer 3"
    assert ask("Why?", max_tokens=100_000) == "answer 3"


def test_an_answer_that_was_cut_by_its_budget_is_not_given_when_there_is_more_room(model: Recorder) -> None:
    emergency.enable_caching()
    model.stop_reason = "max_tokens"
    with omega_runtime.budget(tokens=40):
        assert ask("Why?", max_tokens=100) == "answer 1"
    assert model.rooms[0] < 100
    assert ask("Why?", max_tokens=100) == "answer 2"


def test_calls_that_fail_leave_nothing_behind(model: Recorder) -> None:
    emergency.enable_caching()
    with scripted_model([ValueError("out"), "fine"]):
        with pytest.raises(OmegaError, match="out"):
            ask("Why?")
        assert [ask("Why?"), ask("Why?")] == ["fine", "fine"]


# Similar prompts


ALIKE = ("Summarize the tables of the tides", "Summarise the tables of the tides")


def test_similar_prompts_only_when_the_user_says_how_similar(model: Recorder) -> None:
    emergency.enable_aggressive_caching()
    assert [ask(prompt) for prompt in ALIKE] == ["answer 1", "answer 2"]
    with configure(similarity=0.9):
        assert ask("Summarize the tables of the tides") in ("answer 1", "answer 2")
        assert ask("Translate this letter of the king") == "answer 3"
    with configure(similarity=1.0):
        assert ask("Summarice the tables of the tides") == "answer 4"
    assert ask("Summarixe the tables of the tides") == "answer 5", "the figure is gone with its settings"


def test_the_exact_cache_never_takes_similar_ones(model: Recorder) -> None:
    emergency.enable_caching()
    with configure(similarity=0.5):
        assert [ask(prompt) for prompt in ALIKE] == ["answer 1", "answer 2"]


def test_similarity_by_an_embedding_of_the_users(model: Recorder) -> None:
    embedded: list[str] = []

    def embed(text: str) -> list[float]:
        embedded.append(text)
        return [1.0, 0.0] if "tide" in text else [0.0, 1.0]

    emergency.enable_aggressive_caching()
    with configure(similarity=0.9, embed=embed):
        assert [ask("All about tides"), ask("Why is the tide late?"), ask("A letter")] == ["answer 1"] * 2 + [
            "answer 2"
        ]
    assert set(embedded) == {"All about tides", "Why is the tide late?", "A letter"}
    with configure(embed=embed):
        assert ask("The tide again") == "answer 3", "without a threshold there's nothing to compare"


def test_what_the_embedding_raises_reaches_the_caller_and_costs_nothing(model: Recorder) -> None:
    def embed(text: str) -> list[float]:
        raise OmegaError("no embeddings today")

    emergency.enable_aggressive_caching()
    with configure(similarity=0.9, embed=embed), omega_runtime.budget(tokens=1000) as account:
        ask("Why is it late?")
        with pytest.raises(OmegaError, match="no embeddings today"):
            ask("Why is it wrong?")
    assert (account.spent, account.held) == (10, 0)


@pytest.mark.parametrize("figure", [0, -1, 1.1, True, "0.9", float("nan")])
def test_impossible_thresholds(figure: Any) -> None:
    with pytest.raises(OmegaError, match="similarity must be a number above 0 and up to 1"):
        configure(similarity=figure)


# Minimal prompts


DATA = "Dear  clerk,\n\n\n\nplease   copy\n    the second column: 1  2\n"


def test_minimal_prompts_shorten_the_instruction_the_answer_and_its_room(model: Recorder) -> None:
    ask(list_from(["Could you please summarize the following text:  ", DATA]), system="You are a clerk.")
    emergency.use_minimal_prompts()
    ask(list_from(["Could you please summarize the following text:  ", DATA]), system="You are a clerk.")
    ask("Short.", max_tokens=50)
    long, short, brief = model.requests
    assert short.prompt.startswith("Summarize the following text:")
    assert short.prompt.split()[4:] == long.prompt.split()[7:], "no word of the data is lost"
    assert "please" in short.prompt, "the clerk's please is data"
    assert len(short.prompt) < len(long.prompt)
    assert model.rooms == [1024, 256, 50]
    assert (long.system, short.system) == ("You are a clerk.", f"You are a clerk.\n{SHORT_ANSWER}")
    assert brief.system == SHORT_ANSWER


def test_how_short_an_answer_is_may_be_set(model: Recorder) -> None:
    emergency.use_minimal_prompts()
    with configure(short_answer=30):
        ask("Why?", max_tokens=100)
    assert model.rooms[0] == 30


def test_less_is_held_for_minimal_prompts(model: Recorder) -> None:
    """A budget that was too small for the usual room of an answer is enough, without any clamping."""
    with omega_runtime.budget(tokens=400):
        emergency.use_minimal_prompts()
        ask("Why?" + " " * 200)
    assert model.rooms[0] == 256
    assert report()["totals"]["clamped"] == 0


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(st.characters(codec="utf-8"), max_size=60))
def test_minimal_prompts_lose_no_data(instruction: str, data: str) -> None:
    recorder = Recorder()
    with fresh_ledger(), configure(provider=recorder), omega_runtime.budget(tokens=10**6):
        emergency.use_minimal_prompts()
        ask(list_from([instruction, data]))
    sent, kept = "".join(recorder.prompts[0].split()), "".join(data.split())
    assert sent.endswith(kept)


# Caps on quality


def test_caps_change_the_model_that_is_asked(model: Recorder) -> None:
    for switch in (None, emergency.reduce_quality_to_medium, emergency.reduce_quality_to_low, emergency.standard_mode):
        if switch is not None:
            switch()
        ask("Why?", model=Symbol("gpt-4"))
        ask("Why?")
    low = "claude-haiku-5-5"
    assert model.models == [
        "gpt-4",
        "claude-sonnet-5-5",
        *["claude-sonnet-5-5"] * 2,
        low,
        low,
        "gpt-4",
        "claude-sonnet-5-5",
    ]


# The modes, and how long they last


def test_standard_mode_restores_everything_and_keeps_the_answers(model: Recorder) -> None:
    for switch, _ in SWITCHES.values():
        switch()
    assert mode() == "(aggressive-caching minimal-prompts low)"
    ask("Why?", model="gpt-4")
    emergency.standard_mode()
    assert mode() == "()"
    ask("Why?", model="gpt-4")
    first, second = model.requests
    assert model.rooms == [256, 1024]
    assert (first.model, first.system) == ("claude-haiku-5-5", SHORT_ANSWER)
    assert (second.model, second.system) == ("gpt-4", None)
    emergency.emergency_mode(999)
    emergency.reduce_quality_to_low()
    assert ask("why", model="gpt-4") == "answer 1"


@pytest.mark.parametrize(
    ("remaining", "shown"),
    [
        (float("-inf"), "(aggressive-caching minimal-prompts)"),
        (999.99, "(aggressive-caching minimal-prompts)"),
        (1000, "(caching medium)"),
        (4999, "(caching medium)"),
        (5000, "()"),
        (float("inf"), "()"),
    ],
)
def test_emergency_mode(model: Recorder, remaining: float, shown: str) -> None:
    emergency.emergency_mode(remaining)
    assert mode() == shown


def test_emergency_mode_before_each_call(model: Recorder) -> None:
    def careful(question: str) -> str:
        emergency.emergency_mode(get_budget())
        return ask(question, model="gpt-4", max_tokens=500)

    with omega_runtime.budget(tokens=5020):
        answers = [careful(question) for question in ("One?", "Two?", "Three?", "Four?", "Four?", "four")]
    assert answers == ["answer 1", "answer 2", "answer 3", "answer 4", "answer 4", "answer 5"]
    assert model.models == ["gpt-4"] * 3 + ["claude-sonnet-5-5"] * 2


def test_a_mode_ends_with_the_budget_that_it_was_switched_on_in(model: Recorder) -> None:
    with omega_runtime.budget(tokens=1000):
        emergency.enable_caching()
        with omega_runtime.budget(tokens=500):
            assert mode() == "(caching)", "inherited"
            emergency.use_minimal_prompts()
            emergency.reduce_quality_to_low()
            assert mode() == "(caching minimal-prompts low)"
        assert mode() == "(caching)"
        with omega_runtime.budget(tokens=500):
            emergency.standard_mode()
            assert mode() == "()"
        assert mode() == "(caching)"
        with_tracking(lambda tokens: None, emergency.use_minimal_prompts)
        assert mode() == "(caching minimal-prompts)", "trackers are no budgets"
    assert mode() == "()"


def test_a_mode_ends_with_its_budget_when_that_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        with_budget(10, lambda: [emergency.enable_caching(), 1 // 0])
    assert mode() == "()"


def test_threads_with_a_copy_of_the_context_are_in_the_same_mode(model: Recorder) -> None:
    emergency.enable_caching()
    assert ask("Why?") == "answer 1"
    assert Thread(lambda: (mode(), ask("Why?"))).result() == ("(caching)", "answer 1")
    assert Thread(lambda: with_budget(100, lambda: ask("Why?"))).result() == "answer 1"
    Thread(lambda: with_budget(100, emergency.use_minimal_prompts)).result()
    assert mode() == "(caching)"


def test_threads_share_the_answers(model: Recorder) -> None:
    emergency.enable_caching()
    ask("Why?")
    threads = [Thread(lambda: [ask("Why?") for _ in range(20)]) for _ in range(8)]
    assert {answer for thread in threads for answer in thread.result()} == {"answer 1"}
    assert (len(model.requests), hits()) == (1, 160)


@pytest.mark.parametrize(
    ("program", "message"),
    table(
        """
        (emergency-mode "low")      ⇒ emergency-mode: argument 1 must be a number of tokens, but got "low"
        (emergency-mode #t)         ⇒ emergency-mode: argument 1 must be a number of tokens, but got #t
        (emergency-mode +nan.0)     ⇒ emergency-mode: argument 1 must be a number of tokens, but got +nan.0
        """
    ),
)
def test_wrong_arguments(program: str, message: str) -> None:
    assert message in error_of(program)
