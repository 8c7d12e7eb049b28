"""`omegac run examples/summarize.omega --model claude-…`: the real SDK against a Messages API on loopback."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from tests.support.command import omegac
from tests.support.messages_api import Behaviour, Hang, Server, error, gateway, message

MODEL = "claude-sonnet-4-5"
KEY = "test-key-0815"
TEXTS = sorted((ROOT / "examples" / "texts").glob("*.txt"))


class Run:
    """A finished run: its output, its messages, and the ledger afterwards."""

    def __init__(self, tmp_path: Path, url: str, files: list[Path], *options: str) -> None:
        report = tmp_path / "report.json"
        program = ROOT / "examples" / "summarize.omega"
        done = omegac(
            "run",
            program,
            *files,
            "--model",
            MODEL,
            f"--report={report}",
            *options,
            ANTHROPIC_API_KEY=KEY,
            ANTHROPIC_BASE_URL=url,
        )
        self.status, self.output, self.messages = done.returncode, done.stdout, done.stderr
        data = json.loads(report.read_text())
        self.totals: dict[str, Any] = data["totals"]
        self.root: dict[str, Any] = data["accounts"][0]
        assert KEY not in done.stdout + done.stderr + report.read_text()

    @property
    def figures(self) -> dict[str, int]:
        """Tokens spent and still held, and the calls by how they ended."""
        names = ("calls", "unknown", "voided")
        return {"spent": self.root["spent"], "held": self.root["held"], **{n: self.totals[n] for n in names}}


def figures(spent: int, calls: int, *, unknown: int = 0, voided: int = 0) -> dict[str, int]:
    return {"spent": spent, "held": 0, "calls": calls, "unknown": unknown, "voided": voided}


def test_every_file_is_summarised_and_what_the_provider_reports_is_settled(tmp_path: Path) -> None:
    script = [message(f"Summary number {i}.", 300 + i, 40) for i in range(len(TEXTS))]
    with Server(*script) as server:
        run = Run(tmp_path, server.url, TEXTS, "--budget", "20000")
    assert (run.status, run.messages) == (0, "")
    assert [f"Summary number {i}." in run.output for i in range(len(TEXTS))] == [True] * len(TEXTS)
    assert run.figures == figures(sum(340 + i for i in range(len(TEXTS))), len(TEXTS))
    bodies = server.bodies()
    assert [body["model"] for body in bodies] == [MODEL] * len(TEXTS)
    assert bodies[0]["messages"][0]["content"].startswith(
        "Brief summary (50 words): Bookkeeping by double entry\n\nThe merchants"
    )
    assert bodies[0]["max_tokens"] == 200


def test_the_strategy_follows_the_remaining_budget(tmp_path: Path) -> None:
    script = [message("s", 8000, 100), message("s", 100, 10)]
    with Server(*script) as server:
        run = Run(tmp_path, server.url, TEXTS[:2], "--budget", "18000")
    assert run.figures["spent"] == 8210
    prompts = [body["messages"][0]["content"] for body in server.bodies()]
    assert [prompt.split(":")[0] for prompt in prompts] == ["Brief summary (50 words)", "Title only"]


RETRIED = [
    ("overloaded", error(529, "overloaded_error", retry_after="0")),
    ("too many requests", error(429, "rate_limit_error", retry_after="0")),
    ("the provider's own 500", error(500, "api_error", retry_after="0")),
]


@pytest.mark.parametrize(("failure", "behaviour"), RETRIED, ids=[name for name, _ in RETRIED])
def test_failures_that_cost_nothing_and_pass_are_retried(tmp_path: Path, failure: str, behaviour: Behaviour) -> None:
    with Server(behaviour, message("At last.", 50, 5)) as server:
        run = Run(tmp_path, server.url, TEXTS[:1])
    assert run.status == 0
    assert "At last." in run.output
    assert run.figures == figures(55, 1, voided=1)
    assert len(server.bodies()) == 2


def test_a_bad_request_is_not_retried_and_costs_nothing(tmp_path: Path) -> None:
    with Server(error(400, "invalid_request_error", "prompt is too long"), message("next", 20, 5)) as server:
        run = Run(tmp_path, server.url, TEXTS[:2])
    assert run.status == 0
    assert "(no summary: anthropic: 400 invalid_request_error: prompt is too long" in run.output
    assert "next" in run.output
    assert run.figures == figures(25, 1, voided=1)
    assert len(server.bodies()) == 2


def test_a_refused_connection_costs_nothing(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        run = Run(tmp_path, url, TEXTS[:1])
    assert "(no summary: anthropic: " in run.output
    assert run.figures["spent"] == run.figures["held"] == run.figures["calls"] == run.figures["unknown"] == 0
    assert run.figures["voided"] == 4


def test_a_time_out_may_have_been_billed_and_counts_in_full(tmp_path: Path) -> None:
    with Server(Hang(), message("second", 20, 5)) as server:
        run = Run(tmp_path, server.url, TEXTS[:2], "--timeout", "0.5", "--budget", "20000")
    assert "may have been billed" in run.output
    assert "second" in run.output
    assert len(server.bodies()) == 2
    prompt = server.bodies()[0]["messages"][0]["content"]
    held = run.figures["spent"] - 25
    assert len(prompt.encode()) + 200 <= held <= len(prompt.encode()) + 200 + 100
    assert run.figures == figures(held + 25, 1, unknown=1)


def test_a_gateway_error_may_have_been_billed_and_is_not_retried(tmp_path: Path) -> None:
    with Server(gateway(502)) as server:
        run = Run(tmp_path, server.url, TEXTS[:1])
    assert "status 502" in run.output
    assert run.figures["unknown"] == 1
    assert run.figures["spent"] > 0
    assert len(server.bodies()) == 1


def test_a_budget_that_is_used_up_stops_the_calls_and_the_program_goes_on(tmp_path: Path) -> None:
    with Server(message("one", 990, 10)) as server:
        run = Run(tmp_path, server.url, TEXTS[:2], "--budget", "1050")
        assert len(server.bodies()) <= 1
    assert run.status == 0
    assert "(no summary: Budget exceeded" in run.output
    assert run.figures["spent"] <= 1050
