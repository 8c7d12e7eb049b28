"""What sources became, kept: code, and what it depends on.

The entries of imported modules are beside Python's own, which are trusted as much; those of programs that the command
runs, which may do less than Python may, are in a folder of the user's. This module is on the way of every import of an
Omega file, so it imports little.

An entry is used only when everything fits: the hash of the source text, its file name and module name, the compiler's
version and the runtime's interface, and the files and interfaces that the code was made with; the interpreter's tag is
in the file name. A damaged entry is a miss. Entries are written atomically.
"""

from __future__ import annotations

import marshal
import os
import sys
from _blake2 import blake2b
from importlib._bootstrap_external import MAGIC_NUMBER, cache_from_source

from omega_runtime.version import INTERFACE

from omegac import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_MAGIC = b"omegac 5\n"
_DIGEST_BYTES = 32


class _Parts:
    """What is made up of its `parts`, and equal where these are."""

    __slots__ = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that makes it up."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Parts) and self.parts == other.parts

    def __hash__(self) -> int:
        return hash(self.parts)


class Inclusion(_Parts):
    """A file whose text is part of a source, with the hash of its bytes."""

    __slots__ = ("digest", "path")

    def __init__(self, path: str, digest: str) -> None:
        self.path = path
        self.digest = digest

    @property
    def parts(self) -> tuple[Any, ...]:
        """The path and the hash."""
        return self.path, self.digest


class Requirement(_Parts):
    """A module that a source imports: how it asks for it, the file that it found, and the digest of its interface.

    `asked` is the parts of a library's name, or the path of a file. Without a file, it was not to be had.
    """

    __slots__ = ("asked", "digest", "path")

    def __init__(self, asked: tuple[str, ...] | str, path: str | None = None, digest: str = "") -> None:
        self.asked = asked
        self.path = path
        self.digest = digest

    @property
    def parts(self) -> tuple[Any, ...]:
        """How it is asked for, the file and the digest."""
        return self.asked, self.path, self.digest


Dependency = Inclusion | Requirement


class Entry:
    """What a source became: code, its interface as data with a digest, and what these depend on besides its text.

    `calls_models` says whether running it could ask a model, `reentrant` whether importers may capture continuations
    that are entered again.
    """

    __slots__ = ("calls_models", "code", "dependencies", "digest", "interface", "reentrant")

    def __init__(
        self,
        code: CodeType,
        interface: dict[str, Any],
        digest: str,
        calls_models: bool,
        reentrant: bool,
        dependencies: tuple[Dependency, ...],
    ) -> None:
        self.code = code
        self.interface = interface
        self.digest = digest
        self.calls_models = calls_models
        self.reentrant = reentrant
        self.dependencies = dependencies

    @property
    def captures(self) -> bool:
        """Whether running it may capture continuations that are entered again."""
        return self.interface.get("captures") is True


def key_of(data: bytes, path: str, module: str) -> bytes:
    """What code depends on besides other files: source and names, compiler and runtime, the byte code's format."""
    parts = (data, os.fsencode(path), module.encode(), f"{__version__} {INTERFACE}".encode(), MAGIC_NUMBER)
    return _digest(b"".join([len(part).to_bytes(8, "big") + part for part in parts]))


def beside(path: str) -> str | None:
    """The file for the entry of a source, beside Python's own; None where the interpreter keeps none."""
    try:
        return cache_from_source(path).removesuffix(".pyc") + ".omegac"
    except NotImplementedError:
        return None


def load(file: str, key: bytes) -> Entry | None:
    """The entry in a file, or None when it is missing, stale or damaged; its dependencies aren't looked at."""
    try:
        with open(file, "rb") as stream:  # noqa: PTH123
            data = stream.read()
    except OSError:
        return None
    head = _MAGIC + key
    body = data[len(head) + _DIGEST_BYTES :]
    if not data.startswith(head) or _digest(body) != data[len(head) : len(head) + _DIGEST_BYTES]:
        return None
    # Byte code, as in Python's own cache; its digest fits.
    code, interface, digest, calls_models, reentrant, dependencies = marshal.loads(body)  # noqa: S302
    return Entry(code, interface, digest, calls_models, reentrant, tuple(map(_dependency, dependencies)))


def store(file: str, key: bytes, entry: Entry) -> None:
    """Write an entry, unless Python is told to write none; a folder that can't be written just isn't a cache."""
    if sys.dont_write_bytecode:
        return
    from contextlib import suppress
    from pathlib import Path

    from omegac.files import write_atomically

    known = (entry.code, entry.interface, entry.digest, entry.calls_models, entry.reentrant)
    body = marshal.dumps((*known, [each.parts for each in entry.dependencies]))
    with suppress(OSError):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(Path(file), _MAGIC + key + _digest(body) + body)


def _digest(data: bytes) -> bytes:
    # Python's hashlib takes longer to import than all that it is wanted for here.
    return blake2b(data, digest_size=_DIGEST_BYTES).digest()


def _dependency(parts: tuple[Any, ...]) -> Dependency:
    return Inclusion(*parts) if len(parts) == 2 else Requirement(*parts)
