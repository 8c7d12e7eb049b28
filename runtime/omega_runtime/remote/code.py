"""Procedures and classes on their way to another process: by their names where it can import them, else as code.

What a program's own file has is code, as nobody can import a program: a procedure goes with the variables that it uses.
Of what is imported, a hash of the compiled code goes along, and other code of that name is refused.
"""

from __future__ import annotations

import builtins
import importlib
import marshal
import sys
from base64 import b64decode, b64encode
from functools import cache
from hashlib import sha256
from types import CellType, CodeType, FunctionType, ModuleType

from omega_runtime import compiled
from omega_runtime.remote.wire import DESCRIBERS, GENERAL, KINDS, CannotTravel, Kind, Numbers
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.printing import procedure_name
from omega_runtime.values.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from omega_runtime.remote.wire import Described, Encoder

# Variables of a compiled module by which errors find their places.
_PLACES = ("__name__", "__omega_source__", "__omega_files__")


class Mismatch(OmegaError):
    """A module has other code in another process."""


class Home:
    """What a process knows of code: classes of programs by what they are, and hashes of modules."""

    def __init__(self) -> None:
        self.classes: dict[str, type] = {}
        self._digests: dict[str, str] = {}

    def digest(self, name: str) -> str:
        """The hash of an imported module's code, as it is in its file and as it is here; Omega's only, else ""."""
        if name not in self._digests:
            self._digests[name] = _digest(sys.modules[name])
        return self._digests[name]


def _digest(module: ModuleType) -> str:
    if not hasattr(module, "__omega_source__"):
        return ""
    found = sha256()
    get_code = getattr(module.__loader__, "get_code", None)
    code = get_code(module.__name__) if get_code is not None else None
    own = [each.__code__ for each in vars(module).values() if _is_function_of(each, vars(module))]
    for each in [code, *own]:
        if each is not None:
            for piece in _pieces(each):
                found.update(piece)
    return found.hexdigest()


def _is_function_of(value: object, names: dict[str, Any]) -> bool:
    return type(value) is FunctionType and value.__globals__ is names


def _pieces(code: CodeType) -> Iterator[bytes]:
    """What makes up code other than the file that it is in."""
    stack = [code]
    while stack:
        code = stack.pop()
        signature = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
        names = code.co_qualname, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
        yield repr((signature, names)).encode()
        yield code.co_code
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                stack.append(constant)
            elif isinstance(constant, frozenset):
                yield repr(sorted(map(repr, constant))).encode()
            else:
                yield repr(constant).encode("utf-8", "surrogatepass")


# What can be imported


def _named(value: Any) -> tuple[str, str] | None:
    """The module and the qualified name under which other processes find a function, class or module."""
    if isinstance(value, ModuleType):
        return (value.__name__, "") if _is_importable(value.__name__) else None
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str) and _is_importable(module):
        return (module, name) if _found(sys.modules[module], name) is value else None
    return None


