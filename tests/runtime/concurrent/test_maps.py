"""Concurrent maps: results in order, the first error by place, few threads, nothing begun after an error."""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

import pytest
from omega_runtime import BudgetExceeded, NotBilled, OmegaError, Reply, budget, configure, deep, gather, use_model
from omega_runtime.calls.handlers import handle
from omega_runtime.calls.woven import infer
from omega_runtime.chapter.scopes import with_tracking
from omega_runtime.concurrent.library import concurrent_map, parallel_map, sequential
from omega_runtime.concurrent.maps import map_independent
from omega_runtime.concurrent.pool import pool
from omega_runtime.ledger.errors import Deferred
from omega_runtime.places import Site
from omega_runtime.values.pairs import list_from

SITE = Site("test.omega", 1, 1, "infer.op", "ask", 1)


def ask(prompt: object) -> str:
    return str(infer(SITE, str(prompt), max_tokens=10))


class Together:
    """A model that answers as soon as so many calls are there at once; `most` counts how many there ever were."""

    def __init__(self, count: int, seconds: float = 5.0) -> None:
        self.count = count
        self.seconds = seconds
        self.now = self.most = 0
        self.changed = threading.Condition()

    def __call__(self, prompt: str) -> Reply:
        with self.changed:
            self.now += 1
            self.most = max(self.most, self.now)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.most >= self.count, self.seconds)
        with self.changed:
            self.now -= 1
        return Reply(f"about {prompt}", 5, 5)


def threads() -> int:
    return threading.active_count()


@pytest.mark.parametrize("jobs", [1, 2, 3, 8])
def test_results_come_in_order(jobs: int) -> None:
    def slow_first(n: int) -> int:
        time.sleep(0.01 if n == 0 else 0.0)
        return n * n

    assert gather(slow_first, range(50), jobs=jobs) == [n * n for n in range(50)]


def test_as_many_calls_as_jobs_go_on_at_once() -> None:
    with configure(jobs=6), use_model(model := Together(6)), budget(tokens=10_000) as account:
        assert gather(ask, range(20)) == [f"about {n}" for n in range(20)]
    assert model.most == 6
    assert account.spent == 200


def test_many_items_take_no_more_threads_than_jobs() -> None:
    before, most = threads(), 0

    def note(n: int) -> int:
        nonlocal most
        most = max(most, threads())
        return n

    assert gather(note, range(10_000), jobs=5) == list(range(10_000))
    assert most - before <= 4  # this thread is the fifth


def test_nested_maps_share_the_threads() -> None:
    def inner(n: int) -> list[int]:
        return gather(lambda m: n * m, range(20), jobs=4)

    before = threads()
    assert gather(inner, range(20), jobs=4) == [[n * m for m in range(20)] for n in range(20)]
    assert threads() - before <= 3


def test_maps_nested_deeper_than_there_are_threads_come_to_an_end() -> None:
    def sum_of(depth: int) -> int:
        return 1 if depth == 0 else sum(gather(sum_of, [depth - 1] * 2, jobs=2))

    assert sum_of(8) == 256


@pytest.mark.parametrize("failing", [(0,), (3,), (3, 1), (9, 4, 5)])
def test_the_first_error_by_place_is_raised(failing: tuple[int, ...]) -> None:
    delays = {place: 0.02 * (len(failing) - i) for i, place in enumerate(sorted(failing))}

    def fail(n: int) -> int:
        if n in failing:
            time.sleep(delays[n])  # the first one fails last
            raise OmegaError(f"failed at {n}")
        return n

    with pytest.raises(OmegaError, match=f"failed at {min(failing)}"):
        gather(fail, range(12), jobs=12)


def test_after_an_error_nothing_is_begun() -> None:
    begun = []

    def fail(n: int) -> None:
        begun.append(n)
        if n == 3:
            raise OmegaError("stop")
        time.sleep(0.05)

    with pytest.raises(OmegaError, match="stop"):
        gather(fail, range(1000), jobs=4)
    assert len(begun) < 12


