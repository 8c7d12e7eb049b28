"""Procedures behind special forms; their `%…` names can't be written in a program.

Most modules need one of them, so what only some of them need is imported there.
"""

from __future__ import annotations

from omega_runtime.acceleration import accelerated
from omega_runtime.lib.arguments import all_slices, callee, elements, string, vector_items
from omega_runtime.lib.registry import primitive
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import is_plain_list, list_from, unlist
from omega_runtime.values.parameters import parameterize as _parameterize
from omega_runtime.values.promises import Promise, make_delayed, make_lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


@primitive("%receive")
def receive(value: Any, required: int, rest: bool) -> tuple[Any, ...]:
    """The values that an expression gave, as a tuple; with `rest`, its last item is the list of the others.

    Raises OmegaError when there are too few or too many.
    """
    values = tuple(value) if isinstance(value, MultipleValues) else (value,)
    if len(values) == required and not rest:
        return values
    if rest and len(values) >= required:
        return (*values[:required], list_from(values[required:]))
    expected = f"{'at least ' if rest else ''}{required} value{'' if required == 1 else 's'}"
    raise OmegaError(f"expected {expected}, but got {len(values)}")


@primitive("%parameterize", row="state")
def parameterize(*operands: Any) -> Any:
    """Call the last operand with parameters bound: parameter, value, parameter, value, …, thunk."""
    *pairs, thunk = operands
    return _parameterize(tuple(zip(pairs[::2], pairs[1::2], strict=True)), thunk)


@primitive("%callee")
def check_callee(procedure: str, position: int, value: Any) -> None:
    """Raises ArgumentError unless an argument of a library procedure is a procedure."""
    callee(procedure, position, value)


@primitive("%elements")
def list_elements(procedure: str, position: int, value: Any) -> Any:
    """The list that an argument of a library procedure is. Raises ArgumentError for anything else."""
    return list_from(elements(procedure, position, value))


@primitive("%slices")
def list_slices(procedure: str, position: int, first: Any, rest: Any) -> Any:
    """The lists of the first, second, … elements of several lists, as far as the shortest goes."""
    lists = (first, *elements(procedure, position, rest))
    return list_from([list_from(items) for items in all_slices(procedure, position, lists)])


@primitive("%vector-slices")
def vector_slices(procedure: str, position: int, first: Any, rest: Any) -> Any:
    """The lists of the first, second, … elements of vectors, as far as the shortest goes."""
    vectors = (first, *elements(procedure, position, rest))
    columns = [vector_items(procedure, position + i, each) for i, each in enumerate(vectors)]
    return list_from([list_from(row) for row in zip(*columns, strict=False)])


@primitive("%string-slices")
def string_slices(procedure: str, position: int, first: Any, rest: Any) -> Any:
    """The lists of the first, second, … chars of strings, as far as the shortest goes."""
    strings = (first, *elements(procedure, position, rest))
    columns = [string(procedure, position + i, each) for i, each in enumerate(strings)]
    return list_from([list_from(list(map(Char, row))) for row in zip(*columns, strict=False)])


@primitive("%string")
def string_of_chars(procedure: str, giver: Any, chars: Any) -> str:
    """The string of what a procedure gave. Raises ArgumentError unless these are chars."""
    given = elements(procedure, 1, chars)
    if not all(type(each) is Char for each in given):
        raise wrong_type(procedure, 1, "a procedure that gives chars", giver)
    return "".join([each.value for each in given])


@primitive("%table")
def checked_table(procedure: str, position: int, value: Any) -> dict[Any, Any]:
    """The hash table that an argument of a library procedure is. Raises ArgumentError for anything else."""
    from omega_runtime.lib.tables import table_of

    return table_of(procedure, value, position)


@primitive("%part")
def check_part(procedure: str, giver: Any, value: Any) -> None:
    """Raises ArgumentError unless what a procedure gave is a list."""
    if unlist(value) is None:
        raise wrong_type(procedure, 1, "a procedure that gives lists", giver)


@primitive("%delay")
def delay(thunk: Any) -> Promise:
    """The promise of a `delay` form."""
    return make_delayed(thunk)


@primitive("%delay-force")
def delay_force(thunk: Any) -> Promise:
    """The promise of a `delay-force` form."""
    return make_lazy(thunk)


@primitive("%oracle-prompt")
def oracle_prompt(specification: Any, *arguments: Any) -> str:
    """What a procedure made by `oracle-lambda` asks: the specification, and a line for each name and argument."""
    from omega_runtime.values.printing import display_text, joined_text

    lines = [f"{arguments[i]}: {display_text(arguments[i + 1])}" for i in range(0, len(arguments), 2)]
    return "\n".join([joined_text(specification), *([""] if lines else []), *lines])


@accelerated
def as_list(value: Any) -> Any:
    """A Python list or tuple as an Omega list; anything else as it is."""
    return list_from(value) if is_plain_list(value) else value


def spread(items: Any, position: int) -> Any:
    """The elements that a tail call of `apply` passes on. Raises ArgumentError unless its last argument is a list."""
    return elements("apply", position, items)


def not_a_procedure(value: Any) -> NoReturn:
    """Raises the error for a call of something that isn't a procedure."""
    from omega_runtime.values.printing import short_text

    raise OmegaError(f"not a procedure: {short_text(value)}")


def defined(names: dict[str, Any], python_name: str, name: str) -> Any:
    """A module's variable that a Python builtin would stand in for. Raises OmegaError before its definition."""
    if python_name not in names:
        raise OmegaError(f"{name} is used before it is defined")
    return names[python_name]


def record_field(procedure: str, record_class: type, value: Any, attribute: str) -> Any:
    """The field of a record whose class is derived from the one given. Raises ArgumentError for anything else."""
    if not isinstance(value, record_class):
        wrong_record(procedure, record_class, value)
    return getattr(value, attribute)


def wrong_record(procedure: str, record_class: type, value: Any) -> NoReturn:
    """Raises the error for a record procedure applied to something else."""
    raise wrong_type(procedure, 1, f"a {record_class.__omega_name__}", value)  # type: ignore[attr-defined]
