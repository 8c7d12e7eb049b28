"""Import `.omega` files like Python modules: `import omegac.importer` is all it takes.

A finder on `sys.meta_path` looks for `name.omega` and `name/__init__.omega` wherever Python looks for modules, zip
archives included; `some-name.omega` is the module `some_name`. A file never takes the place of a module of Python's
standard library. The code is cached beside Python's own, in
`__pycache__/name.TAG.omegac`. An entry is used only when its key fits: a hash of the source text, its file name, the
compiler's version and the runtime's interface; the interpreter's tag is in the file name. A damaged entry is a miss.
Entries are written atomically, and not at all under `sys.dont_write_bytecode`.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import MAGIC_NUMBER, cache_from_source, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from omega_runtime.diagnostics import uncaught
from omega_runtime.version import INTERFACE

from omegac import __version__
from omegac.backend.names import module_name
from omegac.files import write_atomically

_SUFFIX = ".omega"
_PACKAGE = "__init__" + _SUFFIX
_MAGIC = b"omegac 2\n"
# Where Python keeps its own modules: nobody's programs are there.
_PYTHONS_OWN = frozenset({os.path.dirname(os.__file__)})  # noqa: PTH120
_DIGEST_BYTES = hashlib.sha256().digest_size


class OmegaWarning(SyntaxWarning):
    """A warning of the compiler about an imported file."""


class _Archive(Protocol):
    """What a zip archive on `sys.path` offers."""

    def get_data(self, path: str) -> bytes: ...


class OmegaLoader(InspectLoader):
    """Loads one `.omega` file, from the file system or from an archive.

    The code is run by importlib's own `exec_module`, whose lines Python leaves out of tracebacks.
    """

    def __init__(self, fullname: str, path: str, archive: _Archive | None = None) -> None:
        self.name = fullname
        self.path = path
        self.archive = archive

    def get_data(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        return self.archive.get_data(path) if self.archive else Path(path).read_bytes()

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002
        """The path of the source."""
        return self.path

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002 - importlib's signature, as below
        """Whether the file is a package's `__init__.omega`."""
        return os.path.basename(self.path) == _PACKAGE  # noqa: PTH119

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        """The text of the source, for tracebacks and debuggers."""
        return self.get_data(self.path).decode("utf-8-sig")

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """The code, from the cache when its entry fits. Raises OmegaSyntaxError when the source doesn't compile."""
        data = self.get_data(self.path)
        key = _key(data, self.path)
        entry = None if self.archive else _cache_file(self.path)
        code = _cached(entry, key) if entry else None
        if code is None:
            code = self._compile(data)
            if entry and not sys.dont_write_bytecode:
                _store(entry, key, code)
        return code

    def _compile(self, data: bytes) -> CodeType:
        from omegac.errors import OmegaSyntaxError
        from omegac.pipeline import compile_source, decode_source

        try:
            compiled = compile_source(decode_source(self.path, data))
        except OmegaSyntaxError as error:
            raise error.with_traceback(None) from None  # how the compiler found out is nobody's business
        for warning in compiled.warnings:
            text = f"{warning.message}; {warning.help}" if warning.help else warning.message
            warnings.warn_explicit(text, OmegaWarning, self.path, warning.span.line, module=self.name)
        return compiled.code()


class OmegaFinder(MetaPathFinder):
    """Finds `.omega` files along `sys.path` or a package's path; a Python module that comes earlier wins."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - importlib's signature
    ) -> ModuleSpec | None:
        """The spec of the first `.omega` module of that name, or None."""
        name = fullname.rpartition(".")[2]
        if path is None and name in sys.stdlib_module_names:
            _tell_hidden(name)
            return None
        for folder in _folders(sys.path if path is None else path):
            found, archive = _find(name, folder)
            if found is not None:
                loader = OmegaLoader(fullname, found, archive)
                search = [os.path.dirname(found)] if loader.is_package(fullname) else None  # noqa: PTH120
                return spec_from_file_location(fullname, found, loader=loader, submodule_search_locations=search)
            if _has_python_module(name, folder):
                return None
        return None


_told: set[str] = set()


def _tell_hidden(name: str) -> None:
    """Warn once of an `.omega` file that can't be imported because a module of Python has its name."""
    if name in _told:
        return
    _told.add(name)
    for folder in _folders(sys.path):
        found = _find(name, folder)[0] if folder not in _PYTHONS_OWN else None
        if found is not None:
            text = f"import {name} gives Python's own module, not this file; rename it, or put it into a package"
            warnings.warn_explicit(text, OmegaWarning, found, 1)
            return