def test_what_was_paid_for_is_in_the_refusal() -> None:
    def model(prompt: str) -> Reply:
        time.sleep(0.02)
        return Reply(f"about {prompt}", 5, 5)

    with budget(tokens=100) as account, use_model(model), pytest.raises(BudgetExceeded) as caught:
        gather(ask, range(50), jobs=4)
    assert sorted(caught.value.partial) == sorted(account.answers or ())
    assert len(caught.value.partial) == account.spent // 10 >= 8


VARIABLE: ContextVar[str] = ContextVar("VARIABLE", default="outside")


def test_the_context_is_inherited() -> None:
    VARIABLE.set("inside")
    assert set(gather(lambda _: VARIABLE.get(), range(20), jobs=4)) == {"inside"}


def test_what_a_call_changes_in_its_context_stays_there() -> None:
    def change(n: int) -> str:
        seen = VARIABLE.get()
        VARIABLE.set(f"changed by {n}")
        return seen

    assert len(set(gather(change, range(20), jobs=4))) == 1


def test_trackers_are_called_one_at_a_time() -> None:
    inside, most, heard = 0, 0, []

    def tracker(tokens: int) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        heard.append(tokens)
        inside -= 1

    with use_model(Together(4)), budget(tokens=10_000):
        with_tracking(tracker, lambda: parallel_map(ask, list_from(list(range(30)))))
    assert heard == [10] * 30
    assert most == 1


def test_a_tracker_may_map_calls_that_are_tracked() -> None:
    """Its threads would wait for the lock under which it runs."""
    heard = []

    def tracker(tokens: int) -> None:
        heard.append(tokens)
        if len(heard) == 1:
            gather(ask, ["inner one", "inner two"], jobs=2)

    with use_model(lambda prompt: Reply(prompt, 5, 5)), budget(tokens=10_000):
        with_tracking(tracker, lambda: gather(ask, ["one", "two", "three"], jobs=2))
    assert len(heard) == 5


def at_most(function: Callable[[Callable[[object], str]], object]) -> int:
    """How many calls went on at once in what the function does with `ask`."""
    model = Together(2, seconds=0.1)
    with use_model(model), budget(tokens=10_000):
        function(ask)
    return model.most


ITEMS = list_from([1, 2, 3])


def degraded() -> object:
    from omega_runtime.calls.context import current

    current.get().policy.degrade_when_low()
    return concurrent_map(ask, ITEMS)


def within_handler() -> object:
    from omega_runtime.lib.conditions import with_exception_handler

    return with_exception_handler(lambda error: None, lambda: concurrent_map(ask, ITEMS))


@pytest.mark.parametrize(
    ("run", "at_once"),
    [
        (lambda: concurrent_map(ask, ITEMS), True),
        (lambda: concurrent_map(ask, list_from([1])), False),
        (lambda: sequential(lambda: concurrent_map(ask, ITEMS)), False),
        (lambda: sequential(lambda: parallel_map(ask, ITEMS)), False),
        (lambda: with_tracking(lambda _: None, lambda: concurrent_map(ask, ITEMS)), False),
        (lambda: with_tracking(lambda _: None, lambda: parallel_map(ask, ITEMS)), True),
        (lambda: handle(lambda: concurrent_map(ask, ITEMS), {"log": lambda _, k: k(None)}), False),
        (lambda: handle(lambda: parallel_map(ask, ITEMS), {"log": lambda _, k: k(None)}), True),
        (within_handler, False),
        (degraded, False),
    ],
)
def test_what_could_see_the_order_has_calls_made_in_turn(run: Callable[[], object], at_once: bool) -> None:
    assert (at_most(lambda _: run()) > 1) is at_once


def test_one_job_is_a_loop_in_this_thread() -> None:
    seen = gather(lambda _: threading.get_ident(), range(5), jobs=1)
    assert set(seen) == {threading.get_ident()}


