"""Omega modules, each compiled when something of it is needed first.

A program asks for what it includes and imports while it is expanded; what it got is noted, with hashes, so that the
code can be kept as long as nothing of that changes. The compiler itself is imported when something isn't kept, and
this module imports little, as it is on the way of every import of an Omega file.
"""

from __future__ import annotations

import os
import sys
from _thread import _local

from omegac.modules import cache
from omegac.modules.cache import Entry, Inclusion
from omegac.modules.finding import Found, absolute, find, is_file, module_of, place_of, read_bytes, real

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType
    from typing import Any

    from omegac.expand.environment import Macro
    from omegac.expand.surroundings import Surroundings
    from omegac.interface import Interface
    from omegac.modules.cache import Dependency
    from omegac.modules.finding import Place
    from omegac.pipeline import Compiled
    from omegac.source import Source


class Unavailable(Exception):
    """A module that can't be had; `help` says how to mend it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class Program:
    """A source that is compiled, the modules that it imports, and all that it depends on.

    `name` is what its code calls it, `text` the source; `has_model_calls` is as in `Compiled`. It is made of an entry
    that was kept, or of what was compiled now.
    """

    __slots__ = ("_compiled", "_entry", "dependencies", "has_model_calls", "key", "name", "requires", "text")

    def __init__(
        self,
        name: str,
        text: str,
        made: Compiled | Entry,
        requires: tuple[Loaded, ...],
        dependencies: tuple[Dependency, ...],
    ) -> None:
        self.name = name
        self.text = text
        self.requires = requires
        self.dependencies = dependencies
        self.key: bytes | None = None
        self._entry = made if isinstance(made, Entry) else None
        self._compiled = None if isinstance(made, Entry) else made
        self.has_model_calls = made.calls_models if isinstance(made, Entry) else made.has_model_calls

    @property
    def is_kept(self) -> bool:
        """Whether it was compiled earlier."""
        return self._entry is not None

    @property
    def compiled(self) -> Compiled:
        """What the compiler made of it, now."""
        assert self._compiled is not None
        return self._compiled

    @property
    def code(self) -> CodeType:
        """The Python module as a code object."""
        return self.compiled.code() if self._entry is None else self._entry.code

    @property
    def calls_models(self) -> bool:
        """Whether running it, or what it imports, could ask a model."""
        return self.has_model_calls or any(each.calls_models for each in in_order(self.requires))

    @property
    def digest(self) -> str:
        """A hash of the text and of what it includes and imports."""
        parts = [self.text, *(each.digest for each in self.dependencies)]
        return digest_of("\0".join(parts).encode(errors="surrogatepass"))

    def keep(self, modules: Modules) -> None:
        """Keep it when nothing is left to say about it."""
        file = modules.cache_file(self.name) if self._compiled and self.key is not None else None
        if file is not None and self.key is not None and not self.compiled.warnings and is_file(self.name):
            compiled, dependencies = self.compiled, self.dependencies
            literal, digest = compiled.interface.literal(), compiled.interface.digest()
            entry = Entry(self.code, literal, digest, self.has_model_calls, False, dependencies)
            cache.store(file, self.key, entry)


class Loaded:
    """A module that can be imported: `digest` stands for all that its importers depend on."""

    def __init__(self, modules: Modules, found: Found, entry: Entry | None, requires: tuple[Loaded, ...]) -> None:
        self.module = found.module
        self.path = found.path
        self.is_python = found.is_python
        self.requires = requires
        self._modules = modules
        self._found = found
        self._entry = entry
        self._compiled: Compiled | None = None
        self._macros: dict[str, Macro] = {}
        self._interface: Interface | None = None

    @classmethod
    def of_python(cls, modules: Modules, found: Found, interface: Interface, digest: str) -> Loaded:
        """A module of which only the compiled Python is at hand."""
        loaded = cls(modules, found, None, ())
        loaded._interface, loaded._digest = interface, digest
        return loaded

    @property
    def digest(self) -> str:
        """A hash of the interface, and of the source where macros are part of that."""
        return self._entry.digest if self._entry else self._digest

    @property
    def calls_models(self) -> bool:
        """Whether running the module could ask a model."""
        return self._entry.calls_models if self._entry else True

    @property
    def captures(self) -> bool:
        """Whether running the module may capture continuations that are entered again."""
        return self._entry.captures if self._entry else self.interface.captures

    @property
    def interface(self) -> Interface:
        """What the module shows to its importers."""
        from omegac.interface import Interface

        if self._interface is None:
            assert self._entry is not None
            self._interface = Interface.of(self._entry.interface)
        return self._interface

    @property
    def code(self) -> CodeType:
        """The module's code; only of a module whose source is at hand."""
        assert self._entry is not None
        return self._entry.code

    def take_warnings(self) -> Compiled | None:
        """What was compiled in this process, the first time that somebody asks."""
        compiled, self._fresh = self._fresh, None
        return compiled

    def keep(self) -> None:
        """Keep what was compiled where that's wanted and possible: when nothing is left to say about it."""
        key, self._key = self._key, None
        file = self._modules.cache_file(self.path) if key else None
        if file is not None and key is not None and self._entry is not None and os.path.isfile(self.path):  # noqa: PTH113
            cache.store(file, key, self._entry)

    _digest = ""
    _fresh: Compiled | None = None
    _key: bytes | None = None

    def became(self, compiled: Compiled) -> None:
        """Note what the source was compiled to, and let others see its scopes from outside."""
        from omegac.modules.sealing import seal

        self._compiled = self._fresh = compiled
        seal(compiled, self.module, {name: self.macro(name) for name in compiled.expansion.macros})

    def replace(self, again: Loaded) -> None:
        """Be what the same source was compiled to again; what was said of it is not said twice."""
        assert again._compiled is not None
        is_new = self._fresh is not None
        self._entry, self._key = again._entry, again._key
        self.became(again._compiled)
        if not is_new:
            self.take_warnings()

    def macro(self, name: str) -> Macro:
        """A macro that the module exports; its source is compiled when it is first used."""
        from omegac.expand.environment import Macro

        if name not in self._macros:
            self._macros[name] = Macro(name, self._transformer(name))
        return self._macros[name]

    def _transformer(self, name: str) -> Callable[..., Any]:
        def transform(form: Any, environment: Any, fuel: Any) -> Any:
            if self.is_python:
                from omegac.errors import Malformed
                from omegac.source import Span

                mend = f"put the Omega file beside {self.path}"
                raise Malformed(f"{name} is a macro of {self.module}, whose source isn't here", Span.of(form), mend)
            if self._compiled is None:
                self._modules.compile_again(self, self._found)
            return self._own[name].transform(form, environment, fuel)

        return transform

    @property
    def _own(self) -> dict[str, Macro]:
        assert self._compiled is not None
        return self._compiled.expansion.macros


