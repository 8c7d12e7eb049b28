"""Findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from omegac.check.findings import Checked, Finding, Severity

_COMMANDS: dict[Severity, str] = {"note": "notice", "warning": "warning", "error": "error"}
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = {**_IN_MESSAGES, **str.maketrans({":": "%3A", ",": "%2C"})}


def github(checked: Sequence[Checked]) -> str:
    """The findings, one command on each line."""
    return "".join(f"{_command(each.source.name, finding)}\n" for each in checked for finding in each.findings)


def _command(file: str, finding: Finding) -> str:
    span = finding.span
    properties = {"file": file, "line": span.line, "endLine": span.end_line, "col": span.column}
    if span.end_line == span.line:
        properties["endColumn"] = span.end_column
    properties["title"] = finding.code
    shown = ",".join(f"{name}={str(value).translate(_IN_PROPERTIES)}" for name, value in properties.items())
    message = f"{finding.message} ({finding.help})".translate(_IN_MESSAGES)
    return f"::{_COMMANDS[finding.severity]} {shown}::{message}"
