"""Checks a source: compiles it as far as the analysis, runs the rules, and leaves out what comments suppress."""

from __future__ import annotations

from collections.abc import Iterable

import attrs
from omega_runtime.control.deep import deep

from omegac.check.findings import Checked, Finding
from omegac.check.rules import CHECKS, RULES
from omegac.check.subject import Subject
from omegac.check.suppress import suppressed
from omegac.errors import Diagnostic
from omegac.expand.surroundings import Surroundings
from omegac.modules import surroundings_of
from omegac.pipeline import analysed
from omegac.source import Source


@attrs.frozen(eq=False)
class Outcome:
    """What checking a source gave: the findings, and what the compiler warns of."""

    checked: Checked
    warnings: tuple[Diagnostic, ...]


def check_source(source: Source, codes: Iterable[str] = RULES, surroundings: Surroundings | None = None) -> Outcome:
    """Check a source by the rules with these codes. Raises OmegaSyntaxError when it doesn't compile.

    `surroundings` has the files around it, where those aren't the usual ones.
    """
    outcome: Outcome = deep(_outcome, source, frozenset(codes), surroundings or surroundings_of(source))
    return outcome


def _outcome(source: Source, codes: frozenset[str], surroundings: Surroundings) -> Outcome:
    unit = analysed(source, surroundings)
    found = _findings(Subject(unit.program, unit.facts), codes)
    left = suppressed(found, source, codes)
    in_order = sorted(left, key=lambda each: (each.span.line, each.span.column, each.code))
    return Outcome(Checked(source, tuple(in_order)), tuple(unit.diagnostics.warnings))


def _findings(subject: Subject, codes: frozenset[str]) -> list[Finding]:
    """All findings, each once."""
    return list(
        dict.fromkeys(
            Finding(code, RULES[code].severity, message, span, RULES[code].help)
            for code, check in sorted(CHECKS.items())
            if code in codes
            for span, message in check(subject)
        )
    )
