"""Resumed runs together with everything else: kills at each moment, resets, modes, edits, threads and forks."""

from __future__ import annotations

import contextvars
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, Reply, budget, configure, settings, use_model
from omega_runtime.budgets.scope import StoredScope
from omega_runtime.calls import infer
from omega_runtime.calls.context import current
from omega_runtime.ledger.sqlite.show import reset
from omega_runtime.models.provider import Provider
from omega_runtime.models.request import Request

from tests.support.command import omegac
from tests.support.ledger_files import audit, ledger_of, query
from tests.support.ledgers import SITE

PHASES = ("before", "reserved", "sending", "answered", "settling", "settled", "leaving")
CHILD = """
import os, signal, sys
from omega_runtime import Reply, budget, use_model
from omega_runtime.calls import woven, infer
from omega_runtime.places import Site
from omega_runtime.ledger.sqlite import operations
from omega_runtime.ledger.journal import Journal
from omega_runtime.ledger.sqlite.ledger import FileLedger

path, phase = sys.argv[1:]
site = Site("test.omega", 1, 2, "infer.op", "main", 1)
seen = {}

def at(name, call=3):
    seen[name] = seen.get(name, 0) + 1
    if name == phase and seen[name] == call:
        os.kill(os.getpid(), signal.SIGKILL)

def followed(owner, function, name):
    before = getattr(owner, function)
    def call(*arguments):
        result = before(*arguments)
        at(name)
        return result
    setattr(owner, function, call)

def answer(prompt):
    at("sending")
    with open(path + ".paid", "a") as file:
        file.write(prompt + "\\n")
    at("answered")
    return Reply("answer to " + prompt, 5, 10)

followed(FileLedger, "reserve", "reserved")
followed(operations, "settle", "settling")
followed(FileLedger, "settle", "settled")
Journal.finish = lambda self: at("leaving", 1)
with use_model(answer), budget(10_000, ledger=path, run="job"):
    at("before", 1)
    for number in range(5):
        infer(site, f"call {number}", max_tokens=20)
"""


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A ledger file whose books must balance in the end."""
    yield tmp_path / "l.db"
    assert audit(tmp_path / "l.db") == []


def run(path: Path, resume: bool = False, tokens: int = 100_000, **options: str) -> StoredScope:
    made = budget(tokens, ledger=path, run="job", resume=resume, raise_limit=True, **options)  # type: ignore[arg-type]
    assert isinstance(made, StoredScope)
    return made


def figures(scope: StoredScope) -> tuple[int, int, int]:
    assert scope.journal is not None
    return scope.journal.replayed, scope.journal.performed, scope.journal.dropped


def ask(prompt: str, max_tokens: int = 100, **options: object) -> str:
    return infer(SITE, prompt, max_tokens=max_tokens, **options)  # type: ignore[no-any-return,arg-type]


def billing(prompt: str) -> Reply:
    return Reply(f"answer to {prompt}", 50, 50)


@pytest.mark.parametrize("phase", PHASES)
def test_a_kill_at_any_moment_costs_the_call_in_flight_at_most(path: Path, phase: str) -> None:
    killed = subprocess.run([sys.executable, "-c", CHILD, str(path), phase], check=False)
    assert killed.returncode == -signal.SIGKILL
    log = Path(f"{path}.paid")
    paid = Counter(log.read_text().splitlines() if log.exists() else ())
    answered = {"before": 0, "settled": 3, "leaving": 5}.get(phase, 2)

    def answer(prompt: str) -> Reply:
        paid[prompt] += 1
        return Reply(f"answer to {prompt}", 5, 10)

    answer.__module__, answer.__qualname__ = "__main__", "answer"  # as in the process that was killed
    site = type(SITE)("test.omega", 1, 2, "infer.op", "main", 1)
    with use_model(answer), (scope := run(path, resume=True, tokens=10_000)) as account:
        answers = [infer(site, f"call {number}", max_tokens=20) for number in range(5)]
    assert answers == [f"answer to call {number}" for number in range(5)]
    assert figures(scope) == (answered, 5 - answered, 0)
    is_in_flight = phase in ("reserved", "sending", "answered", "settling")
    assert scope.journal is not None
    woven, tokens = scope.journal.in_flight
    assert (woven, bool(tokens)) == (is_in_flight, is_in_flight)
    assert (account.spent, account.held) == (75, tokens)
    twice = 1 if phase in ("answered", "settling") else 0
    assert paid == Counter({f"call {number}": 1 for number in range(5)}) + Counter({"call 2": twice})


def test_a_run_can_be_resumed_once_it_has_ended_though_its_process_lives(path: Path) -> None:
    code = (
        CHILD.replace("os.kill(os.getpid(), signal.SIGKILL)", "raise ValueError")
        .replace("with use_model", "import contextlib\nwith contextlib.suppress(ValueError), use_model")
        .replace('Journal.finish = lambda self: at("leaving", 1)', "")
    )
    code += "print('ended', flush=True)\nsys.stdin.readline()\n"
    arguments = [sys.executable, "-c", code, str(path), "settled"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ended\n"
        with run(path, resume=True, tokens=10_000) as account:
            assert account.spent == 45
        process.communicate("\n")


def test_what_a_reset_took_off_is_not_told_as_left(path: Path) -> None:
    with use_model(billing):
        with run(path, tokens=1000):
            print([ask(f"call {number}") for number in range(5)])
        reset(path)
        with run(path, resume=True, tokens=1000) as account:
            left = [account.outlook]
            for number in range(6):
                ask(f"call {number}")
                left.append(account.outlook)
    assert left == [1000, 1000, 1000, 1000, 1000, 1000, 900]


def test_the_model_that_a_budget_leads_to_changes_no_keys(path: Path) -> None:
    with use_ladder() as asked:
        for cap in ("low", None):
            with (scope := run(path, resume=cap is None)):
                current.get().policy.switch(cap=cap)
                print(ask("unnamed"), ask("named", model="best"))
    assert figures(scope) == (2, 0, 0)
    assert asked == ["cheap", "cheap"]


def test_the_cache_of_a_resumed_run_knows_the_model_that_answered(path: Path) -> None:
    with use_ladder() as asked:
        # The second call goes to the lower model; the third gets the first one's answer, wherever that would go now.
        for resume in (False, True):
            with (scope := run(path, resume=resume, tokens=600)):
                current.get().policy.switch(caching="exact")
                current.get().policy.cache(settings.active).clear()
                wanted = (("one", 450), ("two", 450), ("one", 100))
                answers = [ask(prompt, most, model="best") for prompt, most in wanted]
            assert answers == ["best: one", "cheap: two", "best: one"]
    assert figures(scope) == (2, 0, 0)
    assert asked == ["best", "cheap"]


class Ladder(Provider):
    """A provider of two models."""

    name = "ladder"
    default_model = "best"
    has_models = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def bound(self, request: Request) -> int:
        return 50

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        self.asked.append(request.model)
        return Reply(f"{request.model}: {request.prompt}", 50, 150)


@contextmanager
def use_ladder() -> Iterator[list[str]]:
    provider = Ladder()
    ladder = (("high", ("best",)), ("low", ("cheap",)))
    with configure(provider=provider, ladder=ladder):
        yield provider.asked


def call_from_lines(*lines: int) -> list[Callable[[], str]]:
    """Functions as compiled code has them for what stands in these lines, which all make the same call."""
    code = "".join(f"def _line_{line}(): return ask('same')\n" for line in lines)
    names: dict[str, Any] = {"__omega_source__": "test.omega", "ask": ask}
    exec(code, names)
    return [names[f"_line_{line}"] for line in lines]


def test_equal_calls_keep_their_answers_when_their_lines_move(path: Path) -> None:
    answers = iter("abc")
    with use_model(lambda prompt: Reply(next(answers), 5, 10)):
        for lines in ((3, 4, 5), (4, 5, 6)):
            with run(path, resume=lines[0] == 4):
                assert [call() for call in call_from_lines(*lines)] == ["a", "b", "c"]


def test_deep_recursion_is_not_written_out(path: Path) -> None:
    code = "def all(n): return [ask(f'level {n}'), *all(n - 1)] if n else []"
    names: dict[str, Any] = {"__omega_source__": "test.omega", "ask": ask}
    exec(code, names)
    with use_model(billing):
        for resume in (False, True):
            with (scope := run(path, resume=resume)):
                names["all"](60)
    assert figures(scope) == (60, 0, 0)
    assert query(path, "SELECT max(length(path)) FROM replies") == [(64,)]


def test_threads_with_equal_prompts_share_the_answers_out(path: Path) -> None:
    paid: Counter[str] = Counter()
    lock = threading.Lock()

    def answer(prompt: str) -> Reply:
        with lock:
            paid[prompt] += 1
            return Reply(f"{prompt} {paid[prompt]}", 5, 10)

    def answers() -> list[str]:
        found: list[str] = []
        work = [lambda number=number: found.append(ask(f"call {number % 3}")) for number in range(12)]
        threads = [threading.Thread(target=contextvars.copy_context().run, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(found)

    with use_model(answer):
        with run(path):
            first = answers()
        with (scope := run(path, resume=True)) as account:
            assert answers() == first
    assert figures(scope) == (12, 0, 0)
    assert account.spent == 15 * sum(paid.values()) == 180


def test_a_program_that_looks_at_its_budget_takes_the_same_way_again(path: Path) -> None:
    def program() -> list[object]:
        seen: list[object] = []
        account = current.get().account
        while account.outlook > 400:
            seen.append((account.outlook, ask(f"call at {account.outlook}")))
        with suppress(BudgetExceeded), budget(180) as inner:
            seen.append((ask("inside"), inner.outlook))
            ask("inside, again", 200, clamp=False)
        return [*seen, account.outlook]

    with use_model(billing) as _:
        with run(path, tokens=1000):
            first = program()
        with (scope := run(path, resume=True, tokens=1000)) as account:
            assert program() == first
    assert figures(scope) == (7, 0, 0)
    assert account.spent == 700


def test_answers_that_the_budget_clamped_come_back_under_a_larger_one(path: Path) -> None:
    paid: list[str] = []

    def answer(prompt: str) -> Reply:
        paid.append(prompt)
        return Reply("cut", 10, 40, "max_tokens")

    with use_model(answer):
        for tokens in (60, 6000):
            with (scope := run(path, resume=tokens > 60, tokens=tokens)):
                assert ask("long") == "cut"
    assert figures(scope) == (1, 0, 0)
    assert paid == ["long"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_pays_into_the_same_run(path: Path) -> None:
    log = path.with_suffix(".paid")

    def answer(prompt: str) -> Reply:
        with log.open("a") as file:
            file.write(f"{prompt}\n")
        return Reply("a", 5, 10)

    with use_model(answer):
        for resume in (False, True):
            with run(path, resume=resume) as account:
                ask("before")
                child = os.fork()
                if not child:
                    try:
                        ask("child")
                    finally:
                        os._exit(0)
                os.waitpid(child, 0)
                ask("parent")
    assert sorted(log.read_text().split()) == ["before", "child", "parent"]
    assert account.spent == 45
    ledger_of(account).close()


EXITS = {"0": 0, "4": 4}


@pytest.mark.parametrize("status", EXITS)
def test_a_program_that_exits_is_told_to_be_resumed_only_when_it_failed(tmp_path: Path, status: str) -> None:
    (tmp_path / "p.omega").write_text(f'(effect infer.op "hello") (exit {status})')
    done = omegac("run", "p.omega", "--model", "offline", "--ledger", "l.db", cwd=tmp_path)
    assert done.returncode == EXITS[status]
    assert ("--resume" in done.stderr) is (status != "0")
