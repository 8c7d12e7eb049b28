"""import and require-omega: names from the standard libraries, from other Omega files, and from Python.

(import (scheme base) (only (text tools) shout) (prefix (text tools) t.) (rename (text tools) (shout cry)))
(import math (python os.path as: path) (only (python json) loads))
(require-omega "tools.omega")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs
from hy.models import Expression, Integer, Keyword, Object, String, Symbol

from omegac import core
from omegac.core import External, Variable
from omegac.errors import Malformed, suggestion
from omegac.expand.environment import Binding, Free, Macro, Toplevel, key_of
from omegac.expand.expander import Expander
from omegac.expand.special import SPECIAL_FORMS, definition, identifier, list_of, malformed
from omegac.expand.surroundings import Missing, Module
from omegac.forms import is_symbol, text_of
from omegac.library import library
from omegac.names import attribute_name, python_name
from omegac.source import Span
from omegac.standard import PREFIXES, STANDARD

definition("(import import-set …)", 0)
definition('(require-omega "file" …)', 1)

_MODIFIERS = ("only", "except", "prefix", "rename")
_PYTHON = "(python module [as: name])"


@attrs.frozen
class ImportSet:
    """What an import set binds, and where that is from; `python` is a module whose names nobody knows beforehand."""

    origin: str
    bindings: Mapping[str, Binding]
    python: str | None = None


def scan_import(x: Expander, form: Expression, scope: Toplevel) -> None:
    """Bind what an `import` at the top level names. Raises Malformed for the first set that can't be had."""
    for item in form[1:]:
        _bind_all(x, import_set(x, item), scope, item)


def scan_require(x: Expander, form: Expression, scope: Toplevel) -> None:
    """Bind all that some files export."""
    for item in form[1:]:
        if not isinstance(item, String):
            raise Malformed("a file to import is named by a string", Span.of(item))
        module = _found(lambda item=item: x.surroundings.file(str(item), Span.of(item).origin or x.source), item)  # type: ignore[misc]
        _bind_all(x, _of_module(x, module, f'"{item}"', item), scope, item)


def _bind_all(x: Expander, found: ImportSet, scope: Toplevel, place: Object) -> None:
    for name, binding in found.bindings.items():
        symbol = Symbol(name, from_parser=True)
        if binding in (Free(name), SPECIAL_FORMS.get(name)) and key_of(symbol) not in scope.imported:
            continue
        earlier = scope.bound_here(symbol)
        if isinstance(earlier, Variable) and key_of(symbol) not in scope.imported:
            mend = f"leave it out: (except {text_of(place)} {name})"
            raise Malformed(f"{name} is defined on line {earlier.span.line} already", Span.of(place), mend)
        if key_of(symbol) in scope.imported and earlier != binding:
            other = scope.imported[key_of(symbol)]
            mend = f"leave one out: (except {text_of(place)} {name}), or rename it"
            raise Malformed(f"{name} comes from {other} already, and from {found.origin}", Span.of(place), mend)
        scope.bind(symbol, binding)
        if isinstance(binding, External | Macro | Variable):
            scope.imported[key_of(symbol)] = found.origin


def import_set(x: Expander, form: Object) -> ImportSet:
    """What an import set stands for."""
    if isinstance(form, Symbol):
        return _of_python(x, str(form), None, form)
    parts = list_of(form, "import")
    if not parts:
        raise malformed("import", form)
    keyword = str(parts[0]) if isinstance(parts[0], Symbol) else ""
    if keyword in _MODIFIERS and len(parts) > 1 and isinstance(parts[1], Expression):
        return _modified(keyword, import_set(x, parts[1]), parts[2:], form)
    if keyword == "python":
        return _python_set(x, parts)
    name = library_name(form)
    library = _defined_library(x, name)
    if library is not None:
        return ImportSet(text_of(form), library)
    names = standard_names(name)
    if names is not None:
        return ImportSet(text_of(form), {each: SPECIAL_FORMS.get(each, Free(each)) for each in names})
    return _of_module(x, _found(lambda: x.surroundings.library(name), form), text_of(form), form)


def _defined_library(x: Expander, name: tuple[str, ...]) -> Mapping[str, Binding] | None:
    """The exports of a library that the program, or code evaluated before it, defines."""
    return x.libraries.get(name) or x.toplevel.libraries.get(name)


def standard_names(name: tuple[str, ...]) -> frozenset[str] | None:
    """The exports of a standard library, or None for any other."""
    if name[:1] == ("omega",):
        return frozenset(SPECIAL_FORMS) | {each for each in library() if not each.startswith("%")}
    prefix = PREFIXES.get(name)
    return STANDARD.get(name) if prefix is None else frozenset(each for each in library() if each.startswith(prefix))


