"""A file's text as the formatter has it, and the proof that it says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hy.models import Float, Keyword, Object
from hy.models import Sequence as Items

from omegac.errors import Diagnostics
from omegac.formatting.layout import AsTyped, Layout
from omegac.formatting.shapes import BODIES, own_bodies
from omegac.formatting.tokens import Kind, Token, tokens
from omegac.forms import Boolean, Labelled, LabelReference
from omegac.reader import read
from omegac.source import Source

_CLOSED = {
    opener: re.compile(pattern, re.DOTALL)
    for opener, pattern in (('"', r'"(?:[^"\\]|\\.)*"'), ("|", r"\|(?:[^|\\]|\\.)*\|:?"), ("#|", r"#\|.*\|#"))
}
_SWITCH = re.compile(r";+\s*fmt:\s*(off|on)\b.*")


class FormsDiffer(Exception):
    """The formatted text would mean something else; it isn't given, then."""


def formatted(source: Source) -> str:
    """The text of a source, laid out.

    Raises OmegaSyntaxError when it can't be read, and FormsDiffer rather than give a text with other forms or comments.
    """
    forms = _forms(source)
    found = list(tokens(source.text))
    result = _laid_out(source.text, found, {**own_bodies(forms), **BODIES})
    if not _same(forms, _forms(Source(source.name, result))) or _comments(found) != _comments(tokens(result)):
        raise FormsDiffer(f"{source.shown}: formatting would change what it says, so it is left as it is")
    return result


def indentation(before: str) -> int | None:
    """The column in which the line after a text begins; None where that is within a string or a comment."""
    found = list(tokens(before))
    if found and found[-1].kind in (Kind.STRING, Kind.BLOCK, Kind.ATOM) and not _is_complete(found[-1].text):
        return None
    layout = AsTyped(before, BODIES)
    layout.add_all(found)
    return layout.next_column()


def _is_complete(text: str) -> bool:
    """Whether a token that ends a text has the end that it needs."""
    for opener, closed in _CLOSED.items():
        if text.startswith(opener):
            return closed.fullmatch(text) is not None and (opener != "#|" or text.count("#|") == text.count("|#"))
    return True


def _forms(source: Source) -> tuple[Object, ...]:
    diagnostics = Diagnostics(source)
    forms = read(source, diagnostics)
    diagnostics.check()
    return forms


def _laid_out(text: str, found: Sequence[Token], bodies: dict[str, int]) -> str:
    layout = Layout(text, bodies)
    at = 0
    for start, end in _verbatim(text, found):
        layout.add_all(found[at:start])
        last = found[end - 2] if found[end - 1].kind is Kind.SPACE else found[end - 1]
        kept = text[found[start].start : last.end]
        layout.add_verbatim(kept.rstrip() if last.kind is Kind.COMMENT else kept)
        at = end
    layout.add_all(found[at:])
    return layout.text()


def _verbatim(text: str, found: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The ranges of tokens from a line `; fmt: off` at the top level to what follows a line `; fmt: on`."""
    depth, start = 0, None
    for index, token in enumerate(found):
        depth += {Kind.OPEN: 1, Kind.CLOSE: -1}.get(token.kind, 0)
        switch = _SWITCH.fullmatch(token.text) if token.kind is Kind.COMMENT and depth == 0 else None
        if switch is None or text[: token.start].rpartition("\n")[2].strip():
            continue
        if start is None and switch[1] == "off":
            start = index
        elif start is not None and switch[1] == "on":
            yield start, index + 1
            start = None
    if start is not None:
        yield start, len(found)


def _comments(found: Iterable[Token]) -> list[str]:
    return [each.text.rstrip() for each in found if each.kind in (Kind.COMMENT, Kind.BLOCK)]


def _same(first: Sequence[Object], second: Sequence[Object]) -> bool:
    """Whether two rows of forms are the same, whatever their places."""
    return list(_parts(first)) == list(_parts(second))


def _parts(forms: Sequence[Object]) -> Iterator[Any]:
    """What tells forms from others, in order."""
    pending = list(reversed(forms))
    while pending:
        form = pending.pop()
        match form:
            case Items():
                value: Any = len(form)
                pending += reversed(form)
            case Labelled():
                value = form.number
                pending.append(form.form)
            case Boolean():
                value = form.value
            case LabelReference():
                value = form.number
            case Keyword():
                value = form.name
            case Float():
                value = repr(float(form))
            case _:
                value = form
        yield type(form), value
