"""Reenter: code whose continuations are entered again gets entries in continuation-passing style.

Input: woven core. Output: core in which

    a procedure that may capture a continuation      => Reentrant, made of its entry only
    other top-level procedures that may be on the
      way when one is captured                       => as they are, with a Companion behind the program
    the top level, from the first item that takes
      steps or makes a procedure that does           => one entry, run behind all definitions

Only programs that capture at all, or whose importers do, change, and of those not the procedures that do not: see
`analyse/effects.py`. In an entry, a call that may capture is a Step with what follows as a procedure, and everything
else stays as it was:

    (define (f x) (+ 1 (g (h x))))     => (lambda (k x) (let ((after (lambda (v) (step k (+ 1 v)))))
                                            (step call after g (h x))))     when h is known and does not capture

Procedures made by an entry have both ways in, so that what they call may capture as well. Rejected: entries for
everything, which would slow down code that has nothing to do with it; an interpreter of core at run time, which would
be ten times slower; copying Python's frames, which Python has no way to do.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.effects import CAPTURE, effects_of
from omegac.analyse.facts import Facts
from omegac.core import Item, Node, Program
from omegac.transform.reenter.convert import Converter
from omegac.transform.reenter.fresh import fresh
from omegac.transform.reenter.needs import Needs
from omegac.traverse import rebuild, rebuild_item


def reenter(program: Program, facts: Facts, *, everywhere: bool = False, is_session: bool = False) -> Program:
    """The pass; with `everywhere`, as if everything captured that possibly can, which tests use.

    In a session procedures stay plain code although what they call may be defined later, and capture.
    """
    effects = effects_of(program, facts)
    certain = effects_of(attrs.evolve(program, reentrant=False), facts) if is_session else effects
    captures = {procedure for procedure, row in certain.procedures.items() if CAPTURE in row.kinds}
    if not (effects.captures or program.reentrant or everywhere):
        return program
    convert = Converter(Needs(program, facts, effects), facts)
    if everywhere:
        captures |= convert.needs.procedures
    first = next(
        (i for i, item in enumerate(program.items) if not _is_procedure(item) and (everywhere or convert.makes(item))),
        None,
    )

    def direct(node: Node) -> Node:
        if isinstance(node, core.Lambda) and node in captures:
            return convert.reentrant(node)
        return rebuild(node, direct)

    before = program.items[:first]
    rest = program.items[len(before) :]
    hoisted = [item for item in rest if _is_procedure(item)]
    items = [rebuild_item(item, direct) for item in (*before, *hoisted)]
    items += _companions(program, facts, captures, convert)
    if first is None:
        return attrs.evolve(program, items=tuple(items))
    run: tuple[Item, ...] = tuple([item for item in rest if not _is_procedure(item)])
    declared = tuple(item.variable for item in run if isinstance(item, core.Define))
    if _is_procedure(rest[-1]):
        run += (core.Constant(None, rest[-1].span),)  # the program ends with a definition, and so without a value
    runner = "run_in_session" if is_session else "run"
    return attrs.evolve(program, items=(*items, _run(run, convert, runner)), declared=declared)


def _is_procedure(item: Item) -> bool:
    return isinstance(item, core.Define) and isinstance(item.value, core.Lambda | core.RecordType)


def _companions(program: Program, facts: Facts, captures: set[core.Lambda], convert: Converter) -> list[core.Companion]:
    """Entries for the top-level procedures that stay plain code, but may be on the way when others capture."""
    return [
        core.Companion(item.variable, fresh(convert.entry(item.value)), item.span)
        for item in program.definitions
        if isinstance(item.value, core.Lambda)
        and item.variable not in facts.assigned
        and item.value in convert.needs.procedures
        and item.value not in captures
    ]


def _run(items: tuple[Item, ...], convert: Converter, runner: str) -> Node:
    """Some of the top level, as one run by a procedure of the run time."""
    nodes = [_as_node(item) for item in items]
    span = nodes[0].span
    body = nodes[0] if len(nodes) == 1 else core.Sequence(tuple(nodes), span)
    main = convert.entry(core.Lambda((), None, body, span, "main"))
    return core.Call(core.Runtime(runner, span), (main,), span)


def _as_node(item: Item) -> Node:
    if isinstance(item, core.Define):
        return core.Assignment(item.variable, item.value, item.span)
    assert not isinstance(item, core.Companion)
    return item


def entries(program: Program, facts: Facts) -> Program:
    """Nothing but the entries of a program's procedures, each of which stands for a library procedure of its name."""
    convert = Converter(Needs(program, facts, effects_of(program, facts)), facts)

    def library(node: Node) -> Node:
        if isinstance(node, core.Reference) and node.variable in facts.toplevel:
            return core.Builtin(node.variable.name, node.span)
        return rebuild(node, library)

    found = []
    for item in program.definitions:
        assert isinstance(item.value, core.Lambda)
        assert item.value in convert.needs.procedures, item.variable.name
        entry = library(convert.entry(item.value))
        assert isinstance(entry, core.Lambda)
        found.append(core.Companion(item.variable, entry, item.span))
    return Program(tuple(found))
