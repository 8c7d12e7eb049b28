"""What editors get for Omega files: the extension for VS Code, whose grammar knows the language's forms."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import regex

import omegac.expand  # noqa: F401 - registers the forms
from omegac.expand.special import SPECIAL_FORMS
from tests.support import ROOT

EXTENSION = ROOT / "docs" / "editors" / "vscode"
GRAMMAR = json.loads((EXTENSION / "syntaxes" / "omega.tmLanguage.json").read_text())
RULES: dict[str, dict[str, Any]] = GRAMMAR["repository"]


def patterns(rule: dict[str, Any]) -> Iterator[str]:
    """The regular expressions of a rule of the grammar, and of those within it."""
    yield from (rule[key] for key in ("match", "begin", "end") if key in rule)
    for inner in rule.get("patterns", ()):
        yield from patterns(inner)


def scope_of(text: str, at: int = 0) -> str | None:
    """What the grammar's first fitting rule takes the text at an offset for."""
    for each in RULES["code"]["patterns"]:
        rule = RULES[each["include"].removeprefix("#")]
        found = regex.compile(rule.get("match") or rule["begin"]).match(text, at)
        if found:
            return str(rule.get("name", "definition")).removesuffix(".omega")
    return None


def test_the_files_of_the_extension_are_there() -> None:
    package = json.loads((EXTENSION / "package.json").read_text())
    [language], [grammar] = package["contributes"]["languages"], package["contributes"]["grammars"]
    for name in (package["main"], language["configuration"], grammar["path"]):
        assert (EXTENSION / name).is_file()
    assert (language["id"], grammar["language"], grammar["scopeName"]) == ("omega", "omega", GRAMMAR["scopeName"])
    assert package["contributes"]["configuration"]["properties"]["omega.command"]["default"] == ["omegac", "lsp"]
    word = json.loads((EXTENSION / "language-configuration.json").read_text())["wordPattern"]
    assert re.findall(word, '(set-car! \'a->b "c")') == ["set-car!", "a->b", "c"]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_extension_is_javascript() -> None:
    subprocess.run(["node", "--check", EXTENSION / "extension.js"], check=True, timeout=60)


def test_the_expressions_can_be_read_and_what_is_included_is_there() -> None:
    text = json.dumps(GRAMMAR)
    assert set(re.findall(r'"include": "#([a-z]+)"', text)) == set(RULES)
    found = [pattern for rule in RULES.values() for pattern in patterns(rule)]
    assert len(found) >= 20
    for pattern in found:
        regex.compile(pattern)


def test_the_keywords_are_the_forms_of_the_language() -> None:
    names = re.search(r"\(\?:(.*)\)\(\?=", RULES["form"]["match"])
    assert names is not None
    assert {name.replace("\\", "") for name in names[1].split("|")} == set(SPECIAL_FORMS) - {"."}


@pytest.mark.parametrize(
    ("text", "at", "scope"),
    [
        ("(let ((a 1)) a)", 1, "keyword.control"),
        ("(let* ((a 1)) a)", 1, "keyword.control"),
        ("(letter)", 1, None),
        ("(my-if 1)", 4, None),
        ("(define (f) 1)", 1, "definition"),
        ("(cond (else 1))", 7, "keyword.other"),
        ("(list else)", 6, None),
        ("(a => b)", 3, "keyword.other"),
        ("(f max-tokens: 5)", 3, "variable.parameter"),
        ("-1.5e3 ", 0, "constant.numeric"),
        ("1+ ", 0, None),
        ("#xff ", 0, "constant.numeric"),
        ("#\\( ", 0, "constant.character"),
        ("#\\space", 0, "constant.character"),
        ("#t)", 0, "constant.language"),
        ("#| a |#", 0, "comment.block"),
        ("#;a", 0, "comment.line.datum"),
        ("; a", 0, "comment.line.semicolon"),
        ('"a"', 0, "string.quoted.double"),
        ("|a b|", 0, "variable.other.quoted"),
        (",@a", 0, "keyword.operator"),
        ("#!/usr/bin/env omegac", 0, "comment.line.directive"),
    ],
)
def test_scopes(text: str, at: int, scope: str | None) -> None:
    assert scope_of(text, at) == scope
