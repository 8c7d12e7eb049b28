"""Objects of Python: exceptions and their classes, items, and data on their way to Python and back."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("python-exception?")
def is_python_exception(value: Value, kind: Value = None) -> bool:
    """Whether a value is an exception that Python raised, of a class given by itself or by its name.

    Names are those of the class or of one above it, as `ValueError` or `json.decoder.JSONDecodeError`.
    """
    if kind is not None and not isinstance(kind, Symbol | str | type):
        raise wrong_type("python-exception?", 2, "a class or the name of one", kind)
    raised = value.__cause__ if isinstance(value, _FromPython) else value
    if not isinstance(raised, BaseException):
        return False
    if kind is None:
        return not isinstance(raised, OmegaError)
    if isinstance(kind, type):
        return isinstance(raised, kind)
    return any(str(kind) in (each.__name__, f"{each.__module__}.{each.__qualname__}") for each in type(raised).__mro__)


class _FromPython(OmegaError):
    """What Python raised, its cause, with the name of the procedure."""


@primitive("python-ref", row="infer io state control")
def python_ref(value: Value, key: Value) -> Value:
    """An item of a Python object, as `object[key]`."""
    try:
        return value[key]
    except Exception as error:
        raise _FromPython(f"python-ref: {type(error).__name__}: {error}") from error


@primitive("python-set!", row="infer io state control")
def python_set(value: Value, key: Value, item: Value) -> None:
    """Sets an item of a Python object, as `object[key] = item`."""
    try:
        value[key] = item
    except Exception as error:
        raise _FromPython(f"python-set!: {type(error).__name__}: {error}") from error


@primitive("omega->python")
def omega_to_python(value: Value) -> Value:
    """Data as plain Python has it, through and through.

    Lists and vectors become Python lists, hash tables dicts, symbols, keywords and characters strings.
    """
    match value:
        case Symbol() | Keyword():
            return value.name
        case Char():
            return value.value
        case Pair():
            return _python_list(value)
        case HashTable():
            return {omega_to_python(key): omega_to_python(item) for key, item in value.items()}
        case Vector():
            return [omega_to_python(item) for item in value]
    return [] if value is NIL else value


def _python_list(pair: Pair) -> list[Value]:
    items: list[Value] = []
    rest: Value = pair
    while isinstance(rest, Pair):
        items.append(omega_to_python(rest.car))
        rest = rest.cdr
    if rest is not NIL:
        raise wrong_type("omega->python", 1, "a list, not one with a dot", pair)
    return items


@primitive("python->omega", row="infer io state control")
def python_to_omega(value: Value) -> Value:
    """Data from Python as Omega has it, through and through.

    Lists, tuples, sets and whatever else can be iterated over become lists, dicts hash tables.
    """
    if isinstance(value, dict):
        return HashTable({python_to_omega(key): python_to_omega(item) for key, item in value.items()})
    if isinstance(value, str | bytes | bytearray | Vector | Pair) or value is NIL or not hasattr(value, "__iter__"):
        return value
    return list_from([python_to_omega(item) for item in value])
