"""Calls in forked processes, with the real SDK: a child shares no connection, no client and no lock with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


SETUP = """
# logging complains when it is first imported while another thread forks.
import json, logging, os, random, signal, sys, threading, time
sys.path.insert(0, sys.argv[1])
from tests.support.messages_api import Server, message
from omega_runtime import budget, configure
from omega_runtime.calls import infer
from omega_runtime.places import Site
from omega_runtime.models.provider import ModelError

SITE = Site("test.omega", 1, 2, "infer.op", "main", 1)

class Slow:
    def __init__(self, prompt, seconds):
        self.prompt, self.seconds = prompt, seconds
    def answer(self, handler):
        time.sleep(self.seconds)
        message("answer to " + self.prompt, 10, 5).answer(handler)

def echo(body):
    prompt = body["messages"][0]["content"]
    return Slow(prompt, float(prompt.split()[-1]))

server = Server().__enter__()
server.answer_by = echo
os.environ.update(ANTHROPIC_API_KEY="test-key", ANTHROPIC_BASE_URL=server.url)
configure(model="claude-sonnet-5-5", max_tokens=10)

def ask(prompt):
    return infer(SITE, prompt)

def is_right(prompt):
    return ask(prompt) == "answer to " + prompt

def forked(work, seconds=60):
    "The number of a child that ends with 0 when `work()` is true, and is killed when it hangs."
    child = os.fork()
    if not child:
        signal.alarm(seconds)
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""


def run(program: str, *arguments: str) -> list[str]:
    """What a program of its own process prints."""
    # From Python 3.12 on a fork beside threads is warned of, and that is what is tested.
    command = [sys.executable, "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", SETUP + program]
    done = subprocess.run([*command, str(ROOT), *arguments], capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.splitlines()


def test_workers_of_a_pool_get_their_own_answers(tmp_path: Path) -> None:
    said = run(
        """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

with budget(tokens=100_000, ledger=sys.argv[2]) as account:
    assert is_right("the parent 0")
    with ProcessPoolExecutor(6, mp_context=get_context("fork")) as pool:
        prompts = [f"number {n} {random.choice((0, 0.01, 0.05))}" for n in range(24)]
        answers = list(pool.map(ask, prompts))
    print(sum(answer != "answer to " + prompt for prompt, answer in zip(prompts, answers)))
    assert is_right("the parent again 0")
    print(account.spent, account.held)
""",
        str(tmp_path / "ledger"),
    )
    assert said == ["0", f"{26 * 15} 0"]


@pytest.mark.slow
@pytest.mark.parametrize("shared", [True, False], ids=["ledger file", "memory"])
def test_forks_while_threads_call(tmp_path: Path, shared: bool) -> None:
    """No child hangs, and nobody gets another's answer."""
    said = run(
        """
from contextvars import copy_context
stop, wrong = threading.Event(), []
shared = sys.argv[2]

def calls(name):
    number = 0
    while not stop.is_set():
        number += 1
        prompt = f"{name} {number} {random.choice((0, 0.001, 0.01))}"
        try:
            if not is_right(prompt):
                wrong.append(prompt)
        except Exception as error:
            wrong.append(repr(error))

assert is_right("the SDK is there 0")
with budget(ledger=shared) if shared else budget():
    threads = [threading.Thread(target=copy_context().run, args=(calls, f"thread {n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    statuses = []
    for round in range(15):
        children = [forked(lambda: is_right(f"child {n} 0") and is_right(f"again {n} 0")) for n in (1, 2)]
        statuses += [ended(child) for child in children]
    stop.set()
    for thread in threads:
        thread.join()
print([status for status in statuses if status], wrong)
""",
        str(tmp_path / "ledger") if shared else "",
    )
    assert said == ["[] []"]


@pytest.mark.slow
def test_a_fork_during_the_first_call_of_a_thread() -> None:
    """The thread imports the SDK and makes the client; a child must find both whole."""
    said = run("""
thread = threading.Thread(target=ask, args=("thread 0",))
thread.start()
children = []
for delay in (0.005, 0.03, 0.1):
    time.sleep(delay)
    children.append(forked(lambda: is_right("child 0")))
print([ended(child) for child in children])
thread.join()
""")
    assert said == ["[0, 0, 0]"]


def test_a_child_that_ends_leaves_its_parents_connection_alone() -> None:
    said = run("""
import socket
assert is_right("parent 0")
connection = server.connections[0]
child = os.fork()
if not child:
    assert is_right("child 0")
    sys.exit(7)
print(ended(child))
try:
    print(connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
except BlockingIOError:
    print("open")
assert is_right("parent again 0")
""")
    assert said == ["7", "open"]


def test_a_fork_in_the_middle_of_a_call_leaves_the_answer_to_the_parent() -> None:
    """A signal handler may fork at any time; the child must not read from its parent's connection."""
    said = run("""
children = []
def fork(*_):
    children.append(os.fork())
    if not children[-1]:
        signal.alarm(60)

signal.signal(signal.SIGUSR1, fork)
assert is_right("warm 0")
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
try:
    answer = ask("long 0.8")
except ModelError as error:
    os._exit(5 if not children[-1] and error.billed == "unknown" else 6)
if not children[-1]:
    os._exit(4)
print(answer, ended(children[-1]))
""")
    assert said == ["answer to long 0.8 5"]


LOCKS = {
    "calls outside of budgets": ("current_account().ledger.lock", "is_right('child 0')"),
    "settings": ("settings._lock", "configure(floor=3) is not None"),
    "tokenizer": ("forks.loading", "tokens.count_tokens('one two') == 2"),
    "large stacks": ("deep._lock", "deep.deep(lambda: True)"),
    "answers kept": ("cache._lock", "cache.AnswerCache().find(Request, False) is None"),
    "clients": ("forks.loading", "is_right('child 0')"),
}


@pytest.mark.parametrize(("lock", "use"), LOCKS.values(), ids=LOCKS)
def test_a_lock_that_a_thread_holds_at_a_fork(lock: str, use: str) -> None:
    said = run(f"""
from omega_runtime import settings
from omega_runtime.control import deep
from omega_runtime.calls.context import current_account
from omega_runtime import forks
from omega_runtime.savings import cache
from omega_runtime.models import tokens

class Request:
    prompt, wanted, provider, model, system = "p", 1, None, "m", None
    stop, messages, sampling, schema, tools, thinking, embeds = (), (), (), None, (), 0, None

held = threading.Event()
def hold():
    with {lock}:
        held.set()
        time.sleep(0.3)

threading.Thread(target=hold).start()
held.wait()
print(ended(forked(lambda: {use})))
""")
    assert said == ["0"]


def test_a_child_may_be_forked_within_a_deep_call() -> None:
    """Its parent's other deep calls are none of its own, and its recursion limit is put back."""
    said = run("""
from omega_runtime.control.deep import deep
limit = sys.getrecursionlimit()
go = threading.Event()
threading.Thread(target=deep, args=(go.wait,)).start()
while sys.getrecursionlimit() == limit:
    time.sleep(0.01)
print(ended(forked(lambda: deep(lambda: True) and sys.getrecursionlimit() == limit)))
go.set()
""")
    assert said == ["0"]
