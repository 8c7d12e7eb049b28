"""The answers of the server, from analyses to what the protocol has for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from omega_runtime.control.deep import deep

import omegac
from omegac.check.findings import Finding
from omegac.errors import Diagnostic, OmegaSyntaxError
from omegac.formatting import FormsDiffer, formatted, indentation
from omegac.lsp.analysis import Analysis
from omegac.lsp.completing import LIBRARY_GROUP, completed
from omegac.lsp.describing import described
from omegac.lsp.names import Definition, Occurrence
from omegac.lsp.renaming import Refused, renamable, renamed
from omegac.lsp.workspace import Files

SOURCE = "omegac"
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_SYMBOLS = {
    "procedure": types.SymbolKind.Function,
    "variable": types.SymbolKind.Variable,
    "macro": types.SymbolKind.Operator,
    "record type": types.SymbolKind.Struct,
}
_INCLUDING = ("import", "include", "include-ci", "require-omega", "define-library")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CHECK_PAGE = Path(omegac.__file__).parent.parent / "docs" / "CHECK.md"


def diagnostics(analysis: Analysis, page: str | None) -> list[types.Diagnostic]:
    """What is wrong in a document; `page` is the address of docs/CHECK.md."""
    return [_diagnostic(analysis, each, page or default_page()) for each in analysis.findings()]


def default_page() -> str | None:
    """The page about findings beside the package, where that is in the project's own folder."""
    return _CHECK_PAGE.as_uri() if _CHECK_PAGE.is_file() else None


def _diagnostic(analysis: Analysis, finding: Finding | Diagnostic, page: str | None) -> types.Diagnostic:
    span, message = finding.span, finding.message
    place = analysis.places.range_of(span)
    if span.origin is not None and span.origin.name != analysis.source.name:
        message = f"{span.origin.shown}:{span.line}:{span.column}: {message}"
        place = _including(analysis)
    if finding.help:
        message += f"\n{finding.help}"
    code = finding.code if isinstance(finding, Finding) else None
    return types.Diagnostic(
        place,
        message,
        severity=_SEVERITIES[finding.severity],
        code=code,
        code_description=types.CodeDescription(f"{page}#{code.lower()}") if code and page else None,
        source=SOURCE,
    )


def _including(analysis: Analysis) -> types.Range:
    """The first name of a form that brings in other files, or else the beginning of the text."""
    found = (each for each in analysis.names.occurrences if each.note.name in _INCLUDING)
    first = next(found, None)
    return analysis.places.range(first.start, first.end) if first else analysis.places.range(0, 1)


def hover(files: Files, analysis: Analysis, position: types.Position) -> types.Hover | None:
    """What the name at a position means."""
    found = analysis.names.at(analysis.places.offset(position))
    text = described(analysis, found, files.find) if found else None
    if found is None or text is None:
        return None
    content = types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.Hover(content, analysis.places.range(found.start, found.end))


def definition(files: Files, analysis: Analysis, position: types.Position) -> types.Location | None:
    """Where the name at a position is defined, in whichever file."""
    found = analysis.names.at(analysis.places.offset(position))
    if found is None:
        return None
    binding = found.note.binding
    own = analysis.names.definition_of(binding)
    if own is not None:
        return _location(analysis, own.start, own.end)
    target = files.find(analysis, binding)
    return _location(target[0], *target[1].name_bounds) if target else None


def references(
    files: Files, analysis: Analysis, position: types.Position, with_definition: bool = True
) -> list[types.Location]:
    """Where what the name at a position means is used, in the text and in other files of the workspace."""
    found = analysis.names.at(analysis.places.offset(position))
    if found is None:
        return []
    own = analysis.names.of_binding(found.note.binding)
    own = [each for each in own if with_definition or not each.note.defines]
    others = files.uses(analysis, found.note.binding)
    return [_location(one, each.start, each.end) for one, each in [*((analysis, each) for each in own), *others]]


