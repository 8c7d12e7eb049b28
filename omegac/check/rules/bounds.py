"""How many calls there are, and how long their prompts get."""

from __future__ import annotations

from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject, name_of


@checks("OM103")
def unbounded(subject: Subject) -> Found:
    """Procedures that call themselves and models, neither counted nor under a budget."""
    if not subject.calls_models:
        return
    bare = {
        procedure
        for paths in (subject.from_toplevel, subject.from_outside)
        for procedure, around in paths.reached
        if not around.is_budgeted
    }
    for procedure, reason in subject.costs.endless().items():
        if procedure in bare:
            yield procedure.span, f"no bound is known on the model calls of {name_of(procedure)}: {reason}"


@checks("OM109")
def growing_prompts(subject: Subject) -> Found:
    """Calls whose prompts get longer with the number of calls."""
    if not subject.calls_models:
        return
    for site, growth in subject.costs.growing().items():
        of = f"in {name_of(growth.procedure)}, the prompts of {growth.calls} calls"
        yield site.span, f"{of} take {growth.tokens} input tokens: they get longer with the number of calls"
