"""Reading and writing bytes."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, count, span
from omega_runtime.lib.bytevectors import byte, bytes_of, changeable
from omega_runtime.lib.ports import current_input_port, current_output_port, still_open
from omega_runtime.lib.registry import primitive
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.ports import EOF, BinaryInputPort, BinaryOutputPort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value
    from omega_runtime.values.ports import Eof


def _input(procedure: str, position: int, port: Value) -> BinaryInputPort:
    if port is ABSENT:
        port = current_input_port()
    if type(port) is not BinaryInputPort:
        raise wrong_type(procedure, position, "a binary input port", port)
    return still_open(procedure, port)


def _output(procedure: str, position: int, port: Value) -> BinaryOutputPort:
    if port is ABSENT:
        port = current_output_port()
    if type(port) is not BinaryOutputPort:
        raise wrong_type(procedure, position, "a binary output port", port)
    return still_open(procedure, port)


@primitive("open-input-bytevector")
def open_input_bytevector(data: Value) -> BinaryInputPort:
    """A port to read the bytes from that a bytevector has now."""
    return BinaryInputPort(bytes(bytes_of("open-input-bytevector", 1, data)))


@primitive("open-output-bytevector")
def open_output_bytevector() -> BinaryOutputPort:
    """A port that collects what is written to it, for `get-output-bytevector`."""
    return BinaryOutputPort()


@primitive("get-output-bytevector", row="state")
def get_output_bytevector(port: Value) -> Bytevector:
    """All that was written to a port of `open-output-bytevector`."""
    data = port.data() if type(port) is BinaryOutputPort else None
    if data is None:
        raise wrong_type("get-output-bytevector", 1, "a bytevector output port", port)
    return data


@primitive("read-u8", row="io")
def read_u8(port: Value = ABSENT) -> int | Eof:
    """The next byte, or the end-of-file object."""
    data = _input("read-u8", 1, port).read(1)
    return data[0] if data else EOF


@primitive("peek-u8", row="io")
def peek_u8(port: Value = ABSENT) -> int | Eof:
    """The next byte, which is left to be read, or the end-of-file object."""
    data = _input("peek-u8", 1, port).peek()
    return data[0] if data else EOF


@primitive("u8-ready?", row="io")
def is_u8_ready(port: Value = ABSENT) -> bool:
    """Whether reading a byte would not wait: it never does."""
    return _input("u8-ready?", 1, port).is_open


@primitive("read-bytevector", row="io")
def read_bytevector(size: Value, port: Value = ABSENT) -> Bytevector | Eof:
    """Up to `size` bytes, or the end-of-file object when there are none."""
    source = _input("read-bytevector", 2, port)
    data = source.read(count("read-bytevector", 1, size))
    return Bytevector(data) if data or size == 0 else EOF


@primitive("read-bytevector!", row="io state")
def read_bytevector_into(target: Value, port: Value = ABSENT, start: Value = 0, end: Value = ABSENT) -> int | Eof:
    """Replaces bytes from index `start` to before index `end` by those read; how many, or the end-of-file object."""
    changed = changeable("read-bytevector!", target)
    first, stop = span("read-bytevector!", 3, start, end, len(changed))
    data = _input("read-bytevector!", 2, port).read(stop - first)
    changed[first : first + len(data)] = data
    return len(data) if data or first == stop else EOF


@primitive("write-u8", row="io")
def write_u8(value: Value, port: Value = ABSENT) -> None:
    """Writes a byte."""
    _output("write-u8", 2, port).write(bytes([byte("write-u8", 1, value)]))


@primitive("write-bytevector", row="io")
def write_bytevector(data: Value, port: Value = ABSENT, start: Value = 0, end: Value = ABSENT) -> None:
    """Writes the bytes of a bytevector from index `start` to before index `end`."""
    whole = bytes_of("write-bytevector", 1, data)
    first, stop = span("write-bytevector", 3, start, end, len(whole))
    _output("write-bytevector", 2, port).write(whole[first:stop])
