"""Small parts for tests of the ledger: sites, requests with known figures, threads in the caller's context."""

from __future__ import annotations

import contextvars
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.ledger import Ledger
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.ledger.shared import SharedLedger
from omega_runtime.ledger.sqlite import queries
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.models.prices import Price
from omega_runtime.models.provider import Failure, Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import DetailedRequest, Request
from omega_runtime.places import Site
from omega_runtime.testing import FakeClock

# The third needs a server, which `make test-postgres` starts.
BACKENDS = ("memory", "file", "server") if "OMEGA_POSTGRES" in os.environ else ("memory", "file")

SITE = Site("test.omega", 1, 2, "infer.op", "main", 1)


class Figures(Provider):
    """A provider whose bound and exact count are fixed; `answers` are given in order, exceptions raised.

    `billed` and `transient` are what it says of its failures.
    """

    name = "figures"
    default_model = "figures"

    def __init__(self, bound: int, exact: int | None = None, *answers: Reply | BaseException) -> None:
        self.figures = (bound, exact)
        self.answers = list(answers)
        self.billed = "unknown"
        self.transient = False
        self.retry_after: float | None = None
        self.counted = 0
        self.asked: list[int] = []

    def bound(self, request: Request) -> int:
        return self.figures[0]

    def count(self, request: Request, clock: SystemClock | None = None) -> int | None:
        self.counted += 1
        return self.figures[1]

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        self.asked.append(max_tokens)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def failure(self, error: Exception) -> Failure:
        return Failure(f"figures: {error}", billed=self.billed, transient=self.transient, retry_after=self.retry_after)


def cost(input_tokens: int, output_tokens: int) -> Reply:
    """An answer of which only the cost matters."""
    return Reply("", input_tokens, output_tokens)


def request(max_tokens: int, provider: Provider, clamp: bool = True, price: Price | None = None) -> Request:
    made = DetailedRequest()
    made.site = SITE
    made.prompt = "p"
    made.model = "m"
    made.system = None
    made.stop = ()
    made.provider = provider
    made.wanted = max_tokens
    made.clamp = clamp
    made.price, made.schema = price, None
    return made


class Asked(Hold):
    """A hold to be filled in; `exact` is what a closer count of its prompt gives, `counted` how often it was asked."""

    __slots__ = ("counted", "exact")

    def __init__(self, account: Account, request: Request, exact: int | None = None) -> None:
        self.account = account
        self.request: Request = request
        self.exact = exact
        self.counted = 0

    def count(self) -> int | None:
        self.counted += 1
        return self.exact


def hold(
    account: Account,
    bound: int,
    max_tokens: int,
    exact: int | None = None,
    clamp: bool = True,
    price: Price | None = None,
    floor: int = 16,
    max_wait: float | None = None,
) -> Asked:
    """Reserve directly on an account."""
    asked = Asked(account, request(max_tokens, Figures(bound, exact), clamp, price), exact)
    return account.ledger.reserve(asked, bound, floor, max_wait)


def settle(held: Hold, reply: Reply) -> str:
    """Book a reply at its hold's price."""
    price: Any = held.request.price
    return held.account.ledger.settle(held, reply, 0 if price is None else price.of(reply))


def spend(account: Account, tokens: int) -> None:
    """A call that cost so much."""
    if tokens:
        settle(hold(account, 0, tokens), cost(0, tokens))


@contextmanager
def opened(backend: str, folder: Path, clock: SystemClock | None = None, lease: float = 60) -> Iterator[Ledger]:
    """A new ledger of any kind, whose books must balance at the end; nobody renews its leases."""
    clock = clock or FakeClock()
    ledger, problems = _opened(backend, folder, clock, lease)
    yield ledger
    for row in ledger.account_lines():
        assert row["limit"] is None or row["spent"] + row["held"] <= row["limit"] + row["overrun"]
        if row["dollar_limit"] is not None and row["dollars_spent"] is not None:
            used = row["dollars_spent"] + row["dollars_held"]
            assert used <= row["dollar_limit"] + row["dollars_overrun"]
    assert problems() == []
    if isinstance(ledger, SharedLedger):
        ledger.close()


def _opened(backend: str, folder: Path, clock: SystemClock, lease: float) -> tuple[Ledger, Callable[[], list[str]]]:
    """A ledger, and what tells how its books are wrong."""
    if backend == "memory":
        return MemoryLedger(clock), list
    if backend == "file":
        file = FileLedger(str(folder / "ledger"), clock, lease=lease, keep=False)
        return file, lambda: file.read(queries.audit)
    from tests.support.servers import SteeredLedger, audit, shared_server

    url = shared_server().books(is_steered=True)
    return SteeredLedger(url, clock, lease), lambda: audit(url)


class Thread(threading.Thread):
    """A started thread in a copy of the caller's context; `result()` gives its value or raises its error."""

    def __init__(self, function: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._context = contextvars.copy_context()
        self._function = function
        self._value: Any = None
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._value = self._context.run(self._function)
        except BaseException as error:
            self._error = error

    def result(self, timeout: float = 20.0) -> Any:
        self.join(timeout)
        assert not self.is_alive(), "the thread does not end"
        if self._error is not None:
            raise self._error
        return self._value


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this never happened"
        time.sleep(0.001)
