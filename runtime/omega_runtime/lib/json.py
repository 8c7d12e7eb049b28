"""JSON: text to data and back, and ways into the data.

An object is a hash table with strings for keys, an array a list, null the symbol null.
"""

from __future__ import annotations

from omega_runtime.lib.arguments import count, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_range, wrong_type
from omega_runtime.values.numerals import parse_number
from omega_runtime.values.pairs import list_from, make_list, unlist
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from omega_runtime.values import Value

_NULL = Symbol("null")
# Above, a float may be whole only because it has no room for a fraction.
_EXACT = 2**53


@primitive("json-parse")
def json_parse(text: Value) -> Value:
    """The datum that a JSON text is. Raises OmegaError, with line and column, for what is none."""
    # Importing it takes long.
    import json

    try:
        found = json.loads(string("json-parse", 1, text), parse_int=parse_number, parse_constant=_no_constant)
        return _from_python(found)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise OmegaError(f"json-parse: this is no JSON: {error.msg} ({place})") from None
    except RecursionError:
        raise OmegaError("json-parse: this is nested too deep") from None


def _no_constant(name: str) -> NoReturn:
    raise OmegaError(f"json-parse: this is no JSON: {name} is no number there")


def _from_python(value: Value) -> Value:
    if isinstance(value, dict):
        return HashTable([(key, _from_python(each)) for key, each in value.items()])
    if isinstance(value, list):
        return list_from([_from_python(each) for each in value])
    return _NULL if value is None else value


@primitive("json-emit")
def json_emit(value: Value, indent: Value = False) -> str:
    """The JSON text of a datum, on one line or with so many spaces for each level.

    Lists and vectors are arrays, hash tables objects, symbols strings, but for null. Raises OmegaError for anything
    that JSON has nothing for.
    """
    import json

    width = None if indent is False else count("json-emit", 2, indent)
    try:
        return json.dumps(_to_python(value), ensure_ascii=False, indent=width, allow_nan=False)
    except RecursionError:
        raise OmegaError("json-emit: this is nested too deep, or contains itself") from None


def _to_python(value: Value) -> Value:
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value - value == 0:
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, Symbol):
        return None if value is _NULL else value.name
    if isinstance(value, dict):
        return {_name(key): _to_python(each) for key, each in value.items()}
    items = list(value) if isinstance(value, Vector) else unlist(value)
    if items is not None:
        return [_to_python(each) for each in items]
    if value is None:
        return None
    raise wrong_type("json-emit", 1, "made of lists, hash tables, strings, numbers and booleans", value)


def _name(key: Value) -> str:
    if isinstance(key, (str, Symbol)):
        return str(key)
    raise wrong_type("json-emit", 1, "made with strings or symbols for keys", key)


@primitive("json-ref")
def json_ref(data: Value, *path: Value) -> Value:
    """The part of data at the end of a path of keys, strings or symbols, and indices. Raises OmegaError for none."""
    for i, step in enumerate(path):
        found = _part("json-ref", i + 2, data, step)
        if found is None:
            at = f"at {write_text(make_list(*path[:i]))}" if i else "in the data"
            raise OmegaError(f"json-ref: there is no {write_text(step)} {at}")
        data = found[0]
    return data


@primitive("json-ref/default")
def json_ref_default(data: Value, default: Value, *path: Value) -> Value:
    """As `json-ref`, but the default where a part isn't there."""
    for i, step in enumerate(path):
        found = _part("json-ref/default", i + 3, data, step)
        if found is None:
            return default
        data = found[0]
    return data


def _part(procedure: str, position: int, data: Value, step: Value) -> tuple[Value] | None:
    """The part of data by a key or index, if it's there."""
    if isinstance(step, (str, Symbol)):
        if isinstance(data, dict):
            for key in (str(step), Symbol(str(step))):
                if key in data:
                    return (data[key],)
        return None
    if type(step) is not int:
        raise wrong_type(procedure, position, "a string, symbol or exact integer", step)
    if step < 0:
        raise wrong_range(procedure, position, "a non-negative exact integer", step)
    items = data if isinstance(data, Vector) else unlist(data)
    return (items[step],) if items is not None and step < len(items) else None
