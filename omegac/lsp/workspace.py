"""The documents of a client and the files around them, each analysed once for as long as it stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol.types import PositionEncodingKind

from omegac.core import External, Variable
from omegac.expand.environment import Binding, Macro
from omegac.lsp.analysis import Analysis
from omegac.lsp.names import Definition, Occurrence
from omegac.modules import Modules
from omegac.modules.finding import SUFFIXES, real
from omegac.names import python_name
from omegac.pipeline.sources import read_source
from omegac.source import Span

Found = tuple[Analysis, Definition]
_FILES_MAX = 50_000


class Files:
    """The analyses of documents by their key (a URI), and of files by their path; `roots` are the workspace's folders.

    Open documents stand for their files here; but what is imported is read from the disk. Only one thread may ask.
    """

    def __init__(self, roots: Iterable[str], encoding: PositionEncodingKind | str) -> None:
        self.roots = tuple(roots)
        self.encoding = encoding
        self._modules = Modules(path=self.roots or ("",))
        self._open: dict[str, Analysis] = {}
        self._closed: dict[str, tuple[tuple[int, int], Analysis]] = {}

    def document(self, key: str, text: str, path: str | None) -> Analysis:
        """The analysis of an open document."""
        known = self._open.get(key)
        if known is None or known.text != text:
            known = self._open[key] = Analysis(text, path, self._modules, self.encoding, key)
        return known

    def close(self, key: str) -> None:
        """Forget a document."""
        self._open.pop(key, None)

    def forget(self) -> None:
        """Forget all that was found out, as files have changed."""
        self._open = {
            key: Analysis(each.text, each.path, self._modules, self.encoding, key) for key, each in self._open.items()
        }
        self._closed.clear()

    def file(self, path: str) -> Analysis | None:
        """The analysis of a file; None when it can't be read."""
        for each in self._open.values():
            if each.path is not None and real(each.path) == real(path):
                return each
        try:
            status = os.stat(path)  # noqa: PTH116
            stamp = status.st_mtime_ns, status.st_size
            known = self._closed.get(path)
            if known is None or known[0] != stamp:
                text = read_source(path).text
                known = self._closed[path] = stamp, Analysis(text, path, self._modules, self.encoding)
        except (OSError, SyntaxError):
            return None
        return known[1]

    def find(self, analysis: Analysis, binding: Binding) -> Found | None:
        """What a name stands for that a file imports or includes: the other file, and the definition there."""
        for path, line, column in analysis.names.elsewhere(binding):
            target = self.file(path)
            if target is not None:
                start, _ = target.places.bounds(Span(line, column, line, column))
                definition = target.names.defined_at(start)
                return (target, definition) if definition else None
        files = analysis.imported_files()
        if isinstance(binding, External):
            files = {binding.module: files[binding.module]} if binding.module in files else {}
        for path in files.values():
            target = self.file(path)
            for each in target.names.definitions if target else ():
                if target and _is_bound(each.name, binding) and (each.kind == "macro") == isinstance(binding, Macro):
                    return target, each
        return None

    def uses(self, analysis: Analysis, binding: Binding) -> Iterator[tuple[Analysis, Occurrence]]:
        """Where other files of the workspace use what a file defines at its top level."""
        if (
            analysis.path is None
            or not isinstance(binding, Variable | Macro)
            or not analysis.names.is_toplevel(binding)
        ):
            return
        home = real(analysis.path)
        for path in self._others(home):
            other = self.file(path)
            if other is None or binding.name not in other.text:
                continue
            modules = [module for module, file in other.imported_files().items() if real(file) == home]
            included = self._as_included(analysis, binding, other)
            for each in other.names.occurrences:
                bound = each.note.binding
                if isinstance(bound, External):
                    is_meant = bound.module in modules and _is_bound(binding.name, bound)
                else:
                    is_macro = isinstance(bound, Macro) and isinstance(binding, Macro) and bool(modules)
                    is_meant = bound is included or (is_macro and _is_bound(binding.name, bound))
                if is_meant:
                    yield other, each

    @staticmethod
    def _as_included(analysis: Analysis, binding: Binding, other: Analysis) -> Binding | None:
        """What another file, which includes the one that defines something, has for that."""
        own = analysis.names.definition_of(binding)
        if own is None or analysis.path is None:
            return None
        for (source, line, column), note in other.names.notes.items():
            is_included = source != other.source.name and real(source) == real(analysis.path)
            if (
                is_included
                and note.defines
                and analysis.places.bounds(Span(line, column, line, column))[0] == own.start
            ):
                return note.binding
        return None

    def _others(self, path: str) -> Iterator[str]:
        """The Omega files of the workspace but one, those in hidden folders left out; in a huge one not all."""
        count = 0
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                folders[:] = sorted(each for each in folders if not each.startswith((".", "__", "node_modules")))
                for name in sorted(files):
                    found = str(Path(folder, name))
                    if name.endswith(SUFFIXES) and real(found) != path:
                        yield found
                count += 1 + len(files)
                if count > _FILES_MAX:
                    return


def _is_bound(name: str, binding: Binding) -> bool:
    """Whether a binding of an importer is of a definition with that name."""
    if isinstance(binding, External):
        return binding.name in (python_name(name), name)
    return isinstance(binding, Macro) and binding.name == name
