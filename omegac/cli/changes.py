"""What has become of the bounds of programs since another revision, as text, as data and as Markdown.

Procedures are told apart by their names, and those whose names are gone by their bounds: a new name is no change, and
neither is one of a parameter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import Formula
from omegac.analyse.cost.bounds import Bound, Bounds

_SUFFIX = re.compile(r"(\[\]|\(\))+$")
_FIGURES = ("calls", "tokens", "dollars")


@attrs.frozen
class Change:
    """A procedure, or the run (None), with its figures before and after; None where it wasn't there."""

    name: str | None
    was: dict[str, str] | None
    now: dict[str, str] | None


@attrs.frozen
class Changed:
    """What changed in a file."""

    file: str
    changes: tuple[Change, ...]


def changes_of(before: Bounds | None, after: Bounds, file: str) -> Changed:
    """What is different, in the order of the program as it is; what is gone comes last."""
    old, new = (_spending(each) for each in (before, after))
    earlier = _earlier(old, new)
    found = [
        Change(bound.name, None if was is None else _figures(was), _figures(bound))
        for bound in new
        if (was := earlier.get(bound.name)) is None or _key(was) != _key(bound)
    ]
    matched = [id(each) for each in earlier.values()]
    found += [Change(each.name, _figures(each), None) for each in old if id(each) not in matched]
    return Changed(file, tuple(found))


def _spending(bounds: Bounds | None) -> list[Bound]:
    return [] if bounds is None else [each for each in bounds if not each.is_free or each.name is None]


def _earlier(old: list[Bound], new: list[Bound]) -> dict[str | None, Bound]:
    """What the bounds were, by the names that procedures have now."""
    named = {each.name: each for each in old}
    found = {each.name: named[each.name] for each in new if each.name in named}
    left = [each for each in old if each.name not in found]
    for bound in new:
        same = next((each for each in left if _key(each) == _key(bound)), None) if bound.name not in found else None
        if same is not None:
            left.remove(same)
            found[bound.name] = same
    return found


def _key(bound: Bound) -> tuple[str, ...]:
    """The figures of a bound, whatever its parameters are called."""
    roots = {name.removeprefix(". "): f"#{i}" for i, name in enumerate(bound.parameters)}
    names = {}
    for name in algebra.named(_formulas(bound)):
        kind, root, rest = _parts(name)
        names[name] = kind + roots.get(root, root) + rest
    return tuple(_figures(bound, names).values())


def _parts(size: str) -> tuple[str, str, str]:
    """What stands before and behind the name of a parameter in the name of a size, such as `len(docs[])`."""
    kind, parenthesis, rest = size.partition("(") if size.endswith(")") and not size.endswith("()") else ("", "", size)
    root = _SUFFIX.sub("", rest.removesuffix(")") if parenthesis else rest)
    return kind + parenthesis, root, rest[len(root) :]


def _formulas(bound: Bound) -> list[Formula]:
    return [bound.low.calls, *(getattr(bound.high, each) for each in _FIGURES)]


def _figures(bound: Bound, names: dict[str, str] | None = None) -> dict[str, str]:
    """The calls and tokens of a bound, and dollars where they are known, as text."""
    low, high = (algebra.text(each, names) for each in (bound.low.calls, bound.high.calls))
    figures = {"calls": high if low == high else f"{low} to {high}"}
    for name in _FIGURES[1:]:
        text = algebra.text(getattr(bound.high, name), names)
        if text != "unknown" or name == "tokens":
            figures[name] = text if text == "unknown" else f"<= {'$' if name == 'dollars' else ''}{text}"
    return figures


def _shown(change: Change) -> str:
    return "a run of the program" if change.name is None else f"({change.name})"


def changed_text(changed: Sequence[Changed]) -> str:
    """The changes for people."""
    texts = ["\n".join([each.file, *_lines(each.changes)]) + "\n" for each in changed if each.changes]
    return "\n".join(texts) or "no bound has changed\n"


def _lines(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.was and change.now:
            yield f"  {_shown(change)}"
            yield from (f"    was {name:6} {text}" for name, text in change.was.items())
            yield from (f"    is  {name:6} {text}" for name, text in change.now.items())
        else:
            yield f"  {'new' if change.now else 'gone'}: {_shown(change)}"
            yield from (f"    {name:6} {text}" for name, text in (change.now or change.was or {}).items())


def changed_json(changed: Sequence[Changed]) -> str:
    """The changes for machines: files with changes, each with its procedures; None stands for what isn't there."""
    data: list[dict[str, Any]] = [
        {
            "file": each.file,
            "changes": [{"procedure": one.name, "was": one.was, "is": one.now} for one in each.changes],
        }
        for each in changed
        if each.changes
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def changed_markdown(changed: Sequence[Changed]) -> str:
    """The changes as Markdown, for a pull request: a table for each file."""
    found = [each for each in changed if each.changes]
    if not found:
        return "No bound on calls or tokens has changed.\n"
    return "\n".join(f"### {_plain(each.file)}\n\n{_table(each.changes)}" for each in found)


def _table(changes: Sequence[Change]) -> str:
    names = [
        name
        for name in _FIGURES
        if name != "dollars" or any(name in (side or {}) for each in changes for side in (each.was, each.now))
    ]
    rows = [["", *names], ["---"] * (len(names) + 1)]
    rows += [[_plain(_shown(each)), *(_cell(each, name) for name in names)] for each in changes]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(change: Change, name: str) -> str:
    was, now = ((side or {}).get(name, "–" if side is None else "unknown") for side in (change.was, change.now))
    return _plain(was) if was == now else f"{_plain(was)} → {_plain(now)}"


def _plain(text: str) -> str:
    """A text that Markdown takes as it is."""
    return text if text == "–" else f"`{text.replace('`', '´').replace('|', chr(92) + '|')}`"


CHANGED = {"text": changed_text, "json": changed_json, "markdown": changed_markdown}
"""By the name of the format."""
