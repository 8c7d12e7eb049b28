"""Settings are read where something begins, and handed on: one call sees one set of them from beginning to end."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from omega_runtime import ModelError, Reply, budget, configure, settings
from omega_runtime.calls import infer
from omega_runtime.calls.context import current
from omega_runtime.clock import SystemClock
from omega_runtime.models.anthropic import anthropic_provider
from omega_runtime.models.function import FunctionProvider
from omega_runtime.models.prices import Price, price_of
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request
from omega_runtime.testing import FakeClock, checkpoint, fresh_ledger

from tests.support import ROOT
from tests.support.ledgers import SITE, Figures
from tests.support.messages_api import KEY, Behaviour, Hang, Server, error, message

# Where a call, a scope, an operation, a procedure or a run begins, and where a file is measured against them.
READERS = {
    "omegac/cli/books.py",
    "omegac/cli/execution.py",
    "omegac/cli/models.py",
    "omegac/cli/plan.py",
    "runtime/omega_runtime/budgets/asynchronous.py",
    "runtime/omega_runtime/budgets/scope.py",
    "runtime/omega_runtime/calls/batches.py",
    "runtime/omega_runtime/calls/embedding.py",
    "runtime/omega_runtime/calls/woven.py",
    "runtime/omega_runtime/chapter/history.py",
    "runtime/omega_runtime/clients/holding.py",
    "runtime/omega_runtime/concurrent/loop.py",
    "runtime/omega_runtime/concurrent/maps.py",
    "runtime/omega_runtime/configuration.py",
    "runtime/omega_runtime/remote/mapping.py",
    "runtime/omega_runtime/remote/setup.py",
    "runtime/omega_runtime/remote/team.py",
    "runtime/omega_runtime/world/permissions.py",
}


def reads_the_active_settings(tree: ast.AST) -> bool:
    """Whether a module gets hold of the module of settings, or of what is active now, under whatever name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(each.name == "omega_runtime.settings" for each in node.names):
            return True
        if isinstance(node, ast.ImportFrom):
            names = {each.name for each in node.names}
            if node.module == "omega_runtime" and "settings" in names:
                return True
            if node.module == "omega_runtime.settings" and names & {"active", "*"}:
                return True
    return False


def test_nothing_below_the_entries_reads_the_active_settings() -> None:
    files = [file for folder in ("omegac", "runtime") for file in (ROOT / folder).rglob("*.py")]
    readers = {str(each.relative_to(ROOT)) for each in files if reads_the_active_settings(ast.parse(each.read_text()))}
    assert readers == READERS


@pytest.mark.parametrize(
    "text",
    [
        "import omega_runtime.settings",
        "import omega_runtime.settings as s",
        "from omega_runtime import settings as s",
        "from omega_runtime.settings import active",
        "def f():\n    from omega_runtime import report, settings",
    ],
)
def test_each_way_to_the_active_settings_is_seen(text: str) -> None:
    assert reads_the_active_settings(ast.parse(text))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeClock]:
    # Whatever a test makes of the settings, they are the same again afterwards.
    monkeypatch.setattr(settings, "active", settings.active)
    clock = FakeClock()
    with fresh_ledger(clock), checkpoint():
        yield clock


def elsewhere(**changes: Any) -> None:
    """Change settings in another thread, and wait until it is done."""
    thread = Thread(target=configure, kwargs=changes)
    thread.start()
    thread.join()


class Meddled(Figures):
    """A provider during whose first attempt somebody else changes settings."""

    def __init__(self, *answers: Reply | BaseException, bound: int = 5, exact: int | None = None, **changes: Any):
        super().__init__(bound, exact, *answers)
        self.changes = changes
        self.transient = True
        self.billed = "no"

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        elsewhere(**self.changes)
        return super().complete(request, max_tokens, seconds)


