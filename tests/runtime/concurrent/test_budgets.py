"""A tight budget gives a concurrent map what it gives a loop: the same answers, cut the same, or a refusal."""

from __future__ import annotations

import random
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime import BudgetExceeded, Reply, budget, configure, gather, use_model
from omega_runtime.calls.context import current
from omega_runtime.calls.woven import infer
from omega_runtime.models.tokens import count_tokens
from omega_runtime.places import Site
from omega_runtime.testing import fresh_ledger

SITE = Site("test.omega", 1, 1, "infer.op", "ask", 1)


def ask(prompt: str) -> str:
    return str(infer(SITE, prompt, max_tokens=60))


def model(prompt: str, max_tokens: int) -> Reply:
    """Answers of 1 to 80 tokens, which is more than is asked for, after a time that differs from run to run."""
    time.sleep(random.random() / 500)
    wanted = random.Random(prompt).randint(1, 80)
    tokens = min(wanted, max_tokens)
    reason = "max_tokens" if wanted > max_tokens else "end_turn"
    return Reply(f"{prompt}: {tokens}", count_tokens(prompt), tokens, stop_reason=reason)


def outcome(limit: int, prompts: list[str], jobs: int) -> tuple[object, int, int]:
    """The answers, or what was refused; what was spent; and how many answers were cut by the budget."""
    with fresh_ledger() as ledger, use_model(model), budget(tokens=limit) as account:
        result: object
        try:
            result = gather(ask, prompts, jobs=jobs)
        except BudgetExceeded as error:
            result = (error.message, *error.irritants[:2])  # what was left then is what others hold, too
        clamped = sum(each.clamped for _, _, each in ledger.entries())
        return result, account.spent, clamped


@given(
    limit=st.integers(60, 1_500),
    prompts=st.lists(st.text("ab", min_size=1, max_size=40), min_size=2, max_size=20),
    jobs=st.integers(2, 8),
)
def test_a_map_gets_what_a_loop_gets(limit: int, prompts: list[str], jobs: int) -> None:
    assert outcome(limit, prompts, jobs) == outcome(limit, prompts, 1)


def test_an_element_that_waits_for_another_one_is_not_waited_for() -> None:
    """The second element has a lock that the first one needs before it asks."""
    lock, has_lock = threading.Lock(), threading.Event()

    def work(n: int) -> str:
        if n == 0:
            has_lock.wait()
        with lock:
            has_lock.set()
            return ask(str(n))

    with use_model(model), budget(tokens=1_000):
        assert len(gather(work, range(2), jobs=2)) == 2


def test_equal_prompts_at_once_are_paid_for_once_while_answers_are_kept() -> None:
    asked = []

    def slow(prompt: str) -> Reply:
        asked.append(prompt)
        time.sleep(0.05)
        return Reply(f"{prompt} {len(asked)}", 5, 5)

    with use_model(slow), budget(tokens=10_000) as account:
        current.get().policy.switch(caching="exact")
        answers = gather(ask, ["a", "b", "a", "a", "b"], jobs=5)
        assert answers[0] == answers[2] == answers[3]
        assert answers[1] == answers[4]
        assert (sorted(asked), account.spent) == (["a", "b"], 20)


def test_who_waits_for_an_answer_asks_when_there_comes_none() -> None:
    asked = []

    def failing_first(prompt: str) -> Reply:
        asked.append(prompt)
        time.sleep(0.05)
        if len(asked) == 1:
            raise ValueError("no answer")
        return Reply(prompt, 5, 5)

    def guarded(prompt: str) -> str:
        try:
            return ask(prompt)
        except Exception as error:
            return str(error)

    with use_model(failing_first), budget(tokens=10_000), configure(retries=1):
        current.get().policy.switch(caching="exact")
        answers = gather(guarded, ["a", "a", "a"], jobs=3)
    assert len(asked) == 2
    assert answers[1:] == ["a", "a"]
    assert "no answer" in answers[0]


@pytest.mark.parametrize("jobs", [1, 8])
def test_a_model_that_asks_itself_does_not_wait_for_itself(jobs: int) -> None:
    def nested(prompt: str) -> str:
        return ask(prompt[1:]) if prompt else "bottom"

    with use_model(nested), budget(tokens=10_000):
        current.get().policy.switch(caching="exact")
        assert gather(ask, ["aaa", "a", "aa"], jobs=jobs) == ["bottom"] * 3
