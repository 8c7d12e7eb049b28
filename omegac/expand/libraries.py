"""define-library: a scope of its own, of which others see what it exports.

A library is part of the module that its file becomes. In a file of libraries only, the one that has the file's name, or
the only one, says what that module exports; the others, and those beside a program, are for that file alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

import attrs
from hy.models import Expression, Object, Symbol

from omegac.core import External, Variable
from omegac.errors import Malformed, suggestion
from omegac.expand.environment import Binding, Free, Macro, Toplevel
from omegac.expand.expander import Expander
from omegac.expand.imports import library_name, scan_import, standard_names
from omegac.expand.inclusion import chosen, included
from omegac.expand.special import definition, list_of, malformed
from omegac.forms import is_symbol, text_of
from omegac.source import Span

definition("(define-library (name …) declaration …)", 1)

Name = tuple[str, ...]


@attrs.frozen
class _Export:
    """A name of a library, and that under which others see it."""

    inside: Symbol
    outside: str


def scan_library(x: Expander, form: Expression, scan: Callable[[Toplevel, Object], None]) -> None:
    """Define a library; `scan` files a form of its body as definitions or as an expression of its scope."""
    name = library_name(form[1])
    if name in x.libraries:
        raise Malformed(f"{text_of(form[1])} is defined twice", Span.of(form[1]))
    if standard_names(name) is not None:
        raise Malformed(f"{text_of(form[1])} is a standard library", Span.of(form[1]), "call yours by another name")
    scope = x.new_scope()
    exports: list[_Export] = []
    for declaration in _declarations(x, form[2:]):
        _declare(x, declaration, scope, exports, scan)
    x.libraries[name] = {each.outside: _exported(scope, each) for each in exports}


def _declarations(x: Expander, forms: Sequence[Object]) -> list[Object]:
    """The declarations with those that others stand for; imports come before all else that is done."""
    found: list[Object] = []
    for form in forms:
        head = list_of(form, "define-library")[0] if list_of(form, "define-library") else None
        if isinstance(head, Symbol) and str(head) == "include-library-declarations":
            found += _declarations(x, included(x, form))
        elif isinstance(head, Symbol) and str(head) == "cond-expand":
            found += _declarations(x, chosen(x, form))
        else:
            found.append(form)
    return sorted(found, key=lambda form: not is_symbol(form[0], "import") if form else True)


def _declare(
    x: Expander,
    form: Object,
    scope: Toplevel,
    exports: list[_Export],
    scan: Callable[[Toplevel, Object], None],
) -> None:
    keyword = str(form[0]) if form and isinstance(form[0], Symbol) else ""
    match keyword:
        case "export":
            for item in form[1:]:
                export = _export(item)
                if export.outside in {each.outside for each in exports}:
                    raise Malformed(f"{export.outside} is exported twice", Span.of(item))
                exports.append(export)
        case "import":
            scan_import(x, form, scope)
        case "begin" | "include" | "include-ci":
            scan(scope, form)
        case _:
            expected = "export, import, begin, include, include-ci, include-library-declarations and cond-expand"
            raise malformed("define-library", form, f"a library is declared by {expected}")


def _export(item: Object) -> _Export:
    match item:
        case Symbol():
            return _Export(item, str(item))
        case Expression([Symbol() as keyword, Symbol() as inside, Symbol() as outside]) if str(keyword) == "rename":
            return _Export(inside, str(outside))
    raise Malformed("malformed export: expected name or (rename name new-name)", Span.of(item))


def _exported(scope: Toplevel, export: _Export) -> Binding:
    binding = scope.lookup(export.inside)
    if isinstance(binding, Free) and binding.name not in (standard_names(("omega",)) or ()):
        names = [str(key) for key in scope.bindings]
        raise Malformed(
            f"the library doesn't define {export.inside}, which it exports",
            Span.of(export.inside),
            suggestion(str(export.inside), names),
        )
    return binding


def exported_library(x: Expander) -> Name | None:
    """The library whose exports are those of the file, when the file has nothing but libraries."""
    names = list(x.libraries)
    stem = PurePath(x.source.shown).stem
    return next((name for name in names if name[-1] == stem), names[0] if len(names) == 1 else None)


def exports_of(bindings: dict[str, Binding]) -> tuple[dict[str, Variable | External | str], dict[str, Macro]]:
    """The exports of a library: values, where a string is a library procedure's name, and macros."""
    values: dict[str, Variable | External | str] = {}
    macros: dict[str, Macro] = {}
    for name, binding in bindings.items():
        match binding:
            case Variable() | External():
                values[name] = binding
            case Macro():
                macros[name] = binding
            case _:
                values[name] = binding.name
    return values, macros
