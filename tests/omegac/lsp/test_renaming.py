"""Every name that the examples bind can become another one, and its old one again."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from omegac.lsp.analysis import Analysis
from omegac.lsp.names import is_own
from omegac.lsp.renaming import renamed, replaced
from omegac.modules import Modules
from tests.support import ROOT

EXAMPLES = [path for path in sorted((ROOT / "examples").glob("*.omega")) if path.name != "chapter48.omega"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_there_and_back(path: Path) -> None:
    before = Analysis(path.read_text(), str(path), Modules())
    bound = [each for each in before.names.occurrences if each.note.defines and is_own(each.note.binding)]
    assert len(bound) >= 2
    for each in bound:
        places = renamed(before, each.start, "another-name")
        after = attrs.evolve(before, text=replaced(before.text, places, "another-name"))
        assert after.text.count("another-name") == len(places) == len(before.names.of_binding(each.note.binding))
        again = renamed(after, next(one.start for one in places), each.note.name)
        assert replaced(after.text, again, each.note.name) == before.text
