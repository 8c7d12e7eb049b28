"""Limits that can't be kept to: too small for a call, for the code within, or for the budgets within."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from omegac import core
from omegac.check.paths import BUDGETING, token_limit
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject, library_call
from omegac.core import Node

FLOOR = 16
"""The fewest output tokens that a call may be clamped to, unless a setting says otherwise."""
_PROMPT = 1


def _floor(site: Node) -> int:
    """The fewest output tokens that are held for a call."""
    options = dict(site.options) if isinstance(site, core.Effect) else {}
    match options.get("max-tokens"):
        case core.Constant(value=int(asked)) if asked > 0:
            return min(FLOOR, asked)
    return FLOOR


def _limited(subject: Subject, *, per_period: bool = False) -> Iterator[tuple[core.Call, int, Node]]:
    """The calls that open budgets with constant limits in tokens: the limit, and the procedure within."""
    for node in subject.nodes:
        call = library_call(node, *BUDGETING)
        if call is not None and isinstance(call.operator, core.Builtin):
            position, procedure = BUDGETING[call.operator.name]
            limit = token_limit(call.operands[position], per_period=per_period)
            if limit is not None:
                yield call, limit, call.operands[procedure]


def _least_for_one(subject: Subject, within: Node) -> int | None:
    """The fewest tokens that any of the calls within needs; None when none is known."""
    return min((_PROMPT + _floor(site) for site in subject.sites_called(within)), default=None)


@checks("OM104")
def too_small_for_a_call(subject: Subject) -> Found:
    """Limits that no model call within fits."""
    for call, limit, within in _limited(subject, per_period=True):
        least = _least_for_one(subject, within)
        if least is not None and limit < least:
            message = f"no call fits into {limit:,} tokens: a prompt and the shortest answer take at least {least}"
            yield call.operands[0].span, message


@checks("OM105")
def more_than_around(subject: Subject) -> Found:
    """Limits above that of the budget around, and budgets side by side that add up to more."""
    limits: dict[Node, int] = {call: limit for call, limit, _ in _limited(subject)}
    for call, limit, within in _limited(subject):
        arounds = [
            around.limit
            for paths in (subject.from_toplevel, subject.from_outside)
            for around in paths.budgets.get(call, ())
        ]
        known = [each for each in arounds if each is not None]
        if known and len(known) == len(arounds) and limit > max(known):
            yield (
                call.operands[0].span,
                f"this budget of {limit:,} tokens is within one of {max(known):,}, which ends first",
            )
        shares = [inner for inner in _surely_opened(subject, within, limits) if inner <= limit]
        if len(shares) > 1 and sum(shares) > limit:
            parts = " + ".join(f"{share:,}" for share in shares)
            yield call.operands[0].span, f"the budgets within add up to {parts} = {sum(shares):,} of {limit:,} tokens"


def _surely_opened(subject: Subject, within: Node, limits: Mapping[Node, int]) -> list[int]:
    """The constant limits of the budgets that a procedure opens itself, one after another, on all ways through it."""
    procedure = subject.facts.procedure(within)
    if procedure is None:
        return []
    pending: list[Node] = [procedure.body]
    found: list[int] = []
    while pending:
        node = pending.pop()
        if node in limits:
            found.append(limits[node])
            continue
        pending += reversed(_always_evaluated(node))
    return found


def _always_evaluated(node: Node) -> list[Node]:
    """The parts of a node that are evaluated whenever it is."""
    match node:
        case core.If():
            return [node.test]
        case core.Sequence(items=items):
            return list(items)
        case core.Let() | core.Letrec():
            return [*(value for _, value in node.bindings), node.body]
        case core.Call():
            return list(node.operands)
    return []


@checks("OM106")
def too_small_for_all(subject: Subject) -> Found:
    """Limits that the calls which are made on every way through the code within exceed."""
    if not subject.calls_models:
        return
    for call, limit, within in _limited(subject):
        least = _least_for_one(subject, within)
        if least is None or limit < least or library_call(call, "with-budget") is None:
            continue
        needed = subject.costs.least_tokens(call) + least - _PROMPT
        if needed > limit:
            yield (
                call.operands[0].span,
                f"the code within needs at least {needed:,} tokens, and the limit is {limit:,}",
            )
