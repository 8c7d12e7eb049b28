"""What `omegac check` has to say: one finding about a place in a program, and how serious it is."""

from __future__ import annotations

from typing import Literal

import attrs
from omega_runtime.visible import visible, visible_lines

from omegac.source import Source, Span

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")
"""From the least to the most serious."""


def is_at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether a severity reaches a threshold."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(threshold)


@attrs.frozen
class Finding:
    """One finding: `code` names its rule, `help` says in one line how to mend it."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str

    def render(self, source: Source) -> str:
        """`file:line:column: severity: code message`, the source line, carets, and the help."""
        place = f"{visible(source.name)}:{self.span.line}:{self.span.column}"
        head = f"{place}: {self.severity}: {self.code} {visible_lines(self.message)}"
        return "\n".join([head, source.excerpt(self.span), f"  help: {visible_lines(self.help)}"])


@attrs.frozen(eq=False)
class Checked:
    """A source and what was found in it, in source order."""

    source: Source
    findings: tuple[Finding, ...]
