"""`python -m benchmarks.guarantee`: how much of a budget is billed and used when 64 calls come at once.

A Messages API on loopback answers through the real SDK. It takes its time, counts other tokens than tiktoken does and
keeps the bill, with which everything is compared.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Condition, get_ident
from time import perf_counter
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import attrs
import omega_runtime
from omega_runtime.budgets.scope import Scope
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.report_types import Counters
from omega_runtime.testing import fresh_ledger

from tests.support.counting_server import OUTPUT, Billed, CountingServer

if TYPE_CHECKING:
    from omegac.pipeline import Compiled

PROGRAM = """
(define (ask prompt) (effect infer.op prompt))
(define (ask-all prompts) (map ask prompts))
"""
MODEL = "claude-sonnet-4-6"
# US dollars for a million tokens of this model, input and output.
PRICES = (Decimal(3), Decimal(15))
CALLS = 64
TOKENS = 10_000
DOLLARS = "0.10"
# The most that any prompt can need: what the provider may count for it, with the margin, and the least output.
LARGEST = 500

# Sentences, and the most characters of each that LARGEST leaves room for.
_SENTENCES = (
    ("The report of the harbour office names three ships. ", 1500),
    ("Über die Brücke führt ein schmaler Weg zur Mühle. ", 750),
    ("Η αναφορά του λιμεναρχείου κατονομάζει τρία πλοία. ", 350),
    ("港务局的报告列出了三艘船。", 250),
)

Ask = Callable[[str], str]


@attrs.frozen
class Limit:
    """What one account may spend."""

    tokens: int | None = None
    dollars: str | None = None

    @property
    def scope(self) -> Scope:
        """A new budget of this size."""
        return omega_runtime.budget(tokens=self.tokens, dollars=self.dollars, name=str(self))

    def __str__(self) -> str:
        parts = [f"{self.tokens:,} tokens"] if self.tokens is not None else []
        return " and ".join([*parts, f"${self.dollars}"] if self.dollars is not None else parts)


@attrs.frozen
class Outcome:
    """How the calls went: answers by prompt, and errors by prompt in the order in which they were raised."""

    answers: dict[str, str] = attrs.field(factory=dict)
    refusals: dict[str, omega_runtime.BudgetExceeded] = attrs.field(factory=dict)
    failures: dict[str, Exception] = attrs.field(factory=dict)

    def use_at_refusal(self, accounts: Sequence[Account]) -> float | None:
        """The used share of the budget that refused first, at that time; None without a refusal."""
        for error in self.refusals.values():
            (account,) = {each for each in accounts if each.name == error.account}
            limit = account.dollars.limit if isinstance(error.available, Decimal) else account.limit
            return 1 - float(error.available) / float(limit or 1)
        return None


@attrs.frozen
class Measurement:
    """One run of many calls at once: what the server charged beside what the ledger says."""

    limits: tuple[Limit, ...]
    accounts: tuple[Account, ...]
    bill: tuple[Billed, ...]
    outcome: Outcome
    failed: int
    waited: int
    totals: Counters
    seconds: float

    @property
    def use(self) -> float | None:
        """The used share of the budget that refused first, at that time."""
        return self.outcome.use_at_refusal(self.accounts)

    def __str__(self) -> str:
        use = "never" if self.use is None else f"{self.use:.1%}"
        return (
            f"{' > '.join(map(str, self.limits)):36}  billed {tokens_of(self.bill):6,} tokens, "
            f"${dollars_of(self.bill):.6f}; spent {self.accounts[-1].spent:6,}; use at first refusal {use}; "
            f"{len(self.outcome.answers)} answers, {len(self.outcome.refusals)} refused, {self.waited} waited, "
            f"{self.totals['clamped']} clamped, {self.failed} failed responses; {self.seconds:.2f} s"
        )


def tokens_of(bill: Sequence[Billed]) -> int:
    """What was billed, in tokens."""
    return sum(each.tokens for each in bill)


def dollars_of(bill: Sequence[Billed]) -> Decimal:
    """What was billed, in US dollars."""
    costs = [PRICES[0] * each.input_tokens + PRICES[1] * each.output_tokens for each in bill]
    return sum(costs, Decimal(0)) / 1_000_000


def prompts_of(seed: int, calls: int = CALLS, name: str = "Text") -> list[str]:
    """Prompts of 50 to 1500 characters in four languages, all different."""
    chance = random.Random(f"prompts {seed} {name}")
    prompts = []
    for number in range(calls):
        sentence, most = chance.choice(_SENTENCES)
        length = chance.randint(50, most)
        prompts.append((f"{name} {number}: " + sentence * length)[:length])
    return prompts


class WatchedClock(SystemClock):
    """Remembers which threads have waited for room."""

    __slots__ = ("waited",)

    def __init__(self) -> None:
        self.waited: set[int] = set()

    def wait(self, condition: Condition, seconds: float) -> None:
        """Wait, on record."""
        self.waited.add(get_ident())
        super().wait(condition, seconds)


_numbers = count()


@contextmanager
def served(seed: int, failing: float = 0.0, output: tuple[int, int] = OUTPUT) -> Iterator[CountingServer]:
    """A server that the runtime's own provider talks to, as users set it up."""
    from omega_runtime.models import anthropic

    server = CountingServer(seed, failing, output)
    with server, ExitStack() as stack:
        # A key of its own: the client of an earlier server that had the same port is closed.
        environment = {"ANTHROPIC_API_KEY": f"test-key-{next(_numbers)}", "ANTHROPIC_BASE_URL": server.url}
        stack.enter_context(patch.dict(os.environ, environment))
        stack.enter_context(omega_runtime.configure(provider=None, model=MODEL, retries=10, retry_wait=0.02))
        # The connections that the SDK keeps would outlive the server.
        stack.callback(anthropic.anthropic_provider()._connected().close)
        yield server


