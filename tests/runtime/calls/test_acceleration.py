"""A call that C does whole is held, sent, answered and booked as the Python of the same names does it."""

from __future__ import annotations

import gc
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as checked
from hypothesis import strategies as st
from omega_runtime import Reply, configure, settings
from omega_runtime.acceleration import IS_ACCELERATED
from omega_runtime.calls import woven
from omega_runtime.calls.context import Context, current
from omega_runtime.calls.handlers import Frame
from omega_runtime.calls.plan import planned
from omega_runtime.calls.tracers import tracers
from omega_runtime.calls.watching import Watch, watching
from omega_runtime.control.positions import Position, position
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.pace import paces
from omega_runtime.models.provider import NotBilled
from omega_runtime.models.request import Request
from omega_runtime.places import Site
from omega_runtime.savings.policy import Policy
from omega_runtime.values.errors import OmegaError

from tests.support.quiet import Priced, Quiet, Running

needs_accelerator = pytest.mark.skipif(not IS_ACCELERATED, reason="the accelerator isn't built")
SITES = [Site("a.omega", line, 1, "infer.op", "f", 1) for line in (1, 2)]


class Loose(Quiet):
    """Has what it says of itself in the instance."""

    def __init__(self, **own: Any) -> None:
        super().__init__()
        vars(self).update(own)


class Text(str):
    __slots__ = ()


class Own(Quiet):
    """Bounds prompts in its own way."""

    __slots__ = ("figure",)

    def __init__(self, figure: Any) -> None:
        super().__init__()
        self.figure = figure

    def bound(self, request: Request) -> int:
        if isinstance(self.figure, Exception):
            raise self.figure
        return self.figure + super().bound(request)  # type: ignore[no-any-return]


class Wrong(Quiet):
    __slots__ = ()

    @property
    def overhead(self) -> int:  # type: ignore[override]
        raise ValueError("not known")


def _changed(reply: Reply, **changes: Any) -> Reply:
    for name, value in changes.items():
        setattr(reply, name, value)
    return reply


class Twin(Reply):
    __slots__ = ()


PROVIDERS: list[Any] = [
    *[Quiet()] * 6,
    *(Quiet(OmegaError("no")), Quiet(ValueError("no")), Quiet(NotBilled("no")), Priced(), Running(), Wrong(), None),
    *(Own(5), Own(2**61), Own(-3), Own(0.5), Own(OmegaError("too long")), Own(ValueError("too long"))),
    *(Loose(overhead=7), Loose(overhead=True), Loose(overhead="7"), Loose(overhead=2**70), Loose(overhead=-100)),
    *(Loose(default_model=Text("m")), Loose(default_model=""), Loose(default_model=None), Loose(is_priced=0)),
    Loose(bound=lambda request: len(request.prompt)),
]
REPLIES: list[Any] = [
    *[Reply("ok", 3, 2)] * 6,
    *(Reply("", 0, 0), Reply("ok", 40, 0), Reply("ok", 10**8, 10**8), Reply("cut", 1, 2, "max_tokens")),
    *(Reply("ok", 1, 1, "end_turn"), Reply("", 1, 1, "end_turn"), Reply("no", 1, 1, "refusal"), Twin("ok", 3, 2)),
    *(_changed(Reply("ok", 3, 2), input_tokens=2**70), _changed(Reply("ok", 3, 2), input_tokens="3")),
    *(_changed(Reply("ok", 3, 2), output_tokens=True), _changed(Reply("ok", 3, 2), text=None)),
    SimpleNamespace(text="ok", input_tokens=1, output_tokens=1, stop_reason=None),
]
PROMPTS: list[Any] = [*["say"] * 6, "", "é", "日本", "\ud800", Text("say"), 5, None, "x" * 300, ["say"]]
MOST: list[Any] = [*[10] * 5, 1, 0, -1, None, None, False, True, 2.0, 2.5, "10", 2**62, 2**70, 300]
MODELS = [None, None, None, "m", "", Text("m")]
AROUND = [*["nothing"] * 8, "handler", "tracker", "minimal", "map", "watch", "pace", "limit", "tracer"]

