"""Files and folders, as far as programs may see them."""

from __future__ import annotations

import os

from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.ports import InputPort
from omega_runtime.world.files import file_error, read_text
from omega_runtime.world.permissions import readable_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("read-lines", row="io")
def read_lines(source: Value) -> Value:
    """The list of the lines, without their ends, of a UTF-8 file by its path, or of what is left of an input port."""
    if isinstance(source, str):
        text = read_text(source, "read-lines")
    elif isinstance(source, InputPort) and source.is_open:
        text = "".join(iter(source.read_line, ""))
    else:
        raise wrong_type("read-lines", 1, "a path or an open input port", source)
    return list_from(text.removesuffix("\n").split("\n") if text else [])


@primitive("directory-list", row="io")
def directory_list(path: Value = ".") -> Value:
    """The sorted list of the names of what is in a folder. Raises FileError where the program may not read."""
    if not isinstance(path, str):
        raise wrong_type("directory-list", 1, "a path", path)
    real = readable_path(path, "directory-list")
    try:
        return list_from(sorted(os.listdir(real)))  # noqa: PTH208 - pathlib is slow to import
    except OSError as error:
        raise file_error("directory-list", "list", path, error) from error