def program() -> dict[str, Any]:
    """The procedures of PROGRAM, compiled."""
    names: dict[str, Any] = {}
    exec(compiled().code(), names)  # noqa: S102
    return names


def compiled() -> Compiled:
    """PROGRAM, compiled; processes that get the compiled module need no compiler."""
    from omegac.pipeline import compile_source
    from omegac.source import Source

    return compile_source(Source("guarantee.omega", PROGRAM))


def call_at_once(ask: Ask, prompts: Sequence[str], outcome: Outcome) -> None:
    """Ask every prompt in a thread of its own, which runs in a copy of the caller's context."""
    together = Barrier(len(prompts))

    def call(prompt: str) -> None:
        together.wait()
        try:
            outcome.answers[prompt] = ask(prompt)
        except omega_runtime.BudgetExceeded as error:
            outcome.refusals[prompt] = error
        except omega_runtime.OmegaError as error:
            outcome.failures[prompt] = error

    with ThreadPoolExecutor(len(prompts)) as pool:
        calls: list[Future[None]] = [pool.submit(copy_context().run, call, prompt) for prompt in prompts]
    for each in calls:
        each.result()


def measure(limits: Sequence[Limit], seed: int, failing: float = 0.0, output: tuple[int, int] = OUTPUT) -> Measurement:
    """Make CALLS calls at once inside budgets that are nested in each other, outermost first."""
    ask: Ask = program()["ask"]
    clock, outcome = WatchedClock(), Outcome()
    with served(seed, failing, output) as server, fresh_ledger(clock) as ledger, ExitStack() as scopes:
        accounts = [scopes.enter_context(limit.scope) for limit in limits]
        begun = perf_counter()
        call_at_once(ask, prompts_of(seed), outcome)
        seconds = perf_counter() - begun
        totals = omega_runtime.report(ledger)["totals"]
    return Measurement(
        tuple(limits),
        tuple(accounts),
        tuple(server.bill),
        outcome,
        server.failed,
        len(clock.waited),
        totals,
        seconds,
    )


TOKEN_LIMIT = (Limit(TOKENS),)
NESTED = (
    (Limit(12_000), Limit(11_000), Limit(TOKENS)),
    (Limit(TOKENS), Limit(11_000), Limit(12_000)),
    (Limit(12_000), Limit(TOKENS), Limit(14_000)),
)
DOLLAR_LIMIT = (Limit(dollars=DOLLARS),)
BOTH_LIMITS = (Limit(TOKENS, DOLLARS),)


def main(seeds: int) -> None:
    """Print one line for each run."""
    for limits in (TOKEN_LIMIT, *NESTED, DOLLAR_LIMIT, BOTH_LIMITS):
        for failing in (0.0, 0.2):
            for seed in range(seeds):
                print(f"seed {seed}, {failing:.0%} fail: {measure(limits, seed, failing)}", flush=True)
    _main_processes(seeds)


def _main_processes(seeds: int) -> None:
    from tests.guarantee.team import spend_together

    for is_killing, lease, label in ((False, 60.0, "four processes"), (True, 1.0, "four processes, one killed")):
        for failing in (0.0, 0.2):
            for seed in range(seeds):
                with TemporaryDirectory() as folder:
                    ledger = str(Path(folder) / "team.ledger")
                    team = spend_together(Path(folder), ledger, seed, failing, lease, is_killing=is_killing)
                print(f"seed {seed}, {failing:.0%} fail: {label:36}  {team}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
