"""The entries of library procedures that call procedures, written in Omega: compiled into the run time's `prelude`.

Each definition stands for the library procedure of its name, and is what runs where the continuation of a procedure
that it calls may be entered again. `python -m omegac.prelude` compiles them anew.
"""

from __future__ import annotations

from pathlib import Path

import attrs
import omega_runtime
from omega_runtime.control.deep import deep

from omegac.analyse.facts import facts_of
from omegac.analyse.resolve import resolve
from omegac.backend.emit import emit_text
from omegac.backend.lower import lower
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.reader import read
from omegac.source import Source
from omegac.transform.reenter import entries
from omegac.transform.simplify import simplify
from omegac.transform.tailcalls import tail_calls

SOURCES = ("lists", "others")
TARGET = Path(omega_runtime.__file__).with_name("prelude.py")


def compiled_prelude() -> str:
    """The Python module of the entries."""
    text = "\n".join((Path(__file__).with_name(name + ".omega")).read_text(encoding="utf-8") for name in SOURCES)
    result: str = deep(_compiled, Source("prelude.omega", text))
    return result


def _compiled(source: Source) -> str:
    diagnostics = Diagnostics(source)
    program = resolve(expand(tuple(read(source, diagnostics)), diagnostics).program, diagnostics, is_own=True)
    diagnostics.check()
    program = simplify(program, facts_of(program))
    program = entries(program, facts_of(program))
    program = tail_calls(program, facts_of(program))
    lowered = lower(program, facts_of(program), source, diagnostics)
    return emit_text(attrs.evolve(lowered, docstring=f"Compiled from {source.name}."), source)
