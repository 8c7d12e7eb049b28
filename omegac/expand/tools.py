"""define-tool, and calls in which a model may call tools."""

from __future__ import annotations

import json
from collections.abc import Callable

from hy.models import Expression, String, Symbol
from omega_runtime.models.schemas import schema_text
from omega_runtime.values.errors import OmegaError

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed
from omegac.expand.expander import fresh, quoted
from omegac.expand.special import check_distinct, definition, identifier, list_of, malformed
from omegac.forms import copy_place
from omegac.source import Span

definition('(define-tool (name (parameter type ["meaning"]) …) "description" body …)', 3)

FORM = "define-tool"


def procedure_of(form: Expression) -> Expression:
    """The definition of a tool's procedure."""
    head = list_of(form[1], FORM)
    if not head:
        raise malformed(FORM, form[1])
    names = [identifier(head[0], "the name of a tool")]
    for item in head[1:]:
        parts = list_of(item, FORM)
        if not 2 <= len(parts) <= 3 or (len(parts) == 3 and not isinstance(parts[2], String)):
            raise malformed(FORM, item)
        names.append(identifier(parts[0], "a parameter of a tool"))
    check_distinct(names[1:], "parameter")
    if not isinstance(form[2], String) or not str(form[2]).strip():
        raise Malformed("a tool needs a description, by which the model knows when to call it", Span.of(form[2]))
    target = copy_place(Expression(names), head)
    return copy_place(Expression([Symbol("define"), target, *form[2:]]), form)


def description_of(form: Expression, variable: Variable) -> Node:
    """What makes the procedure a tool."""
    span = Span.of(form)
    try:
        schema = schema_text(
            quoted(Expression(form[1][1:]), span).value if len(form[1]) > 1 else _NOTHING, in_order=True
        )
    except OmegaError as error:
        raise Malformed(str(error).removeprefix("schema: "), Span.of(form[1])) from None
    texts = (str(form[1][0]), str(form[2]), schema)
    operands: list[Node] = [core.Reference(variable, span), *(core.Constant(text, span) for text in texts)]
    return core.Call(core.Builtin("%describe-tool", span), tuple(operands), span)


_NOTHING = json.dumps({"type": "object", "properties": {}, "additionalProperties": False})


def conversing(prompt: Node, options: dict[str, Node], span: Span, bind: Callable[[str, Node], Node]) -> Node:
    """A call in which tools may be called; `bind` gives a node for a value that is computed once."""
    tools = options.pop("tools")
    turns = options.pop("max-turns", core.Constant(False, span))
    fixed = {name: bind(name, node) for name, node in options.items()}
    begin = core.Call(core.Builtin("%conversation", span), (prompt, tools, turns), span)
    conversation = fresh("conversation", span)
    here = core.Reference(conversation, span)
    operand = core.Call(core.Builtin("%conversation-operand", span), (here,), span)
    ask = core.Effect("infer.op", (operand,), (*fixed.items(), ("tools", here)), span)
    operands = (begin, core.Lambda((conversation,), None, ask, span), _caller(span))
    return core.Call(core.Builtin("%converse", span), operands, span)


def _caller(span: Span) -> Node:
    """The procedure that calls a tool, and makes a result of what it gives or raises."""
    tool, arguments, error = (fresh(name, span) for name in ("tool", "arguments", "error"))
    value = core.Call(core.Builtin("apply", span), (core.Reference(tool, span), core.Reference(arguments, span)), span)
    body = core.Guard(
        core.Call(core.Builtin("%tool-result", span), (value,), span),
        error,
        core.Call(core.Builtin("%tool-error", span), (core.Reference(error, span),), span),
        span,
    )
    return core.Lambda((tool, arguments), None, body, span)
