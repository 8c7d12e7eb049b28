"""Where the files of libraries are: `(text tools)` is the Python module `text.tools`, made of text/tools.omega.

A library is looked for in the folder of the file that imports it, then in the folder that holds that file's whole
package, then on `sys.path`. So files beside each other find each other, and what a file finds there has, for Python,
the name of the package in front.
"""

from __future__ import annotations

import os
import sys

from omegac.names import module_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

SUFFIXES = (".omega", ".sld")
PACKAGE = "__init__"

_GONE = os.path.join(os.sep, "(gone)")


class Place:
    """Where a file stands: its folder, the dotted name of the package that this is ("" for none), and what holds it."""

    __slots__ = ("folder", "package", "root")

    def __init__(self, folder: str, package: str, root: str) -> None:
        self.folder = folder
        self.package = package
        self.root = root

    def module(self, *parts: str) -> str:
        """The dotted name of a module below the folder."""
        return ".".join([*([self.package] if self.package else []), *parts])


class Found:
    """The file of a module; `is_python` says that only its Python is there, or that it is no Omega module at all."""

    __slots__ = ("is_python", "module", "path")

    def __init__(self, module: str, path: str, is_python: bool = False) -> None:
        self.module = module
        self.path = path
        self.is_python = is_python


def place_of(path: str, module: str | None = None) -> Place:
    """The place of a file. A folder with an `__init__` file is a package; `module` is the file's name, where known."""
    folder = os.path.dirname(absolute(path))
    names: list[str] = []
    root = folder
    if module is None:
        while any(is_file(os.path.join(root, PACKAGE + suffix)) for suffix in (*SUFFIXES, ".py")):
            root, name = os.path.split(root)
            names.insert(0, name)
        return Place(folder, ".".join(names), root)
    is_package = _stem(path) == PACKAGE
    package = module if is_package else module.rpartition(".")[0]
    for _ in package.split(".") if package else ():
        root = os.path.dirname(root)
    return Place(folder, package, root)


def absolute(path: str) -> str:
    """A path from the root; one where nothing is when the current folder is gone."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError:
        return os.path.join(_GONE, path)


def real(path: str) -> str:
    """A path from the root without links; one where nothing is when the current folder is gone."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:
        return os.path.join(_GONE, path)


def find(parts: Sequence[str], place: Place, path: Sequence[str]) -> Found | None:
    """The file of a library as seen from a place, with the search path behind it."""
    names = [module_name(part) for part in parts]
    for folder in dict.fromkeys((place.folder, place.root, *path)):
        found = _below(absolute(folder), parts, names)
        if found is not None:
            module = place.module(*names) if folder == place.folder else ".".join(names)
            return Found(module, found, found.endswith(".py"))
    return None


def _below(folder: str, parts: Sequence[str], names: Sequence[str]) -> str | None:
    base = os.path.join(folder, *names[:-1])
    for candidate in _candidates(base, parts[-1], names[-1]):
        if is_file(candidate):
            return candidate
    return None


def _candidates(folder: str, part: str, name: str) -> Iterator[str]:
    """The files that a module may be made of, best first; Omega's own come before Python's."""
    for suffix in SUFFIXES:
        yield os.path.join(folder, name, PACKAGE + suffix)
    for suffix in SUFFIXES:
        for stem in dict.fromkeys((name, part)):
            yield os.path.join(folder, stem + suffix)
    for entry in entries(folder):
        stem, suffix = os.path.splitext(entry)
        if suffix in SUFFIXES and module_name(stem) == name:
            yield os.path.join(folder, entry)
    yield os.path.join(folder, name, PACKAGE + ".py")
    yield os.path.join(folder, name + ".py")


def entries(folder: str) -> list[str]:
    """What is in a folder, sorted; nothing where that can't be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def module_of(path: str, place: Place) -> str | None:
    """The dotted name of a file, as seen from a place; None when Python has none for it there."""
    whole = os.path.normpath(os.path.join(place.folder, path))
    root = place.root if place.package else place.folder
    parts = os.path.splitext(os.path.relpath(whole, root))[0].split(os.sep)
    names = [module_name(part) for part in parts]
    if parts[0] == ".." or any(part != name for part, name in zip(parts[:-1], names, strict=False)):
        return None
    if parts[-1] == PACKAGE:
        names = names[:-1]
    return ".".join(names)


def is_python_module(name: str) -> bool:
    """Whether Python has a module of that name beside those of the program, so that none of these can be it."""
    from importlib.machinery import PathFinder

    if name in sys.stdlib_module_names:
        return True
    try:
        found = PathFinder.find_spec(name)
    except (ImportError, ValueError):
        return False
    return found is not None and found.origin is not None


def is_file(path: str) -> bool:
    """Whether there is a file, in a folder or in an archive."""
    if os.path.isfile(path):
        return True
    archive = _archive(path)
    if archive is None:
        return False
    try:
        archive.get_data(path)
    except OSError:
        return False
    return True


def read_bytes(path: str) -> bytes:
    """The bytes of a file, in a folder or in an archive. Raises OSError."""
    archive = None if os.path.isfile(path) else _archive(path)
    if archive is not None:
        data: bytes = archive.get_data(path)
        return data
    with open(path, "rb") as file:
        return file.read()


def _archive(path: str) -> Any:
    """What reads the archive that a path leads into, or None."""
    above = os.path.dirname(path)
    while above and not os.path.exists(above):
        above = os.path.dirname(above)
    return archive_at(above) if os.path.isfile(above) else None


def archive_at(path: str) -> Any:
    """What Python reads the archive at an entry of its path with; None where there is none.

    As `pkgutil.get_importer`, whose module imports some in its turn, which the finder of imports must not do.
    """
    if path not in sys.path_importer_cache:
        for hook in sys.path_hooks:
            try:
                sys.path_importer_cache[path] = hook(path)
                break
            except ImportError:
                continue
    found = sys.path_importer_cache.get(path)
    return found if hasattr(found, "get_data") else None
