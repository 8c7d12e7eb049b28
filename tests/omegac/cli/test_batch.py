"""Runs whose calls go into a batch: held until they are collected, sent once, paid once, at half price."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.batches_api import PATH, BatchServer, failed, succeeded
from tests.support.command import environment, omegac
from tests.support.ledger_files import audit, change, query
from tests.support.messages_api import KEY, Behaviour, CutOff, Hang, error, gateway, message

UNDER_WAY = 4

ASK = '(define (ask n) (effect infer.op (list "Say " n) max-tokens: 50 model: \'claude-sonnet-4-5))\n'
ALL = ASK + "(display (map ask '(1 2 3)))"
PROMPTS = ["Say 1", "Say 2", "Say 3"]
ANSWERS = "(SAY 1 SAY 2 SAY 3)"
# Of a call, in dollars: 10 tokens of input at $3 per million and 5 of output at $15, and half of that.
PAID = Fraction(10 * 3 + 5 * 15, 2_000_000)


def shout(params: dict[str, Any]) -> dict[str, Any]:
    return succeeded(params["messages"][0]["content"].upper())


@pytest.fixture
def server() -> Iterator[BatchServer]:
    with BatchServer() as server:
        server.result_of = shout
        yield server


class Place:
    """A folder with a program and its ledger file."""

    def __init__(self, folder: Path, server: BatchServer) -> None:
        self.folder = folder
        self.server = server
        self.ledger = folder / "l.ledger"
        self.given = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": server.url}
        self.write(ALL)

    def write(self, program: str) -> None:
        (self.folder / "p.omega").write_text(program)

    def run(self, *options: str, **given: str) -> subprocess.CompletedProcess[str]:
        return self.command("run", "p.omega", "--ledger", "l.ledger", *options, **given)

    def collect(self, *options: str, **given: str) -> subprocess.CompletedProcess[str]:
        return self.command("ledger", "collect", "l.ledger", *options, **given)

    def command(self, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
        return omegac(*words, cwd=self.folder, **{**self.given, **given})

    def killed(self, where: str, *words: str) -> None:
        """The command in a process that kills itself there; `where` is code that has `before` and `after`."""
        done = subprocess.run(
            [sys.executable, "-c", KILLED.format(where=where), *words],
            cwd=self.folder,
            env=environment(**self.given),
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == -9, done.stderr.decode()

    def states(self) -> dict[str, int]:
        """How many calls the file has in each state."""
        return dict(Counter(state for (state,) in query(self.ledger, "SELECT state FROM calls")))

    def spent(self) -> tuple[int, Fraction]:
        """Tokens and dollars, of the run's account."""
        assert audit(self.ledger) == []
        ((tokens, picodollars),) = query(self.ledger, "SELECT used, dollars_used FROM accounts WHERE name = 'default'")
        return tokens, Fraction(picodollars, 10**12)

    def hours_later(self) -> None:
        """Let what was about to be sent have been so long ago that it can't be on its way any more."""
        change(self.ledger, "UPDATE batches SET submitted = submitted - 7200")


KILLED = """
import os, signal

def before(owner, name, at=1):
    _kill(owner, name, at, True)

def after(owner, name, at=1):
    _kill(owner, name, at, False)

def _kill(owner, name, at, is_before):
    original, calls = getattr(owner, name), []
    def replaced(*arguments):
        calls.append(1)
        if len(calls) == at and is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments)
        if len(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, replaced)

from omega_runtime.calls import batches
from omega_runtime.ledger.sqlite.batches import Batch
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.models.anthropic_batches import AnthropicBatches as Batches
{where}
from omegac.cli import main
main()
"""


@pytest.fixture
def place(tmp_path: Path, server: BatchServer) -> Place:
    return Place(tmp_path, server)