def _folders(path: Iterable[object]) -> Iterator[str]:
    """The entries of a search path that Python heeds: strings; "" is the current folder, which may be gone."""
    for entry in path:
        if isinstance(entry, str):
            with suppress(OSError):
                yield entry or os.getcwd()  # noqa: PTH109


def _find(name: str, folder: str) -> tuple[str | None, _Archive | None]:
    """The file of a module in a folder of the search path, and the archive that it is in."""
    if os.path.isdir(folder):  # noqa: PTH112 - this runs for every import; strings are quicker
        package = os.path.join(folder, name, _PACKAGE)  # noqa: PTH118
        if os.path.isfile(package):  # noqa: PTH113
            return package, None
        return _in_folder(name, folder), None
    return _in_archive(name, folder)


def _in_folder(name: str, folder: str) -> str | None:
    plain = os.path.join(folder, name + _SUFFIX)  # noqa: PTH118
    if os.path.isfile(plain):  # noqa: PTH113
        return plain
    with suppress(OSError):
        for entry in sorted(os.listdir(folder)):  # noqa: PTH208
            if entry.endswith(_SUFFIX) and module_name(entry.removesuffix(_SUFFIX)) == name:
                return os.path.join(folder, entry)  # noqa: PTH118
    return None


def _in_archive(name: str, folder: str) -> tuple[str | None, _Archive | None]:
    import pkgutil

    archive: Any = pkgutil.get_importer(folder)
    if not hasattr(archive, "get_data"):
        return None, None
    for candidate in (os.path.join(folder, name, _PACKAGE), os.path.join(folder, name + _SUFFIX)):  # noqa: PTH118
        with suppress(OSError):
            archive.get_data(candidate)
            return candidate, archive
    return None, None


def _has_python_module(name: str, folder: str) -> bool:
    """Whether Python's own finders know a module of that name in a folder."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec(name, [folder])
    return spec is not None and spec.origin is not None


def _key(data: bytes, path: str) -> bytes:
    """What the code depends on: the source, its name, compiler, runtime, and the byte code's format."""
    parts = (data, os.fsencode(path), f"{__version__} {INTERFACE}".encode(), MAGIC_NUMBER)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _cache_file(path: str) -> Path | None:
    try:
        return Path(cache_from_source(path)).with_suffix(".omegac")
    except NotImplementedError:
        return None


def _cached(entry: Path, key: bytes) -> CodeType | None:
    """The code of a cache entry, or None when it is missing, stale or damaged."""
    try:
        data = entry.read_bytes()
    except OSError:
        return None
    head = _MAGIC + key
    body = data[len(head) + _DIGEST_BYTES :]
    if not data.startswith(head) or hashlib.sha256(body).digest() != data[len(head) : len(head) + _DIGEST_BYTES]:
        return None
    code = marshal.loads(body)  # noqa: S302 - byte code, as in Python's own cache; its digest was checked
    return code if isinstance(code, CodeType) else None


def _store(entry: Path, key: bytes, code: CodeType) -> None:
    """Write a cache entry; a folder that can't be written just isn't a cache."""
    body = marshal.dumps(code)
    with suppress(OSError):
        entry.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(entry, _MAGIC + key + hashlib.sha256(body).digest() + body)


def install() -> None:
    """Make `.omega` files importable, and uncaught errors in them print with Omega places."""
    if not any(isinstance(finder, OmegaFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, OmegaFinder())
    uncaught.install()


install()
