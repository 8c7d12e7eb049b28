"""`with account:` from other threads, tasks and contexts; `Executor`; calls that have lost their budget."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import gc
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, Executor, OmegaError, Reply, budget, current_account, run_async, use_model
from omega_runtime.calls import infer
from omega_runtime.calls.context import current
from omega_runtime.chapter.emergency import enable_caching
from omega_runtime.chapter.monitoring import on_completion
from omega_runtime.ledger.account import Account
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE, Thread

BACKENDS = ("memory", "file")
OUTSIDE = "a call to a model outside every budget"


def ask(prompt: str = "p") -> str:
    return infer(SITE, prompt, max_tokens=20)  # type: ignore[no-any-return]


def in_plain_thread(function: Callable[[], Any]) -> Any:
    """What a function gives in a thread that has nothing of this context."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(contextvars.Context().run, function).result(20)


def entered_by(account: Account) -> Callable[[], str]:
    def work() -> str:
        with account:
            return ask()

    return work


@pytest.fixture(params=BACKENDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`budget`, in memory or in a ledger file; each call costs 10 tokens and may cost 21."""

    def make(tokens: int | None, name: str = "job") -> Any:
        return budget(tokens, name=name, ledger=tmp_path / "ledger") if request.param == "file" else budget(tokens)

    with use_model(lambda prompt: Reply("yes", 4, 6)):
        yield make


def test_any_thread_pays_from_an_open_account(opened: Any) -> None:
    with opened(1000) as account:
        with pytest.raises(OmegaError, match=OUTSIDE):
            in_plain_thread(ask)
        assert in_plain_thread(entered_by(account)) == "yes"
        assert (account.spent, list(account.answers)) == (10, ["yes"])
        assert current_account() is account


def test_many_threads_at_once_never_overspend(opened: Any) -> None:
    def work() -> int:
        answers = 0
        while True:
            try:
                with account:
                    ask()
                answers += 1
            except BudgetExceeded:
                return answers

    with opened(300) as account:
        with ThreadPoolExecutor(8) as pool:
            answers = sum(each.result(60) for each in [pool.submit(contextvars.Context().run, work) for _ in range(8)])
        assert account.spent == 10 * answers
        assert 300 - 21 < account.spent <= 300


def test_it_may_be_entered_as_often_as_wanted_and_within_itself(opened: Any) -> None:
    with opened(1000) as account:

        def work() -> None:
            before = current.get()
            for _ in range(3):
                with account as same:
                    assert same is account
                    with account:
                        ask()
                    ask()
                assert current.get() is before

        in_plain_thread(work)
        with account:
            ask()
        assert account.spent == 70


def test_a_budget_inside_stays(opened: Any) -> None:
    """No limit is escaped by entering the account around it, or the account of all calls."""
    with opened(1000) as outer:
        root = outer.parent

        def work() -> None:
            with outer, budget(tokens=25) as inner:
                for account in (outer, root, inner):
                    with account, account:
                        assert current_account() is inner
                        ask() if not inner.spent else None
                with outer, pytest.raises(BudgetExceeded) as caught:
                    ask("p" * 30)
                assert caught.value.account == inner.name
                assert current_account() is inner

        in_plain_thread(work)
        work()


def test_one_further_in_may_be_entered(opened: Any) -> None:
    with opened(1000) as outer, budget(tokens=25) as inner:

        def work() -> None:
            with outer, inner:
                assert current_account() is inner
                ask()
                with pytest.raises(BudgetExceeded):
                    ask("p" * 30)

        in_plain_thread(work)
        assert (inner.spent, outer.spent) == (10, 10)


def test_another_budget_cannot_be_left_behind(opened: Any) -> None:
    with opened(1000) as account:

        def work() -> None:
            with opened(50, "other") as other:
                message = f'"{account.name}" cannot be entered inside "{other.name}", whose limit would be left behind'
                with pytest.raises(OmegaError, match=message):
                    account.__enter__()
                assert current_account() is other
            with opened(60, "third"), pytest.raises(OmegaError, match="cannot be entered inside"):
                account.__enter__()

        in_plain_thread(work)


def test_an_account_that_has_ended(opened: Any) -> None:
    with opened(1000) as account:
        pass
    with pytest.raises(OmegaError, match=f'"{account.name}" has ended'):
        account.__enter__()
    with opened(50, "other"), pytest.raises(OmegaError, match="has ended"):
        account.__enter__()


def test_the_same_account_of_a_file_opened_twice(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("yes", 4, 6)), budget(100, ledger=tmp_path / "ledger") as first:

        def work() -> None:
            with budget(ledger=tmp_path / "ledger") as second, first:
                ask()
                assert current_account() is second

        in_plain_thread(work)
        assert first.spent == 10


def test_an_account_is_left_in_order_and_where_it_was_entered() -> None:
    with fresh_ledger(), budget(tokens=1000, name="one") as account:
        with pytest.raises(OmegaError, match='"one" cannot be left here'):
            account.__exit__(None, None, None)
        with account:
            with pytest.raises(OmegaError, match='"one" cannot be left here'):
                in_plain_thread(lambda: account.__exit__(None, None, None))
        scope = budget(tokens=100, name="two")
        with scope as inner:
            inner.__enter__()
            with pytest.raises(OmegaError, match='"two" cannot be left here'):
                scope.__exit__(None, None, None)
            with pytest.raises(OmegaError, match='"one" cannot be left here'):
                account.__exit__(None, None, None)
            inner.__exit__(None, None, None)
        assert current_account() is account


def test_async_with_in_tasks_and_threads(opened: Any) -> None:
    async def handle(account: Account) -> str:
        async with account:
            await asyncio.sleep(0)
            answer = await run_async(ask) + await asyncio.to_thread(ask)
            assert current_account() is account
        return answer

    async def serve(account: Account) -> list[str]:
        tasks = [asyncio.create_task(handle(account), context=contextvars.Context()) for _ in range(3)]
        return await asyncio.gather(*tasks)

    with opened(1000) as account:
        assert in_plain_thread(lambda: asyncio.run(serve(account))) == ["yesyes"] * 3
        assert account.spent == 60


def test_a_cancelled_task_leaves_it() -> None:
    async def main() -> None:
        async with budget(tokens=1000) as outer:

            async def wait() -> None:
                try:
                    async with outer, outer:
                        await asyncio.Event().wait()
                finally:
                    assert current_account() is not outer

            task = asyncio.create_task(wait(), context=contextvars.Context())
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())


def test_loops_executors_and_callbacks(opened: Any) -> None:
    """run_in_executor loses the budget with a plain pool, as asyncio does for all context, and keeps it with ours."""

    async def main() -> tuple[str, str]:
        loop = asyncio.get_running_loop()
        with pytest.raises(OmegaError, match=OUTSIDE):
            await loop.run_in_executor(None, ask)
        with Executor(2) as pool:
            first = await loop.run_in_executor(pool, ask)
        loop.set_default_executor(Executor(2))
        return first, await loop.run_in_executor(None, ask)

    with opened(1000) as account:
        assert asyncio.run(main()) == ("yes", "yes")
        assert account.spent == 20


def test_an_executor_takes_the_budget_of_who_submits() -> None:
    with fresh_ledger(), use_model(lambda prompt: Reply(prompt, 4, 6)), Executor(max_workers=4) as pool:
        with budget(tokens=1000) as one:
            assert list(pool.map(ask, "abcd")) == ["a", "b", "c", "d"]
        with budget(tokens=1000) as two, budget(tokens=500) as three:
            assert pool.submit(ask, prompt="e").result(20) == "e"
            assert pool.submit(current_account).result(20) is three
            with pytest.raises(ValueError, match="out"):
                pool.submit(fail).result(20)
        assert [each.spent for each in (one, two, three)] == [40, 10, 10]
        assert pool.submit(current_account).result(20).parent is None


def fail() -> None:
    raise ValueError("out")


def test_an_executor_is_a_thread_pool() -> None:
    started = []
    with Executor(1, thread_name_prefix="mine", initializer=started.append, initargs=(1,)) as pool:
        assert pool.submit(lambda: threading.current_thread().name).result(20).startswith("mine")
        assert started == [1]
        assert pool.submit(dict, function=1).result(20) == {"function": 1}
    with pytest.raises(RuntimeError):
        pool.submit(print)


def test_switches_and_completions_belong_to_the_entering() -> None:
    """The budget's own switches hold; what is switched inside ends with it."""
    said: list[str] = []

    def work() -> None:
        with account:
            assert current.get().policy.degrade
            enable_caching()
            on_completion(lambda: said.append("done"))
            assert said == []
        assert said == ["done"]

    with fresh_ledger(), budget(tokens=1000, on_low="degrade") as account:
        in_plain_thread(work)
        assert current.get().policy.caching == ""


def test_an_account_is_neither_copied_nor_sent(opened: Any) -> None:
    with opened(1000) as account:
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="cannot be copied, or sent to another process.*ledger file"):
                attempt(account)


