"""Sources from files."""

from __future__ import annotations

import os
from pathlib import Path

from omegac.errors import Diagnostic, OmegaSyntaxError
from omegac.source import Source, Span


def read_source(path: str | os.PathLike[str]) -> Source:
    """The source in a file. Raises OSError when it can't be read, OmegaSyntaxError when it isn't UTF-8."""
    return decode_source(os.fspath(path), Path(path).read_bytes())


def decode_source(name: str, data: bytes, path: str | None = None) -> Source:
    """The source in the bytes of a file. Raises OmegaSyntaxError when they aren't UTF-8."""
    try:
        return Source(name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        source = Source(name, data.decode("utf-8", "replace"), path)
        problem = Diagnostic(
            "error",
            f"this file isn't UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            Span(line, column, line, column),
            "save it as UTF-8",
        )
        raise OmegaSyntaxError(source, [problem]) from None
