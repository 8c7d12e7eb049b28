"""Leaving `async with budget` by cancellation: at once, into the budget around, and nothing paid for is lost."""

# ruff: noqa: PT012 (what is tested is how blocks are left)

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from omega_runtime import BudgetExceeded, Reply, budget, current_account, run_async, use_model
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE, eventually


class Gate:
    """A model that answers when it is let."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> Reply:
        self.asked.append(prompt)
        assert self.opened.wait(20)
        return Reply(prompt.upper(), 5, 45)

    async def has(self, calls: int) -> None:
        """Until so many calls are under way."""
        while len(self.asked) < calls:
            await asyncio.sleep(0.001)


@contextmanager
def closed_gate() -> Iterator[Gate]:
    """A gate that opens at the end, when all that was held must become spent or free."""
    gate = Gate()
    with fresh_ledger() as ledger, use_model(gate):
        try:
            yield gate
        finally:
            gate.opened.set()
        eventually(lambda: ledger.root.held == 0)
        assert ledger.root.spent == 50 * len(gate.asked)


def ask(prompt: str) -> str:
    return infer(SITE, prompt, max_tokens=105)  # type: ignore[no-any-return]


async def refused() -> None:
    """What a call that can't fit any budget here does."""
    infer(SITE, "hello", max_tokens=5000, clamp=False)


@asynccontextmanager
async def timeout_after(event: Awaitable[object]) -> AsyncIterator[None]:
    """A time-out that ends the block soon after something has happened, however slow the machine is."""
    async with asyncio.timeout(None) as limit:

        async def expire() -> None:
            await event
            limit.reschedule(asyncio.get_running_loop().time() + 0.01)

        expiring = asyncio.create_task(expire())
        yield
        await expiring


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run it; if it hangs the test fails instead."""

    async def bounded() -> None:
        async with asyncio.timeout(15):
            await main()

    asyncio.run(bounded())


async def check_restored(before: Account, left: Account) -> None:
    """The task pays from the budget around again, and so do its threads."""
    assert current_account() is before is not left
    assert await run_async(current_account) is before


def test_a_cancelled_task_leaves_at_once_and_its_answer_is_kept() -> None:
    with closed_gate() as gate:

        async def main() -> None:
            async with budget(tokens=1000) as outer:
                with pytest.raises(TimeoutError):
                    async with timeout_after(gate.has(1)), budget(tokens=500) as inner:
                        await run_async(ask, "hello")
                await check_restored(outer, inner)
                assert (inner.held, outer.held, gate.opened.is_set()) == (110, 110, False)
                gate.opened.set()
                eventually(lambda: outer.held == 0)
                assert list(inner.answers or ()) == list(outer.answers or ()) == ["HELLO"]

        run(main)


def test_a_timeout_inside_leaves_at_once() -> None:
    with closed_gate() as gate:

        async def main() -> None:
            before = current_account()
            with pytest.raises(TimeoutError):
                async with budget(tokens=1000) as account:
                    async with asyncio.timeout(0.05):
                        await run_async(ask, "hello")
            await check_restored(before, account)
            assert not gate.opened.is_set()

        run(main)


def test_an_error_waits_for_calls_under_way() -> None:
    with closed_gate() as gate:

        async def main() -> None:
            before = current_account()
            with pytest.raises(BudgetExceeded) as caught:
                async with budget(tokens=1000) as account:
                    call = asyncio.create_task(run_async(ask, "hello"))
                    await gate.has(1)
                    threading.Timer(0.05, gate.opened.set).start()
                    await refused()
            assert caught.value.partial == ("HELLO",)
            await check_restored(before, account)
            await call

        run(main)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_task_cancelled_while_it_waits_for_calls_leaves_the_budget(times: int) -> None:
    with closed_gate() as gate:
        waits = asyncio.Event()

        async def spend() -> None:
            before = current_account()
            try:
                async with budget(tokens=1000) as account:
                    call = asyncio.create_task(run_async(ask, "hello"))
                    await gate.has(1)
                    try:
                        await refused()
                    finally:
                        waits.set()
            except asyncio.CancelledError as error:
                await check_restored(before, account)
                cause = error.__context__
                assert isinstance(cause, BudgetExceeded)
                assert cause.partial == ()
                gate.opened.set()
                assert await call == "HELLO"
                assert list(account.answers or ()) == ["HELLO"]
                raise

        async def main() -> None:
            task = asyncio.create_task(spend())
            await waits.wait()
            assert not task.done()
            for _ in range(times):
                task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        run(main)


def test_nested_timeouts_while_it_waits_for_calls() -> None:
    """Each fires in its time, the inner one first."""
    with closed_gate() as gate:

        async def main() -> None:
            async with budget(tokens=3000) as outer:
                call = asyncio.create_task(run_async(ask, "hello"))
                await gate.has(1)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(10) as limit:
                        with pytest.raises(TimeoutError):
                            async with timeout_after(gate.has(2)), budget(tokens=1000) as inner:
                                calls = asyncio.create_task(run_async(ask, "inside"))
                                await gate.has(2)
                                await refused()
                        await check_restored(outer, inner)
                        limit.reschedule(0)
                        await asyncio.Event().wait()
                assert current_account() is outer
                gate.opened.set()
                assert (await call, await calls) == ("HELLO", "INSIDE")

        run(main)


@pytest.mark.parametrize("waits", [True, False])
def test_two_timeouts_that_fire_together(waits: bool) -> None:
    with closed_gate() as gate:

        async def main() -> None:
            before = current_account()
            with pytest.raises(TimeoutError):
                async with timeout_after(gate.has(1)), timeout_after(gate.has(1)), budget(tokens=1000) as account:
                    call = asyncio.create_task(run_async(ask, "hello"))
                    if not waits:
                        await call
                    await gate.has(1)
                    await refused()
            await check_restored(before, account)
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0
            gate.opened.set()
            if waits:
                assert await call == "HELLO"

        run(main)


def test_wait_for_ends_in_time() -> None:
    with closed_gate() as gate:

        async def spend() -> None:
            async with budget(tokens=1000):
                await run_async(ask, "hello")

        async def main() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(spend(), 0.05)
            assert not gate.opened.is_set()

        run(main)


def test_tasks_of_a_group_with_budgets_of_their_own() -> None:
    """One task's refusal cancels the others; the answers that they paid for reach the error of the budget around."""
    with closed_gate() as gate:

        async def own(prompt: str) -> None:
            async with budget(tokens=500):
                await run_async(ask, prompt)

        async def fail() -> None:
            await gate.has(2)
            threading.Timer(0.05, gate.opened.set).start()
            await refused()

        async def main() -> None:
            before = current_account()
            with pytest.raises(ExceptionGroup) as caught:
                async with budget(tokens=1000) as account, asyncio.TaskGroup() as group:
                    group.create_task(own("one"))
                    group.create_task(own("two"))
                    group.create_task(fail())
            (error,) = caught.value.exceptions
            assert isinstance(error, BudgetExceeded)
            assert sorted(error.partial) == ["ONE", "TWO"]
            assert (account.spent, account.held) == (100, 0)
            await check_restored(before, account)

        run(main)


