"""Forms to core: macros, derived forms and bodies.

Input: forms. Output: a `core.Program` whose local names are resolved to variables; names that the program
doesn't bind are left as GlobalReference. The special forms live by family in the modules of this package;
importing a module registers its forms.
"""

from hy.models import Object

from omegac.errors import Diagnostics
from omegac.expand import (  # noqa: F401 - each registers its special forms
    backtracking,
    bindings,
    bodies,
    conditionals,
    control,
    effects,
    imports,
    inclusion,
    libraries,
    macros,
    match,
    python,
    quotation,
    records,
    restarts,
    values,
)
from omegac.expand.bodies import Expansion, expand_toplevel
from omegac.expand.environment import Toplevel
from omegac.expand.expander import Expander
from omegac.expand.surroundings import MakeSandbox, Surroundings

__all__ = ["Expansion", "expand"]


def expand(
    forms: tuple[Object, ...],
    diagnostics: Diagnostics,
    surroundings: Surroundings | None = None,
    make_sandbox: MakeSandbox | None = None,
    scope: Toplevel | None = None,
) -> Expansion:
    """The pass: forms to a core program; errors go to `diagnostics`. With `scope`, its top level is that one.

    Without `make_sandbox`, procedures can't be macros.
    """
    return expand_toplevel(Expander(diagnostics, surroundings or Surroundings(), make_sandbox, scope), forms)