steps = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 5), st.sampled_from([None, 60, 10**6]), st.sampled_from([None, 10**9])),
    st.tuples(st.just("close"), st.integers(0, 5)),
    *[
        st.tuples(
            *(st.just("ask"), st.integers(0, 5), st.sampled_from(PROMPTS), st.sampled_from(MOST), st.booleans()),
            *(st.sampled_from(range(len(PROVIDERS))), st.sampled_from(MODELS), st.sampled_from(AROUND)),
        )
        for _ in range(4)
    ],
    *[st.tuples(st.just("perform"), st.integers(0, 9), st.sampled_from(AROUND)) for _ in range(2)],
    *[
        st.tuples(st.just("settle"), st.integers(0, 9), st.sampled_from(range(len(REPLIES))), st.sampled_from(AROUND))
        for _ in range(4)
    ],
    *[st.tuples(st.sampled_from(names), st.integers(0, 9)) for names in (["cached"], ["void", "mark_unknown", "lose"])],
)


class History:
    """What calls do to one ledger, by the functions that compiled code calls, or the Python of their names."""

    def __init__(self, is_fast: bool) -> None:
        self.reserve, self.perform, self.settle = (
            function if is_fast else getattr(function, "__wrapped__", function)
            for function in (woven.reserve, woven.perform, woven.settle)
        )
        self.ledger = MemoryLedger()
        self.accounts: list[Any] = [self.ledger.root]
        self.calls: list[Any] = []
        self.heard: list[Any] = []

    @contextmanager
    def _around(self, what: str, account: Any) -> Iterator[None]:
        trackers = (self.heard.append,) if what == "tracker" else ()
        handlers = Frame({"infer.op": lambda operand, k: k(f"handled {operand}")}, None) if what == "handler" else None
        policy = Policy()
        if what == "minimal":
            policy.switch(minimal=True)
        with ExitStack() as stack:
            before = current.set(Context(account, trackers, handlers, policy))
            stack.callback(current.reset, before)
            if what == "map":
                stack.callback(position.reset, position.set(Position(0, None)))
            if what == "watch":
                watch = stack.enter_context(watching(Watch()))
                stack.callback(lambda: self.heard.append([call.outcome for call in watch.calls]))
            if what == "pace":
                stack.enter_context(configure(requests_per_minute=1000))
            if what == "limit":
                stack.enter_context(configure(tokens_per_minute=10**9))
            if what == "tracer":
                tracers.append(SimpleNamespace(traced=self._traced))  # type: ignore[arg-type]
                stack.callback(tracers.clear)
            yield

    def _traced(self, call: Any, perform: Any) -> Any:
        self.heard.append("traced")
        return perform(call, True)

    def open(self, parent: int, limit: int | None, dollars: int | None) -> None:
        outer = self.accounts[parent % len(self.accounts)]
        self.accounts.append(self.ledger.open_account("a", limit, outer, dollars))

    def close(self, number: int) -> None:
        if number % len(self.accounts):
            self.ledger.close_account(self.accounts[number % len(self.accounts)])

    def ask(self, number: int, prompt: Any, most: Any, is_given: bool, provider: int, model: Any, what: str) -> Any:
        account = self.accounts[number % len(self.accounts)]
        given = (most,) if is_given else ()
        default = {} if model is None else {"model": model}
        with configure(provider=PROVIDERS[provider], max_wait=0), configure(**default), self._around(what, account):
            # As after a first call with these settings.
            with suppress(ValueError):
                planned(settings.active)
            call = self.reserve(SITES[number % 2], prompt, *given)
        self.calls.append(call)
        return type(call), call.open, getattr(call, "value", None)

    def perform_(self, number: int, what: str) -> Any:
        with self._around(what, self.ledger.root):
            return self.perform(self._call(number))

    def settle_(self, number: int, reply: int, what: str) -> Any:
        with self._around(what, self.ledger.root):
            return self.settle(self._call(number), REPLIES[reply])

    def void(self, number: int) -> Any:
        return self.ledger.void(self._call(number))

    def mark_unknown(self, number: int) -> Any:
        return self.ledger.mark_unknown(self._call(number))

    def lose(self, number: int) -> None:
        del self.calls[number % len(self.calls)]
        self.ledger.reclaim()

    def cached(self, number: int) -> None:
        self._call(number).cache = SimpleNamespace(remember=lambda *_: self.heard.append("kept"))

    def _call(self, number: int) -> Any:
        return self.calls[number % len(self.calls)]

    def do(self, step: Any) -> str:
        """One step; what it gives, or its error."""
        name, *arguments = step
        try:
            result = getattr(self, f"{name}_" if name in ("perform", "settle") else name)(*arguments)
            return result if isinstance(result, str) else repr(result)
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def books(self) -> Any:
        """All figures of accounts, calls and statistics."""
        accounts = [(_slots(each, FIGURES), list(each.answers or ())) for each in self.accounts]
        calls = [(_slots(each, CALL), _slots(getattr(each, "request", None), REQUEST)) for each in self.calls]
        counted = [(site.line, model, _slots(each, each.__slots__)) for site, model, each in self.ledger.entries()]
        return accounts, calls, counted, len(self.ledger.lost), self.heard