def _is_importable(module: str) -> bool:
    """Whether others can import a module; one whose top level still runs is a program, and they must not run that."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    return module != "__main__" and spec is not None and not getattr(spec, "_initializing", False)


def _found(module: ModuleType, name: str) -> Any:
    value: Any = module
    for part in name.split(".") if name else ():
        value = getattr(value, part, None)
    return value


def _describe_named(encoder: Encoder, named: tuple[str, str]) -> Described:
    module, name = named
    loader = type(sys.modules[module].__loader__).__module__
    return "name", [module, name, loader, encoder.home.digest(module)], ()


def _make_named(home: Home, payload: Any, _: list[Any]) -> Any:
    module, name, loader, digest = payload
    try:
        importlib.import_module(loader)  # such as what makes Omega's files importable
        found = _found(importlib.import_module(module), name)
    except ImportError as error:
        raise Mismatch(f"{module}:{name} cannot be imported there: {error}") from None
    if found is None:
        raise Mismatch(f"the module {module} has no {name} there; install the same version of it")
    if home.digest(module) != digest:
        raise Mismatch(f"the module {module} has other code there; install the same version of it, and start anew")
    return found


KINDS["name"] = Kind(_make_named)


@cache
def _library() -> dict[int, str]:
    return {}


def _library_name(value: Any) -> str | None:
    """The name of an object of the library under which compiled code imports it."""
    known = _library()
    names = vars(compiled)
    if len(known) != len(names):
        known.update({id(each): name for name, each in names.items()})
    name = known.get(id(value))
    return name if name is not None and names.get(name) is value else None


KINDS["library"] = Kind(lambda _home, name, _parts: getattr(compiled, name))


def _describe_other(encoder: Encoder, value: Any) -> Described:
    named = _named(value)
    if named is not None:
        return _describe_named(encoder, named)
    name = _library_name(value)
    assert name is not None
    return "library", name, ()


GENERAL.append((lambda value: _named(value) is not None or _library_name(value) is not None, _describe_other))


# Functions


class _Variables:
    """The variables of a program, of which those go along that its procedures use."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.used: list[str] = []
        self.numbers = Numbers()

    def use(self, encoder: Encoder, wanted: frozenset[str]) -> None:
        """Have these go along."""
        for name in sorted(wanted - set(self.used)):
            if name in self.names:
                self.used.append(name)
                value = self.names[name]
                self.numbers.append(encoder.number(value, _omega_name(name)))


def _omega_name(name: str) -> str:
    from omega_runtime.values.printing import omega_spelling

    return omega_spelling(name)


def _describe_function(encoder: Encoder, function: FunctionType) -> Described:
    named = _named(function)
    if named is not None:
        return _describe_named(encoder, named)
    names, code = function.__globals__, function.__code__
    if "__omega_source__" not in names:
        shown = f"{function.__module__}.{function.__qualname__}"
        raise CannotTravel(f"the Python function {shown} cannot travel; define it at the top level of a module")
    changed = changed_outside(code)
    if changed:
        raise CannotTravel(
            f"{procedure_name(function)} changes {_omega_name(changed)}, which is not its own, and another process "
            "would change a copy; give back what is new instead"
        )
    around: Any = sys.modules.get(names.get("__name__", ""))
    if not (around is not None and vars(around) is names and _is_importable(around.__name__)):
        around = encoder.notes.setdefault(id(names), None) or _Variables(names)
        encoder.notes[id(names)] = around
        around.use(encoder, _globals_of(code) | frozenset(_PLACES))
    defaults, keywords, state = function.__defaults__ or (), function.__kwdefaults__ or {}, vars(function)
    cells = function.__closure__ or ()
    for name, cell in zip(code.co_freevars, cells, strict=True):
        encoder.notes.setdefault(("cell", id(cell)), name)
    payload = [function.__name__, function.__qualname__, len(cells), len(defaults), list(keywords), list(state)]
    return "function", payload, (around, code, *cells, *defaults, *keywords.values(), *state.values())


def _make_function(_: Home, payload: Any, parts: list[Any]) -> FunctionType:
    names, code, *cells = parts
    names = vars(names) if isinstance(names, ModuleType) else names
    function = FunctionType(code, names, payload[0], None, tuple(cells))
    function.__qualname__ = payload[1]
    return function


def _fill_function(function: FunctionType, payload: Any, parts: list[Any]) -> None:
    _, _, cells, count, keywords, state = payload
    rest = parts[2 + cells :]
    function.__defaults__ = tuple(rest[:count]) or None
    function.__kwdefaults__ = dict(zip(keywords, rest[count:], strict=False)) or None
    vars(function).update(zip(state, rest[count + len(keywords) :], strict=True))


def _describe_cell(encoder: Encoder, cell: CellType) -> Described:
    try:
        content = cell.cell_contents
    except ValueError:
        return "cell", None, ()
    number = encoder.number(content, _omega_name(encoder.notes[("cell", id(cell))]))
    return "cell", None, Numbers([number])


