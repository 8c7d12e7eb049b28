"""What a word that is being written may become."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from hy.models import Symbol
from lsprotocol.types import CompletionItemKind

from omegac.core import External
from omegac.expand.environment import Binding, Environment, Macro, SpecialForm, Toplevel
from omegac.formatting.tokens import Kind
from omegac.library import library
from omegac.lsp.analysis import Analysis
from omegac.lsp.names import Names

_PLACEHOLDER = "…"
LIBRARY_GROUP = 3


@attrs.frozen
class Candidate:
    """A name that fits, what it is, and its group: nearer ones come first."""

    name: str
    kind: CompletionItemKind
    detail: str
    group: int


def completed(analysis: Analysis, offset: int) -> tuple[int, list[Candidate]]:
    """Where the word before an offset begins, and what it may become; nothing within strings and comments."""
    names = analysis.names
    token = names.token_at(offset - 1) if offset else None
    if token is not None and (token.kind is Kind.COMMENT or (_is_text(token.kind) and offset < token.end)):
        return offset, []
    is_word = token is not None and token.kind is Kind.ATOM
    start = token.start if token is not None and is_word else offset
    word = analysis.text[start:offset]
    if word.startswith(("#", "|")):
        return start, []
    if not word:
        text = f"{analysis.text[:offset]} {_PLACEHOLDER} {analysis.text[offset:]}"
        names = Analysis(text, analysis.path, analysis.modules).names
    found = _candidates(_scope(names, start + (0 if word else 1)))
    return start, [each for each in found if each.name.startswith(word) and each.name != _PLACEHOLDER]


def _is_text(kind: Kind) -> bool:
    return kind in (Kind.STRING, Kind.BLOCK)


def _scope(names: Names, offset: int) -> Environment:
    """The scope at an offset: that of the name there, or else of what is before it."""
    before = [each for each in names.occurrences if each.start <= offset]
    return before[-1].note.scope if before else names.toplevel


def _candidates(scope: Environment) -> Iterator[Candidate]:
    seen = set()
    for name in scope.names():
        if name not in seen:
            seen.add(name)
            yield _candidate(name, scope.lookup(Symbol(name, from_parser=True)), scope)
    for name in library():
        if name not in seen and not name.startswith("%"):
            yield Candidate(name, CompletionItemKind.Function, "library", LIBRARY_GROUP)


def _candidate(name: str, binding: Binding, scope: Environment) -> Candidate:
    match binding:
        case SpecialForm():
            return Candidate(name, CompletionItemKind.Keyword, "special form", 2)
        case Macro():
            return Candidate(name, CompletionItemKind.Keyword, "macro", 1)
        case External():
            return Candidate(name, CompletionItemKind.Function, f"from {binding.module}", 1)
    outermost = scope.outermost
    is_local = not isinstance(outermost, Toplevel) or outermost.bindings.get(name) is not binding
    kind = CompletionItemKind.Variable if is_local else CompletionItemKind.Function
    return Candidate(name, kind, "local variable" if is_local else "defined here", 0 if is_local else 1)
