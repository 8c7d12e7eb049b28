"""How the top-level procedures of a program are called, and what calling them may do: what importers need to know."""

from __future__ import annotations

from omegac import core
from omegac.analyse.effects import Effects
from omegac.analyse.facts import Facts
from omegac.analyse.lint import arity_of_lambda
from omegac.core import Program, Signature, Variable
from omegac.library import arity, library


def signatures(program: Program, facts: Facts, effects: Effects) -> dict[Variable, Signature]:
    """The signatures of the top-level variables that are certainly procedures."""
    rows = effects.procedures
    found: dict[Variable, Signature] = {}
    for variable in program.toplevel:
        match facts.values.get(variable):
            case core.Lambda() as procedure:
                count, row = arity_of_lambda(procedure), rows[procedure]
                calls = tuple(i for i, each in enumerate(procedure.parameters) if each in row.calls)
                found[variable] = Signature(count.least, count.most, row.kinds, calls)
            case core.Builtin(name=name):
                count, primitive = arity(name), library()[name]
                found[variable] = Signature(count.least, count.most, frozenset(primitive.row), primitive.calls)
            case core.Imported(external=core.External(signature=Signature() as signature)):
                found[variable] = signature
    return found
