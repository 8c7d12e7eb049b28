"""Effects to Python: the ledger calls around a call to a model, written out where the effect stands.

    hold = reserve(SITE_1, prompt, 100)
    while hold.open:
        try:
            reply = perform(hold)
        except BaseException as exc:
            hold = void(hold, exc)
        else:
            settle(hold, reply)
    … hold.value …

Options other than the most tokens come after these: `{'model': '…'}`. `void` gives the hold of the next attempt or
raises. See `omega_runtime.calls` for the contract. An embed.op begins with `reserve_embedding`. A search.op asks in a
loop:

    samples = sample(SITE_1, prompt, 5)
    while samples.open:
        hold = reserve(SITE_1, prompt, 100)
        while hold.open: …
        samples.add(hold.value)
    … samples.value …
"""

from __future__ import annotations

import ast

from omegac import core
from omegac.backend import expressions
from omegac.backend.build import assign, attribute, call, constant, load
from omegac.backend.frame import Frame
from omegac.operations import EMBEDDING, is_model_call


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
    is_search = node.site.operation == "search.op"
    if is_search or not _is_first("max_tokens", dict(zip(names, values[count:], strict=True))):
        values = [
            value if isinstance(value, ast.Constant) else frame.keep(value, name)
            for value, name in zip(values, ["prompt"] * count + names, strict=True)
        ]
    operands, options = values[:count], dict(zip(names, values[count:], strict=True))
    if is_search:
        return _sampled(frame, site, operands, options)
    if node.site.operation == EMBEDDING:
        return _asked(frame, call(module.runtime("reserve_embedding"), site, *operands, **options))
    return _asked(frame, _reserved(frame, site, operands, options))


def _is_first(option: str, options: dict[str, ast.expr]) -> bool:
    """Whether an option can be evaluated before the other ones."""
    return option not in options or isinstance(options[option], ast.Constant) or next(iter(options)) == option


def _reserved(frame: Frame, site: ast.expr, operands: list[ast.expr], options: dict[str, ast.expr]) -> ast.expr:
    """The hold for a call: `reserve(SITE_1, prompt, 100, {'model': '…'})`, or less where options aren't given."""
    others = {name: value for name, value in options.items() if name != "max_tokens"}
    given = [options.get("max_tokens", constant(None))] if options else []
    if others:
        given.append(ast.Dict([constant(name) for name in others], list(others.values())))
    return call(frame.module.runtime("reserve"), site, *operands, *given)


def _asked(frame: Frame, reserved: ast.expr) -> ast.expr:
    """The answer to a prompt, after the ledger calls around it."""
    module = frame.module
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
    frame.check_room(3)  # while, and `except … as exc` is two
    frame.emit(assign(hold, reserved), ast.While(attribute(load(hold), "open"), [attempt], []))
    return attribute(load(hold), "value")


def _sampled(frame: Frame, site: ast.expr, operands: list[ast.expr], options: dict[str, ast.expr]) -> ast.expr:
    """The distribution of the answers to a prompt; its operands and options are evaluated once, before."""
    module = frame.module
    count = [options.pop("n")] if "n" in options else []
    samples = frame.temporary("samples")
    frame.emit(assign(samples, call(module.runtime("sample"), site, *operands, *count)))
    with frame.capture() as body:
        answer = _asked(frame, _reserved(frame, site, operands, options))
        frame.emit(ast.Expr(ast.Call(attribute(load(samples), "add"), [answer], [])))
    frame.emit(ast.While(attribute(load(samples), "open"), body, []))
    return attribute(load(samples), "value")