class Modules:
    """The Omega modules that a process knows.

    `check` may refuse the file of one: it raises Unavailable. `path` are folders to search before those of `sys.path`.
    `cache_file` says where what is made of a source is kept.
    """

    def __init__(
        self,
        check: Callable[[str], None] = lambda _: None,
        path: Iterable[str] = (),
        cache_file: Callable[[str], str | None] = cache.beside,
    ) -> None:
        self.check = check
        self.path = tuple(path)
        self.cache_file = cache_file
        self._known: dict[tuple[str, str], tuple[bytes, Loaded]] = {}
        self._thread = _local()

    @property
    def _loading(self) -> list[tuple[str, str]]:
        """The files and modules that this thread is loading, outermost first."""
        if not hasattr(self._thread, "loading"):
            self._thread.loading = []
        stack: list[tuple[str, str]] = self._thread.loading
        return stack

    def program(
        self, source: Source, *, result: bool = False, module: str | None = None, reentrant: bool = False
    ) -> Program:
        """Compile a source with what it needs; `reentrant` as in `compile_source`.

        Raises OmegaSyntaxError for what is wrong in any of these files.
        """
        place = place_of(source.shown, module)
        name = module or module_of(absolute(source.shown), place) or source.shown
        return self._program(source, place, name, result=result, reentrant=reentrant)

    def program_in(self, path: str) -> Program:
        """The program in a file, as it was kept or compiled now; `Program.keep` keeps it.

        Raises OSError when the file can't be read, and as `program`.
        """
        data = read_bytes(path)
        place = place_of(path)
        found = Found(module_of(absolute(path), place) or path, path)
        key = cache.key_of(data, path, f"{found.module} as a program")
        file = self.cache_file(path)
        entry = cache.load(file, key) if file else None
        requires = self._requirements(entry, place, found) if entry else None
        if entry is not None and requires is not None:
            self.enter(requires, entry.captures)
            return Program(path, data.decode("utf-8-sig"), entry, requires, entry.dependencies)
        from omegac.pipeline import decode_source

        program = self.program(decode_source(path, data))
        program.key = key
        return program

    def around(self, source: Source, module: str | None = None) -> Surroundings:
        """The files around a source, for whoever compiles it."""
        from omegac.modules.surroundings import FilesAround

        return FilesAround(self, place_of(source.shown, module))

    def load(self, found: Found) -> Loaded:
        """A module. Raises OSError, Unavailable, and OmegaSyntaxError for what is wrong in it or in what it needs."""
        key = (real(found.path), found.module)
        if key[0] in [path for path, _ in self._loading]:
            names = [name for _, name in self._loading]
            circle = [*names[[path for path, _ in self._loading].index(key[0]) :], found.module]
            raise Unavailable(f"this import is circular: {' imports '.join(circle)}")
        self.check(found.path)
        data = read_bytes(found.path)
        if found.is_python:
            return self._of_python(found, data)
        place = place_of(found.path, found.module)
        known = self._known.get(key)
        if known and known[0] == data:
            entry = known[1]._entry
            if entry is not None and self._requirements(entry, place, found) is not None:
                return known[1]
        loaded = self._kept(found, data, place) or self._made(found, data, place)
        self._known[key] = data, loaded
        self.enter(loaded.requires, loaded.captures)
        return loaded

    def _of_python(self, found: Found, data: bytes) -> Loaded:
        from omegac.interface import read_interface

        interface = read_interface(data.decode("utf-8", "replace"))
        if interface is None:
            mend = f"(import (python {found.module})) imports a Python module"
            raise Unavailable(f"{found.path} is no Omega library, but Python", mend)
        return Loaded.of_python(self, found, interface, interface.digest())

    def _kept(self, found: Found, data: bytes, place: Place) -> Loaded | None:
        """The module as it was kept, unless something has changed."""
        file = self.cache_file(found.path)
        entry = cache.load(file, cache.key_of(data, found.path, found.module)) if file else None
        requires = self._requirements(entry, place, found) if entry else None
        return None if requires is None else Loaded(self, found, entry, requires)

    def _requirements(self, entry: Entry, place: Place, found: Found) -> tuple[Loaded, ...] | None:
        """The modules that an entry depends on; None when one of them, or something else, is not as it was."""
        requires = []
        self._loading.append((real(found.path), found.module))
        try:
            for each in entry.dependencies:
                if isinstance(each, Inclusion):
                    self.check(each.path)
                    if digest_of(read_bytes(each.path)) != each.digest:
                        return None
                    continue
                now = self.find(each.asked, place)
                if (now.path if now else None) != each.path:
                    return None
                if now is not None:
                    requires.append(self.load(now))
                    if requires[-1].digest != each.digest:
                        return None
        except (OSError, Unavailable, SyntaxError):
            return None
        finally:
            self._loading.pop()
        return tuple(requires)

    def find(self, asked: tuple[str, ...] | str, place: Place) -> Found | None:
        """The file of a library, or a file by its path as seen from a place."""
        if isinstance(asked, tuple):
            return find(asked, place, (*self.path, *sys.path))
        path = os.path.normpath(os.path.join(place.folder, asked))  # noqa: PTH118
        module = module_of(path, place)
        return Found(module, path) if module and is_file(path) else None

    def enter(self, requires: tuple[Loaded, ...], captures: bool) -> None:
        """See that modules can be entered again, when an importer may capture continuations."""
        for each in in_order(requires) if captures else ():
            entry = each._entry
            if entry is not None and not entry.reentrant:
                again = self._made(each._found, read_bytes(each.path), place_of(each.path, each.module), reentrant=True)
                each.replace(again)

    def _made(self, found: Found, data: bytes, place: Place, *, reentrant: bool = False) -> Loaded:
        """The module, compiled, and kept where that's wanted and possible."""
        from omegac.pipeline import decode_source

        source = decode_source(found.path, data)
        program = self._program(source, place, found.module, reentrant=reentrant)
        compiled = program.compiled
        more = [data, *(each.digest.encode() for each in program.dependencies)] if compiled.interface.has_macros else []
        entry = Entry(
            compiled.code(),
            compiled.interface.literal(),
            compiled.interface.digest(*more),
            compiled.has_model_calls,
            reentrant,
            program.dependencies,
        )
        loaded = Loaded(self, found, entry, program.requires)
        loaded._key = cache.key_of(data, found.path, found.module)
        loaded.became(compiled)
        return loaded

    def compile_again(self, loaded: Loaded, found: Found) -> None:
        """Compile a module that was kept, for its macros."""
        from omegac.pipeline import decode_source

        source = decode_source(found.path, read_bytes(found.path))
        loaded.became(self._program(source, place_of(found.path, found.module), found.module).compiled)
        loaded.take_warnings()

    def _program(
        self, source: Source, place: Place, module: str, *, result: bool = False, reentrant: bool = False
    ) -> Program:
        from omegac.modules.surroundings import FilesAround
        from omegac.pipeline import compile_source

        around = FilesAround(self, place)
        self._loading.append((real(source.shown), module))
        try:
            compiled = compile_source(source, around, result=result, reentrant=reentrant)
            requires = tuple(around.requires.values())
            self.enter(requires, compiled.interface.captures)
        finally:
            self._loading.pop()
        return Program(source.name, source.text, compiled, requires, tuple(around.dependencies))


def compile_file(path: str | os.PathLike[str]) -> Compiled:
    """Compile a file. Raises OSError when it can't be read, OmegaSyntaxError for what is wrong in it or its imports."""
    from omegac.pipeline import read_source

    return Modules().program(read_source(path)).compiled


def surroundings_of(source: Source) -> Surroundings:
    """The files around a source, for who looks at it without running it."""
    return Modules(path=[""]).around(source)


def in_order(requires: tuple[Loaded, ...]) -> list[Loaded]:
    """The modules and those that they import, each after what it imports."""
    found: dict[str, Loaded] = {}

    def visit(loaded: Loaded) -> None:
        if loaded.module not in found:
            for each in loaded.requires:
                visit(each)
            found[loaded.module] = loaded

    for each in requires:
        visit(each)
    return list(found.values())


def digest_of(data: bytes) -> str:
    """The hash by which a file is known."""
    import hashlib

    return hashlib.sha256(data).hexdigest()