def test_calls_go_into_one_batch_and_are_answered_when_the_run_goes_on(place: Place) -> None:
    done = place.run("--batch", "--budget", "$1")
    assert (done.returncode, done.stdout) == (UNDER_WAY, "")
    assert "3 calls are in batch msgbatch_001, and may cost up to 261 tokens and $0.0016038" in done.stderr
    assert "ledger collect l.ledger\n" in done.stderr
    assert re.search(r"run p.omega --ledger l.ledger --batch --resume\n", done.stderr)
    assert [sorted(each) for each in place.server.prompts()] == [PROMPTS]
    assert place.states() == {"held": 3}

    done = place.collect()
    assert (done.returncode, done.stdout) == (
        UNDER_WAY,
        "msgbatch_001: 3 calls under way; 3 of 3 calls are not answered yet\n",
    )

    place.server.end()
    done = place.collect()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "msgbatch_001: 3 answers")
    assert place.spent() == (45, 3 * PAID)
    assert place.collect().stdout == "there is no batch to collect\n"

    done = place.run("--batch", "--resume")
    assert (done.returncode, done.stdout) == (0, ANSWERS)
    assert "3 replayed, 0 run, 0 dropped" in done.stderr
    assert len(place.server.batches) == 1


def test_what_depends_on_answers_goes_into_the_next_batch(place: Place) -> None:
    place.write(ASK + "(display (ask (apply string-append (map ask '(1 2)))))")
    place.server.ends_at_once = True
    for _ in range(2):
        assert place.run("--batch", "--resume").returncode == UNDER_WAY
        assert place.collect().returncode == 0
    assert place.run("--batch", "--resume").stdout == "SAY SAY 1SAY 2"
    assert [sorted(each) for each in place.server.prompts()] == [["Say 1", "Say 2"], ["Say SAY 1SAY 2"]]


def test_a_run_whose_calls_are_in_a_batch_is_not_gone_on_with(place: Place) -> None:
    place.run("--batch")
    done = place.run("--resume")
    assert done.returncode == 2
    assert "collect them first: omegac ledger collect" in done.stderr
    assert len(place.server.batches) == 1


def test_a_later_run_without_answers_does_not_hide_one_that_waits(place: Place) -> None:
    place.run("--batch")
    assert place.run("--budget", "1", "--raise-limit").returncode == 2
    assert "collect them first" in place.run("--resume").stderr


def test_the_ledger_shows_batches(place: Place) -> None:
    place.run("--batch", "--budget", "$1")
    shown = place.command("ledger", "show", "l.ledger").stdout
    assert re.search(r"Batches to collect\n.*\nmsgbatch_001 +\S+p.omega +3 +261 +\$0.0016038 +20", shown)
    (line,) = json.loads(place.command("ledger", "show", "l.ledger", "--json").stdout)["batches"]
    assert (line["id"], line["calls"], line["held"], line["dollars_held"]) == ("msgbatch_001", 3, 261, "0.0016038")


def test_only_what_is_deferred_waits_for_answers(place: Place) -> None:
    place.write(ASK + "(define now (ask 0)) (display (cons now (deferred (map ask '(1 2)))))")
    place.server.script = [message("Now.")]
    done = place.run("--budget", "$1")
    assert (done.returncode, done.stdout) == (UNDER_WAY, ""), done.stderr
    assert re.search(r"run p.omega --ledger l.ledger --resume\n", done.stderr), done.stderr
    assert [sorted(each) for each in place.server.prompts()] == [["Say 1", "Say 2"]]
    assert place.states() == {"settled": 1, "held": 2}
    place.server.end()
    assert place.collect().returncode == 0
    assert place.spent() == (45, 4 * PAID)
    done = place.run("--resume")
    assert (done.returncode, done.stdout) == (0, "(Now. SAY 1 SAY 2)"), done.stderr
    assert len(place.server.batches) == 1


def test_all_that_a_map_defers_is_in_one_batch(place: Place) -> None:
    place.write(ASK + "(display (parallel-map (lambda (n) (deferred (ask n))) (iota 12)))")
    assert place.run().returncode == UNDER_WAY
    assert [len(batch.requests) for batch in place.server.batches] == [12]
    assert query(place.ledger, "SELECT count(*) FROM batches") == [(1,)]