def test_helpers_have_the_large_stack() -> None:
    def depth(n: int) -> int:
        return 0 if n == 0 else 1 + depth(n - 1)

    # Keys of `sorted` go through C code, which takes stack.
    def through_c(n: int) -> int:
        return n if n == 0 else sorted([n], key=lambda _: through_c(n - 1))[0]

    def both(_: int) -> tuple[int, int]:
        time.sleep(0.01)
        return depth(100_000), through_c(through)

    # From 3.12 on Python has a limit of its own for calls through C, however large the stack is.
    through = 3_000 if sys.version_info < (3, 12) else 400
    assert deep(gather, both, range(4), 2) == [(100_000, through)] * 4


def test_recursion_without_end_is_an_error_in_helpers_too() -> None:
    def endless(n: int) -> int:
        return endless(n + 1) + 1

    with pytest.raises(RecursionError):
        gather(endless, range(4), jobs=4)


def test_a_forked_child_has_threads_of_its_own() -> None:
    gather(lambda n: time.sleep(0.01), range(4), jobs=4)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            fine = pool().threads == 0 and gather(lambda n: n, range(20), jobs=4) == list(range(20))
            status = 0 if fine else 1
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0


def test_an_interrupt_ends_the_map() -> None:
    begun: list[int] = []

    def wait(n: int) -> None:
        begun.append(n)
        time.sleep(0.3)

    timer = threading.Timer(0.1, lambda: signal_main())
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        gather(wait, range(100), jobs=4)
    assert time.monotonic() - start < 5
    assert len(begun) == 4


def signal_main() -> None:
    import signal

    signal.raise_signal(signal.SIGINT) if sys.platform == "win32" else os.kill(os.getpid(), signal.SIGINT)


def test_what_is_no_exception_comes_out_too() -> None:
    def leave(n: int) -> None:
        raise SystemExit(n)

    with pytest.raises(SystemExit) as caught:
        gather(leave, range(3), jobs=3)
    assert caught.value.code == 0


def test_an_error_of_the_items_comes_out() -> None:
    def items() -> object:
        yield (1,)
        yield (2,)
        raise OmegaError("no third")

    with configure(jobs=4), pytest.raises(OmegaError, match="no third"):
        map_independent(lambda n: n, items())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((5, []), "gather: argument 1 must be a function, but got 5"),
        ((str, [1], 0), "gather: jobs must be an integer >= 1, but got 0"),
        ((str, [1], 2.5), "gather: jobs must be an integer >= 1, but got 2.5"),
    ],
)
def test_impossible_arguments(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        gather(*arguments)  # type: ignore[arg-type]


def test_attempts_that_cost_nothing_are_made_again() -> None:
    failed: set[str] = set()

    def model(prompt: str) -> Reply:
        if prompt not in failed:
            failed.add(prompt)
            raise NotBilled("not yet", transient=True)
        return Reply(prompt, 5, 5)

    with configure(retry_wait=0.001), use_model(model), budget(tokens=2_000) as account:
        assert gather(ask, range(10), jobs=4) == [str(n) for n in range(10)]
    assert account.spent == 100


@pytest.mark.parametrize("jobs", [1, 4])
def test_what_is_left_for_a_batch_keeps_no_other_element_from_its_turn(jobs: int) -> None:
    tried = []

    def leave(n: int) -> int:
        tried.append(n)
        if n % 2:
            raise Deferred
        return n

    with pytest.raises(Deferred):
        gather(leave, range(8), jobs)
    assert sorted(tried) == list(range(8))


@pytest.mark.parametrize("jobs", [1, 4])
def test_an_error_goes_before_what_is_left_for_a_batch(jobs: int) -> None:
    def leave(n: int) -> int:
        if n < 2:
            raise Deferred
        raise OmegaError("no")

    with pytest.raises(OmegaError, match="no"):
        gather(leave, range(8), jobs)