FIGURES = (
    *("committed_tokens", "spent_tokens", "overrun_tokens", "committed_picodollars", "spent_picodollars"),
    *("is_priced", "is_open", "ceiling"),
)
CALL = ("open", "output", "tokens", "picodollars", "call", "periods", "value", "attempt", "deadline")
REQUEST = ("site", "model", "prompt", "wanted", "price", "schema", "provider", "clamp", "asked")


def _slots(owner: Any, names: tuple[str, ...]) -> list[tuple[type, Any]]:
    return [(type(value), value) for value in (getattr(owner, name, None) for name in names)]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with configure(model="offline", unbudgeted="allow", retries=1):
        yield
    paces.clear()


@needs_accelerator
@checked(max_examples=500)
@given(st.lists(steps, max_size=30))
def test_every_history_ends_with_the_same_books(history: list[Any]) -> None:
    fast, python = History(is_fast=True), History(is_fast=False)
    # The second call of a site is the first one that finds its statistics.
    usual = ("ask", 2, "say", 10, True, 0, None, "nothing")
    begin: list[Any] = [("open", 0, 10**6, None), ("open", 1, None, None), usual, ("settle", 0, 0, "nothing"), usual]
    for step in [*begin, *history]:
        if step[0] not in ("open", "ask", "close") and not fast.calls:
            continue
        paces.clear()
        said = fast.do(step)
        paces.clear()
        assert said == python.do(step)
        assert fast.books() == python.books()


def budgets(ledger: MemoryLedger) -> list[Any]:
    """Three accounts, one inside the other; code from here on pays from the innermost."""
    accounts: list[Any] = [ledger.root]
    for _ in range(3):
        accounts.append(ledger.open_account("a", 10**12, accounts[-1]))
    current.set(Context(accounts[-1], (), None))
    return accounts[1:]


def whole_call(prompt: str = "say") -> Any:
    """What compiled code does at a site."""
    hold = woven.reserve(SITES[0], prompt, 10)
    while hold.open:
        try:
            reply = woven.perform(hold)
        except BaseException as error:
            hold = woven.void(hold, error)
        else:
            woven.settle(hold, reply)
    return hold.value


def in_budgets(body: Callable[[list[Any]], Any]) -> Any:
    """What the body gives, in three budgets and a context of their own."""
    return copy_context().run(lambda: body(budgets(MemoryLedger())))


def called_by(body: Callable[[], Any]) -> list[str]:
    """The Python functions that run."""
    called: list[str] = []
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
    try:
        body()
    finally:
        sys.setprofile(None)
    return called[1:]


@needs_accelerator
def test_the_usual_call_runs_no_python_but_the_providers() -> None:
    def body(accounts: list[Any]) -> None:
        whole_call()
        whole_call()
        assert called_by(whole_call) == ["complete"]
        assert [each.spent for each in accounts] == [15] * 3

    with configure(provider=Quiet()):
        in_budgets(body)


