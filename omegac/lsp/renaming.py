"""Another name for a variable or a macro, where that leaves every other name's meaning as it is."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from hy.models import Symbol

from omegac.errors import Diagnostics
from omegac.expand.environment import Binding, Free, SpecialForm
from omegac.expand.special import SPECIAL_FORMS
from omegac.library import library
from omegac.lsp.analysis import Analysis
from omegac.lsp.names import Occurrence, is_foreign, is_own
from omegac.reader import read
from omegac.source import Source


class Refused(Exception):
    """A name can't be changed; says why, and what to do."""


def renamable(analysis: Analysis, offset: int) -> Occurrence:
    """The name at an offset. Raises Refused when it isn't the text's own."""
    found = analysis.names.at(offset)
    if found is None:
        raise Refused("there is no name here that the compiler knows")
    name, binding = found.note.name, found.note.binding
    if isinstance(binding, SpecialForm):
        raise Refused(f"{name} is a form of the language")
    if isinstance(binding, Free):
        raise Refused(f"{name} is {'a procedure of the library' if binding.name in library() else 'not defined'}")
    if is_foreign(binding):
        raise Refused(f"{name} is imported; rename it in the file that defines it")
    if not is_own(binding) or analysis.names.definition_of(binding) is None:
        raise Refused(f"{name} is not defined in this file")
    if analysis.names.elsewhere(binding):
        file = analysis.names.elsewhere(binding)[0][0]
        raise Refused(f"{name} is also used in {file}, which is included here")
    return found


def renamed(analysis: Analysis, offset: int, name: str) -> list[Occurrence]:
    """The places where the name at an offset has to be another one. Raises Refused when it can't be that."""
    found = renamable(analysis, offset)
    if not _is_symbol(name):
        raise Refused(f"{name} is no name; take a word without blanks, parentheses and quotes")
    if name in SPECIAL_FORMS:
        raise Refused(f"{name} is a form of the language; take another name")
    if not analysis.names.is_whole:
        raise Refused("this file has errors; mend them first")
    places = analysis.names.of_binding(found.note.binding)
    after = attrs.evolve(analysis, text=replaced(analysis.text, places, name))
    if not _is_the_same(analysis, after):
        raise Refused(f"{name} would mean something else in some of these places; take another name")
    return places


def replaced(text: str, places: Sequence[Occurrence], name: str) -> str:
    """A text with another name in some places, which are in order."""
    parts, at = [], 0
    for each in places:
        parts += [text[at : each.start], name]
        at = each.end
    return "".join([*parts, text[at:]])


def _is_symbol(name: str) -> bool:
    diagnostics = Diagnostics(Source("name", name))
    forms = read(diagnostics.source, diagnostics)
    return len(forms) == 1 and type(forms[0]) is Symbol and not diagnostics.items and name == name.strip()


def _is_the_same(before: Analysis, after: Analysis) -> bool:
    """Whether a program with another name is the same program."""
    if not after.names.is_whole or (before.compiles and not after.compiles):
        return False
    return _mean_the_same(before.names.occurrences, after.names.occurrences)


def _mean_the_same(before: Sequence[Occurrence], after: Sequence[Occurrence]) -> bool:
    """Whether two rows of names mean the same in the same order, whatever they are called."""
    if len(before) != len(after):
        return False
    there: dict[Binding, Binding] = {}
    back: dict[Binding, Binding] = {}
    for old, new in zip(before, after, strict=True):
        first, second = old.note.binding, new.note.binding
        if is_own(first) and is_own(second):
            if there.setdefault(first, second) is not second or back.setdefault(second, first) is not first:
                return False
        elif first != second:
            return False
    return True
