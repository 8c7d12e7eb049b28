"""define-record-type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hy.models import Expression, Object, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed
from omegac.expand.special import check_distinct, identifier, malformed
from omegac.forms import Boolean
from omegac.source import Span

Parts = list[tuple[Variable, Callable[[], Node]]]
FORM = "define-record-type"


def scan_record_type(
    form: Expression, bind: Callable[[Symbol], Variable], known: dict[Variable, tuple[str, ...]]
) -> Parts:
    """The definitions that a record type makes: the type, constructor, predicate, accessors, modifiers.

    It becomes one of those that are known, with its fields.
    """
    name = form[1][0] if isinstance(form[1], Expression) and form[1] else form[1]
    name = identifier(name, "the name of a record type")
    fields = [_field(item) for item in form[4:]]
    check_distinct((parts[0] for parts in fields), "field")
    names = tuple(str(parts[0]) for parts in fields)
    span = Span.of(form)
    type_variable = bind(name)
    known[type_variable] = names
    record = core.Reference(type_variable, span)
    parts: Parts = [(type_variable, lambda: core.RecordType(str(name).strip("<>"), names, span))]
    if not _is_false(form[2]):
        parts.append(_constructor(form[2], names, record, bind))
    if not _is_false(form[3]):
        predicate = identifier(form[3], "the name of a record predicate")
        parts.append((bind(predicate), _predicate(str(predicate), record)))
    for field, accessor, *modifier in fields:
        parts.append((bind(accessor), _accessor(str(accessor), names, str(field), record)))
        if modifier:
            parts.append((bind(modifier[0]), _modifier(str(modifier[0]), names, str(field), record)))
    return parts


def _is_false(form: Object) -> bool:
    return isinstance(form, Boolean) and not form.value


def _field(item: Object) -> list[Symbol]:
    """`(name accessor [modifier])`."""
    if not isinstance(item, Expression) or not 2 <= len(item) <= 3:
        raise malformed(FORM, item)
    return [identifier(part, "a name in a field") for part in item]


def _constructor(
    form: Object, names: tuple[str, ...], record: core.Reference, bind: Callable[[Symbol], Variable]
) -> tuple[Variable, Callable[[], Node]]:
    span = Span.of(form)
    if isinstance(form, Symbol):
        name, arguments = form, names
    elif isinstance(form, Expression) and form:
        name = identifier(form[0], "the name of a constructor")
        symbols = [identifier(item, "a constructor's field") for item in form[1:]]
        check_distinct(symbols, "field")
        arguments = tuple(str(item) for item in symbols)
        for item in symbols:
            if str(item) not in names:
                raise Malformed(f"the constructor names no field {item}", Span.of(item))
    else:
        raise malformed(FORM, form)
    variable = bind(name)

    def procedure() -> Node:
        parameters = {field: Variable(field, span) for field in arguments}
        values = tuple(
            core.Reference(parameters[field], span) if field in parameters else core.Constant(False, span)
            for field in names
        )
        body = core.Inline("make-record", (record, *values), span)
        return core.Lambda(tuple(parameters.values()), None, body, span, str(name))

    return variable, procedure


def _predicate(name: str, record: core.Reference) -> Callable[[], Node]:
    return lambda: _procedure(name, ("value",), "is-record", record)


def _accessor(name: str, fields: tuple[str, ...], field: str, record: core.Reference) -> Callable[[], Node]:
    return lambda: _procedure(name, ("record",), "record-field", record, (fields, field, name))


def _modifier(name: str, fields: tuple[str, ...], field: str, record: core.Reference) -> Callable[[], Node]:
    return lambda: _procedure(name, ("record", "value"), "set-record-field", record, (fields, field, name))


def _procedure(
    name: str, parameters: Sequence[str], operation: str, record: core.Reference, facts: Any = None
) -> core.Lambda:
    """A procedure that applies a record operation to its parameters.

    `facts` are all fields, the one meant, and the procedure's name for errors.
    """
    span = record.span
    variables = tuple(Variable(parameter, span) for parameter in parameters)
    operands: list[Node] = [record, *(core.Reference(variable, span) for variable in variables)]
    if facts is not None:
        operands.append(core.Constant(facts, span))
    return core.Lambda(variables, None, core.Inline(operation, tuple(operands), span), span, name)