def test_a_run_in_which_nothing_is_deferred_has_no_batch(place: Place) -> None:
    place.write(ASK + "(display (if #f (deferred (ask 1)) (ask 0)))")
    place.server.script = [message("Now.")]
    assert place.run().stdout == "Now."
    assert query(place.ledger, "SELECT name FROM batches") == []


def test_with_batch_deferred_changes_nothing(place: Place) -> None:
    place.write(ASK + "(display (parallel-map (lambda (n) (if (= n 1) (deferred (ask n)) (ask n))) '(1 2)))")
    place.server.ends_at_once = True
    assert place.run("--batch").returncode == UNDER_WAY
    assert len(place.server.batches[0].requests) == 2


def test_without_a_ledger_file_nothing_can_be_deferred(place: Place) -> None:
    place.write(ASK + "(display (deferred (ask 1)))")
    done = place.command("run", "p.omega")
    assert (done.returncode, "run the program by omegac run --ledger FILE" in done.stderr) == (1, True), done.stderr
    assert place.server.requests == []


FATES = {
    "errored": (failed("errored"), {"settled": 2, "voided": 1}, 30, "1 call failed and cost nothing"),
    "canceled": (failed("canceled"), {"settled": 2, "voided": 1}, 30, "1 call failed and cost nothing"),
    "expired": (failed("expired"), {"settled": 2, "voided": 1}, 30, "1 call failed and cost nothing"),
    "of a kind that nobody knows": ({"type": "lost"}, {"settled": 2, "unknown": 1}, 117, "1 call may have been billed"),
    "unreadable": (
        {"type": "succeeded", "message": {}},
        {"settled": 2, "unknown": 1},
        117,
        "1 call may have been billed",
    ),
}


@pytest.mark.parametrize(("result", "states", "tokens", "said"), FATES.values(), ids=FATES)
def test_a_call_that_is(place: Place, result: dict[str, Any], states: dict[str, int], tokens: int, said: str) -> None:
    place.server.result_of = lambda params: result if params["messages"][0]["content"] == "Say 2" else shout(params)
    place.run("--batch")
    place.server.end()
    done = place.collect()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, f"msgbatch_001: 2 answers; {said}")
    assert (place.states(), place.spent()[0]) == (states, tokens)
    place.server.result_of = shout
    assert place.run("--batch", "--resume").returncode == UNDER_WAY
    assert place.server.prompts()[1] == ["Say 2"]


def test_results_that_are_gone_count_as_billed(place: Place) -> None:
    place.run("--batch")
    place.server.end()
    place.server.batches[0].results = None
    assert "3 calls may have been billed; its results are gone" in place.collect().stdout
    assert (place.states(), place.spent()[0]) == ({"unknown": 3}, 261)


ERRORS = {
    "an error on the way out": (
        ASK + '(dynamic-wind (lambda () 1) (lambda () (ask 1)) (lambda () (error "no")))',
        1,
        "nothing was sent: 1 call in the batch is free again",
    ),
    "an error in one of the calls at once": (
        ASK + '(parallel-map (lambda (n) (if (= n 2) (error "no") (ask n))) \'(1 2 3))',
        1,
        "no",
    ),
    "a budget that is too small": (ALL, 3, "Budget exceeded"),
    "no room beside what is held": (ASK + "(with-budget 180 (lambda () (map ask '(1 2 3))))", 1, "no room"),
    "tools": (
        ASK
        + """(define-tool (f (x string "a")) "t" x)
        (parallel-map (lambda (n) (if (= n 2) (effect infer.op "Hi" tools: (list f)) (ask n))) '(1 2))""",
        1,
        "calls with tools take several turns, and cannot go into a batch",
    ),
    "on-text": (
        '(effect infer.op "Hi" on-text: display)',
        1,
        "an answer from a batch does not come piece by piece; leave out on-text:",
    ),
    "a model that answers at once": (
        '(effect infer.op "Hi" model: \'offline)',
        1,
        "offline takes no batches; run the program without --batch",
    ),
    "a program that wants no answer": (
        ASK + "(call/cc (lambda (k) (dynamic-wind (lambda () 1) (lambda () (ask 1)) (lambda () (k 2)))))",
        0,
        "nothing was sent: 1 call in the batch is free again",
    ),
}


