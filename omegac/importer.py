"""Import `.omega` files like Python modules: `import omegac.importer` is all it takes.

A finder on `sys.meta_path` looks for `name.omega`, `name.sld` and `name/__init__.omega` wherever Python looks for
modules, zip archives included; `some-name.omega` is the module `some_name`. A file never takes the place of a module of
Python's standard library. The code is cached beside Python's own, in `__pycache__/name.TAG.omegac`; see
`omegac.modules.cache`. Programs start with this module, so it imports little.
"""

from __future__ import annotations

import os
import sys
from importlib._bootstrap_external import PathFinder, SourceLoader, spec_from_file_location

from omega_runtime.diagnostics import uncaught

from omegac.modules.finding import PACKAGE, SUFFIXES, Found, archive_at, entries, read_bytes
from omegac.modules.loading import Modules, Unavailable
from omegac.names import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any, Protocol, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

    class _Archive(Protocol):
        """What a zip archive on `sys.path` offers."""

        def get_data(self, path: str) -> bytes: ...


# Where Python keeps its own modules: nobody's programs are there.
_PYTHONS_OWN = frozenset({os.path.dirname(os.__file__)})  # noqa: PTH120
# What is below these packages is Python.
_OWN = ("omega_runtime.", "omegac.")
_modules = Modules()


class OmegaWarning(SyntaxWarning):
    """A warning of the compiler about an imported file."""


def _left_out_of_tracebacks(function: F) -> F:
    """A function that passes for the one below which Python leaves importlib's lines out of tracebacks of imports.

    It has no other way to be told that somebody else's lines belong to the import.
    """
    function.__code__ = function.__code__.replace(
        co_filename="<frozen importlib._bootstrap>",
        co_name="_call_with_frames_removed",
    )
    return function


class OmegaLoader(SourceLoader):
    """Loads one `.omega` file, from the file system or from an archive.

    The code is run by importlib's own `exec_module`, whose lines Python leaves out of tracebacks.
    """

    def __init__(self, fullname: str, path: str, archive: _Archive | None = None) -> None:
        self.name = fullname
        self.path = path
        self.archive = archive

    def get_data(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        return self.archive.get_data(path) if self.archive else read_bytes(path)

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002
        """The path of the source."""
        return self.path

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002 - importlib's signature, as below
        """Whether the file is a package's `__init__.omega`."""
        return os.path.splitext(os.path.basename(self.path))[0] == PACKAGE  # noqa: PTH119, PTH122

    def get_source(self, fullname: str) -> str:  # noqa: ARG002
        """The text of the source, for tracebacks and debuggers."""
        return self.get_data(self.path).decode("utf-8-sig")

    @_left_out_of_tracebacks
    def get_code(self, fullname: str) -> CodeType:
        """The code, kept from before when it still fits.

        Raises OmegaSyntaxError when the source, or one that it imports, doesn't compile.
        """
        try:
            return self._code(fullname)
        except Unavailable as error:
            raise ImportError(str(error), name=fullname, path=self.path) from None
        except SyntaxError as error:
            raise error.with_traceback(None) from None  # how the compiler found out is nobody's business

    def _code(self, fullname: str) -> CodeType:
        loaded = _modules.load(Found(fullname, self.path))
        compiled = loaded.take_warnings()
        for warning in compiled.warnings if compiled else ():
            text = f"{warning.message}; {warning.help}" if warning.help else warning.message
            file = warning.span.origin.shown if warning.span.origin else self.path
            _warn(text, file, warning.span.line, self.name)
        loaded.keep()
        return loaded.code


class OmegaFinder:
    """Finds `.omega` files along `sys.path` or a package's path; a Python module that comes earlier wins."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - importlib's signature
    ) -> ModuleSpec | None:
        """The spec of the first `.omega` module of that name, or None."""
        if fullname.startswith(_OWN):
            return None
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
            _warn(text, found, 1, name)
            return


def _warn(text: str, file: str, line: int, module: str) -> None:
    import warnings

    warnings.warn_explicit(text, OmegaWarning, file, line, module=module)


def _folders(path: Iterable[object]) -> Iterator[str]:
    """The entries of a search path that Python heeds: strings; "" is the current folder, which may be gone."""
    for entry in path:
        if isinstance(entry, str):
            try:
                yield entry or os.getcwd()  # noqa: PTH109
            except OSError:
                continue


def _find(name: str, folder: str) -> tuple[str | None, _Archive | None]:
    """The file of a module in a folder of the search path, and the archive that it is in."""
    if os.path.isdir(folder):  # noqa: PTH112 - this runs for every import; strings are quicker
        return _in_folder(name, folder), None
    return _in_archive(name, folder)


def _plain(name: str, folder: str) -> list[str]:
    """The files of a module whose names are its own."""
    packages = [os.path.join(folder, name, PACKAGE + suffix) for suffix in SUFFIXES]  # noqa: PTH118
    return packages + [os.path.join(folder, name + suffix) for suffix in SUFFIXES]  # noqa: PTH118


def _in_folder(name: str, folder: str) -> str | None:
    there = entries(folder)
    files = [each for each in there if each.endswith(SUFFIXES)]
    if files or name in there:
        for path in _plain(name, folder):
            if os.path.isfile(path):  # noqa: PTH113
                return path
    for entry in files:
        if module_name(os.path.splitext(entry)[0]) == name:  # noqa: PTH122
            return os.path.join(folder, entry)  # noqa: PTH118
    return None


def _in_archive(name: str, folder: str) -> tuple[str | None, _Archive | None]:
    archive = archive_at(folder)
    if archive is None:
        return None, None
    for candidate in _plain(name, folder):
        try:
            archive.get_data(candidate)
        except OSError:
            continue
        return candidate, archive
    return None, None


def _has_python_module(name: str, folder: str) -> bool:
    """Whether Python's own finders know a module of that name in a folder."""
    spec = PathFinder.find_spec(name, [folder])
    return spec is not None and spec.origin is not None


def install() -> None:
    """Make `.omega` files importable, and uncaught errors in them print with Omega places."""
    if not any(isinstance(finder, OmegaFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, OmegaFinder())
    uncaught.install()


install()