CHANGES = {
    "fewer attempts": {"retries": 1},
    "no time": {"timeout": 0.001},
    "long waits": {"retry_wait": 10_000, "retry_max": 10_000},
    "no way to wait": {"jitter": lambda: 1 / 0},
    "another model": {"provider": Figures(10**9)},
    "a large floor": {"floor": 10**9},
    "an unknown ladder": {"ladder": {"only": ["none"]}},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_call_goes_on_by_the_settings_that_it_began_with(clock: FakeClock, changes: dict[str, Any]) -> None:
    provider = Meddled(OSError("busy"), OSError("busy"), Reply("done", 5, 1), **changes)
    with configure(provider=provider, retries=4, retry_wait=0.5, jitter=lambda: 0.0, timeout=600.0):
        with configure(floor=16, ladder=None, retry_max=60.0):
            with budget(tokens=10_000) as account:
                assert infer(SITE, "p") == "done"
            assert clock.now() == 1.5
            assert account.spent == 6


def test_the_next_call_has_the_new_settings(clock: FakeClock) -> None:
    with configure(provider=Meddled(OSError("busy"), Reply("one", 5, 1), OSError("busy"), retries=1), retries=4):
        assert infer(SITE, "p") == "one"
        with pytest.raises(ModelError, match="busy"):
            infer(SITE, "p")


def test_a_look_up_among_like_answers_keeps_its_threshold(clock: FakeClock) -> None:
    meddles = [False]

    def embed(text: str) -> list[float]:
        if meddles[0]:
            elsewhere(similarity=0.01)
        return [1.0, float(len(text))]

    provider = FunctionProvider(lambda prompt: prompt)
    with configure(provider=provider, similarity=1.0, embed=embed), budget(tokens=10_000):
        policy = current.get().policy
        policy.switch(caching="aggressive")
        assert infer(SITE, "good day") == "good day"
        policy.switch(minimal=True)
        assert infer(SITE, "green tea").endswith("green tea")
        meddles[0] = True
        # Looked up as it is written, then as it is asked.
        assert infer(SITE, "other   words    here").endswith("other words here")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Server]:
    with Server() as server, configure(provider=None, jitter=lambda: 0.0, max_tokens=50, timeout=20.0):
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        yield server


class Then(Behaviour):
    """An answer, before which something happens."""

    def __init__(self, action: Callable[[], object], answer: Behaviour) -> None:
        self.action = action
        self.then = answer

    def answer(self, handler: Any) -> None:
        self.action()
        self.then.answer(handler)


def overloaded(**changes: Any) -> Then:
    return Then(lambda: elsewhere(**changes), error(529, "overloaded_error"))


def test_a_call_to_the_provider_is_tried_again_as_it_began(server: Server) -> None:
    with configure(retries=4):
        server.script[:] = [overloaded(retries=1, timeout=0.001, model="offline"), message("done")]
        assert infer(SITE, "p", model="claude-sonnet-5-5") == "done"
    assert len(server.bodies()) == 2


def test_the_provider_counts_again_as_the_call_began(server: Server) -> None:
    with configure(retries=4, downgrade=False), budget(tokens=200):
        server.counts[:] = [overloaded(retries=1, timeout=0.001), 20]
        server.script[:] = [message("done", 20, 5)]
        assert infer(SITE, "p" * 180, model="claude-sonnet-5-5") == "done"
    assert len(server.bodies("/v1/messages/count_tokens")) == 2


def test_a_time_out_names_the_seconds_that_the_call_had(server: Server) -> None:
    with configure(timeout=0.3):
        server.script[:] = [Then(lambda: elsewhere(timeout=77.0), Hang())]
        with pytest.raises(ModelError, match=r"no whole answer within 0\.3 s"):
            infer(SITE, "p", model="claude-sonnet-5-5")


def test_a_price_is_that_of_the_calls_beginning(server: Server) -> None:
    def meddle() -> None:
        elsewhere(prices={"claude-sonnet-5-5": (0, 0)})

    with configure(prices={"claude-sonnet-5-5": (100, 100)}), budget(dollars=1) as account:
        server.script[:] = [Then(meddle, message("done", 10, 10))]
        infer(SITE, "p", model="claude-sonnet-5-5")
        assert account.dollars.spent == Decimal("0.002")


class Custom(Provider):
    """What somebody may have written: a provider with parameters of its own, that wraps another one."""

    name = default_model = "custom"
    is_priced = True

    def __init__(self, inner: Provider) -> None:
        self.inner = inner

    def price(self, model: str) -> Price | None:
        return self.inner.price(model)

    def count(self, request: Request, clock: SystemClock) -> int | None:
        return self.inner.count(request, clock)

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        return self.inner.complete(request, max_tokens)


def test_a_provider_of_the_users_own_around_another_one(server: Server) -> None:
    server.counts[:] = [overloaded(), 20]
    server.script[:] = [message("done", 20, 5)]
    with configure(provider=Custom(anthropic_provider()), downgrade=False), budget(tokens=200, dollars=1) as account:
        assert infer(SITE, "p" * 190, model="claude-sonnet-5-5") == "done"
        assert account.dollars.spent == Decimal("0.00009")
    assert len(server.bodies("/v1/messages/count_tokens")) == 2


def test_own_prices_win_whoever_answers(clock: FakeClock) -> None:
    class Priced(Figures):
        is_priced = True

        def price(self, model: str) -> Price | None:
            return price_of("claude-sonnet-4-6", "anthropic")

    with configure(provider=Priced(5, None, *[Reply("x", 1_000_000, 0)] * 3)):
        for changes, spent in (
            ({}, 3),
            ({"prices": {"figures": (1, 1)}}, 1),
            ({"least_prices": {"figures": (7, 7)}}, 7),
        ):
            with configure(**changes), budget(dollars=100) as account:
                infer(SITE, "p")
                assert account.dollars.spent == spent
