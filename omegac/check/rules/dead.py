"""Effects that are never performed."""

from __future__ import annotations

from collections.abc import Iterable

from omegac import core
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject, is_model_site
from omegac.core import Item
from omegac.traverse import walk


@checks("OM112")
def dead_effects(subject: Subject) -> Found:
    """Effects behind what leaves, in branches that a constant rules out, and in procedures that nobody uses."""
    for node in subject.nodes:
        match node:
            case core.Sequence(items=items):
                end = next((i for i, each in enumerate(items) if subject.leaves(each)), len(items))
                reason = f"the code before it has left on line {items[min(end, len(items) - 1)].span.line}"
                yield from _effects(items[end + 1 :], reason)
            case core.If(test=core.Constant(value=value)):
                dead = node.then if value is False else node.otherwise
                yield from _effects([dead], f"the test on line {node.test.span.line} is constant")
            case core.Let() | core.Letrec():
                for variable, value in node.bindings:
                    if isinstance(value, core.Lambda) and not _is_used(variable, value, subject):
                        yield from _effects([value], f"nothing uses {variable.name}")
    yield from _after_leaving_items(subject)


def _after_leaving_items(subject: Subject) -> Found:
    items = subject.program.items
    end = next(
        (i for i, each in enumerate(items) if not isinstance(each, core.Define) and subject.leaves(each)), len(items)
    )
    later = [each for each in items[end + 1 :] if not isinstance(each, core.Define)]
    if later:
        yield from _effects(later, f"the program has ended on line {items[end].span.line}")


def _is_used(variable: core.Variable, procedure: core.Lambda, subject: Subject) -> bool:
    """Whether somebody but the procedure itself uses it."""
    return subject.occurrences.count(variable) > subject.occurrences.count_in(variable, procedure)


def _effects(nodes: Iterable[Item], reason: str) -> Found:
    for each in nodes:
        for node in walk(each):
            if isinstance(node, core.Effect) or is_model_site(node):
                yield node.span, f"this effect is never performed: {reason}"
