"""Comments that suppress findings.

`; noqa` on the line where a finding begins suppresses all of that line, `; noqa: OM103, OM106` those with these codes.
`;; omegac: noqa`, with codes or without, before the first form is for the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from omegac.check.findings import Finding
from omegac.check.rules.table import RULES, UNUSED_SUPPRESSION
from omegac.source import Source, Span

_NOQA = re.compile(r";+\s*(?P<file>omegac:\s*)?noqa(?:\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?(?![\w:])")
_TOKEN = re.compile(
    r"""
    (?P<comment> ;[^\n]* )
    | (?P<block> \#\| )
    | (?P<skipped> "(?:\\.|[^"\\])*"? | \|(?:\\.|[^|\\])*\|? | \#\\. | \s+ )
    | (?P<form> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_END = re.compile(r"#\||\|#")


@attrs.frozen
class Suppression:
    """A comment that suppresses findings: those with `codes`, all when there are none; of its line, or of the file."""

    span: Span
    codes: frozenset[str]
    of_file: bool

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is suppressed."""
        here = self.of_file or self.span.line == finding.span.line
        return here and (not self.codes or finding.code in self.codes)


def suppressions(source: Source) -> list[Suppression]:
    """The comments of a source that suppress findings, in order."""
    found = []
    for start, text, is_at_head in _comments(source.text):
        match = _NOQA.search(text)
        if match is None or (match["file"] and not is_at_head):
            continue
        begin = start + match.start()
        line = source.text.count("\n", 0, begin) + 1
        column = begin - (source.text.rfind("\n", 0, begin) + 1) + 1
        span = Span(line, column, line, column + len(match[0]) - 1)
        codes = frozenset(re.findall(r"[A-Z]+[0-9]+", match["codes"] or ""))
        found.append(Suppression(span, codes, match["file"] is not None))
    return found


def _comments(text: str) -> Iterator[tuple[int, str, bool]]:
    """The comments to the end of a line: where they start, and whether no form stands before them."""
    position, is_at_head = 0, True
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        position = match.end()
        if match["comment"]:
            yield match.start(), match["comment"], is_at_head
        elif match["block"]:
            position = _end_of_block(text, position)
        elif match["form"] or not match[0].isspace():
            is_at_head = False


def _end_of_block(text: str, position: int) -> int:
    depth = 1
    for match in _BLOCK_END.finditer(text, position):
        depth += 1 if match[0] == "#|" else -1
        if not depth:
            return match.end()
    return len(text)


def suppressed(found: list[Finding], source: Source, selected: frozenset[str]) -> list[Finding]:
    """The findings that no comment suppresses, and notes on comments that suppress nothing that was looked for."""
    comments = suppressions(source)
    left = [each for each in found if not any(comment.covers(each) for comment in comments)]
    if UNUSED_SUPPRESSION in selected:
        left += [note for comment in comments for note in _unused(comment, found, selected)]
    return left


def _unused(comment: Suppression, found: list[Finding], selected: frozenset[str]) -> Iterator[Finding]:
    rule = RULES[UNUSED_SUPPRESSION]
    where = "in this file" if comment.of_file else "on this line"
    used = {each.code for each in found if comment.covers(each)}
    message = None
    if not comment.codes and not used and selected == frozenset(RULES):
        message = f"nothing {where} needs this noqa"
    elif comment.codes:
        unknown = sorted(comment.codes - RULES.keys())
        idle = sorted((comment.codes & selected) - used)
        if unknown:
            message = f"there is no code {unknown[0]}"
        elif idle:
            message = f"there is no {' or '.join(idle)} {where}"
    if message is not None:
        yield Finding(rule.code, rule.severity, message, comment.span, rule.help)
