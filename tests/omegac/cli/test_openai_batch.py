"""Runs whose calls go into a batch of OpenAI's: as those of Anthropic's, at the prices of its batches."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import environment
from tests.support.ledger_files import audit, change, query
from tests.support.messages_api import KEY, Behaviour, CutOff, gateway
from tests.support.openai_batches_api import OpenAIBatchServer, expired, failed, own_error, prompt_of, shout

UNDER_WAY = 4
ASK = '(define (ask n) (effect infer.op (list "Say " n) max-tokens: 50 model: \'gpt-5-mini))\n'
ALL = ASK + "(display (map ask '(1 2 3)))"
ANSWERS = "(SAY 1 SAY 2 SAY 3)"
# Of a call, in dollars: 10 tokens of input at $0.125 per million and 5 of output at $1.
PAID = Fraction(10 * 125 + 5 * 1_000, 10**9)

# The server on loopback, taken for OpenAI itself; `where` is code that kills the process somewhere.
COMMAND = """
import os, signal
from omega_runtime.models import openai_hosts
openai_hosts.OPENAI = "127.0.0.1"

def killed(owner, name, is_before):
    original = getattr(owner, name)
    def replaced(*arguments, **options):
        if is_before:
            os.kill(os.getpid(), signal.SIGKILL)
        original(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    setattr(owner, name, replaced)

from omega_runtime.calls import batches
from omega_runtime.ledger.sqlite.batches import Batch
from omega_runtime.models.openai_batches import OpenAIBatches
{where}
from omegac.cli import main
main()
"""


class Place:
    """A folder with a program and its ledger file."""

    def __init__(self, folder: Path, server: OpenAIBatchServer) -> None:
        self.folder = folder
        self.server = server
        self.ledger = folder / "l.ledger"
        self.write(ALL)

    def write(self, program: str) -> None:
        (self.folder / "p.omega").write_text(program)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.command("run", "p.omega", "--ledger", "l.ledger", *options)

    def collect(self, **given: str) -> subprocess.CompletedProcess[str]:
        return self.command("ledger", "collect", "l.ledger", **given)

    def command(self, *words: str, where: str = "", **given: str) -> subprocess.CompletedProcess[str]:
        keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{self.server.url}/v1", **given}
        return subprocess.run(
            [sys.executable, "-c", COMMAND.format(where=where), *words],
            cwd=self.folder,
            env=environment(**keys),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def states(self) -> dict[str, int]:
        return dict(Counter(state for (state,) in query(self.ledger, "SELECT state FROM calls")))

    def spent(self) -> tuple[int, Fraction]:
        assert audit(self.ledger) == []
        ((tokens, picodollars),) = query(self.ledger, "SELECT used, dollars_used FROM accounts WHERE name = 'default'")
        return tokens, Fraction(picodollars, 10**12)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with OpenAIBatchServer() as server:
        yield Place(tmp_path, server)


def test_calls_go_into_one_batch_and_are_answered_when_the_run_goes_on(place: Place) -> None:
    done = place.run("--batch", "--budget", "$1")
    assert (done.returncode, done.stdout) == (UNDER_WAY, ""), done.stderr
    assert "3 calls are in batch batch_001" in done.stderr
    (batch,) = place.server.batches
    assert (batch.body["endpoint"], batch.body["completion_window"]) == ("/v1/responses", "24h")
    (line, *_) = batch.lines
    assert (line["method"], line["url"]) == ("POST", "/v1/responses")
    assert line["custom_id"].startswith(batch.body["metadata"]["omegac"])
    assert line["body"]["max_output_tokens"] == 50
    batch.status = "validating"
    assert "its calls are not answered yet" in place.collect().stdout
    batch.status = "in_progress"
    assert "3 of 3 calls are not answered yet" in place.collect().stdout
    place.server.end()
    done = place.collect()
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "batch_001: 3 answers")
    assert place.spent() == (45, 3 * PAID)
    done = place.run("--batch", "--resume")
    assert (done.returncode, done.stdout) == (0, ANSWERS)
    assert len(place.server.batches) == 1


def test_calls_with_stop_texts_are_chat_completions(place: Place) -> None:
    place.write(ALL.replace("max-tokens", 'stop: "x" max-tokens'))
    place.server.ends_at_once = True
    assert place.run("--batch").returncode == UNDER_WAY
    assert place.server.batches[0].body["endpoint"] == "/v1/chat/completions"
    assert place.collect().returncode == 0
    assert place.run("--batch", "--resume").stdout == ANSWERS


FATES: dict[str, tuple[dict[str, Any], dict[str, int], int]] = {
    "refused": (failed(), {"settled": 2, "voided": 1}, 30),
    "expired": (expired(), {"settled": 2, "voided": 1}, 30),
    "unreadable": ({"response": {"status_code": 200, "body": {}}, "error": None}, {"settled": 2, "unknown": 1}, 0),
}


@pytest.mark.parametrize(("result", "states", "tokens"), FATES.values(), ids=FATES)
def test_a_call_that_is(place: Place, result: dict[str, Any], states: dict[str, int], tokens: int) -> None:
    place.server.result_of = lambda body: result if prompt_of(body) == "Say 2" else shout(body)
    place.run("--batch")
    place.server.end()
    assert place.collect().returncode == 0
    assert place.states() == states
    assert place.spent()[0] == tokens or tokens == 0
    place.server.result_of = shout
    assert place.run("--batch", "--resume").returncode == UNDER_WAY
    assert place.server.prompts()[1] == ["Say 2"]


@pytest.mark.parametrize("status", ["failed", "expired", "cancelled"])
def test_what_a_batch_that_broke_off_did_not_do_costs_nothing(place: Place, status: str) -> None:
    place.server.result_of = lambda body: shout(body) if status != "failed" and prompt_of(body) == "Say 2" else None
    place.run("--batch")
    place.server.end(status)
    assert place.collect().returncode == 0
    done = {} if status == "failed" else {"settled": 1}
    assert place.states() == {**done, "voided": 3 - len(done)}
    assert place.spent() == (15 * len(done), PAID * len(done))


def test_a_batch_without_all_of_its_results_is_collected_again(place: Place) -> None:
    place.server.result_of = lambda body: None if prompt_of(body) == "Say 2" else shout(body)
    place.run("--batch")
    place.server.end()
    done = place.collect()
    assert (done.returncode, "only 2 of 3 results came" in done.stdout) == (1, True)
    assert place.states() == {"settled": 2, "held": 1}


SENT: dict[str, tuple[list[Behaviour], list[Behaviour], int, dict[str, int]]] = {
    "the file is refused": ([own_error(400)], [], 1, {"voided": 3}),
    "the file gets lost": ([CutOff()], [], 1, {"voided": 3}),
    "too many files for now": ([own_error(429, "rate_limit")], [], UNDER_WAY, {"held": 3}),
    "the batch is refused": ([], [own_error(400)], 1, {"voided": 3}),
    "too many batches for now": ([], [own_error(429, "rate_limit")], UNDER_WAY, {"held": 3}),
    "a gateway's error": ([], [gateway()], UNDER_WAY, {"held": 3}),
    "an answer that breaks off": ([], [CutOff()], UNDER_WAY, {"held": 3}),
}


@pytest.mark.parametrize(("uploaded", "created", "status", "states"), SENT.values(), ids=SENT)
def test_when(
    place: Place, uploaded: list[Behaviour], created: list[Behaviour], status: int, states: dict[str, int]
) -> None:
    """What may be at the provider is found there, and never sent again."""
    place.server.uploaded, place.server.created = uploaded, created
    done = place.run("--batch")
    assert (done.returncode, place.states()) == (status, states), done.stderr
    if status == UNDER_WAY:
        place.server.end()
        done = place.collect()
        assert done.returncode == 0, done.stdout + done.stderr
        assert place.run("--batch", "--resume").stdout == ANSWERS
        assert len(place.server.batches) == 1


KILLS = {
    "before anything is noted": ('killed(Batch, "submit", True)', 0),
    "before the file is sent": ('killed(OpenAIBatches, "create", True)', 0),
    "after the file, before the batch": (
        "from openai.resources.batches import Batches; killed(Batches, 'create', True)",
        0,
    ),
    "before its name is noted": ('killed(OpenAIBatches, "create", False)', 1),
    "when its name is noted": ('killed(batches.stored, "name_at_provider", False)', 1),
}


@pytest.mark.parametrize(("where", "batches"), KILLS.values(), ids=KILLS)
def test_a_process_that_is_killed(place: Place, where: str, batches: int) -> None:
    """It loses nothing, and pays nothing twice, whatever others do at the provider."""
    place.server.batches = []
    done = place.command("run", "p.omega", "--ledger", "l.ledger", "--batch", where=where)
    assert done.returncode == -9, done.stderr
    assert len(place.server.batches) == batches
    if batches:
        place.server.end()
    change(place.ledger, "UPDATE batches SET submitted = submitted - 7200")
    assert place.collect().returncode == 0
    assert place.states() == ({"settled": 3} if batches else {"voided": 3})
    done = place.run("--batch", "--resume")
    if batches:
        assert done.stdout == ANSWERS
        assert place.spent() == (45, 3 * PAID)
    else:
        assert done.returncode == UNDER_WAY
    assert len(place.server.batches) == 1


def test_a_batch_is_for_one_model(place: Place) -> None:
    place.write(ASK + '(parallel-map (lambda (m) (effect infer.op "Hi" model: m)) \'(gpt-5-mini gpt-5))')
    done = place.run("--batch", "--jobs", "1")
    assert done.returncode == 1
    assert "this call for gpt-5 at /v1/responses; have them in two runs" in done.stderr
    assert place.server.batches == []


def test_models_without_a_price_in_batches_cost_what_they_always_do(place: Place) -> None:
    (place.folder / "omegac.toml").write_text('[prices]\n"gpt-5-mini" = [100, 100]\n')
    place.run("--batch", "--budget", "$1")
    place.server.end()
    place.collect()
    assert place.spent() == (45, Fraction(45 * 100, 10**6))


def test_servers_like_it_take_none(place: Place) -> None:
    done = place.command("run", "p.omega", "--ledger", "l.ledger", "--batch", where="openai_hosts.OPENAI = 'x'")
    assert "openai takes no batches; run the program without --batch" in done.stderr
    assert json.dumps(place.server.requests) == "[]"


def test_another_key_does_not_find_it(place: Place) -> None:
    place.run("--batch")
    place.server.end()
    done = place.collect(OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 1
    assert place.states() == {"held": 3}
    assert place.collect().returncode == 0
