"""Findings as SARIF 2.1.0, the format that code scanning services read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from omegac import __version__
from omegac.check.findings import Checked, Finding
from omegac.check.rules.table import RULES, Rule
from omegac.source import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(checked: Sequence[Checked]) -> str:
    """The findings as one run of a SARIF log, with the rules."""
    findings = [(each.source.name, finding) for each in checked for finding in each.findings]
    codes = list(RULES)
    run = {
        "tool": {"driver": {"name": "omegac", "version": __version__, "rules": list(map(_rule, RULES.values()))}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(file, finding, codes.index(finding.code)) for file, finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": f"To mend it: {rule.help}."},
        "helpUri": rule.page,
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(file: str, finding: Finding, index: int) -> dict[str, object]:
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": f"{finding.message}. To mend it: {finding.help}."},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": _region(finding.span)}}],
    }


def _uri(file: str) -> str:
    """A file as a reference relative to where the check runs, or as an absolute one."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _region(span: Span) -> dict[str, int]:
    """A place; the end column is the first one behind it."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column + 1,
    }
