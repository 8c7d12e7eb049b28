"""Findings as text, JSON, SARIF and workflow commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from omegac.check.checking import check_source
from omegac.check.formats import FORMATS
from omegac.check.rules import RULES
from omegac.source import Source

PROGRAM = '(define (f x)\n  (list\n    (effect infer.op "λ"\n      max-tokens: x)))\n(display (f 9))\n'


def written(name: str, program: str = PROGRAM, file: str = "a.omega") -> str:
    return FORMATS[name]([check_source(Source(file, program)).checked])


def test_text() -> None:
    assert written("text") == (
        "a.omega:3:5: warning: OM101 this model call in f, called by the top level, is under no budget of the program\n"
        '  3 |     (effect infer.op "λ"\n'
        "    |     ^^^^^^^^^^^^^^^^^^^^\n"
        "  help: put with-budget around it or around a call that leads to it\n"
    )


def test_text_cannot_act_upon_the_terminal() -> None:
    assert "\x1b" not in written("text", '(display (effect infer.op "\x1b[2J"))', "\x1b[2J.omega")


def test_json() -> None:
    (row,) = json.loads(written("json"))
    assert row == {
        "file": "a.omega",
        "line": 3,
        "column": 5,
        "end_line": 4,
        "end_column": 20,
        "code": "OM101",
        "name": "call-without-budget",
        "severity": "warning",
        "message": "this model call in f, called by the top level, is under no budget of the program",
        "help": "put with-budget around it or around a call that leads to it",
        "url": "docs/CHECK.md#om101",
    }


def test_sarif() -> None:
    log: dict[str, Any] = json.loads(written("sarif", file="a b/ü.omega"))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert [rule["id"] for rule in rules] == list(RULES)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} <= {"note", "warning", "error"}
    assert (result["ruleId"], rules[result["ruleIndex"]]["id"], result["level"]) == ("OM101", "OM101", "warning")
    assert rules[result["ruleIndex"]]["helpUri"] == "docs/CHECK.md#om101"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20b/%C3%BC.omega"
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 21}


def test_sarif_has_absolute_files_as_uris() -> None:
    (run,) = json.loads(written("sarif", file="/a b.omega"))["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///a%20b.omega"


def test_workflow_commands() -> None:
    assert written("github", '(display (effect infer.op "a"))', "a,b:100%.omega") == (
        "::warning file=a%2Cb%3A100%25.omega,line=1,endLine=1,col=10,endColumn=30,title=OM101::this model call at the "
        "top level is under no budget of the program (put with-budget around it or around a call that leads to it)\n"
    )


def test_a_note_is_a_notice_in_a_workflow() -> None:
    assert written("github", '(define (f) (effect infer.op "a"))').startswith("::notice file=a.omega,line=1,")


def test_names_cannot_add_workflow_commands() -> None:
    program = '(define (|f\n::error::g|) (effect infer.op "a"))'
    assert len(written("github", program, "a\n::error::b").splitlines()) == 1


@pytest.mark.parametrize(("name", "empty"), [("text", ""), ("json", "[]\n"), ("github", "")])
def test_nothing_found(name: str, empty: str) -> None:
    assert written(name, "5") == empty