def test_a_group_of_timeouts_leaves_at_once() -> None:
    with closed_gate() as gate:

        async def late() -> None:
            async with asyncio.timeout(0.05):
                await run_async(ask, "hello")

        async def main() -> None:
            before = current_account()
            with pytest.raises(ExceptionGroup) as caught:
                async with budget(tokens=1000) as account, asyncio.TaskGroup() as group:
                    group.create_task(late())
            assert caught.group_contains(TimeoutError)
            await check_restored(before, account)
            assert not gate.opened.is_set()

        run(main)


def test_a_timeout_around_a_group_in_a_budget() -> None:
    with closed_gate() as gate:

        async def main() -> None:
            before = current_account()
            with pytest.raises(TimeoutError):
                async with timeout_after(gate.has(2)), budget(tokens=1000) as account, asyncio.TaskGroup() as group:
                    group.create_task(run_async(ask, "one"))
                    group.create_task(run_async(ask, "two"))
            await check_restored(before, account)
            assert account.held > 200
            gate.opened.set()
            eventually(lambda: account.held == 0)
            assert sorted(account.answers or ()) == ["ONE", "TWO"]

        run(main)


@pytest.mark.parametrize("error", [SystemExit, GeneratorExit])
def test_an_exit_leaves_at_once(error: type[BaseException]) -> None:
    with closed_gate() as gate:

        async def main() -> None:
            with pytest.raises(error):
                async with budget(tokens=1000):
                    call = asyncio.create_task(run_async(ask, "hello"))
                    await gate.has(1)
                    raise error
            assert not gate.opened.is_set()
            gate.opened.set()
            await call

        run(main)


def test_answers_that_come_after_several_budgets_have_ended_reach_all_of_them() -> None:
    with closed_gate() as gate:

        async def main() -> None:
            async with budget(tokens=2000) as outer:
                with pytest.raises(TimeoutError):
                    async with timeout_after(gate.has(1)), budget(tokens=1000) as middle, budget(tokens=500) as inner:
                        await run_async(ask, "hello")
                gate.opened.set()
                eventually(lambda: outer.held == 0)
                assert [list(each.answers or ()) for each in (inner, middle, outer)] == [["HELLO"]] * 3
                with pytest.raises(BudgetExceeded) as caught:
                    await refused()
                assert caught.value.partial == ("HELLO",)

        run(main)
