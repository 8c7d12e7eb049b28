"""How others see the scopes of a module that is compiled: its variables are those of another module."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from omegac.core import Variable
from omegac.expand.environment import Macro
from omegac.pipeline import Compiled


def seal(compiled: Compiled, module: str, macros: Mapping[str, Macro]) -> None:
    """Let the names in a module's scopes mean what they do to other modules, which macros take there.

    `macros` stand for those that it exports, so that each is one macro wherever it is imported.
    """
    shown = {compiled.expansion.macros[name]: macro for name, macro in macros.items()}
    for scope in compiled.expansion.scopes:
        for key, binding in scope.bindings.items():
            if isinstance(binding, Variable) and binding in compiled.externals:
                scope.bindings[key] = attrs.evolve(compiled.externals[binding], module=module)
            elif isinstance(binding, Macro):
                scope.bindings[key] = shown.get(binding, binding)
