"""Which effects a program has, so that none gets lost or doubled on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from omegac import core
from omegac.analyse.facts import facts_of
from omegac.core import Item, Node, Program
from omegac.transform.simplify import simplify
from omegac.traverse import children, value_of, walk
from omegac.verify.programs import ensure

Effect = tuple[str, int, int]
"""An effect's operation, line and column."""


def effects(program: Program) -> Counter[Effect]:
    """How often each effect of the source occurs in a program, woven or not."""
    return Counter(effect for item in program.items for node in walk(item) if (effect := _effect(node)))


def _effect(node: Item) -> Effect | None:
    match node:
        case core.Effect():
            return node.operation, node.span.line, node.span.column
        case core.Woven():
            return node.site.operation, node.site.line, node.site.column
    return None


def reachable_effects(resolved: Program) -> Counter[Effect]:
    """The effects of a resolved program that no pass may drop.

    Those of a branch that a constant test excludes can't happen, nor those of a procedure whose value nobody gets.
    """
    items = [value_of(item) for item in resolved.items]
    return Counter(effect for item in items for effect in _reachable(item, True))


def _reachable(node: Node, is_used: bool) -> Iterator[Effect]:
    """`is_used`: whether anything can get the node's value."""
    effect = _effect(node)
    if effect:
        yield effect
    match node:
        case core.Lambda() if not is_used:
            return
        case core.If():
            alone = Program((node.test,))
            test = simplify(alone, facts_of(alone)).items[0]
            yield from _reachable(node.test, True)
            if not isinstance(test, core.Constant) or test.value is not False:
                yield from _reachable(node.then, is_used)
            if not isinstance(test, core.Constant) or test.value is False:
                yield from _reachable(node.otherwise, is_used)
        case core.Sequence():
            for item in node.items[:-1]:
                yield from _reachable(item, False)
            yield from _reachable(node.items[-1], is_used)
        case _:
            for child in children(node):
                yield from _reachable(child, True)


def check_effects(programs: dict[str, Program]) -> None:
    """Check that no pass makes, loses or doubles an effect that can happen; programs by the pass they come from."""
    found = {name: effects(program) for name, program in programs.items()}
    ensure(found["resolve"] == found["expand"], "resolving changed the effects")
    ensure(found["simplify"] <= found["resolve"], "the simplifier made an effect")
    ensure(found["simplify"] >= reachable_effects(programs["resolve"]), "the simplifier lost an effect")
    ensure(found["weave"] == found["simplify"], "an effect is not woven")
    # Entries in continuation-passing style have the effects of their procedures once more.
    ensure(set(found["reenter"]) == set(found["weave"]), "an effect got lost in entries")
    ensure(found["fuse"] == found["reenter"], "an effect got lost in loops, or is there twice")
    ensure(found["optimise"] == found["fuse"], "an effect got lost, or is there twice")
