"""Ports onto files, as far as programs may read and write them. Text is UTF-8.

A file to read is read whole when it is opened. What is written has surely arrived once the port is closed.
"""

from __future__ import annotations

from io import TextIOWrapper

from omega_runtime.lib.arguments import callee, string
from omega_runtime.lib.ports import current_input_port, current_output_port
from omega_runtime.lib.registry import primitive
from omega_runtime.values.parameters import parameterize
from omega_runtime.values.ports import BinaryInputPort, BinaryOutputPort, InputPort, OutputPort
from omega_runtime.world import access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


def _text_to_read(procedure: str, path: Value) -> InputPort:
    return InputPort(access.read_text_file(string(procedure, 1, path), procedure))


def _text_to_write(procedure: str, path: Value, append: Value) -> OutputPort:
    binary = access.open_to_write(string(procedure, 1, path), procedure, append is not False)
    file = TextIOWrapper(binary, "utf-8", newline="")
    return OutputPort(lambda: file, owns=True)


@primitive("open-input-file", row="io")
def open_input_file(path: Value) -> InputPort:
    """A port to read the text of a file from. Raises FileError."""
    return _text_to_read("open-input-file", path)


@primitive("open-binary-input-file", row="io")
def open_binary_input_file(path: Value) -> BinaryInputPort:
    """A port to read the bytes of a file from. Raises FileError."""
    doing = "open-binary-input-file"
    return BinaryInputPort(access.read_file(string(doing, 1, path), doing))


@primitive("open-output-file", row="io")
def open_output_file(path: Value, append: Value = False) -> OutputPort:
    """A port that writes text to a file: in the place of what is there, or behind it. Raises FileError."""
    return _text_to_write("open-output-file", path, append)


@primitive("open-binary-output-file", row="io")
def open_binary_output_file(path: Value, append: Value = False) -> BinaryOutputPort:
    """A port that writes bytes to a file: in the place of what is there, or behind it. Raises FileError."""
    doing = "open-binary-output-file"
    return BinaryOutputPort(access.open_to_write(string(doing, 1, path), doing, append is not False))


@primitive("call-with-input-file", calls=(1,), row="io")
def call_with_input_file(path: Value, procedure: Value) -> Value:
    """Calls the procedure with a port that reads the text of a file."""
    return callee("call-with-input-file", 2, procedure)(_text_to_read("call-with-input-file", path))


@primitive("call-with-output-file", calls=(1,), row="io")
def call_with_output_file(path: Value, procedure: Value, append: Value = False) -> Value:
    """Calls the procedure with a port that writes text to a file, and closes the port however that ends."""
    callee("call-with-output-file", 2, procedure)
    port = _text_to_write("call-with-output-file", path, append)
    try:
        return procedure(port)
    finally:
        port.close()


@primitive("with-input-from-file", calls=(1,), row="io")
def with_input_from_file(path: Value, thunk: Value) -> Value:
    """Calls the thunk while the current input port reads the text of a file."""
    callee("with-input-from-file", 2, thunk)
    return parameterize(((current_input_port, _text_to_read("with-input-from-file", path)),), thunk)


@primitive("with-output-to-file", calls=(1,), row="io")
def with_output_to_file(path: Value, thunk: Value, append: Value = False) -> Value:
    """Calls the thunk while the current output port writes text to a file, which is closed however that ends."""
    callee("with-output-to-file", 2, thunk)
    port = _text_to_write("with-output-to-file", path, append)
    try:
        return parameterize(((current_output_port, port),), thunk)
    finally:
        port.close()


@primitive("delete-file", row="io")
def delete_file(path: Value) -> None:
    """Deletes a file. Raises FileError."""
    access.delete_file(string("delete-file", 1, path), "delete-file")
