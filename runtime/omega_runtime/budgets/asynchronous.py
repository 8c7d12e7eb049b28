"""Omega functions from asyncio code: the calls run in threads, so that neither a model nor a budget blocks the loop."""

from __future__ import annotations

import asyncio
import sys
from contextvars import copy_context

from omega_runtime import forks, settings
from omega_runtime.calls.context import current
from omega_runtime.calls.woven import infer
from omega_runtime.concurrent.asking import Asking
from omega_runtime.concurrent.loop import mailbox_here, runtime_loop
from omega_runtime.concurrent.maps import gather
from omega_runtime.concurrent.pool import is_helper, pool
from omega_runtime.places.callers import site_at
from omega_runtime.values.errors import wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any, ParamSpec, TypeVar

    from omega_runtime.ledger.account import Account

    P = ParamSpec("P")
    T = TypeVar("T")

# The account of each call under way; its future is done when the thread has ended, whatever became of the task.
_running: dict[asyncio.Future[None], Account] = {}
forks.in_child(_running.clear)


async def run_async(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """`await run_async(f, x)` gives `f(x)`, run in one of the runtime's threads within the budgets around the task.

    At most `jobs` such calls (the setting) go on at once; others wait for their turn. A task that is cancelled stops
    waiting at once. When `f` has begun, its thread goes on to the end of it: what it has sent is settled, and the
    answers are kept in `account.answers` and in the `partial` of errors that leave the budget.
    """
    if not callable(function):
        raise wrong_type("run_async", 1, "a function", function)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    ended: asyncio.Future[None] = loop.create_future()
    context = copy_context()

    def work() -> None:
        try:
            result = context.run(function, *args, **kwargs)
        except BaseException as error:
            wrapped = RuntimeError("StopIteration in an asyncio call") if isinstance(error, StopIteration) else error
            end(lambda: answer.set_exception(wrapped))
        else:
            end(lambda: answer.set_result(result))

    def end(deliver: Callable[[], None]) -> None:
        def deliver_and_end() -> None:
            if not answer.done():
                deliver()
            ended.set_result(None)
            del _running[ended]

        try:
            loop.call_soon_threadsafe(deliver_and_end)
        except RuntimeError:  # the loop has been closed meanwhile
            del _running[ended]

    _running[ended] = current.get().account
    threads = pool()
    # A loop that runs in one of these threads must not wait for that very thread.
    if not threads.offer(work, settings.active.jobs + threads.threads * is_helper()):
        del _running[ended]
        raise RuntimeError("run_async can't start new threads")
    try:
        return await answer
    except asyncio.CancelledError:
        if threads.withdraw(work):
            ended.set_result(None)
            del _running[ended]
        raise


def ask_async(
    prompt: str,
    *,
    max_tokens: int | None = None,
    model: str | None = None,
    system: str | None = None,
    stop: Sequence[str] | None = None,
    clamp: bool = True,
    **more: Any,
) -> Coroutine[Any, Any, Any]:
    """`await ask_async(prompt)` gives a model's answer, paid for by the budgets around the task.

    The options are those of `(effect infer.op …)` but for tools; `more` are temperature, top_p, effort, schema,
    attempts, cache, thinking and details, with which the answer may be data, and on_text, a function that is called in
    another thread. However many such calls go on at once, they share one thread, which
    has an event loop for them. Where a program has a say in the call (a tracker, a handler, a mode of the budget), or a
    function is the model, it goes on in the runtime's threads as with `run_async`. Raises what a call of a compiled
    procedure raises. A task that is cancelled stops waiting at once: what has been sent by then is settled, what has
    not never is.
    """
    site = site_at(sys._getframe(1))
    options = {"max_tokens": max_tokens, "model": model, "system": system, "stop": stop, "clamp": clamp, **more}
    return _ask(Asking(settings.active, current.get(), site, prompt, options), options)


async def _ask(asking: Asking, options: dict[str, Any]) -> str:
    if not asking.can_be_asked:
        answer: str = await run_async(infer, asking.request.site, asking.prompt, **options)
        return answer
    here, there = mailbox_here(), runtime_loop()
    answered: asyncio.Future[str] = here.loop.create_future()
    ended: asyncio.Future[None] = here.loop.create_future()
    context = copy_context()
    tasks: list[asyncio.Task[str]] = []

    def begin() -> None:
        task = there.loop.create_task(asking.ask(), context=context)
        tasks.append(task)
        task.add_done_callback(end)

    def end(task: asyncio.Task[str]) -> None:
        if not task.cancelled():
            task.exception()  # else asyncio complains of it where the caller's loop is closed
        here.send(deliver)

    def deliver() -> None:
        (task,) = tasks
        if not answered.done():
            _hand_over(task, answered)
        ended.set_result(None)
        del _running[ended]

    def cancel() -> None:
        if not asking.is_sent:
            tasks[0].cancel()

    _running[ended] = asking.context.account
    there.send(begin)
    try:
        return await answered
    except asyncio.CancelledError:
        there.send(cancel)
        raise


def _hand_over(task: asyncio.Task[str], answered: asyncio.Future[str]) -> None:
    if task.cancelled():
        answered.cancel()
    elif (error := task.exception()) is not None:
        answered.set_exception(error)
    else:
        answered.set_result(task.result())


async def gather_async(function: Callable[..., T], items: Iterable[object], jobs: int | None = None) -> list[T]:
    """As `gather`, for asyncio: the task waits, and the calls go on in the runtime's threads."""
    return await run_async(gather, function, list(items), jobs)


async def drain(account: Account) -> None:
    """Wait until the calls that pay from this account, directly or not, have ended."""
    loop = asyncio.get_running_loop()
    running = [each for each, payer in list(_running.items()) if account in payer.chain and each.get_loop() is loop]
    if running:
        await asyncio.wait(running)
