"""Workers in processes of this machine, and modules for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from omega_runtime.remote import team

import omegac.importer  # noqa: F401
from tests.support.processes_engine import ProcessesEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessesEngine]:
    """What `workers` starts its workers with."""
    found = ProcessesEngine()
    monkeypatch.setattr(team, "engine_at", lambda _: found)
    yield found
    for each in found.started:
        each.kill()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose modules can be imported, here and by workers."""
    folder = tmp_path / "modules"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in sys.modules.keys() - before:
        if getattr(sys.modules[name], "__file__", None) and str(folder) in str(sys.modules[name].__file__):
            del sys.modules[name]
