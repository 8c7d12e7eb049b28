"""Forms to core: macros, derived forms and bodies.

Input: forms. Output: a `core.Program` whose local names are resolved to variables; names that the program
doesn't bind are left as GlobalReference. The special forms live by family in the modules of this package;
importing a module registers its forms.
"""

from hy.models import Object

from omegac import core
from omegac.errors import Diagnostics
from omegac.expand import (  # noqa: F401 - each registers its special forms
    backtracking,
    bindings,
    bodies,
    conditionals,
    control,
    effects,
    macros,
    match,
    quotation,
    records,
    restarts,
    values,
)
from omegac.expand.bodies import expand_toplevel
from omegac.expand.expander import Expander


def expand(forms: tuple[Object, ...], diagnostics: Diagnostics) -> core.Program:
    """The pass: forms to a core program; errors go to `diagnostics`."""
    return expand_toplevel(Expander(diagnostics), forms)
