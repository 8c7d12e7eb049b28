"""What the compiler says of a document as it is now; each part is found out when somebody asks, and once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import attrs
from lsprotocol.types import PositionEncodingKind
from omega_runtime.control.deep import deep

from omegac import core
from omegac.analyse.cost.bounds import Bound, bounds_of
from omegac.analyse.effects import Row, effects_of
from omegac.check.checking import check_source
from omegac.check.configuration import BadConfiguration, configuration_for
from omegac.check.findings import Finding
from omegac.check.rules import RULES
from omegac.errors import Diagnostic, OmegaSyntaxError
from omegac.expand.surroundings import Missing, Module, Surroundings
from omegac.lsp.names import Names
from omegac.lsp.places import Places
from omegac.modules import Modules
from omegac.modules.loading import in_order
from omegac.modules.surroundings import FilesAround
from omegac.pipeline.passes import Unit, analysed
from omegac.source import Source

T = TypeVar("T")
_log = logging.getLogger(__name__)


@attrs.frozen(eq=False, slots=False)
class Analysis:
    """A text, the file that it belongs to (None: it is in no file), and the modules that it may import.

    Only one thread at a time may ask.
    """

    text: str
    path: str | None
    modules: Modules
    encoding: PositionEncodingKind | str = PositionEncodingKind.Utf16
    key: str = ""
    """The client's name for the document, when it has it open."""

    @property
    def uri(self) -> str:
        """The name of the document."""
        return self.key or Path(self.path or "untitled.omega").absolute().as_uri()

    @cached_property
    def source(self) -> Source:
        """The text as the compiler has it."""
        return Source(self.path or "untitled.omega", self.text)

    @cached_property
    def places(self) -> Places:
        """The places of the text."""
        return Places(self.text, self.encoding)

    @cached_property
    def _around(self) -> Surroundings:
        return self.modules.around(self.source) if self.path else Surroundings()

    @cached_property
    def names(self) -> Names:
        """The names in the text."""
        found: Names = deep(Names.of, self.source, self.places, _Lenient(self._around))
        return found

    def imported_files(self) -> dict[str, str]:
        """The Omega files that are imported, those of other files too, by the names of their modules."""
        _ = self.names
        loaded = in_order(tuple(self._around.requires.values())) if isinstance(self._around, FilesAround) else []
        return {each.module: each.path for each in loaded if not each.is_python}

    def findings(self) -> list[Finding | Diagnostic]:
        """What the compiler and the check find, in source order."""
        try:
            outcome = check_source(self.source, self._codes(), self._around)
        except OmegaSyntaxError as error:
            return list(error.diagnostics)
        return [*outcome.warnings, *outcome.checked.findings]

    def _codes(self) -> Iterable[str]:
        try:
            file = Path(self.path or "untitled.omega")
            return configuration_for(file.parent).codes_for(file)
        except (BadConfiguration, OSError) as error:
            _log.warning("%s", error)
            return RULES

    @cached_property
    def _unit(self) -> Unit | None:
        """The program after its analysis; None when it doesn't compile."""
        try:
            return analysed(self.source, self._around)
        except OmegaSyntaxError:
            return None

    @cached_property
    def compiles(self) -> bool:
        """Whether the compiler finds no error."""
        return self._unit is not None

    @cached_property
    def rows(self) -> dict[tuple[int, int], Row]:
        """What calling the procedures may do that are bound to a name, by the place of that."""
        return {} if self._unit is None else deep(_rows, self._unit)

    @cached_property
    def bounds(self) -> dict[str, Bound]:
        """What calling each procedure of the top level may spend, by its name."""
        if self._unit is None:
            return {}
        found = deep(bounds_of, self._unit.program, self._unit.facts)
        return {each.name: each for each in found.procedures}


class _Lenient(Surroundings):
    """Files around a text, of which those with errors are missing, so that the text is looked at all the same."""

    def __init__(self, files: Surroundings) -> None:
        self._files = files

    def included(self, path: str, source: Source) -> Source:
        """The source in a file."""
        return _or_missing(lambda: self._files.included(path, source))

    def library(self, name: tuple[str, ...]) -> Module:
        """The library of that name."""
        return _or_missing(lambda: self._files.library(name))

    def file(self, path: str, source: Source) -> Module:
        """A file as a module."""
        return _or_missing(lambda: self._files.file(path, source))


def _or_missing(found: Callable[[], T]) -> T:
    try:
        return found()
    except SyntaxError as error:
        raise Missing(str(error)) from None


def _rows(unit: Unit) -> dict[tuple[int, int], Row]:
    rows = effects_of(unit.program, unit.facts).procedures
    return {
        (variable.span.line, variable.span.column): rows[value]
        for variable, value in unit.facts.values.items()
        if isinstance(value, core.Lambda) and value in rows and not variable.hidden
    }
