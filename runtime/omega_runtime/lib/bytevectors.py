"""Bytevectors. Python's bytes and bytearrays pass for them, bytes where they are only read."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, elements, index, repeated, span, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import list_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


def byte(procedure: str, position: int, value: Value) -> int:
    """An exact integer from 0 to 255."""
    if type(value) is int and 0 <= value < 256:
        return value
    raise wrong_type(procedure, position, "an exact integer from 0 to 255", value)


def bytes_of(procedure: str, position: int, value: Value) -> bytes | bytearray:
    """A bytevector, or Python bytes standing for one, itself."""
    if isinstance(value, (bytes, bytearray)):
        return value
    raise wrong_type(procedure, position, "a bytevector", value)


def changeable(procedure: str, value: Value) -> bytearray:
    """A bytevector that can be changed, as the first argument."""
    if isinstance(value, bytearray):
        return value
    raise wrong_type(procedure, 1, "a bytevector that can be changed", value)


@primitive("bytevector?")
def is_bytevector(value: Value) -> bool:
    """Whether a value is a bytevector, or Python bytes."""
    return isinstance(value, (bytes, bytearray))


@primitive("bytevector")
def bytevector(*items: Value) -> Bytevector:
    """The bytevector of the arguments."""
    return Bytevector([byte("bytevector", i + 1, each) for i, each in enumerate(items)])


@primitive("make-bytevector")
def make_bytevector(size: Value, fill: Value = 0) -> Bytevector:
    """A bytevector of `size` times the same byte."""
    return Bytevector(repeated("make-bytevector", 1, bytes([byte("make-bytevector", 2, fill)]), size))


@primitive("bytevector-length")
def bytevector_length(items: Value) -> int:
    """The number of bytes."""
    return len(bytes_of("bytevector-length", 1, items))


@primitive("bytevector-u8-ref")
def bytevector_u8_ref(items: Value, k: Value) -> int:
    """The byte at index `k`, from 0."""
    whole = bytes_of("bytevector-u8-ref", 1, items)
    return whole[index("bytevector-u8-ref", 2, k, len(whole))]


@primitive("bytevector-u8-set!", row="state")
def bytevector_u8_set(items: Value, k: Value, value: Value) -> None:
    """Replaces the byte at index `k`."""
    changed = changeable("bytevector-u8-set!", items)
    changed[index("bytevector-u8-set!", 2, k, len(changed))] = byte("bytevector-u8-set!", 3, value)


@primitive("bytevector-fill!", row="state")
def bytevector_fill(items: Value, fill: Value, start: Value = 0, end: Value = ABSENT) -> None:
    """Replaces the bytes from index `start` to before index `end` by the same one."""
    changed = changeable("bytevector-fill!", items)
    first, stop = span("bytevector-fill!", 3, start, end, len(changed))
    changed[first:stop] = bytes([byte("bytevector-fill!", 2, fill)]) * (stop - first)


@primitive("bytevector-copy")
def bytevector_copy(items: Value, start: Value = 0, end: Value = ABSENT) -> Bytevector:
    """A new bytevector of the bytes from index `start` to before index `end`."""
    return Bytevector(_part("bytevector-copy", items, start, end))


@primitive("bytevector-copy!", row="state")
def bytevector_copy_into(target: Value, at: Value, items: Value, start: Value = 0, end: Value = ABSENT) -> None:
    """Replaces the bytes of the target from index `at` on by those of another bytevector."""
    changed, source = changeable("bytevector-copy!", target), bytes_of("bytevector-copy!", 3, items)
    first, stop = span("bytevector-copy!", 4, start, end, len(source))
    to, _ = span("bytevector-copy!", 2, at, ABSENT, len(changed))
    if stop - first > len(changed) - to:
        raise wrong_range("bytevector-copy!", 3, f"at most {len(changed) - to} bytes", items)
    changed[to : to + stop - first] = source[first:stop]


@primitive("bytevector-append")
def bytevector_append(*bytevectors: Value) -> Bytevector:
    """The bytes of all bytevectors in a new one."""
    return Bytevector(b"".join([bytes_of("bytevector-append", i + 1, each) for i, each in enumerate(bytevectors)]))


@primitive("bytevector->list")
def bytevector_to_list(items: Value, start: Value = 0, end: Value = ABSENT) -> List:
    """The list of the bytes from index `start` to before index `end`."""
    return list_from(list(_part("bytevector->list", items, start, end)))


@primitive("list->bytevector")
def list_to_bytevector(items: Value) -> Bytevector:
    """The bytevector of a list of bytes."""
    numbers = elements("list->bytevector", 1, items)
    if not all(type(each) is int and 0 <= each < 256 for each in numbers):
        raise wrong_type("list->bytevector", 1, "a list of exact integers from 0 to 255", items)
    return Bytevector(numbers)


@primitive("string->utf8")
def string_to_utf8(text: Value, start: Value = 0, end: Value = ABSENT) -> Bytevector:
    """The bytes of a string, from index `start` to before index `end`, in UTF-8."""
    whole = string("string->utf8", 1, text)
    first, stop = span("string->utf8", 2, start, end, len(whole))
    try:
        return Bytevector(whole[first:stop].encode())
    except UnicodeEncodeError:
        raise wrong_range("string->utf8", 1, "a string of Unicode scalar values", text) from None


@primitive("utf8->string")
def utf8_to_string(items: Value, start: Value = 0, end: Value = ABSENT) -> str:
    """The string of bytes in UTF-8, from index `start` to before index `end`."""
    try:
        return _part("utf8->string", items, start, end).decode()
    except UnicodeDecodeError:
        raise wrong_range("utf8->string", 1, "bytes in UTF-8", items) from None


def _part(procedure: str, items: Value, start: Value, end: Value) -> bytes | bytearray:
    whole = bytes_of(procedure, 1, items)
    first, stop = span(procedure, 2, start, end, len(whole))
    return whole[first:stop]
