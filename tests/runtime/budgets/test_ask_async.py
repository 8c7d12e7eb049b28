"""Single calls from asyncio code: one thread for all of them, budgets as ever, and a loop that never waits."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from omega_runtime import (
    BudgetExceeded,
    BudgetTimeout,
    ModelError,
    OmegaError,
    Reply,
    ask_async,
    budget,
    configure,
    gather_async,
    use_model,
)
from omega_runtime.calls.context import current
from omega_runtime.chapter.scopes import with_tracking
from omega_runtime.concurrent.collector import MANY, OBJECTS, Calls, calls
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import eventually
from tests.support.messages_api import KEY, Hang, Server, error, message
from tests.support.quick_server import quick_server

MODEL = "claude-test"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    with quick_server() as url:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        with configure(model=MODEL, max_tokens=50), fresh_ledger():
            yield


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    with Server() as server:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        with configure(model=MODEL, max_tokens=50, jitter=lambda: 0.0, retry_wait=0.01), fresh_ledger():
            yield server


async def ask_all(count: int) -> tuple[list[str], int]:
    """Answers to so many calls at once, and how many threads came."""
    await ask_async("The SDK is imported.")
    before = threading.active_count()
    async with budget(tokens=1_000_000) as account:
        answers = await asyncio.gather(*(ask_async(f"call {n}") for n in range(count)))
        assert (account.spent, account.held) == (15 * count, 0)
    return answers, threading.active_count() - before


def test_a_thousand_calls_at_once_take_no_threads(quick: None) -> None:
    answers, threads = asyncio.run(ask_all(1_000))
    assert answers == [f"call {n}" for n in range(1_000)]
    assert threads == 0


def test_pythons_collector_looks_at_none_of_many_calls_in_flight(quick: None) -> None:
    during: list[int] = []

    def note(phase: str, collection: dict[str, int]) -> None:
        if phase == "start" and collection["generation"] == 2 and calls.in_flight >= MANY:
            during.append(calls.in_flight)

    async def main() -> None:
        await ask_async("The SDK is imported.")
        await asyncio.gather(*(ask_async(f"call {n}") for n in range(400)))

    thresholds = gc.get_threshold()
    gc.callbacks.append(note)
    try:
        asyncio.run(main())
    finally:
        gc.callbacks.remove(note)
    assert during == []
    assert (calls.in_flight, gc.get_threshold()) == (0, thresholds)


@pytest.mark.parametrize(
    ("own", "then", "held"),
    [
        ((700, 10, 10), None, (700, 2, OBJECTS // 1_400)),
        ((50_000, 20, 100), None, (50_000, 2, 100)),
        ((0, 10, 10), None, (0, 10, 10)),
        ((700, 10, 10), (800, 9, 8), (800, 9, 8)),
    ],
)
def test_a_programs_own_thresholds_come_back_and_those_it_sets_meanwhile_stay(
    own: tuple[int, int, int], then: tuple[int, int, int] | None, held: tuple[int, int, int]
) -> None:
    before, some = gc.get_threshold(), Calls()
    gc.set_threshold(*own)
    try:
        with ExitStack() as stack:
            for _ in range(MANY):
                assert gc.get_threshold() == own
                stack.enter_context(some)
            if then is not None:
                gc.set_threshold(*then)
            assert gc.get_threshold() == held
        assert gc.get_threshold() == (then or own)
    finally:
        gc.set_threshold(*before)


@pytest.mark.parametrize("is_shared", [False, True])
def test_a_tight_budget_has_calls_wait(quick: None, tmp_path: Path, is_shared: bool) -> None:
    async def main() -> None:
        where = {"ledger": tmp_path / "l.ledger", "name": "a"} if is_shared else {}
        async with budget(tokens=400, **where) as account:  # type: ignore[arg-type]
            assert await asyncio.gather(*(ask_async(f"call {n}") for n in range(10))) == [
                f"call {n}" for n in range(10)
            ]
            assert (account.spent, account.held) == (150, 0)

    asyncio.run(main())


def test_what_does_not_fit_is_refused_and_what_was_paid_for_kept(quick: None) -> None:
    async def main() -> None:
        async with budget(tokens=160):
            await ask_async("one")
            await asyncio.gather(*(ask_async(f"call {n}") for n in range(20)))

    with pytest.raises(BudgetExceeded) as caught:
        asyncio.run(main())
    assert caught.value.partial[0] == "one"


def test_a_wait_for_room_may_be_bounded(server: Server) -> None:
    server.script[:] = [Hang()]

    async def main() -> None:
        async with budget(tokens=130):
            first = asyncio.create_task(ask_async("one"))
            await asyncio.sleep(0.2)
            try:
                await ask_async("two")
            finally:
                first.cancel()

    with configure(max_wait=0.1, timeout=2), pytest.raises(BudgetTimeout):
        asyncio.run(asyncio.wait_for(main(), 5))


def test_failures_that_pass_are_tried_again(server: Server) -> None:
    limited = [error(429, "rate_limit_error", retry_after="0.05")] * 5
    server.script[:] = [*limited, error(529, "overloaded_error"), message("Hello.")]

    async def main() -> None:
        async with budget(tokens=1_000) as account:
            assert await ask_async("hello") == "Hello."
            assert account.spent == 15

    asyncio.run(main())
    assert len(server.bodies()) == 7


def test_other_failures_come_out(server: Server) -> None:
    server.script[:] = [error(400, "invalid_request_error", "no such thing")]

    async def main() -> None:
        async with budget(tokens=1_000) as account:
            try:
                await ask_async("hello")
            finally:
                assert account.spent == 0

    with pytest.raises(ModelError, match="no such thing"):
        asyncio.run(main())


def test_deadlines_hold(server: Server) -> None:
    server.script[:] = [Hang()]

    async def main() -> None:
        async with budget(tokens=1_000) as account:
            try:
                await ask_async("hello")
            finally:
                assert account.spent > 50

    start = time.monotonic()
    with configure(timeout=0.3), pytest.raises(ModelError, match="no whole answer within 0.3 s"):
        asyncio.run(main())
    assert time.monotonic() - start < 3


def test_a_cancelled_task_stops_waiting_and_what_was_sent_is_settled(server: Server) -> None:
    async def main() -> None:
        with budget(tokens=1_000):
            await asyncio.wait_for(ask_async("hello"), 0.2)

    server.script[:] = [Hang()]
    with fresh_ledger() as ledger, configure(timeout=0.5):
        with pytest.raises(TimeoutError):
            asyncio.run(main())
        eventually(lambda: ledger.root.held == 0)
        assert ledger.root.spent > 50


def test_options_reach_the_provider(server: Server) -> None:
    server.script[:] = [message("Hi.")]
    asyncio.run(ask_async("hello", max_tokens=7, system="Be brief.", stop=["x"], model="claude-other"))
    (body,) = server.bodies()
    assert (body["max_tokens"], body["system"], body["stop_sequences"], body["model"]) == (
        *(7, "Be brief.", ["x"]),
        "claude-other",
    )


def test_wrong_options_are_errors_at_once() -> None:
    with pytest.raises(OmegaError, match="option max-tokens: must be an integer >= 1"):
        ask_async("hello", max_tokens=0)


def test_functions_trackers_and_modes_are_served_by_threads() -> None:
    heard: list[int] = []

    async def main() -> list[str]:
        with budget(tokens=1_000):
            current.get().policy.switch(caching="exact")
            return [await ask_async("a"), await ask_async("a")]

    with use_model(lambda prompt: Reply(prompt, 5, 5)):
        assert asyncio.run(main()) == ["a", "a"]
        with budget(tokens=1_000):
            assert with_tracking(heard.append, lambda: asyncio.run(ask_async("b"))) == "b"
    assert heard == [10]


def test_gather_async_leaves_the_loop_free() -> None:
    async def main() -> list[tuple[bool, int]]:
        released = threading.Event()
        asyncio.get_running_loop().call_later(0.01, released.set)
        return await gather_async(lambda n: (released.wait(10), n), range(8), jobs=4)

    assert asyncio.run(main()) == [(True, n) for n in range(8)]
