"""Whether calls to models stand under budgets."""

from __future__ import annotations

from omegac.check.paths import Around, Caller, Paths
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject
from omegac.core import Node


@checks("OM101")
def without_budget(subject: Subject) -> Found:
    """Calls that running the program makes outside of every budget."""
    paths = subject.from_toplevel
    for site, caller in _outside_budgets(paths):
        chain = paths.chain(caller)
        way = f" in {chain[-1]}" if chain else ""
        by = "the top level" if len(chain) < 2 else " → ".join(["the top level", *chain[:-1]])
        reached = f", called by {by}," if chain else " at the top level"
        yield site.span, f"this model call{way}{reached} is under no budget of the program"


@checks("OM102")
def exported_without_budget(subject: Subject) -> Found:
    """Calls that a caller from outside makes outside of every budget."""
    paths = subject.from_outside
    covered = {site for site, _ in _outside_budgets(subject.from_toplevel)}
    for site, caller in _outside_budgets(paths):
        if site not in covered:
            first = paths.chain(caller)[:1]
            name = f" of {first[0]}" if first else ""
            yield site.span, f"this model call is under no budget unless a caller{name} from outside has one"


def _outside_budgets(paths: Paths) -> list[tuple[Node, Caller]]:
    """The calls that may be outside of every budget, with one way there each."""

    def bare(arounds: dict[Around, Caller]) -> list[Caller]:
        return [caller for around, caller in arounds.items() if not around.is_budgeted]

    return [(site, bare(arounds)[0]) for site, arounds in paths.sites.items() if bare(arounds)]
