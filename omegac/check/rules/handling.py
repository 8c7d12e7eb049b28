"""What programs do about spending: refusals that they catch, trackers that they call."""

from __future__ import annotations

from omegac import core
from omegac.check.rules.registry import Found, checks
from omegac.check.subject import Subject, library_call
from omegac.core import Node


@checks("OM107")
def dropped_refusal(subject: Subject) -> Found:
    """Guards around model calls that catch everything and don't look at what they caught."""
    for node in subject.nodes:
        if not isinstance(node, core.Guard) or not _catches_all(node.handler):
            continue
        if subject.occurrences.is_used(node.variable, node.handler):
            continue
        sites = subject.sites_in(node.body)
        if sites:
            line = sites[0].span.line
            yield (
                node.span,
                f"this guard drops all that it catches, Budget exceeded of the model call on line {line} too",
            )


def _catches_all(handler: Node) -> bool:
    """Whether no condition goes on to the next guard."""
    match handler:
        case core.If(test=core.Constant(value=value)):
            return _catches_all(handler.otherwise if value is False else handler.then)
        case core.If():
            return _catches_all(handler.then) and _catches_all(handler.otherwise)
        case core.Let() | core.Letrec():
            return _catches_all(handler.body)
        case core.Sequence(items=items):
            return _catches_all(items[-1])
    return not isinstance(handler, core.Reraise)


@checks("OM108")
def tracker_calls_model(subject: Subject) -> Found:
    """Trackers that get to a model call."""
    for node in subject.nodes:
        call = library_call(node, "with-tracking")
        if call is None:
            continue
        sites = subject.sites_called(call.operands[0])
        if sites:
            yield call.operands[0].span, f"this tracker may itself call a model, on line {sites[0].span.line}"
