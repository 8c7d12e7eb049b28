"""Code that is compiled and run within a program: eval's, and that of macros' transformers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

from hy.models import Object

from omegac.backend.emit import emit_code
from omegac.core import Variable
from omegac.errors import Diagnostics
from omegac.expand.environment import Binding, Toplevel
from omegac.expand.special import SPECIAL_FORMS
from omegac.expand.surroundings import Surroundings
from omegac.pipeline.namespaces import Evaluation, namespace
from omegac.pipeline.passes import Unit, run_passes
from omegac.source import Source


def new_scope(outer: Toplevel | None = None) -> Toplevel:
    """A scope for evaluated code: with all special forms, or with all that another one has."""
    scope = Toplevel()
    scope.bindings.update(SPECIAL_FORMS if outer is None else outer.bindings)
    if outer is not None:
        scope.imported.update(outer.imported)
        scope.libraries.update(outer.libraries)
    return scope


def compiled_forms(
    source: Source, forms: tuple[Object, ...], surroundings: Surroundings, evaluation: Evaluation
) -> Unit:
    """The forms compiled; later code finds what they define. Raises OmegaSyntaxError, and then they defined nothing."""
    unit = Unit(source, Diagnostics(source), surroundings, result=True, evaluation=evaluation, forms=forms)
    scope = evaluation.scope
    before = dict(scope.bindings), dict(scope.imported), dict(scope.definitions), dict(scope.libraries)
    try:
        *_, (_, unit) = run_passes(unit)
    except BaseException:
        scope.bindings, scope.imported, scope.definitions, scope.libraries = before
        raise
    assert unit.expansion is not None
    scopes = (each.bindings for each in (scope, *unit.expansion.scopes))
    tables: Iterable[dict[Any, Binding]] = (*scopes, *scope.libraries.values())
    for table in tables:
        for key, binding in table.items():
            if isinstance(binding, Variable):
                table[key] = unit.externals[binding]
    return unit


def globals_of(unit: Unit, change: Callable[[ast.Module], None] | None = None) -> tuple[CodeType, dict[str, Any]]:
    """The code of what was compiled, and the global names to run it with; its value will be `__result__`.

    `change` may change the Python before it becomes code.
    """
    assert unit.lowered is not None
    names: dict[str, Any] = {"__name__": "omega_evaluated"}
    names.update({alias: namespace(module) for module, alias in unit.lowered.given.items()})
    return emit_code(unit.lowered, unit.source, change), names
