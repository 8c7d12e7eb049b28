"""A model function that calls a model: it works when there is room for both calls, and never waits for itself."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import OmegaError, Reply, budget, configure, deep, run_async, use_model
from omega_runtime.calls import infer
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE, Thread, eventually

NESTED = "calls a model, and there is no room for both calls"


def ask(prompt: str, clamp: bool = True) -> str:
    return infer(SITE, prompt, max_tokens=80, clamp=clamp)  # type: ignore[no-any-return]


def in_copied_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    return Thread(lambda: function(*arguments)).result()


def in_pool(function: Callable[..., Any], *arguments: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(contextvars.copy_context().run, function, *arguments).result(20)


WAYS: dict[str, Callable[..., Any]] = {
    "directly": lambda function, *arguments: function(*arguments),
    "deep": deep,
    "run_async": lambda function, *arguments: asyncio.run(run_async(function, *arguments)),
    "to_thread": lambda function, *arguments: asyncio.run(asyncio.to_thread(function, *arguments)),
    "a thread in a copied context": in_copied_thread,
    "a pool in a copied context": in_pool,
    "deep in a thread": lambda function, *arguments: in_copied_thread(deep, function, *arguments),
}


def nesting(way: Callable[..., Any], levels: int = 1) -> Callable[[str], str]:
    """A model that asks the model in its turn, `levels` deep."""

    def model(prompt: str) -> str:
        return "end" if len(prompt) > levels else str(way(ask, prompt + "+"))

    return model


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_without_room_for_both_the_inner_call_is_an_error(way: Callable[..., Any]) -> None:
    with fresh_ledger() as ledger, use_model(nesting(way)):
        with budget(tokens=100) as account, pytest.raises(OmegaError, match=NESTED):
            in_copied_thread(ask, "p")
        assert account.held == ledger.root.held == 0


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_with_room_for_both_it_works(way: Callable[..., Any]) -> None:
    with fresh_ledger(), use_model(nesting(way, 2)), budget(tokens=300) as account:
        assert in_copied_thread(ask, "p") == "end"
        assert account.held == 0


def test_the_inner_call_may_have_room_of_its_own() -> None:
    with fresh_ledger(), use_model(nesting(deep)), budget(tokens=300), budget(tokens=90) as inner:
        with pytest.raises(OmegaError, match=NESTED):
            in_copied_thread(ask, "p")
        assert inner.held == 0


def test_a_ledger_file(tmp_path: Path) -> None:
    with use_model(nesting(deep)), budget(tokens=100, ledger=tmp_path / "ledger") as account:
        with pytest.raises(OmegaError, match=NESTED):
            in_copied_thread(ask, "p")
        assert account.held == 0


def test_any_provider_that_runs_programs() -> None:
    class Asking(Provider):
        def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
            return Reply(deep(ask, request.prompt), 1, 1)

        failure = FunctionProvider.failure  # type: ignore[assignment]

    with fresh_ledger(), configure(provider=Asking()), budget(tokens=100):
        with pytest.raises(OmegaError, match=NESTED):
            in_copied_thread(ask, "p")


def test_what_a_model_function_leaves_behind_may_wait() -> None:
    """A thread that it started goes on when the call is over: then there is nothing that it could wait for in vain."""
    started: list[Thread] = []
    go = threading.Event()

    def model(prompt: str) -> Reply:
        if prompt == "first":
            started.append(Thread(lambda: (go.wait(20), ask("later"))))
        if prompt == "blocking":
            go.set()
            eventually(lambda: bool(ledger.tickets))
        return Reply(prompt, 5, 5)

    with fresh_ledger() as ledger, use_model(model), budget(tokens=100):
        ask("first")
        ask("blocking", clamp=False)
        assert started[0].result()[1] == "later"


def test_calls_after_a_nested_one_wait_as_ever() -> None:
    """The mark is gone when the call is, also when the model function failed."""
    fails = iter([True])

    def model(prompt: str) -> Reply:
        if prompt == "first" and next(fails, False):
            raise ValueError
        if prompt == "blocking":
            eventually(lambda: bool(ledger.tickets))
        return Reply(prompt, 5, 5)

    with fresh_ledger() as ledger, use_model(model), budget(tokens=190):
        with pytest.raises(OmegaError):
            ask("first")
        blocking = Thread(lambda: ask("blocking"))
        eventually(lambda: blocking_is_held(ledger))
        assert ask("p") == "p"
        assert blocking.result() == "blocking"


def blocking_is_held(ledger: Any) -> bool:
    return bool(ledger.root.held)
