"""Cache entries beside Python's own: code, and what it depends on.

An entry is used only when everything fits: the hash of the source text, its file name and module name, the compiler's
version and the runtime's interface, and the files and interfaces that the code was made with; the interpreter's tag is
in the file name. A damaged entry is a miss. Entries are written atomically.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from contextlib import suppress
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from omega_runtime.version import INTERFACE

from omegac import __version__
from omegac.files import write_atomically

_MAGIC = b"omegac 4\n"
_DIGEST_BYTES = hashlib.sha256().digest_size


class Inclusion(NamedTuple):
    """A file whose text is part of a source, with the hash of its bytes."""

    path: str
    digest: str


class Requirement(NamedTuple):
    """A module that a source imports: how it asks for it, the file that it found, and the digest of its interface.

    `asked` is the parts of a library's name, or the path of a file. Without a file, it was not to be had.
    """

    asked: tuple[str, ...] | str
    path: str | None = None
    digest: str = ""


Dependency = Inclusion | Requirement


class Entry(NamedTuple):
    """What a source became: code, its interface as data with a digest, and what these depend on besides its text.

    `calls_models` says whether running it could ask a model, `reentrant` whether importers may capture continuations
    that are entered again.
    """

    code: CodeType
    interface: dict[str, Any]
    digest: str
    calls_models: bool
    reentrant: bool
    dependencies: tuple[Dependency, ...]


def key_of(data: bytes, path: str, module: str) -> bytes:
    """What code depends on besides other files: source and names, compiler and runtime, the byte code's format."""
    parts = (data, os.fsencode(path), module.encode(), f"{__version__} {INTERFACE}".encode(), MAGIC_NUMBER)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def cache_file(path: str) -> Path | None:
    """Where the entry of a source is, or None where the interpreter keeps none."""
    try:
        return Path(cache_from_source(path)).with_suffix(".omegac")
    except NotImplementedError:
        return None


def load(file: Path, key: bytes) -> Entry | None:
    """The entry in a file, or None when it is missing, stale or damaged; its dependencies aren't looked at."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    head = _MAGIC + key
    body = data[len(head) + _DIGEST_BYTES :]
    if not data.startswith(head) or hashlib.sha256(body).digest() != data[len(head) : len(head) + _DIGEST_BYTES]:
        return None
    entry = Entry(*marshal.loads(body))  # noqa: S302 - byte code, as in Python's own cache; its digest fits
    return entry._replace(dependencies=tuple(map(_dependency, entry.dependencies)))


def store(file: Path, key: bytes, entry: Entry) -> None:
    """Write an entry; a folder that can't be written just isn't a cache."""
    body = marshal.dumps((*entry[:-1], [tuple(each) for each in entry.dependencies]))
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, _MAGIC + key + hashlib.sha256(body).digest() + body)


def _dependency(parts: tuple[Any, ...]) -> Dependency:
    return Inclusion(*parts) if len(parts) == 2 else Requirement(*parts)