@pytest.mark.parametrize(("program", "status", "said"), ERRORS.values(), ids=ERRORS)
def test_nothing_is_sent_after(place: Place, program: str, status: int, said: str) -> None:
    place.write(program)
    options = ("--budget", "50") if status == 3 else ()
    done = place.run("--batch", *options)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert [path for path, _ in place.server.requests if path == PATH] == []
    assert place.states().keys() <= {"voided"}
    assert query(place.ledger, "SELECT name FROM batches WHERE ended IS NULL") == []
    assert place.spent()[0] == 0


WRONG = {
    "no ledger": (("run", "p.omega", "--batch"), "--batch needs --ledger FILE"),
    "no journal": (
        ("run", "p.omega", "--ledger", "l", "--batch", "--no-journal"),
        "--batch excludes --no-journal, --stream and --plan",
    ),
    "streams": (
        ("run", "p.omega", "--ledger", "l", "--batch", "--stream"),
        "--batch excludes --no-journal, --stream and --plan",
    ),
    "a plan": (
        ("run", "p.omega", "--ledger", "l", "--batch", "--plan"),
        "--batch excludes --no-journal, --stream and --plan",
    ),
    "no file": (("ledger", "collect", "none"), 'there is no ledger file "none"'),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_usage(place: Place, words: tuple[str, ...], said: str) -> None:
    done = place.command(*words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_the_example_takes_two_batches(place: Place) -> None:
    texts = sorted((ROOT / "examples" / "texts").glob("*.txt"))
    words = ("run", str(ROOT / "examples" / "batch.omega"), *map(str, texts), "--ledger", "l.ledger", "--batch")
    place.server.result_of = lambda params: succeeded(params["messages"][0]["content"][:12])
    place.server.ends_at_once = True
    assert place.command(*words, "--budget", "$0.20").returncode == UNDER_WAY
    for batches in (1, 2):
        assert [len(batch.requests) for batch in place.server.batches] == [len(texts), 1][:batches]
        assert place.collect().returncode == 0
        done = place.command(*words, "--resume")
    assert (done.returncode, done.stdout) == (0, "What do thes\n")


def test_a_schema_has_one_attempt(place: Place) -> None:
    schema = '(json-parse "{\\"type\\": \\"integer\\"}")'
    place.write(f'(display (+ 1 (effect infer.op "Two?" schema: {schema} attempts: 3 max-tokens: 40)))')
    place.server.result_of = lambda params: succeeded("2")
    place.server.ends_at_once = True
    assert place.run("--batch").returncode == UNDER_WAY
    (batch,) = place.server.batches
    assert batch.requests[0]["params"]["max_tokens"] == 40
    place.collect()
    assert place.run("--batch", "--resume").stdout == "3"


def test_all_options_are_sent(place: Place) -> None:
    place.write(
        '(effect infer.op (list (user "a") (assistant "b") (user "c")) system: "s" stop: "x" temperature: 0.5 '
        "cache: 'hour max-tokens: 9 model: 'claude-haiku-4-5)"
    )
    place.run("--batch")
    mark = {"type": "ephemeral", "ttl": "1h"}
    assert place.server.batches[0].requests[0]["params"] == {
        "model": "claude-haiku-4-5",
        "max_tokens": 9,
        "temperature": 0.5,
        "stop_sequences": ["x"],
        "system": [{"type": "text", "text": "s", "cache_control": mark}],
        "messages": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": [{"type": "text", "text": "c", "cache_control": mark}]},
        ],
    }


def test_handlers_and_the_cache_answer_at_once(place: Place) -> None:
    place.write(
        ASK + '(enable-caching!) (display (handle (ask 7) (on infer.op (prompt k) (k "mine"))))'
        "(display (parallel-map ask '(1 2 1)))"
    )
    place.server.ends_at_once = True
    assert place.run("--batch").stdout == "mine"
    assert [sorted(each) for each in place.server.prompts()] == [["Say 1", "Say 2"]]
    place.collect()
    assert place.run("--batch", "--resume").stdout == "mine(SAY 1 SAY 2 SAY 1)"


def test_prices_of_the_settings_hold_for_the_answers(place: Place) -> None:
    (place.folder / "omegac.toml").write_text('[prices]\n"claude-sonnet-4-5" = [6, 30]\n')
    place.run("--batch", "--budget", "$1")
    (place.folder / "omegac.toml").unlink()
    place.server.end()
    place.collect()
    assert place.spent() == (45, 6 * PAID)


def test_limits_are_kept_at_half_price(place: Place) -> None:
    """Three calls cost up to $0.0016038 in a batch, and twice that one by one."""
    assert place.run("--batch", "--budget", "$0.0016037").returncode == 1
    assert place.run("--batch", "--budget", "$0.0016038", "--raise-limit").returncode == UNDER_WAY


def test_a_collection_may_wait(place: Place) -> None:
    place.run("--batch")
    command = [sys.executable, "-m", "omegac", "ledger", "collect", "l.ledger", "--wait", "--every", "0.05"]
    with subprocess.Popen(command, cwd=place.folder, env=environment(**place.given), stdout=subprocess.PIPE) as waiting:
        assert waiting.stdout is not None
        assert b"under way" in waiting.stdout.readline()
        place.server.end()
        assert b"3 answers" in waiting.stdout.read()
    assert waiting.returncode == 0


@pytest.mark.parametrize("given", [{"ANTHROPIC_BASE_URL": "http://127.0.0.1:9/other"}, {"ANTHROPIC_API_KEY": ""}])
def test_who_was_asked_is_asked_again(place: Place, given: dict[str, str]) -> None:
    place.run("--batch")
    place.server.end()
    assert place.collect(**given).returncode == 1
    assert place.states() == {"held": 3}
    assert place.collect().returncode == 0


REFUSALS = {
    "refused": ([error(400, "invalid_request_error")], 1, {"voided": 3}),
    "overloaded at first": ([error(529, "overloaded_error")], UNDER_WAY, {"held": 3}),
    "a gateway's error": ([gateway()], UNDER_WAY, {"held": 3}),
    "an answer that breaks off": ([CutOff()], UNDER_WAY, {"held": 3}),
    "a server error": ([error(500, "api_error")], UNDER_WAY, {"held": 3}),
}


@pytest.mark.parametrize(("created", "status", "states"), REFUSALS.values(), ids=REFUSALS)
def test_a_batch_that_is(place: Place, created: list[Behaviour], status: int, states: dict[str, int]) -> None:
    """What may be at the provider is found there, and never sent again."""
    place.server.created = created
    done = place.run("--batch")
    assert (done.returncode, place.states()) == (status, states), done.stderr
    if status == UNDER_WAY:
        place.server.end()
        assert place.collect().returncode == 0
        assert place.run("--batch", "--resume").stdout == ANSWERS
        assert len(place.server.batches) == 1


KILLS = {
    "while calls are put in": ('before(Batch, "put", 3)', 0),
    "before anything is noted": ('before(Batch, "submit")', 0),
    "before the batch is sent": ('after(Batch, "submit")', 0),
    "before the request leaves": ('before(Batches, "create")', 0),
    "before its name is noted": ('after(Batches, "create")', 1),
    "when its name is noted": ('after(batches.stored, "name_at_provider")', 1),
}


@pytest.mark.parametrize(("where", "sent"), KILLS.values(), ids=KILLS)
def test_a_run_that_is_killed(place: Place, where: str, sent: int) -> None:
    """Each prompt is paid for once, whatever the process knew of it."""
    others = [place.server.add(_others()) for _ in range(2)]
    place.server.end(others[0])
    place.killed(where, "run", "p.omega", "--ledger", "l.ledger", "--batch")
    assert len(place.server.batches) == 2 + sent
    place.server.add(_others())
    if sent:
        assert place.collect().returncode == UNDER_WAY
        assert place.states() == {"held": 3}
        assert place.run("--resume").returncode == 2
    place.server.end()
    if query(place.ledger, "SELECT 1 FROM batches WHERE submitted IS NOT NULL AND remote IS NULL") and not sent:
        assert place.collect().returncode == UNDER_WAY
        assert place.states() == {"held": 3}
        place.hours_later()
    assert place.collect().returncode == 0
    assert place.states().keys() <= ({"settled"} if sent else {"voided", "held"})
    place.server.ends_at_once = True
    if not sent:
        assert place.run("--batch", "--resume").returncode == UNDER_WAY
        assert place.collect().returncode == 0
    assert place.run("--batch", "--resume").stdout == ANSWERS
    assert sorted(prompt for batch in place.server.prompts() for prompt in batch if prompt != "Other") == PROMPTS


def _others() -> list[dict[str, Any]]:
    """As many calls of somebody else."""
    params = {"messages": [{"role": "user", "content": "Other"}]}
    return [{"custom_id": f"other-{n}", "params": params} for n in range(3)]


def test_a_batch_of_another_key_is_not_taken_for_lost(place: Place) -> None:
    """That key doesn't show the batches that were there before."""
    place.server.created = [gateway()]
    place.run("--batch")
    (lost,) = place.server.batches
    place.server.batches.remove(lost)
    place.hours_later()
    done = place.collect(ANTHROPIC_API_KEY="another")
    assert (done.returncode, place.states()) == (1, {"held": 3})
    assert "this key does not show whether it is at the provider" in done.stdout
    place.server.batches.append(lost)
    place.server.end()
    assert place.collect(ANTHROPIC_API_KEY="another").returncode == 0


def test_a_process_that_hangs_may_still_send(place: Place) -> None:
    place.server.created = [Hang()]
    command = [sys.executable, "-m", "omegac", "run", "p.omega", "--ledger", "l.ledger", "--batch"]
    with subprocess.Popen(command, cwd=place.folder, env=environment(**place.given), stderr=subprocess.PIPE) as running:
        assert place.server.asked.wait(60)
        (hidden,) = place.server.batches
        place.server.batches.remove(hidden)
        place.hours_later()
        done = place.collect()
        assert (done.returncode, place.states()) == (UNDER_WAY, {"held": 3})
        assert "may still arrive there" in done.stdout
        place.server.batches.append(hidden)
        running.kill()
    place.server.end()
    assert place.collect().returncode == 0
    assert place.run("--resume").stdout == ANSWERS


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_collection_that_is_killed_at_every_step(place: Place, when: str) -> None:
    place.run("--batch", "--budget", "$1")
    place.server.end()
    step = f'batches._TOGETHER = 1; {when}(FileLedger, "write", {{}})'
    for at in (1, 2, 1, 2) if when == "before" else (1, 1, 1, 1):
        if query(place.ledger, "SELECT 1 FROM batches WHERE ended IS NULL"):
            place.killed(step.format(at), "ledger", "collect", "l.ledger")
            assert audit(place.ledger) == []
    assert place.collect().returncode == 0
    assert (place.states(), place.spent()) == ({"settled": 3}, (45, 3 * PAID))
    assert place.run("--resume").stdout == ANSWERS
    assert query(place.ledger, "SELECT count(*) FROM replies") == [(3,)]


def test_results_that_break_off_are_collected_again(place: Place) -> None:
    place.run("--batch")
    place.server.end()
    place.server.stops_after = 2
    command = [sys.executable, "-m", "omegac", "ledger", "collect", "l.ledger"]
    with subprocess.Popen(command, cwd=place.folder, env=environment(**place.given)) as collecting:
        place.server.asked.clear()
        assert place.server.asked.wait(60)
        collecting.kill()
    place.server.stops_after = None
    assert place.collect().returncode == 0
    assert place.spent()[0] == 45


def test_a_program_that_exits_with_the_status_of_a_batch_sends_nothing(place: Place) -> None:
    place.write(
        '(dynamic-wind (lambda () 1) (lambda () (effect infer.op "Hi" max-tokens: 9 model: "claude-haiku-4-5")) '
        "(lambda () (exit 4)))"
    )
    done = place.run("--batch")
    assert done.returncode == 4
    assert "nothing was sent" in done.stderr
