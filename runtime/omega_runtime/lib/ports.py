"""Reading and writing text. The output of `display` and the like goes to the current output port."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, char, count, span, string
from omega_runtime.lib.registry import primitive, register
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.parameters import Parameter, parameterize
from omega_runtime.values.ports import (
    EOF,
    BinaryInputPort,
    BinaryOutputPort,
    InputPort,
    OutputPort,
    console_error,
    console_input,
    console_output,
)
from omega_runtime.values.printing import display_text, shared_text, write_text
from omega_runtime.values.reading import read_datum
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from omega_runtime.values import Procedure, Value
    from omega_runtime.values.ports import Eof

    Port = TypeVar("Port", InputPort, OutputPort, BinaryInputPort, BinaryOutputPort)

current_output_port = Parameter(console_output())
current_input_port = Parameter(console_input())
current_error_port = Parameter(console_error())

_RESULT = Symbol("result")

register("current-output-port", current_output_port, __name__, "current_output_port")
register("current-input-port", current_input_port, __name__, "current_input_port")
register("current-error-port", current_error_port, __name__, "current_error_port")


def still_open(procedure: str, port: Port) -> Port:
    """A port, which must be open."""
    if not port.is_open:
        raise OmegaError(f"{procedure}: the port is closed")
    return port


def _output(procedure: str, position: int, port: Value) -> OutputPort:
    """The port to write to; a Python object with a `write` method passes for one."""
    if port is ABSENT:
        return current_output_port()  # type: ignore[no-any-return]
    if type(port) is OutputPort:
        return still_open(procedure, port)
    if type(port) is not BinaryOutputPort and callable(getattr(port, "write", None)):
        return port  # type: ignore[no-any-return]
    raise wrong_type(procedure, position, "a textual output port", port)


def _input(procedure: str, position: int, port: Value) -> InputPort:
    if port is ABSENT:
        return current_input_port()  # type: ignore[no-any-return]
    if type(port) is not InputPort:
        raise wrong_type(procedure, position, "a textual input port", port)
    return still_open(procedure, port)


@primitive("display", row="io")
def display(value: Value, port: Value = ABSENT) -> None:
    """Writes the display form of a value: strings and chars as they are."""
    _output("display", 2, port).write(display_text(value))


@primitive("write", "write-simple", row="io")
def write(value: Value, port: Value = ABSENT) -> None:
    """Writes the write form of a value: strings and chars as literals."""
    _output("write", 2, port).write(write_text(value))


@primitive("write-shared", row="io")
def write_shared(value: Value, port: Value = ABSENT) -> None:
    """Writes the write form of a value, with datum labels for what is in it more than once."""
    _output("write-shared", 2, port).write(shared_text(value))


@primitive("newline", row="io")
def newline(port: Value = ABSENT) -> None:
    """Ends the line."""
    _output("newline", 1, port).write("\n")


@primitive("write-line", row="io")
def write_line(value: Value, port: Value = ABSENT) -> None:
    """Writes the write form of a value and ends the line."""
    _output("write-line", 2, port).write(write_text(value) + "\n")


@primitive("write-string", row="io")
def write_string(text: Value, port: Value = ABSENT, start: Value = 0, end: Value = ABSENT) -> None:
    """Writes the characters of a string from index `start` to before index `end`."""
    whole = string("write-string", 1, text)
    first, stop = span("write-string", 3, start, end, len(whole))
    _output("write-string", 2, port).write(whole[first:stop])


@primitive("write-char", row="io")
def write_char(c: Value, port: Value = ABSENT) -> None:
    """Writes a char."""
    _output("write-char", 2, port).write(char("write-char", 1, c))


@primitive("flush-output", "flush-output-port", row="io")
def flush_output(port: Value = ABSENT) -> None:
    """Sees to it that what was written arrives."""
    (port if type(port) is BinaryOutputPort else _output("flush-output", 1, port)).flush()


@primitive("open-input-string")
def open_input_string(text: Value) -> InputPort:
    """A port to read a string from."""
    return InputPort(string("open-input-string", 1, text))


@primitive("open-output-string")
def open_output_string() -> OutputPort:
    """A port that collects what is written to it, for `get-output-string`."""
    return OutputPort()


@primitive("get-output-string", row="state")
def get_output_string(port: Value) -> str:
    """All that was written to a port of `open-output-string`."""
    text = port.text() if type(port) is OutputPort else None
    if text is None:
        raise wrong_type("get-output-string", 1, "a string output port", port)
    return text


@primitive("with-output-to-string", calls=(0,))
def with_output_to_string(thunk: Value = ABSENT) -> str:
    """What the thunk writes to the current output port."""
    port = OutputPort()
    if thunk is not ABSENT:
        parameterize(((current_output_port, port),), callee("with-output-to-string", 1, thunk))
    return port.text() or ""


@primitive("call-with-output-string", calls=(0,))
def call_with_output_string(procedure: Value) -> str:
    """What the procedure writes to the port that it is called with."""
    port = OutputPort()
    callee("call-with-output-string", 1, procedure)(port)
    return port.text() or ""


@primitive("string-builder")
def string_builder() -> Procedure:
    """A procedure that collects the chars and strings that it is called with, and without one gives all as a string."""
    port = OutputPort()

    def build(part: Value = _RESULT) -> Value:
        if part is _RESULT:
            return port.text()
        if type(part) is not Char and not isinstance(part, str):
            raise wrong_type("string-builder", 1, "a char, a string or the symbol result", part)
        port.write(str(part))
        return None

    build.__omega_name__ = "string-builder"  # type: ignore[attr-defined]
    return build


@primitive("with-input-from-string", calls=(1,))
def with_input_from_string(text: Value, thunk: Value) -> Value:
    """Calls the thunk while the current input port reads the string."""
    port = InputPort(string("with-input-from-string", 1, text))
    return parameterize(((current_input_port, port),), callee("with-input-from-string", 2, thunk))


@primitive("call-with-input-string", calls=(1,))
def call_with_input_string(text: Value, procedure: Value) -> Value:
    """Calls the procedure with a port that reads the string."""
    return callee("call-with-input-string", 2, procedure)(InputPort(string("call-with-input-string", 1, text)))


@primitive("call-with-port", calls=(1,))
def call_with_port(port: Value, procedure: Value) -> Value:
    """Calls the procedure with the port, and then closes the port."""
    if not is_port(port):
        raise wrong_type("call-with-port", 1, "a port", port)
    try:
        return callee("call-with-port", 2, procedure)(port)
    finally:
        port.close()


@primitive("read", row="io")
def read(port: Value = ABSENT) -> Value:
    """The next datum, or the end-of-file object. Raises ReadError for what is none."""
    return read_datum(_input("read", 1, port))


@primitive("read-line", row="io")
def read_line(port: Value = ABSENT) -> str | Eof:
    """The next line without its end, or the end-of-file object."""
    line = _input("read-line", 1, port).read_line()
    return EOF if line is None else line


@primitive("read-char", row="io")
def read_char(port: Value = ABSENT) -> Char | Eof:
    """The next char, or the end-of-file object."""
    text = _input("read-char", 1, port).read(1)
    return Char(text) if text else EOF


@primitive("peek-char", row="io")
def peek_char(port: Value = ABSENT) -> Char | Eof:
    """The next char, which is left to be read, or the end-of-file object."""
    text = _input("peek-char", 1, port).peek()
    return Char(text) if text else EOF


@primitive("read-string", row="io")
def read_string(size: Value, port: Value = ABSENT) -> str | Eof:
    """Up to `size` characters, or the end-of-file object when there are none."""
    if type(size) is InputPort:
        size, port = port, size
    source = _input("read-string", 2, port)
    text = source.read(count("read-string", 1, size))
    return text if text or size == 0 else EOF


@primitive("char-ready?", row="io")
def is_char_ready(port: Value = ABSENT) -> bool:
    """Whether reading a char would not wait."""
    return _input("char-ready?", 1, port).is_ready()


@primitive("eof-object")
def eof_object() -> Eof:
    """The end-of-file object."""
    return EOF


@primitive("eof-object?")
def is_eof_object(value: Value) -> bool:
    """Whether a value is the end-of-file object."""
    return value is EOF


@primitive("port?")
def is_port(value: Value) -> bool:
    """Whether a value is a port."""
    return is_textual_port(value) or is_binary_port(value)


@primitive("textual-port?")
def is_textual_port(value: Value) -> bool:
    """Whether a value is a port for text."""
    return isinstance(value, (InputPort, OutputPort))


@primitive("binary-port?")
def is_binary_port(value: Value) -> bool:
    """Whether a value is a port for bytes."""
    return isinstance(value, (BinaryInputPort, BinaryOutputPort))


@primitive("input-port?")
def is_input_port(value: Value) -> bool:
    """Whether a value is an input port."""
    return isinstance(value, (InputPort, BinaryInputPort))


@primitive("output-port?")
def is_output_port(value: Value) -> bool:
    """Whether a value is an output port."""
    return isinstance(value, (OutputPort, BinaryOutputPort))


@primitive("input-port-open?", row="state")
def is_input_port_open(port: Value) -> bool:
    """Whether an input port is not closed."""
    if not is_input_port(port):
        raise wrong_type("input-port-open?", 1, "an input port", port)
    return bool(port.is_open)


@primitive("output-port-open?", row="state")
def is_output_port_open(port: Value) -> bool:
    """Whether an output port is not closed."""
    if not is_output_port(port):
        raise wrong_type("output-port-open?", 1, "an output port", port)
    return bool(port.is_open)


@primitive("close-port", row="io")
def close_port(port: Value) -> None:
    """Ends the use of a port; a file has all that was written to it then."""
    if not is_port(port):
        raise wrong_type("close-port", 1, "a port", port)
    port.close()


@primitive("close-input-port", row="io")
def close_input_port(port: Value) -> None:
    """As `close-port`, for an input port."""
    if not is_input_port(port):
        raise wrong_type("close-input-port", 1, "an input port", port)
    port.close()


@primitive("close-output-port", row="io")
def close_output_port(port: Value) -> None:
    """As `close-port`, for an output port."""
    if not is_output_port(port):
        raise wrong_type("close-output-port", 1, "an output port", port)
    port.close()
