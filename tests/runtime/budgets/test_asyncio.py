"""Budgets from asyncio code: the loop is never blocked, and nothing that was paid for is lost."""

from __future__ import annotations

import asyncio
import threading

import pytest
from omega_runtime import BudgetExceeded, Reply, budget, run_async, use_model
from omega_runtime.calls import infer
from omega_runtime.concurrent.pool import Pool
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE, eventually


def ask(prompt: str) -> str:
    """A call that may cost 110 tokens at most, of which 5 for the prompt of five characters."""
    return infer(SITE, prompt, max_tokens=105)  # type: ignore[no-any-return]


class Gate:
    """A model that answers when it is let; counts how many calls it has at the same time."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> Reply:
        self.asked.append(prompt)
        assert self.opened.wait(20)
        return Reply(prompt.upper(), 5, 45)


def test_calls_run_beside_the_loop_and_wait_for_room_beside_it() -> None:
    gate = Gate()

    async def main() -> tuple[list[str], int]:
        async with budget(tokens=230) as account:
            tasks = [asyncio.create_task(run_async(ask, f"call{n}")) for n in range(4)]
            while len(gate.asked) < 2:
                await asyncio.sleep(0.001)
            assert account.held == 220
            gate.opened.set()
            return await asyncio.gather(*tasks), account.spent

    with fresh_ledger(), use_model(gate):
        answers, spent = asyncio.run(main())
    assert (answers, spent) == (["CALL0", "CALL1", "CALL2", "CALL3"], 200)


def test_a_task_keeps_its_own_budget() -> None:
    async def task(tokens: int) -> int:
        async with budget(tokens=tokens) as account:
            await run_async(ask, "hello")
            await asyncio.sleep(0)
            await run_async(ask, "hello")
            return account.spent

    async def main() -> list[int]:
        return await asyncio.gather(task(1000), task(2000))

    with fresh_ledger() as ledger, use_model(lambda prompt: Reply("yes", 5, 45)):
        assert asyncio.run(main()) == [100, 100]
        assert ledger.root.spent == 200


def test_errors_come_to_the_task_that_asked() -> None:
    async def main() -> None:
        async with budget(tokens=10):
            await run_async(ask, "hello")

    with fresh_ledger(), use_model(lambda prompt: "never"), pytest.raises(BudgetExceeded) as caught:
        asyncio.run(main())
    assert caught.value.available == 10


def test_answers_of_cancelled_tasks_are_partial_results() -> None:
    gate = Gate()

    async def refused() -> None:
        while not gate.asked:
            await asyncio.sleep(0.001)
        threading.Timer(0.05, gate.opened.set).start()
        await run_async(infer, SITE, "hello", max_tokens=1000, clamp=False)

    async def main() -> None:
        async with budget(tokens=300):
            async with asyncio.TaskGroup() as group:
                group.create_task(run_async(ask, "slow1"))
                group.create_task(run_async(ask, "slow2"))
                group.create_task(refused())

    with fresh_ledger() as ledger, use_model(gate):
        with pytest.raises(BaseExceptionGroup) as caught:
            asyncio.run(main())
        assert (ledger.root.spent, ledger.root.held) == (100, 0)
    error = caught.value.exceptions[0]
    assert isinstance(error, BudgetExceeded)
    assert sorted(error.partial) == ["SLOW1", "SLOW2"]


def test_a_call_that_outlives_its_loop_is_settled() -> None:
    gate = Gate()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(run_async(ask, "hello"), 0.05)

    with fresh_ledger() as ledger, use_model(gate):
        asyncio.run(main())
        gate.opened.set()
        eventually(lambda: ledger.root.held == 0)
        assert ledger.root.spent == 50


def test_a_call_that_gets_no_thread_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        async with budget(tokens=100):
            await run_async(ask, "hello")

    monkeypatch.setattr("omega_runtime.concurrent.pool._pools", {False: Pool(), True: Pool()})
    monkeypatch.setattr(threading.Thread, "start", start)
    with fresh_ledger(), pytest.raises(RuntimeError, match="start new thread"):
        asyncio.run(asyncio.wait_for(main(), 10))