def library_name(form: Object) -> tuple[str, ...]:
    """`(text tools 2)` as its parts. Raises Malformed for what is no library's name."""
    parts = list_of(form, "import")
    if not parts or not all(isinstance(part, Symbol) or _is_count(part) for part in parts):
        raise Malformed("the name of a library is a list of symbols and numbers", Span.of(form))
    return tuple(str(int(part)) if isinstance(part, Integer) else str(part) for part in parts)


def _is_count(form: Object) -> bool:
    return isinstance(form, Integer) and int(form) >= 0


def _found(find: Callable[[], Module], place: Object) -> Module:
    try:
        return find()
    except Missing as error:
        raise Malformed(str(error), Span.of(place), error.help) from None


def _of_module(x: Expander, module: Module, origin: str, place: Object) -> ImportSet:
    x.imports.setdefault(module.name, core.Import(module.name, Span.of(place), module.is_python, module.captures))
    return ImportSet(origin, module.bindings)


def _python_set(x: Expander, parts: Expression) -> ImportSet:
    """`(python module)` and `(python module as: name)`."""
    match parts[1:]:
        case [Symbol() as module]:
            return _of_python(x, str(module), None, parts)
        case [Symbol() as module, Keyword(name="as"), Symbol() as alias]:
            return _of_python(x, str(module), str(alias), parts)
    raise Malformed(f"malformed import: expected {_PYTHON}", Span.of(parts))


def _of_python(x: Expander, text: str, alias: str | None, place: Object) -> ImportSet:
    """A Python module, bound as Python binds it: `os.path` without an alias binds `os`."""
    names = [python_name(part) for part in text.split(".")]
    if not all(names) or not all(text.split(".")):
        raise Malformed(f"{text} is no name of a Python module", Span.of(place))
    module = ".".join(names)
    near = x.surroundings.omega_file_of(module)
    if near is not None and isinstance(place, Symbol):
        mend = (
            f"(import ({' '.join(text.split('.'))})) imports {near}; (import (python {text})) means the Python module"
        )
        raise Malformed(f"{text} is an Omega file here", Span.of(place), mend)
    x.imports.setdefault(module, core.Import(module, Span.of(place), is_python=True))
    bound, external = (
        (alias, External(module, is_python=True)) if alias else (text.split(".")[0], External(names[0], is_python=True))
    )
    return ImportSet(text_of(place), {bound: external}, module)


def _modified(keyword: str, found: ImportSet, arguments: Sequence[Object], form: Object) -> ImportSet:
    if found.python is not None and keyword != "only":
        mend = f"say which ones first: ({keyword} (only {found.origin} name …) …)"
        raise Malformed(f"the names of a Python module aren't known to {keyword}", Span.of(form), mend)
    if keyword == "prefix":
        prefix = _prefix(arguments, form)
        return attrs.evolve(found, bindings={prefix + name: each for name, each in found.bindings.items()})
    if keyword == "rename":
        pairs = [_pair(item) for item in arguments]
        new = {str(old): str(name) for old, name in pairs}
        _check_exported(found, [old for old, _ in pairs])
        return attrs.evolve(found, bindings={new.get(name, name): each for name, each in found.bindings.items()})
    names = [identifier(item, "a name to import") for item in arguments]
    if found.python is not None:
        external = {str(name): External(found.python, attribute_name(str(name)), is_python=True) for name in names}
        return ImportSet(found.origin, external)
    _check_exported(found, names)
    chosen = {str(name) for name in names}
    kept = {name: each for name, each in found.bindings.items() if (name in chosen) == (keyword == "only")}
    return attrs.evolve(found, bindings=kept)


def _prefix(arguments: Sequence[Object], form: Object) -> str:
    match arguments:
        case [Symbol() as prefix]:
            return str(prefix)
        case [Keyword(name=name)]:
            return f"{name}:"
    raise Malformed("malformed import: expected (prefix import-set prefix)", Span.of(form))


def _pair(item: Object) -> tuple[Symbol, Symbol]:
    parts = list_of(item, "import")
    if len(parts) != 2:
        raise Malformed("malformed import: expected (rename import-set (name new-name) …)", Span.of(item))
    return identifier(parts[0], "a name to import"), identifier(parts[1], "a new name")


def _check_exported(found: ImportSet, names: Sequence[Symbol]) -> None:
    for name in names:
        if str(name) not in found.bindings:
            raise Malformed(
                f"{found.origin} doesn't export {name}", Span.of(name), suggestion(str(name), found.bindings)
            )


def has_library(x: Expander, form: Object) -> bool:
    """Whether a library can be imported, for `cond-expand`."""
    name = library_name(form)
    if _defined_library(x, name) is not None or standard_names(name) is not None:
        return True
    if is_symbol(list_of(form, "import")[0], "python"):
        return False
    try:
        x.surroundings.library(name)
    except Missing:
        return False
    return True