@needs_accelerator
@pytest.mark.parametrize(
    ("what", "functions"),
    [
        ("handler", {"reserve"}),
        ("minimal", {"reserve"}),
        ("map", {"reserve"}),
        ("watch", {"reserve", "settle"}),
        ("tracker", {"settle"}),
        ("tracer", {"perform"}),
        ("pace", {"perform", "settle"}),
        ("limit", {"perform", "settle"}),
    ],
)
def test_python_does_what_is_not_usual(what: str, functions: set[str]) -> None:
    def body(accounts: list[Any]) -> list[str]:
        whole_call()
        whole_call()
        with History(is_fast=True)._around(what, accounts[-1]):
            return called_by(whole_call)

    with configure(provider=Quiet()):
        assert functions <= set(in_budgets(body))


def test_nothing_is_left_behind() -> None:
    provider, text = Quiet(), "a prompt of its own"

    def body(_: list[Any]) -> None:
        def counted() -> tuple[int, ...]:
            gc.collect()
            owners = (SITES[0], provider, settings.active, current.get(), current.get().account, text, provider.answer)
            return tuple(map(sys.getrefcount, owners))

        def grown() -> int:
            gc.collect()
            before = sys.getallocatedblocks()
            for _ in range(500):
                whole_call(text)
            gc.collect()
            return sys.getallocatedblocks() - before

        for _ in range(25):
            whole_call(text)
        before = counted()
        blocks = min(grown() for _ in range(3))
        # The account keeps the answers, which are one text.
        assert counted() == before
        assert blocks < 200

    with configure(provider=provider):
        in_budgets(body)


def test_a_call_that_is_lost_is_handed_back() -> None:
    def body(accounts: list[Any]) -> None:
        whole_call()
        hold = woven.reserve(SITES[0], "say", 10)
        assert [each.held for each in accounts] == [13] * 3
        del hold
        accounts[0].ledger.reclaim()
        assert [(each.held, each.spent) for each in accounts] == [(0, 5)] * 3

    with configure(provider=Quiet()):
        in_budgets(body)


def test_holds_that_end_leave_nothing_to_reclaim() -> None:
    ledger = MemoryLedger()
    for state in (0, 1, 2):
        hold: Hold[Any] = Hold()
        hold.account, hold.open = ledger.root, state
        del hold
    Hold()
    assert [each.open for each in ledger.lost] == [1, 2]
    ledger.lost.clear()


def test_threads_lose_nothing() -> None:
    """Some of them watch, for some time, so that methods of the ledger are other ones."""

    def body(accounts: list[Any]) -> None:
        def work() -> None:
            for i in range(1000):
                whole_call()
                if i % 250 == 0:
                    with lock, watching(Watch()):
                        whole_call()

        lock = threading.Lock()
        threads = [threading.Thread(target=copy_context().run, args=(work,)) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert [(each.spent, each.held) for each in accounts] == [(5 * 8 * 1004, 0)] * 3
        ((_, _, counters),) = accounts[0].ledger.entries()
        assert (counters.calls, counters.unpriced) == (8 * 1004, 8 * 1004)

    with configure(provider=Quiet()):
        in_budgets(body)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_signals_split_nothing() -> None:
    """Ctrl-C at random moments: each call is booked once, or voided, or what it may have cost is."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals come to the main thread only")

    came: list[bool] = []  # a finalizer's exceptions go nowhere

    def interrupt(*_: object) -> None:
        if not came:
            came.append(True)
            raise KeyboardInterrupt

    def until_it_comes(seconds: float) -> None:
        came.clear()
        # Again after a while: the interpreter may sleep through a signal that comes while another thread lets it run.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
        while not came:
            whole_call()

    def body(accounts: list[Any]) -> None:
        chance = random.Random(1)
        for _ in range(300):
            with suppress(KeyboardInterrupt):
                until_it_comes(chance.uniform(1e-5, 1e-3))
        accounts[0].ledger.reclaim()
        ((_, _, counters),) = accounts[0].ledger.entries()
        spent = 5 * counters.calls + 13 * counters.unknown
        assert [(each.spent, each.held) for each in accounts] == [(accounts[0].spent, 0)] * 3
        if IS_ACCELERATED:  # in Python an interrupt may come between the books and what is counted beside them
            assert accounts[0].spent == spent
        assert not accounts[0].ledger.lock.locked()

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with configure(provider=Quiet()):
            in_budgets(body)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
