"""Comments that suppress findings, and what is said of those that suppress nothing."""

from __future__ import annotations

import pytest

from omegac.check.checking import check_source
from omegac.check.rules import RULES
from omegac.source import Source

CALL = '(display (effect infer.op "a"))'


def found(program: str, codes: list[str] | None = None) -> list[str]:
    """The findings as `line:column code`."""
    findings = check_source(Source("t.omega", program), codes or RULES).checked.findings
    return [f"{each.span.line}:{each.span.column} {each.code}" for each in findings]


@pytest.mark.parametrize(
    "program",
    [
        f"{CALL} ; noqa",
        f"{CALL} ;noqa",
        f"{CALL} ;; noqa: OM101",
        f"{CALL} ; noqa:OM101 the budget is that of the command line",
        f"{CALL} ; a remark ; noqa: OM101",
        f";; omegac: noqa\n{CALL}\n{CALL}",
        f"; A program.\n;;; omegac: noqa: OM101 - run it with --budget\n\n{CALL}",
        f"#| omegac |# ; omegac: noqa\n{CALL}",
        "(define (f x)\n  (effect infer.op x)                   ; noqa: OM111, OM102\n  x)",
    ],
)
def test_a_comment_suppresses(program: str) -> None:
    assert found(program) == []


@pytest.mark.parametrize(
    ("program", "findings"),
    [
        (f"; noqa: OM101\n{CALL}", ["1:1 OM100", "2:10 OM101"]),
        (f"{CALL} ; noqa: OM103", ["1:10 OM101", "1:33 OM100"]),
        (f"{CALL} ; noqa: OM101, OM103", ["1:33 OM100"]),
        (f"{CALL} ; noqa: OM999, OM101", ["1:33 OM100"]),
        (f"{CALL}\n;; omegac: noqa", ["1:10 OM101"]),
        (f"{CALL} ; noqa: banana", ["1:10 OM101"]),
        (f"{CALL} ; noqar", ["1:10 OM101"]),
        ('(display (effect infer.op "a ; noqa"))', ["1:10 OM101"]),
        ('(display (list (effect infer.op "a") #\\; "; noqa"))', ["1:16 OM101"]),
        (f"{CALL} #| ; noqa |#", ["1:10 OM101"]),
        (f"{CALL} #| #| |# ; noqa |#", ["1:10 OM101"]),
        ("5 ; noqa", ["1:3 OM100"]),
        (";; omegac: noqa\n5", ["1:1 OM100"]),
    ],
)
def test_a_comment_suppresses_no_more_than_it_says(program: str, findings: list[str]) -> None:
    assert found(program) == findings


@pytest.mark.parametrize("comment", ["; noqa", "; noqa: OM103"])
def test_a_comment_for_what_is_not_looked_for_is_not_unused(comment: str) -> None:
    assert found(f"5 {comment}", ["OM100", "OM101"]) == []