def highlights(analysis: Analysis, position: types.Position) -> list[types.DocumentHighlight]:
    """Where the text has what the name at a position means."""
    found = analysis.names.at(analysis.places.offset(position))
    own = analysis.names.of_binding(found.note.binding) if found else []
    return [types.DocumentHighlight(analysis.places.range(each.start, each.end)) for each in own]


def rename(files: Files, analysis: Analysis, uri: str, position: types.Position, name: str) -> types.WorkspaceEdit:
    """The changes that give the name at a position another one. Raises Refused."""
    offset = analysis.places.offset(position)
    found = _unused_elsewhere(files, analysis, renamable(analysis, offset))
    places = renamed(analysis, found.start, name)
    edits = [types.TextEdit(analysis.places.range(each.start, each.end), name) for each in places]
    return types.WorkspaceEdit(changes={uri: edits})


def prepare_rename(files: Files, analysis: Analysis, position: types.Position) -> types.PrepareRenamePlaceholder:
    """The name at a position that may be changed. Raises Refused."""
    found = _unused_elsewhere(files, analysis, renamable(analysis, analysis.places.offset(position)))
    return types.PrepareRenamePlaceholder(
        analysis.places.range(found.start, found.end), analysis.text[found.start : found.end]
    )


def _unused_elsewhere(files: Files, analysis: Analysis, found: Occurrence) -> Occurrence:
    for other, each in files.uses(analysis, found.note.binding):
        line = other.places.position(each.start).line + 1
        raise Refused(f"{found.note.name} is also used in {other.path}:{line}; a name is changed in one file only")
    return found


def completion(analysis: Analysis, position: types.Position) -> types.CompletionList:
    """What the word before a position may become."""
    offset = analysis.places.offset(position)
    start, candidates = completed(analysis, offset)
    place = types.Range(analysis.places.position(start), position)
    items = [
        types.CompletionItem(
            each.name,
            kind=each.kind,
            detail=each.detail,
            sort_text=f"{each.group}{each.name}",
            text_edit=types.TextEdit(place, each.name),
            data={"library": each.name} if each.group == LIBRARY_GROUP else None,
        )
        for each in candidates
    ]
    return types.CompletionList(is_incomplete=True, items=items)


def symbols(analysis: Analysis) -> list[types.DocumentSymbol]:
    """What a document defines."""
    return [_symbol(analysis, each) for each in analysis.names.definitions]


def _symbol(analysis: Analysis, each: Definition) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        each.name,
        _SYMBOLS[each.kind],
        analysis.places.range(*each.form_bounds),
        analysis.places.range(*each.name_bounds),
        detail=each.usage,
        children=[_symbol(analysis, inner) for inner in each.inner],
    )


def formatting(analysis: Analysis) -> list[types.TextEdit]:
    """The one change that lays out a document; none where nothing changes, or it can't be read."""
    try:
        after: str = deep(formatted, analysis.source)
    except (OmegaSyntaxError, FormsDiffer):
        return []
    if after == analysis.text:
        return []
    old, new = (_LINE.findall(text) for text in (analysis.text, after))
    same = _common(old, new)
    start = sum(map(len, old[:same]))
    old, new = old[same:], new[same:]
    rest = _common(old[::-1], new[::-1])
    changed, wanted = "".join(old[: len(old) - rest]), "".join(new[: len(new) - rest])
    return [types.TextEdit(analysis.places.range(start, start + len(changed)), wanted)]


def indented(analysis: Analysis, position: types.Position) -> list[types.TextEdit]:
    """The change that puts a line that was just begun where it belongs."""
    start = analysis.places.offset(types.Position(position.line, 0))
    column = indentation(analysis.text[:start])
    end = start + len(analysis.text[start:]) - len(analysis.text[start:].lstrip(" \t"))
    if column is None or analysis.text[start:end] == " " * column:
        return []
    return [types.TextEdit(analysis.places.range(start, end), " " * column)]


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many items two rows have in common at their beginning."""
    pairs = zip(first, second, strict=False)
    return next((i for i, (one, other) in enumerate(pairs) if one != other), min(len(first), len(second)))


def _location(analysis: Analysis, start: int, end: int) -> types.Location:
    return types.Location(analysis.uri, analysis.places.range(start, end))
