"""Findings for programs: a JSON array with an object for each."""

from __future__ import annotations

import json
from collections.abc import Sequence

from omegac.check.findings import Checked, Finding
from omegac.check.rules.table import RULES


def as_json(checked: Sequence[Checked]) -> str:
    """The findings as a JSON array; lines and columns count from 1, the end is part of the place."""
    rows = [_row(each.source.name, finding) for each in checked for finding in each.findings]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _row(file: str, finding: Finding) -> dict[str, object]:
    rule, span = RULES[finding.code], finding.span
    return {
        "file": file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "code": finding.code,
        "name": rule.name,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "url": rule.page,
    }
