"""Lines of files and names in folders, as far as programs may see them."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.ports import InputPort
from omega_runtime.world.access import list_folder, read_text_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("read-lines", row="io")
def read_lines(source: Value) -> List:
    """The list of the lines, without their ends, of a UTF-8 file by its path, or of what is left of an input port."""
    if isinstance(source, str):
        text = read_text_file(source, "read-lines")
        return list_from(text.removesuffix("\n").split("\n") if text else [])
    if not isinstance(source, InputPort) or not source.is_open:
        raise wrong_type("read-lines", 1, "a path or an open input port", source)
    return list_from(list(iter(source.read_line, None)))


@primitive("directory-list", row="io")
def directory_list(path: Value = ".") -> List:
    """The sorted list of the names of what is in a folder. Raises FileError where the program may not read."""
    if not isinstance(path, str):
        raise wrong_type("directory-list", 1, "a path", path)
    return list_from(list_folder(path, "directory-list"))
