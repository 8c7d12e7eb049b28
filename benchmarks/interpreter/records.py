"""Record types, and the operations that the expander writes for them and for multiple values."""

from __future__ import annotations

import operator
from collections.abc import Callable

from omega_runtime.lib.special_forms import wrong_record
from omega_runtime.values.records import Record

from benchmarks.interpreter.procedures import Value

Facts = tuple[tuple[str, ...], str, str]
"""All fields of a record type, the one that is meant, and the procedure that errors name."""


def record_class(name: str, fields: tuple[str, ...]) -> type[Record]:
    """A new record type; its slots are numbered, so that no field's name can collide with a method's."""
    slots = tuple(f"field_{i}" for i in range(len(fields)))
    return type(name, (Record,), {"__slots__": slots, "__omega_name__": name, "__omega_fields__": fields})


def _make_record(kind: type[Record], *values: Value) -> Record:
    record = kind()
    for i, value in enumerate(values):
        setattr(record, f"field_{i}", value)
    return record


def _is_record(kind: type[Record], value: Value) -> bool:
    return isinstance(value, kind)


def _field(kind: type[Record], record: Value, facts: Facts) -> Value:
    return getattr(record, _slot(kind, record, facts))


def _set_field(kind: type[Record], record: Value, value: Value, facts: Facts) -> None:
    setattr(record, _slot(kind, record, facts), value)


def _slot(kind: type[Record], record: Value, facts: Facts) -> str:
    """Where a record keeps the field that an operation is about. Raises ArgumentError for another kind of value."""
    fields, field, procedure = facts
    if not isinstance(record, kind):
        wrong_record(procedure, kind, record)
    return f"field_{fields.index(field)}"


RECORD_OPERATIONS: dict[str, Callable[..., Value]] = {
    "item": operator.getitem,
    "make-record": _make_record,
    "is-record": _is_record,
    "record-field": _field,
    "set-record-field": _set_field,
}
