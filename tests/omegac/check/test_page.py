"""docs/CHECK.md: a section for each code, whose examples are what they are said to be."""

from __future__ import annotations

import re

import pytest

from omegac.check.checking import check_source
from omegac.check.rules import RULES
from omegac.source import Source
from tests.support import ROOT

PAGE = (ROOT / "docs" / "CHECK.md").read_text()
SECTIONS = {match[1]: match[2] for match in re.finditer(r"^### (OM\d+)\n(.*?)(?=^##)", PAGE, re.DOTALL | re.MULTILINE)}


def programs(text: str) -> list[str]:
    return re.findall(r"```lisp\n(.*?)```", text, re.DOTALL)


def found(program: str) -> set[str]:
    return {each.code for each in check_source(Source("doc", program)).checked.findings}


def test_there_is_a_section_for_each_code() -> None:
    assert list(SECTIONS) == list(RULES)


@pytest.mark.parametrize("code", RULES)
def test_a_section_says_what_the_rule_is(code: str) -> None:
    rule = RULES[code]
    assert f"\n`{rule.name}`, a {rule.severity}. {rule.summary}\n" in SECTIONS[code]
    assert rule.page == f"docs/CHECK.md#{code.lower()}"


@pytest.mark.parametrize("code", RULES)
def test_the_first_example_has_the_finding_and_the_better_one_no_warning(code: str) -> None:
    first, better = programs(SECTIONS[code])
    assert code in found(first)
    left = found(better)
    assert code not in left
    assert {each for each in left if RULES[each].severity != "note"} == set()


def test_the_suppressed_program_has_no_findings() -> None:
    (program,) = programs(PAGE.partition("## Suppression")[2])
    assert found(program) == set()
    assert found("\n".join(program.splitlines()[3:])) == {"OM101"}
