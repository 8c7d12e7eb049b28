"""Tagged data, and generic operations: tables of the procedures that do an operation for data of certain types."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee
from omega_runtime.lib.coercions import coerced, coercion_table, tag_name
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import unlist
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tagged import Tagged, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value

    Key = tuple[str, tuple[str, ...]]


class OpTable:
    """Procedures by the name of an operation and those of the types of its arguments."""

    __slots__ = ("procedures",)

    def __init__(self) -> None:
        self.procedures: dict[Key, Procedure] = {}

    def __repr__(self) -> str:
        return "#<op-table>"


@primitive("attach-tag")
def attach_tag(tag: Value, datum: Value) -> Tagged:
    """A datum with a tag, a symbol or string."""
    tag_name("attach-tag", 1, tag)
    return Tagged(tag, datum)


@primitive("tagged?")
def is_tagged(value: Value) -> bool:
    """Whether a value is a datum with a tag."""
    return isinstance(value, Tagged)


@primitive("type-tag")
def type_tag(value: Value) -> Value:
    """The tag of a datum; without one its kind, a symbol: number, string, pair, the name of a record type, …"""
    return value.tag if isinstance(value, Tagged) else Symbol(kind_of(value))


@primitive("contents")
def contents(value: Value) -> Value:
    """The datum that a tag is attached to; a datum without one itself."""
    return value.contents if isinstance(value, Tagged) else value


@primitive("make-op-table")
def make_op_table() -> OpTable:
    """A new table of operations."""
    return OpTable()


@primitive("op-table?")
def is_op_table(value: Value) -> bool:
    """Whether a value is a table of operations."""
    return isinstance(value, OpTable)


@primitive("op-table-put", row="state")
def op_table_put(table: Value, operation: Value, tags: Value, procedure: Value) -> None:
    """Lets the procedure do an operation for arguments with these tags, a list of symbols or strings, or one."""
    found = _op_table("op-table-put", table)
    found.procedures[_key("op-table-put", operation, tags)] = callee("op-table-put", 4, procedure)


@primitive("op-table-get")
def op_table_get(table: Value, operation: Value, tags: Value) -> Value:
    """The procedure that does an operation for arguments with these tags, or #f."""
    return _op_table("op-table-get", table).procedures.get(_key("op-table-get", operation, tags), False)


def _op_table(procedure: str, table: Value) -> OpTable:
    if isinstance(table, OpTable):
        return table
    raise wrong_type(procedure, 1, "an op table", table)


def _key(procedure: str, operation: Value, tags: Value) -> Key:
    listed = [tags] if isinstance(tags, (Symbol, str)) else unlist(tags)
    if listed is None or not all(isinstance(tag, (Symbol, str)) for tag in listed):
        raise wrong_type(procedure, 3, "a list of symbols or strings, or one of them", tags)
    return tag_name(procedure, 2, operation), tuple(tag_name(procedure, 3, tag) for tag in listed)


@primitive("apply-generic", calls=(0,))
def apply_generic(table: Value, operation: Value, *arguments: Value) -> Value:
    """Calls the procedure for the arguments' tags with their contents; #f when the table has none."""
    found = _op_table("apply-generic", table)
    procedure = found.procedures.get((tag_name("apply-generic", 2, operation), _tags(arguments)))
    return False if procedure is None else procedure(*map(contents, arguments))


def _tags(arguments: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(tag_name("type-tag", 1, type_tag(each)) for each in arguments)


@primitive("apply-generic-coerced", calls=(0, 1))
def apply_generic_coerced(table: Value, coercions: Value, operation: Value, *arguments: Value) -> Value:
    """As `apply-generic`; of two arguments one is made of the other's type when the table has no procedure for both.

    The first is tried first. Raises OmegaError when that doesn't lead to a procedure.
    """
    procedures = _op_table("apply-generic-coerced", table).procedures
    ways = coercion_table("apply-generic-coerced", 2, coercions)
    name, tags = tag_name("apply-generic-coerced", 3, operation), _tags(arguments)
    procedure = procedures.get((name, tags))
    if procedure is not None:
        return procedure(*map(contents, arguments))
    if len(arguments) == 2 and tags[0] != tags[1]:
        for changed, kept in ((0, 1), (1, 0)):
            procedure = procedures.get((name, (tags[kept], tags[kept])))
            if procedure is None:
                continue
            made = coerced(ways, arguments[changed], tags[changed], tags[kept])
            if made is not ABSENT:
                both = (made, arguments[kept]) if changed == 0 else (arguments[kept], made)
                return procedure(*map(contents, both))
    raise OmegaError(
        f"apply-generic-coerced: no method for {name} ({' '.join(tags)}); add one with op-table-put, "
        "or a coercion with put-coercion"
    )