def test_a_budget_that_ended_or_was_lost_is_not_open() -> None:
    with fresh_ledger(), use_model(lambda prompt: Reply("yes", 4, 6)):
        assert ask() == "yes"
        with budget(tokens=100), pytest.raises(OmegaError, match=OUTSIDE):
            in_plain_thread(ask)
        assert in_plain_thread(ask) == "yes"

        def lose() -> None:
            budget(tokens=100).__enter__()

        in_plain_thread(lose)
        gc.collect()
        assert in_plain_thread(ask) == "yes"


def test_an_ended_budgets_last_calls_alarm_nobody() -> None:
    """A cancelled call goes on behind a budget that has ended; calls outside are none of its business."""
    go = threading.Event()

    def model(prompt: str) -> Reply:
        assert prompt != "slow" or go.wait(20)
        return Reply(prompt, 4, 6)

    with fresh_ledger(), use_model(model):
        with budget(tokens=100) as account:
            slow = Thread(lambda: ask("slow"))
            while not account.held:
                pass
        assert ask("outside") == "outside"
        go.set()
        slow.result()


def test_the_mend_that_the_message_shows_works() -> None:
    @contextmanager
    def mended(how: str, account: Account) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(account if how == "account" else budget())
            yield

    def work(how: str) -> str:
        with mended(how, account):
            return ask()

    with fresh_ledger(), use_model(lambda prompt: Reply("yes", 4, 6)), budget(tokens=100) as account:
        with pytest.raises(OmegaError) as caught:
            in_plain_thread(ask)
        for line in ("with account:", "omega_runtime.Executor", "with omega_runtime.budget():"):
            assert line in caught.value.message
        assert in_plain_thread(lambda: work("account")) == in_plain_thread(lambda: work("budget")) == "yes"
        assert account.spent == 10
