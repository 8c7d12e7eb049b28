"""Files as programs use them: what is asked for is checked against the permissions, what fails is a FileError.

`doing` is what a message calls the operation or procedure.
"""

from __future__ import annotations

import os

from omega_runtime.values.errors import FileError, OmegaError
from omega_runtime.world.files import Unsuitable, open_regular, read_regular, write_regular
from omega_runtime.world.permissions import check_allowed, readable_path, real_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


def read_file(path: str, doing: str) -> bytes:
    """The content of a file that programs may read."""
    real = readable_path(path, doing)
    try:
        return read_regular(real)[0]
    except (OSError, ValueError) as error:
        raise _file_error(doing, "read", path, error) from error


def read_text_file(path: str, doing: str) -> str:
    """The text of a UTF-8 file that programs may read; all line ends are newlines."""
    try:
        text = read_file(path, doing).decode()
    except UnicodeDecodeError as error:
        raise FileError(f'{doing}: "{path}" is not UTF-8 text (byte {error.start}); convert it first') from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_text_file(path: str, text: str, doing: str, append: bool = False) -> None:
    """Makes a text a file's content, or its end. Raises OmegaError where that is not allowed, or for half a char."""
    check_allowed("write", doing)
    real = real_path(path, doing)
    try:
        write_regular(real, text.encode(), append)
    except UnicodeEncodeError as error:
        raise OmegaError(f"{doing}: the text holds half a character (a lone surrogate)") from error
    except (OSError, ValueError) as error:
        raise _file_error(doing, "write", path, error) from error


def open_to_write(path: str, doing: str, append: bool) -> BinaryIO:
    """A file open for writing, behind its end or from its start. Raises OmegaError where programs may not write."""
    check_allowed("write", doing)
    real = real_path(path, doing)
    try:
        return open_regular(real, append)
    except (OSError, ValueError) as error:
        raise _file_error(doing, "write", path, error) from error


def delete_file(path: str, doing: str) -> None:
    """Deletes a file, of a link the link itself. Raises OmegaError where programs may not write."""
    check_allowed("write", doing)
    folder, name = os.path.split(path)
    try:
        os.unlink(os.path.join(real_path(folder or ".", doing), name))  # noqa: PTH108, PTH118 - pathlib is slow to import
    except (OSError, ValueError) as error:
        raise _file_error(doing, "delete", path, error) from error


def list_folder(path: str, doing: str) -> list[str]:
    """The sorted names of what is in a folder that programs may read."""
    real = readable_path(path, doing)
    try:
        return sorted(os.listdir(real))  # noqa: PTH208 - pathlib is slow to import
    except OSError as error:
        raise _file_error(doing, "list", path, error) from error


def _file_error(doing: str, verb: str, path: str, error: Exception) -> FileError:
    """The error for a file; what is wrong with its kind or size says so itself, for the rest see the system's words."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    advice = "" if isinstance(error, Unsuitable) else "; check the path and its permissions"
    return FileError(f'{doing}: cannot {verb} "{path}": {reason}{advice}')
