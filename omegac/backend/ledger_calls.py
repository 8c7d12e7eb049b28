"""Effects to Python: the ledger calls around a call to a model, written out where the effect stands.

    hold = reserve(SITE_1, prompt, model='…')
    while hold.open:
        try:
            reply = perform(hold)
        except BaseException as exc:
            hold = void(hold, exc)
        else:
            settle(hold, reply)
    … hold.value …

`void` gives the hold of the next attempt or raises. See `omega_runtime.calls` for the contract.
"""

from __future__ import annotations

import ast

from omegac import core
from omegac.backend import expressions
from omegac.backend.build import assign, attribute, call, constant, load
from omegac.backend.frame import Frame
from omegac.operations import is_model_call


def step(frame: Frame, node: core.StepOf) -> ast.expr:
    """The step that performs an effect: `perform_step, k, SITE_1, (prompt,), {"max_tokens": 30}`."""
    module, woven = frame.module, node.node
    k, *values = expressions.operands(
        frame, (node.continuation, *woven.operands, *(value for _, value in woven.options))
    )
    count = len(woven.operands)
    names: list[ast.expr | None] = [constant(name.replace("-", "_")) for name, _ in woven.options]
    operands = ast.Tuple(values[:count], ast.Load())
    options = ast.Dict(names, values[count:])
    site = load(module.site(woven.site, woven.span))
    return ast.Tuple([load(module.runtime("perform_step")), k, site, operands, options], ast.Load())


def effect(frame: Frame, node: core.Woven) -> ast.expr:
    """The expression for an effect's value; a call to a model writes its ledger calls first."""
    module = frame.module
    site = load(module.site(node.site, node.span))
    values = expressions.operands(frame, (*node.operands, *(value for _, value in node.options)))
    count = len(node.operands)
    if not is_model_call(node.site.operation):
        return call(module.runtime("effect"), site, *values)
    names = [name.replace("-", "_") for name, _ in node.options]
    reserve = call(module.runtime("reserve"), site, *values[:count], **dict(zip(names, values[count:], strict=True)))
    hold, reply, exc = (frame.temporary(name) for name in ("hold", "reply", "exc"))
    attempt = ast.Try(
        [assign(reply, call(module.runtime("perform"), load(hold)))],
        [
            ast.ExceptHandler(
                load(module.runtime("BaseException")),
                exc,
                [assign(hold, call(module.runtime("void"), load(hold), load(exc)))],
            )
        ],
        [ast.Expr(call(module.runtime("settle"), load(hold), load(reply)))],
        [],
    )
    frame.emit(assign(hold, reserve), ast.While(attribute(load(hold), "open"), [attempt], []))
    return attribute(load(hold), "value")
