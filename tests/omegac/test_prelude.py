"""The entries of library procedures that are compiled from Omega."""

from __future__ import annotations

import inspect

import pytest

from omegac.library import has_entry, library
from omegac.prelude import TARGET, compiled_prelude


def test_the_compiled_entries_are_those_of_the_sources() -> None:
    """`python -m omegac.prelude` compiles them anew."""
    assert TARGET.read_text(encoding="utf-8") == compiled_prelude()


ENTRIES = sorted({p.function.__omega_name__ for name, p in library().items() if has_entry(name) and name[0] != "%"})


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_takes_what_its_procedure_takes(name: str) -> None:
    procedure = library()[name].function
    k, *entry = inspect.signature(procedure.cps).parameters.values()
    plain = list(inspect.signature(procedure).parameters.values())
    assert k.name == "k"
    assert [each.kind for each in entry] == [each.kind for each in plain]
