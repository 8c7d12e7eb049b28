"""Programs with a catch end in the same way whether they are compiled or interpreted."""

from __future__ import annotations

import itertools
import time

import pytest

from tests.support import ROOT
from tests.support.agreement import Outcome, answer, check_agreement, outcomes
from tests.support.corpus import CORPUS

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("name", CORPUS)
def test_every_way_to_run_a_program_ends_alike(name: str) -> None:
    check_agreement(CORPUS[name])


@pytest.mark.parametrize("name", ["chapter48.omega"])
def test_examples(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count(1000)
    monkeypatch.setattr(time, "time", lambda: next(seconds))
    assert check_agreement((EXAMPLES / name).read_text(encoding="utf-8")).error is None


# What the reference itself must give, for programs whose right answer is beyond doubt.
EXPECTED = {
    "closures in a do loop keep their own variable": "(2 1 0)",
    "counters made in a loop have their own state": "((7 6 5) (11 10 9))",
    "operands see assignments of the operands before them": "(8 (1 2 2))",
    "three loops, the innermost one goes on with the outermost one": "(a c 1 0 a c 1 0 a c 1 0)",
    "mutual recursion in constant space": "#f",
    "hygiene": "(2 1 5)",
    "trees": "(5 (2 (1 () ()) ()) (8 () ()))",
    "handlers resume, end early and are nested": "(21 (stopped 2) 202)",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_reference_is_right(name: str) -> None:
    assert outcomes(CORPUS[name])["interpreter"].value == EXPECTED[name]


def test_outcomes_show_what_must_agree() -> None:
    found = outcomes('(display "x") (effect infer.op "abc") (error "bad" 1)')
    reply = answer("abc")
    spent = reply.input_tokens + reply.output_tokens
    assert set(found.values()) == {Outcome(None, "bad 1", "x", ("abc",), spent)}
    assert len(found) == 3
