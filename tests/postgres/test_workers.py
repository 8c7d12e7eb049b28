"""Workers that pay from books on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import omega_runtime
import pytest
from omega_runtime.remote import team
from omega_runtime.values.pairs import list_from
from omega_runtime.values.printing import write_text

from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.processes_engine import ProcessesEngine
from tests.support.servers import Server

PROGRAM = """
(import (python os))
(define (ask prompt) (effect infer.op prompt max-tokens: 8))
(define (twice prompt) (string-append (ask prompt) (ask (string-append prompt " again"))))
(define (end-once file)
  (define answer (twice file))
  (if (file-exists? file) answer (begin (call-with-output-file file (lambda (port) (write 1 port))) (os._exit 1))))
(define (everything procedure data) (parallel-map procedure data))
"""


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessesEngine]:
    found = ProcessesEngine()
    monkeypatch.setattr(team, "engine_at", lambda _: found)
    with omega_runtime.configure(model="offline", allow={"python", "read", "write"}):
        yield found
    for each in found.started:
        each.kill()


def program() -> dict[str, Any]:
    module = ModuleType("program")
    exec(compile_source(Source("program.omega", PROGRAM)).code(), vars(module))
    return vars(module)


def test_a_run_on_a_server_is_resumed_for_nothing(server: Server, engine: ProcessesEngine) -> None:
    books, names, found = server.books(), program(), []
    for is_again in (False, True):
        with omega_runtime.budget(10_000, ledger=books, run="job", resume=is_again) as account:
            with omega_runtime.workers("ray", 2), omega_runtime.budget(5_000, name="inner") as inner:
                found.append(write_text(names["everything"](names["twice"], list_from(["a", "b", "c"]))))
                found.append(inner.spent)
            assert inner.spent == account.spent
            assert account.journal_counts == ((6, 0) if is_again else (0, 6))
            assert omega_runtime.report(account.ledger)["totals"]["calls"] == 6
    assert found[:2] == found[2:]


def test_an_answer_of_a_lost_worker_is_not_paid_for_again(
    server: Server, engine: ProcessesEngine, tmp_path: Path
) -> None:
    books, names, files = server.books(), program(), [str(tmp_path / name) for name in "abc"]
    with omega_runtime.budget(10_000, ledger=books, run="job") as account, omega_runtime.workers("ray", 2, jobs=1):
        names["everything"](names["end_once"], list_from(files))
        assert account.journal_counts == (0, 6)
        assert omega_runtime.report(account.ledger)["totals"]["calls"] == 6
    assert len(engine.started) > 2


def test_a_role_that_may_not_read_answers_has_workers_that_cannot_be_replaced(
    server: Server, engine: ProcessesEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise omega_runtime.OmegaError("this role may not read the answers of earlier runs")

    monkeypatch.setattr("omega_runtime.ledger.postgres.runs.ServerRuns.latest_answer", refuse)
    names = program()
    with omega_runtime.budget(10_000, ledger=server.books(), run="job"), omega_runtime.workers("ray", 2, jobs=1):
        assert write_text(names["everything"](names["ask"], list_from(["a", "b"]))) == '("a" "b")'
        with pytest.raises(omega_runtime.OmegaError, match="no answers are kept by which its calls could go on"):
            names["everything"](names["end_once"], list_from([str(tmp_path / "a")]))
