"""What values of each kind are made of, for their way to another process."""

from __future__ import annotations

from base64 import b64decode, b64encode

from omega_runtime.places import Site
from omega_runtime.places.frames import place
from omega_runtime.remote.wire import DESCRIBERS, GENERAL, KINDS, CannotTravel, Kind
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Nil, Pair
from omega_runtime.values.ports import EOF
from omega_runtime.values.promises import Promise, make_promise
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import EqvHashTable, HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omega_runtime.remote.wire import Described, Encoder

_SITE = ("file", "line", "column", "operation", "procedure", "ordinal")


def _atomic(kind: type, tag: str, payload: Callable[[Any], Any], make: Callable[[Any], Any]) -> None:
    """A kind without parts."""
    DESCRIBERS[kind] = lambda _, value: (tag, payload(value), ())
    KINDS[tag] = Kind(lambda _home, text, _parts: make(text))


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


_atomic(int, "integer", hex, lambda text: int(text, 16))
_atomic(Keyword, "keyword", lambda each: each.name, Keyword)
_atomic(Char, "char", lambda each: each.value, Char)
_atomic(Nil, "nil", lambda _: None, lambda _: NIL)
_atomic(type(EOF), "eof", lambda _: None, lambda _: EOF)
_atomic(bytes, "bytes", _base64, b64decode)
_atomic(Bytevector, "bytevector", _base64, lambda text: Bytevector(b64decode(text)))
_atomic(Site, "site", lambda each: [getattr(each, name) for name in _SITE], lambda each: Site(*each))

DESCRIBERS[Symbol] = lambda _, each: ("symbol" if Symbol(each.name) is each else "fresh symbol", each.name, ())
KINDS["symbol"] = Kind(lambda _home, name, _parts: Symbol(name))
KINDS["fresh symbol"] = Kind(lambda _home, name, _parts: Symbol.uninterned(name))


# Sequences


def _fill_pair(pair: Pair, _: Any, parts: list[Any]) -> None:
    pair.car, pair.cdr = parts


def _fill_list(items: list[Any], _: Any, parts: list[Any]) -> None:
    items += parts


def _sequence(kind: type, tag: str) -> None:
    DESCRIBERS[kind] = lambda _, items: (tag, None, items)
    KINDS[tag] = Kind(lambda *_: kind(), _fill_list)


def _fixed(kind: type, tag: str) -> None:
    DESCRIBERS[kind] = lambda _, items: (tag, None, tuple(items))
    KINDS[tag] = Kind(lambda _home, _payload, parts: kind(parts), needs=None)


DESCRIBERS[Pair] = lambda _, pair: ("pair", None, (pair.car, pair.cdr))
KINDS["pair"] = Kind(lambda *_: Pair(None, None), _fill_pair)
_sequence(Vector, "vector")
_sequence(list, "list")
_fixed(MultipleValues, "values")
_fixed(tuple, "tuple")
_fixed(frozenset, "set")


# Tables


def _fill_table(table: dict[Any, Any], _: Any, parts: list[Any]) -> None:
    table.update(zip(parts[::2], parts[1::2], strict=True))


def _table(kind: type, tag: str) -> None:
    DESCRIBERS[kind] = lambda _, table: (tag, None, [part for entry in table.items() for part in entry])
    KINDS[tag] = Kind(lambda *_: kind(), _fill_table, is_last=True)


_table(HashTable, "table")
_table(EqvHashTable, "eqv table")
_table(dict, "dict")


# Records, whose classes are parts of them


def _blank(_: Any, __: Any, parts: list[Any]) -> Any:
    kind = parts[0]
    if not (isinstance(kind, type) and issubclass(kind, (Record, BaseException))):
        raise CannotTravel(f"{kind!r} is neither a record type nor a class of errors")
    make: Callable[[Any], Any] = kind.__new__
    return make(kind)


def _slots(kind: type[Record]) -> tuple[str, ...]:
    slots: str | tuple[str, ...] = kind.__slots__
    return (slots,) if isinstance(slots, str) else slots


def _describe_record(_: Encoder, record: Record) -> Described:
    return "record", None, (type(record), *(getattr(record, name, None) for name in _slots(type(record))))


def _fill_record(record: Record, _: Any, parts: list[Any]) -> None:
    for name, part in zip(_slots(type(record)), parts[1:], strict=True):
        setattr(record, name, part)


GENERAL.append((lambda value: isinstance(value, Record), _describe_record))
KINDS["record"] = Kind(_blank, _fill_record, needs=1)


# Errors: the class, the arguments, and what is kept in them besides; where they were raised is a text


def _describe_error(_: Encoder, error: BaseException) -> Described:
    kept = dict(vars(error))
    at = place(error)
    if isinstance(error, OmegaError) and at is not None:
        kept["raised_at"] = at
    return "error", list(kept), (type(error), *kept.values(), *error.args)


def _fill_error(error: BaseException, names: Any, parts: list[Any]) -> None:
    error.args = tuple(parts[1 + len(names) :])
    vars(error).update(zip(names, parts[1:], strict=False))


GENERAL.append((lambda value: isinstance(value, BaseException), _describe_error))
KINDS["error"] = Kind(_blank, _fill_error, needs=1)


# Strings with a reason why they ended


def _describe_text(_: Encoder, text: str) -> Described:
    return "text", str(text), (type(text), getattr(text, "stop_reason", None))


def _make_text(_: Any, text: Any, parts: list[Any]) -> Any:
    kind, reason = parts
    if not (isinstance(kind, type) and issubclass(kind, str)):
        raise CannotTravel(f"{kind!r} is no class of strings")
    value = kind(text)
    if reason is not None:
        value.stop_reason = reason  # type: ignore[attr-defined]
    return value


GENERAL.append((lambda value: isinstance(value, str), _describe_text))
KINDS["text"] = Kind(_make_text, needs=None)


# Promises that are kept


def _describe_promise(_: Encoder, promise: Promise) -> Described:
    if not promise.done:
        raise CannotTravel("a promise that has not been forced yet cannot travel to another process; force it first")
    return "promise", None, (promise.value,)


def _fill_promise(promise: Promise, _: Any, parts: list[Any]) -> None:
    promise.cell.value = parts[0]


DESCRIBERS[Promise] = _describe_promise
KINDS["promise"] = Kind(lambda *_: make_promise(None), _fill_promise)


# What the standard library has


def _describe_moment(_: Encoder, moment: Any) -> Described:
    if moment.tzinfo is not None and not str(moment.tzinfo).startswith("UTC"):
        return "moment", moment.isoformat(), (str(moment.tzinfo),)
    return "moment", moment.isoformat(), (None,)


def _make_moment(_: Any, text: Any, parts: list[Any]) -> Any:
    from datetime import datetime

    found = datetime.fromisoformat(text)
    if parts[0] is None:
        return found
    from omega_runtime.ledger.calendar import zone

    return found.astimezone(zone(parts[0]))


def _is_of(module: str, name: str) -> Callable[[Any], bool]:
    """A test for classes that take long to import; values of them show that they were."""
    return lambda value: type(value).__module__ == module and type(value).__name__ == name


def _make_decimal(_: Any, text: Any, __: list[Any]) -> Any:
    from decimal import Decimal

    return Decimal(text)


GENERAL.append((_is_of("datetime", "datetime"), _describe_moment))
GENERAL.append((_is_of("decimal", "Decimal"), lambda _, value: ("decimal", str(value), ())))
KINDS["moment"] = Kind(_make_moment, needs=None)
KINDS["decimal"] = Kind(_make_decimal)
