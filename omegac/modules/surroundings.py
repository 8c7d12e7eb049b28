"""The files around a source: what it includes and imports, noted for whoever keeps the result."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from omegac.errors import suggestion
from omegac.expand.surroundings import Missing, Module, Surroundings
from omegac.modules.cache import Dependency, Inclusion, Requirement
from omegac.modules.finding import SUFFIXES, Found, Place, absolute, find, is_file, read_bytes
from omegac.modules.loading import Loaded, Modules, Unavailable, digest_of
from omegac.pipeline import decode_source
from omegac.source import Source
from omegac.standard import STANDARD


class FilesAround(Surroundings):
    """`requires` are the modules that the source has imported, `dependencies` all that it was made with."""

    def __init__(self, modules: Modules, place: Place) -> None:
        self.modules = modules
        self.place = place
        self.requires: dict[str, Loaded] = {}
        self.dependencies: dict[Dependency, None] = {}

    def included(self, path: str, source: Source) -> Source:
        """The source in a file; it is named as the one that includes it is."""
        file = os.path.normpath(os.path.join(os.path.dirname(source.shown), path))  # noqa: PTH118, PTH120
        name = os.path.normpath(os.path.join(os.path.dirname(source.name), path))  # noqa: PTH118, PTH120
        try:
            self.modules.check(file)
            data = read_bytes(file)
        except Unavailable as error:
            raise Missing(str(error), error.help) from None
        except (OSError, ValueError) as error:
            raise Missing(f'"{path}" can\'t be included: {_reason(error)}', _near_file(file)) from None
        self.dependencies[Inclusion(absolute(file), digest_of(data))] = None
        return decode_source(Path(name).as_posix(), data, file)

    def library(self, name: tuple[str, ...]) -> Module:
        """The library of that name."""
        found = self.modules.find(name, self.place)
        shown = f"({' '.join(name)})"
        if found is None:
            self.dependencies[Requirement(name)] = None
            known = [" ".join(each) for each in STANDARD] + list(_libraries_near(self.place))
            near = suggestion(" ".join(name), known)
            mend = near and f"did you mean ({near[len('did you mean ') : -1]})?"
            raise Missing(
                f"there is no library {shown}",
                mend or f"it would be {'/'.join(name)}.omega in {self.place.folder}, or on Python's path",
            )
        loaded = self._load(name, found, shown)
        defined = loaded.interface.library
        if defined is not None and defined != name:
            raise Missing(f"{found.path} defines the library ({' '.join(defined)}), not {shown}")
        return self._module(loaded)

    def file(self, path: str, source: Source) -> Module:
        """A file as a module."""
        file = os.path.normpath(os.path.join(os.path.dirname(source.shown), path))  # noqa: PTH118, PTH120
        asked = os.path.relpath(file, self.place.folder)
        found = self.modules.find(asked, self.place)
        if found is None:
            if not is_file(file):
                raise Missing(f'there is no file "{path}"', _near_file(file))
            mend = f"import it as a library: (import (… {Path(path).stem})), from a folder on Python's path"
            raise Missing(f'"{path}" is not below {self.place.folder}, where Python would find it', mend)
        return self._module(self._load(asked, found, f'"{path}"'))

    def omega_file_of(self, module: str) -> str | None:
        """The Omega file of a module, when it stands beside the source."""
        found = find(module.split("."), self.place, ())
        return None if found is None or found.is_python else os.path.relpath(found.path, self.place.folder)

    def _load(self, asked: tuple[str, ...] | str, found: Found, shown: str) -> Loaded:
        try:
            loaded = self.modules.load(found)
        except Unavailable as error:
            raise Missing(str(error), error.help) from None
        except OSError as error:
            raise Missing(f"{shown} can't be read: {_reason(error)}") from None
        self.dependencies[Requirement(asked, found.path, loaded.digest)] = None
        self.requires[loaded.module] = loaded
        return loaded

    def _module(self, loaded: Loaded) -> Module:
        interface = loaded.interface
        bindings = interface.bindings(loaded.module, loaded.macro)
        return Module(loaded.module, bindings, loaded.is_python, interface.captures)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _near_file(file: str) -> str | None:
    folder = Path(file).parent
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return suggestion(Path(file).name, names)


def _libraries_near(place: Place) -> Iterable[str]:
    """The names of the libraries below a file's folder, and of those beside its package."""
    for root in dict.fromkeys((place.folder, place.root)):
        folder = Path(root)
        for file in (*folder.glob("*.*"), *folder.glob("*/*.*")) if folder.is_dir() else ():
            if file.suffix in SUFFIXES:
                yield " ".join(file.relative_to(folder).with_suffix("").parts)
