"""Journals from Python: what is kept, what is told of it, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from omega_runtime import BudgetExceeded, OmegaError, Reply, budget, use_model
from omega_runtime.budgets.scope import StoredScope
from omega_runtime.calls import infer

from tests.support.ledgers import SITE

ODD_TEXTS = ["", "plain", "half \ud83d of an emoji", "nul \0 inside", "Ω λ 日本", "x" * 100_000, "line\r\nend\u2028"]


def scope(path: Path, resume: bool = True, tokens: int = 1_000_000) -> StoredScope:
    made = budget(tokens, ledger=path, run="job", resume=resume, raise_limit=True)
    assert isinstance(made, StoredScope)
    return made


def ask(prompt: str, max_tokens: int = 100) -> str:
    return infer(SITE, prompt, max_tokens=max_tokens)  # type: ignore[no-any-return]


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_answers_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    for _ in range(2):
        with use_model(lambda prompt: Reply(text, 5, 10)) as _, scope(tmp_path / "l") as account:
            assert ask("hello") == text
            assert (account.spent, account.held) == (15, 0)


def test_equal_calls_get_their_answers_in_order(tmp_path: Path) -> None:
    answers = iter("abcdef")
    with use_model(lambda prompt: Reply(next(answers), 5, 10)):
        with scope(tmp_path / "l"):
            assert [ask("again") for _ in range(3)] == ["a", "b", "c"]
        with scope(tmp_path / "l") as account:
            assert [ask("again") for _ in range(4)] == ["a", "b", "c", "d"]
    assert account.spent == 60


def test_equal_calls_from_several_procedures_get_the_answers_of_theirs(tmp_path: Path) -> None:
    code = "def left(): return ask('same')\ndef right(): return ask('same')"
    names = {"__omega_source__": "test.omega", "ask": ask}
    exec(code, names)
    answers = iter("lr")
    with use_model(lambda prompt: Reply(next(answers), 5, 10)):
        with scope(tmp_path / "l"):
            assert (names["left"](), names["right"]()) == ("l", "r")  # type: ignore[operator]
        with scope(tmp_path / "l"):
            assert (names["right"](), names["left"]()) == ("r", "l")  # type: ignore[operator]


def test_what_is_run_was_paid_for(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 5, 10)):
        first = scope(tmp_path / "l", tokens=30)
        with pytest.raises(BudgetExceeded) as caught, first:
            print([ask(f"call {number}", 20) for number in range(9)])
        assert first.journal is not None
        assert first.journal.performed == len(caught.value.partial) == 1
        second = scope(tmp_path / "l")
        with second:
            for number in range(3):
                ask(f"call {number}", 20)
    assert second.journal is not None
    assert (second.journal.replayed, second.journal.performed, second.journal.dropped) == (1, 2, 0)


def test_a_changed_option_is_another_call(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 5, 10)):
        with scope(tmp_path / "l"):
            infer(SITE, "p", max_tokens=50, system="Be brief.")
        again = scope(tmp_path / "l")
        with again:
            infer(SITE, "p", max_tokens=50, system="Be long.")
            infer(SITE, "p", max_tokens=60, system="Be brief.")
            infer(SITE, "p", max_tokens=50, system="Be brief.", model="other")
            infer(SITE, "p", max_tokens=50, system="Be brief.")
    assert again.journal is not None
    assert (again.journal.replayed, again.journal.performed) == (1, 3)


def test_replayed_answers_may_exceed_a_budget_inside_that_was_lowered(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 5, 45)):
        for tokens in (1000, 60):
            with scope(tmp_path / "l") as account, budget(tokens) as inner:
                assert [ask("one"), ask("two")] == ["a", "a"]
    assert (inner.spent, inner.overrun) == (100, 40)
    assert account.spent == 100


WRONG = {
    "resume without a name": ({"ledger": "l", "resume": True}, "resume needs the name of the run"),
    "a run without a file": ({"run": "job"}, "are for accounts in a ledger file"),
    "a run that is no name": ({"ledger": "l", "run": 5}, "run must be a name, but got 5"),
    "a ledger that is no path": ({"ledger": 5}, "ledger must be the path of a file or the URL of a server, but got 5"),
    "an empty name": ({"name": ""}, "name must be a string that is not empty"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        budget(100, **options)  # type: ignore[arg-type]
