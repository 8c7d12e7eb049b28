"""A recorded answer is given again only as the answer of the one who gave it, and to one execution at a time."""

from __future__ import annotations

import contextvars
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from omega_runtime import LedgerFileError, OmegaError, Reply, budget, use_model
from omega_runtime.budgets.scope import StoredScope
from omega_runtime.calls import infer
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.function import FunctionProvider

from tests.support import ROOT
from tests.support.command import omegac
from tests.support.ledger_files import audit, change, ledger_of, query
from tests.support.ledgers import SITE
from tests.support.messages_api import Server, message

MODEL = "claude-sonnet-4-6"
PROGRAM = f'(display (effect infer.op "Say hello." model: \'{MODEL} max-tokens: 30))'


def run(folder: Path, *options: str, **environment: str) -> tuple[str, str]:
    """What the program displays, and what is said of its journal."""
    done = omegac("run", "p.omega", "--ledger", "l.db", *options, cwd=folder, **environment)
    assert done.returncode == 0, done.stderr
    said = [line.split(": ", 2)[2] for line in done.stderr.splitlines() if "replayed" in line]
    return done.stdout, said[0] if said else ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.omega").write_text(PROGRAM)
    return tmp_path


def environment(server: Server) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url}


def test_the_offline_models_answer_is_not_a_named_models(folder: Path) -> None:
    """Though the program names the same model in both."""
    offline, _ = run(folder, "--model", "offline")
    with Server(message("Real.", 8, 12)) as server:
        assert run(folder, "--resume", **environment(server)) == ("Real.", "0 replayed, 1 run, 1 dropped")
        assert offline != "Real."
        assert run(folder, "--resume", **environment(server)) == ("Real.", "1 replayed, 0 run, 1 dropped")
    assert len(server.requests) == 1


def test_what_answers_at_another_address_is_another(folder: Path) -> None:
    with Server(message("Stub.", 8, 12)) as stub, Server(message("Real.", 8, 12)) as real:
        assert run(folder, **environment(stub))[0] == "Stub."
        assert run(folder, "--resume", **environment(real)) == ("Real.", "0 replayed, 1 run, 1 dropped")


ADDRESSES = {
    None: "anthropic https://api.anthropic.com",
    "https://user:secret@gate.example:8443/anthropic/?key=secret#x": "anthropic https://gate.example:8443/anthropic",
    "http://[::1]:80": "anthropic http://[::1]:80",
}


@pytest.mark.parametrize(("url", "identity"), ADDRESSES.items(), ids=map(str, ADDRESSES))
def test_addresses(url: str | None, identity: str) -> None:
    assert AnthropicProvider("key", url).identity == identity


class Model:
    def __call__(self, prompt: str) -> str:
        return prompt

    def method(self, prompt: str) -> str:
        return prompt


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Model(), "Model"),
        (Model().method, "Model.method"),
        (str.upper, "str.upper"),
        (len, "builtins.len"),
    ],
)
def test_functions(function: Callable[[str], str], name: str) -> None:
    assert FunctionProvider(function).identity.endswith(name)


