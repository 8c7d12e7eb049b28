"""The documents of a client and the files around them, each analysed once for as long as it stays as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from lsprotocol.types import PositionEncodingKind

from omegac.core import External, Variable
from omegac.expand.environment import Binding
from omegac.lsp.analysis import Analysis
from omegac.lsp.names import Definition, Occurrence
from omegac.modules import Modules
from omegac.modules.finding import SUFFIXES, real
from omegac.names import python_name
from omegac.pipeline.sources import read_source
from omegac.source import Span

_FILES_MAX = 2_000


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

    def find(self, analysis: Analysis, binding: Binding) -> tuple[Analysis, Definition] | None:
        """What a name stands for that a file imports or includes: the other file, and the definition there."""
        if isinstance(binding, External):
            home = analysis.file_of(binding)
            target = self.file(home[0]) if home else None
            found = target.names.definitions if target else ()
            return next(((target, each) for each in found if target and _is_called(each.name, binding)), None)
        for path, line, column in analysis.names.elsewhere(binding):
            target = self.file(path)
            if target is not None:
                start, _ = target.places.bounds(Span(line, column, line, column))
                definition = target.names.defined_at(start)
                return (target, definition) if definition else None
        return None

    def uses(self, analysis: Analysis, binding: Binding) -> Iterator[tuple[Analysis, Occurrence]]:
        """Where other files of the workspace use what a file defines at its top level."""
        if analysis.path is None or not isinstance(binding, Variable) or not analysis.names.is_toplevel(binding):
            return
        for path in self._others(analysis.path):
            other = self.file(path)
            if other is None or binding.name not in other.text:
                continue
            for each in other.names.occurrences:
                bound = each.note.binding
                if isinstance(bound, External) and _is_called(binding.name, bound):
                    home = other.file_of(bound)
                    if home is not None and real(home[0]) == real(analysis.path):
                        yield other, each

    def _others(self, path: str) -> Iterator[str]:
        """The Omega files of the workspace but one, those in hidden folders left out."""
        count = 0
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                folders[:] = sorted(each for each in folders if not each.startswith((".", "__", "node_modules")))
                for name in sorted(files):
                    found = str(Path(folder, name))
                    if name.endswith(SUFFIXES) and real(found) != real(path):
                        count += 1
                        yield found
                if count > _FILES_MAX:
                    return


def _is_called(name: str, external: External) -> bool:
    return external.name in (python_name(name), name)
