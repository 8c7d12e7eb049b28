"""At run time, no model is called without a hold, and none from anywhere but the sites of the program."""

from __future__ import annotations

import contextlib
import io

import pytest
from omega_runtime.calls import perform
from omega_runtime.control.deep import deep
from omega_runtime.ledger.errors import LedgerMisuse
from omega_runtime.ledger.hold import Hold
from omega_runtime.testing import checkpoint, fresh_ledger, scripted_model

from omegac.operations import is_model_call
from omegac.pipeline import verify
from omegac.source import Source
from omegac.verify.effects import effects
from tests.support import ROOT
from tests.support.agreement import answer, compiled_runs
from tests.support.corpus import CORPUS

NAME = "test.omega"
EXAMPLE = ROOT / "examples" / "chapter48.omega"


def model_sites(text: str) -> set[str]:
    """The places in a program that ask a model."""
    woven = verify(Source(NAME, text))["weave"]
    return {f"{NAME}:{line}:{column}" for operation, line, column in effects(woven) if is_model_call(operation)}


PROGRAMS = {name: text for name, text in CORPUS.items() if model_sites(text)}
PROGRAMS["chapter48"] = EXAMPLE.read_text(encoding="utf-8")


@pytest.mark.parametrize("way", ["compiled code", "compiled text"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_every_call_is_held_and_has_a_site(name: str, way: str) -> None:
    run = compiled_runs(PROGRAMS[name])[way]
    printed = contextlib.redirect_stdout(io.StringIO())
    with fresh_ledger() as ledger, scripted_model(answer) as model, checkpoint() as calls, printed:
        deep(run)
        ledger.reclaim()
    assert calls.count == len(model.prompts)
    assert set(calls.sites) <= model_sites(PROGRAMS[name])
    assert ledger.root.held == 0


def test_programs_ask_models() -> None:
    assert len(PROGRAMS) >= 8


def test_a_closed_hold_asks_nobody() -> None:
    hold = Hold()
    hold.open = False
    with pytest.raises(LedgerMisuse, match="only be called while its worst case is held"):
        perform(hold)