def _fill_cell(cell: CellType, _: Any, parts: list[Any]) -> None:
    if parts:
        cell.cell_contents = parts[0]


def _fill_variables(names: dict[str, Any], used: Any, parts: list[Any]) -> None:
    names.update(zip(used, parts, strict=True))


DESCRIBERS[FunctionType] = _describe_function
KINDS["function"] = Kind(_make_function, _fill_function, needs=lambda payload: 2 + payload[2])
DESCRIBERS[CodeType] = lambda _, code: ("code", b64encode(marshal.dumps(code)).decode(), ())
KINDS["code"] = Kind(lambda _home, text, _parts: marshal.loads(b64decode(text)))  # noqa: S302 - the program's own
DESCRIBERS[CellType] = _describe_cell
KINDS["cell"] = Kind(lambda *_: CellType(), _fill_cell)
DESCRIBERS[_Variables] = lambda _, variables: ("variables", variables.used, variables.numbers)
KINDS["variables"] = Kind(lambda *_: {"__builtins__": builtins}, _fill_variables)


@cache
def _globals_of(code: CodeType) -> frozenset[str]:
    """The global names that code, or code in it, reads."""
    return frozenset(name for name, operation in _names(code) if operation in ("LOAD_GLOBAL", "LOAD_NAME"))


@cache
def changed_outside(code: CodeType) -> str | None:
    """A variable that code changes although it belongs to what is around it; None when there is none."""
    outside = set(code.co_freevars)
    stack = [(code, outside)]
    while stack:
        each, outside = stack.pop()
        for name, operation in _names(each, False):
            if operation == "STORE_GLOBAL" or (operation == "STORE_DEREF" and name in outside):
                return name
        inner = (constant for constant in each.co_consts if isinstance(constant, CodeType))
        stack += [(other, outside.intersection(other.co_freevars)) for other in inner]
    return None


def _names(code: CodeType, is_deep: bool = True) -> Iterator[tuple[str, str]]:
    """The names in the instructions of code, and of code in it, each with what is done."""
    from dis import get_instructions

    stack = [code]
    while stack:
        code = stack.pop()
        for each in get_instructions(code):
            if isinstance(each.argval, str):
                yield each.argval, each.opname
        stack += [each for each in code.co_consts if isinstance(each, CodeType)] if is_deep else []


# Record types of a program


def _describe_class(encoder: Encoder, kind: type) -> Described:
    named = _named(kind)
    if named is not None:
        return _describe_named(encoder, named)
    if kind.__bases__ != (Record,):
        raise CannotTravel(f"the class {kind.__qualname__} cannot travel; define it at the top level of a module")
    slots = kind.__dict__["__slots__"]
    names = [slots] if isinstance(slots, str) else list(slots)
    payload = [kind.__module__, kind.__qualname__, names, kind.__omega_name__, list(kind.__omega_fields__)]  # type: ignore[attr-defined]
    encoder.home.classes.setdefault(repr(payload), kind)
    return "record type", payload, (kind.__dict__.get("__init__"),)


def _make_class(home: Home, payload: Any, _: list[Any]) -> type:
    """The record type of this description; the same one each time."""
    known = home.classes.get(repr(payload))
    if known is None:
        module, name, slots, omega_name, fields = payload
        body = {"__module__": module, "__slots__": tuple(slots), "__qualname__": name}
        known = type(name, (Record,), {**body, "__omega_name__": omega_name, "__omega_fields__": tuple(fields)})
        home.classes[repr(payload)] = known
    return known


def _fill_class(kind: Any, _: Any, parts: list[Any]) -> None:
    if "__init__" not in kind.__dict__:
        kind.__init__ = parts[0]


DESCRIBERS[type] = _describe_class
KINDS["record type"] = Kind(_make_class, _fill_class)