class Client:
    """A model with a state, of which the texts count."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lock = threading.Lock()

    def __call__(self, prompt: str) -> str:
        return self.name + prompt


def answering(answer: str) -> Callable[[str], str]:
    return lambda prompt: answer + prompt


def named(prompt: str) -> str:
    return prompt


named.identity = "the model of the house"  # type: ignore[attr-defined]

OTHERS = {
    "lambdas": (lambda prompt: prompt + "a", lambda prompt: prompt + "b"),
    "closures": (answering("a"), answering("b")),
    "partials": (partial(Model.method, "a"), partial(Model.method, "b")),
    "partials of others": (partial(str.upper), partial(str.lower)),
    "keywords of partials": (partial(Model(), prompt="x"), partial(Model(), prompt="y")),
    "objects": (Client("a"), Client("b")),
    "methods": (Client("a").__call__, Client("b").__call__),
    "functions of functions": (answering(named), answering(len)),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("one", "other"), OTHERS.values(), ids=OTHERS)
def test_functions_of_the_same_name_are_others(one: Callable[[str], str], other: Callable[[str], str]) -> None:
    assert FunctionProvider(one).identity != FunctionProvider(other).identity


@pytest.mark.parametrize("make", [lambda: answering("a"), lambda: partial(Model(), prompt="x"), lambda: Client("a")])
def test_the_same_made_again_is_the_same(make: Callable[[], Callable[[str], str]]) -> None:
    assert FunctionProvider(make()).identity == FunctionProvider(make()).identity


def test_the_same_in_another_process() -> None:
    code = "from tests.runtime.calls.test_identity import *; print(FunctionProvider(answering('a')).identity)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == FunctionProvider(answering("a")).identity


def test_a_function_may_say_who_it_is() -> None:
    assert FunctionProvider(named).identity == "function the model of the house"


def test_what_changes_later_does_not_change_who_answered() -> None:
    client = Client("a")
    provider = FunctionProvider(client)
    before = provider.identity
    client.name = "b"
    assert provider.identity == before


def scope(path: Path, resume: bool = True) -> StoredScope:
    made = budget(10_000, ledger=path, run="job", resume=resume)
    assert isinstance(made, StoredScope)
    return made


def ask(prompt: str = "hello", **options: str) -> str:
    return infer(SITE, prompt, max_tokens=20, **options)  # type: ignore[no-any-return]


def stub(prompt: str) -> Reply:
    return Reply("stub", 5, 5)


def other_stub(prompt: str) -> Reply:
    return Reply("other", 5, 5)


def test_functions_do_not_answer_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "l"
    for function, answer in ((stub, "stub"), (other_stub, "other"), (stub, "stub")):
        with use_model(function), scope(path):
            assert ask(model=MODEL) == answer
    with scope(path) as account:
        assert ask(model="offline") not in ("stub", "other")
    ledger_of(account).close()


# One execution at a time


def test_two_threads_of_a_process_cannot_resume_the_same_run(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with use_model(stub):
        with scope(path) as account:
            ask()
            # As another thread has it, which this budget is not around of.
            with pytest.raises(OmegaError, match="run 1 is still going on in this process; it can be resumed once"):
                contextvars.Context().run(scope(path).__enter__)
        with scope(path) as account:
            assert (ask(), account.spent) == ("stub", 10)
    ledger_of(account).close()
    assert audit(path) == []


def test_many_threads_that_resume_a_run_at_once(tmp_path: Path) -> None:
    path, threads = tmp_path / "l", 8
    first = scope(path)
    with use_model(stub), first as account:
        ask()
    entered, ready = threading.Barrier(threads), threading.Barrier(threads)
    outcomes: list[str] = []

    def resume() -> None:
        ready.wait(30)
        try:
            with scope(path):
                outcomes.append(ask())
                entered.wait(30)
        except OmegaError as error:
            outcomes.append(error.message[:25])
            entered.wait(30)

    with use_model(stub):
        running = [threading.Thread(target=contextvars.Context().run, args=(resume,)) for _ in range(threads)]
        for each in running:
            each.start()
        for each in running:
            each.join()
    assert sorted(outcomes) == ["run 1 is still going on in"[:25]] * (threads - 1) + ["stub"]
    assert account.spent == 10
    ledger_of(account).close()


def test_a_run_whose_end_could_not_be_written_can_be_resumed_in_its_process(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with use_model(stub):
        failing = scope(path)
        account = failing.__enter__()
        ask()
        change(path, "CREATE TRIGGER stop BEFORE UPDATE OF is_complete ON runs BEGIN SELECT raise(ABORT, 'full'); END")
        with pytest.raises(LedgerFileError, match="full"):
            failing.__exit__(None, None, None)
        change(path, "DROP TRIGGER stop")
        with scope(path):
            assert ask() == "stub"
    assert account.spent == 10
    ledger_of(account).close()


def test_a_child_that_leaves_its_copy_of_the_scope_ends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with use_model(stub):
        with scope(path) as account:
            ask()
            child = os.fork()
            if child == 0:
                account.ledger.reclaim()
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        with scope(path):
            child = os.fork()
            if child == 0:
                try:
                    contextvars.Context().run(scope(path).__enter__)
                except OmegaError as error:
                    os._exit(7 if "still going on in process" in error.message else 1)
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
            assert query(path, "SELECT is_complete FROM runs") == [(0,)]
    ledger_of(account).close()


SUSPENDED = """
import sys, time
from omega_runtime import budget
with budget(100, ledger=sys.argv[1], run="job"):
    print("open", flush=True)
    time.sleep(60)
"""


def test_a_suspended_process_still_has_its_run(tmp_path: Path) -> None:
    path = tmp_path / "l"
    process = subprocess.Popen([sys.executable, "-c", SUSPENDED, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(OmegaError, match=f"still going on in process {process.pid}"):
            budget(100, ledger=path, run="job", resume=True).__enter__()
    finally:
        process.kill()
        process.communicate()
    with budget(100, ledger=path, run="job", resume=True) as account:
        pass
    ledger_of(account).close()
