"""effect, oracle-lambda and handle."""

from __future__ import annotations

from collections.abc import Sequence

from hy.models import Expression, Keyword, Object, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed, suggestion
from omegac.expand.bodies import expand_body, expand_lambda
from omegac.expand.control import thunk
from omegac.expand.environment import Environment
from omegac.expand.expander import Expander, fresh, named, variable_for
from omegac.expand.special import check_distinct, formals, identifier, list_of, malformed, special
from omegac.expand.tools import conversing
from omegac.operations import SYNONYMS, is_model_call, options_of
from omegac.source import Span


@special("(effect operation operand … [option: value] …)", 1)
def expand_effect(x: Expander, form: Expression, environment: Environment) -> Node:
    """An effect, its options checked."""
    operation = _operation(form[1], "the operation of an effect")
    rest = form[2:]
    count = next((i for i, item in enumerate(rest) if isinstance(item, Keyword)), len(rest))
    operands, options = rest[:count], _options(rest[count:])
    if is_model_call(operation) and len(operands) != 1:
        raise Malformed(
            f"{operation} takes one prompt, got {len(operands)}",
            Span.of(form),
            "join several parts with (list …)",
        )
    _check_options(operation, options)
    nodes = x.expand_all(operands, environment)
    named_values = tuple([(key.name, x.expand(value, environment)) for key, value in options])
    return _call_of_model(operation, nodes, named_values, Span.of(form))


def _call_of_model(
    operation: str, operands: tuple[Node, ...], options: tuple[tuple[str, Node], ...], span: Span
) -> Node:
    """An effect; with tools it's a conversation, whose options are computed once."""
    if all(name != "tools" for name, _ in options):
        return core.Effect(operation, operands, options, span)
    bindings: list[tuple[Variable, Node]] = []

    def bind(name: str, node: Node) -> Node:
        if isinstance(node, core.Constant):
            return node
        bindings.append((fresh(name, node.span), node))
        return core.Reference(bindings[-1][0], node.span)

    node = conversing(operands[0], dict(options), span, bind)
    return core.Let(tuple(bindings), node, span) if bindings else node


def _operation(form: Object, what: str) -> str:
    """The name of an operation, the same for all its names."""
    name = str(identifier(form, what))
    return SYNONYMS.get(name, name)


def _options(forms: Sequence[Object]) -> list[tuple[Keyword, Object]]:
    pairs = []
    for i in range(0, len(forms), 2):
        if not isinstance(forms[i], Keyword):
            raise malformed("effect", forms[i], "operands come before the options")
        if i + 1 == len(forms):
            raise Malformed(f"the option {forms[i].name}: has no value", Span.of(forms[i]))
        pairs.append((forms[i], forms[i + 1]))
    return pairs


def _check_options(operation: str, options: list[tuple[Keyword, Object]]) -> None:
    known = options_of(operation)
    seen = set()
    for key, _ in options:
        if key.name not in known:
            listed = f"{operation} has the options {', '.join(f'{name}:' for name in known)}"
            mend = suggestion(key.name, known) or (listed if known else f"{operation} has no options")
            raise Malformed(f"unknown option {key.name}: of {operation}", Span.of(key), mend)
        if key.name in seen:
            raise Malformed(f"the option {key.name}: is given twice", Span.of(key))
        seen.add(key.name)
    for key, _ in options:
        if key.name in ("tools", "max-turns") and operation != "infer.op":
            raise Malformed(f"{operation} takes no tools; infer.op does", Span.of(key))
        if key.name == "max-turns" and "tools" not in seen:
            raise Malformed("the option max-turns: goes with tools:", Span.of(key))


@special("(oracle-lambda (parameter …) specification [option: value] …)", 2)
def expand_oracle_lambda(x: Expander, form: Expression, environment: Environment) -> Node:
    """A procedure that asks a model; the specification and the options are evaluated when it's made."""
    span = Span.of(form)
    required, rest = formals(form[1])
    options = _options(form[3:])
    _check_options("infer.op", options)
    bindings: list[tuple[Variable, Node]] = []

    def fixed(name: str, value: Object) -> Node:
        node = x.expand(value, environment)
        if isinstance(node, core.Constant):
            return node
        bindings.append((fresh(name, node.span), node))
        return core.Reference(bindings[-1][0], node.span)

    specification = fixed("specification", form[2])
    named_values = tuple([(key.name, fixed(key.name, value)) for key, value in options])
    scope = environment.inner()
    parameters = tuple([variable_for(name, scope) for name in required])
    last = None if rest is None else variable_for(rest, scope)
    arguments: list[Node] = []
    for variable in (*parameters, *([] if last is None else [last])):
        arguments += [core.Constant(variable.name, span), core.Reference(variable, span)]
    prompt = core.Call(core.Builtin("%oracle-prompt", span), (specification, *arguments), span)
    body = _call_of_model("infer.op", (prompt,), named_values, span)
    procedure = core.Lambda(parameters, last, body, span)
    return core.Let(tuple(bindings), procedure, span) if bindings else procedure


@special(
    "(handle expression (on operation (argument … resumption) body …) … [(return (value) body …)] [(finally body …)])",
    2,
)
def expand_handle(x: Expander, form: Expression, environment: Environment) -> Node:
    """An expression with handlers for some operations."""
    ends: dict[str, core.Lambda] = {}
    clauses = []
    for item in form[2:]:
        keyword = _end_of(item, environment)
        if keyword is None:
            clauses.append(_clause(x, item, environment))
        elif keyword in ends:
            raise Malformed(f"there are two ({keyword} …) clauses", Span.of(item))
        else:
            ends[keyword] = _end(x, item, keyword, environment)
    body = thunk(x.expand(form[1], environment), Span.of(form[1]), "body")
    return core.Handle(body, tuple(clauses), Span.of(form), ends.get("return"), ends.get("finally"))


def _end_of(form: Object, environment: Environment) -> str | None:
    """Whether a clause says what is done in the end, by its keyword; `return` may be an operation, too."""
    parts: Sequence[Object] = list_of(form, "handle")
    if parts and environment.means(parts[0], "finally"):
        return "finally"
    is_return = len(parts) > 1 and environment.means(parts[0], "return") and isinstance(parts[1], Expression)
    return "return" if is_return else None


def _end(x: Expander, form: Object, keyword: str, environment: Environment) -> core.Lambda:
    parts = list_of(form, "handle")
    if keyword == "finally":
        if len(parts) < 2:
            raise malformed("handle", form)
        return thunk(expand_body(x, parts[1:], environment, Span.of(form)), Span.of(form), "finally")
    if len(parts) < 3:
        raise malformed("handle", form)
    parameters = list_of(parts[1], "handle")
    if len(parameters) != 1:
        raise Malformed(f"a return clause takes 1 parameter, but has {len(parameters)}", Span.of(parts[1]))
    identifier(parameters[0], "a parameter")
    return expand_lambda(x, parameters, parts[2:], environment, Span.of(form), "return")


def _clause(x: Expander, form: Object, environment: Environment) -> core.Clause:
    """`(on operation (argument … resumption) body …)`, also without the `on`."""
    parts: Sequence[Object] = list_of(form, "handle")
    if parts and environment.means(parts[0], "on") and len(parts) > 1 and isinstance(parts[1], Symbol):
        parts = parts[1:]
    if len(parts) < 3:
        raise malformed("handle", form)
    operation = _operation(parts[0], "the operation of a clause")
    parameters = list_of(parts[1], "handle")
    if not parameters:
        raise Malformed("a clause needs a parameter for the resumption", Span.of(parts[1]))
    check_distinct([identifier(item, "a parameter") for item in parameters], "parameter")
    procedure = expand_lambda(x, parameters, parts[2:], environment, Span.of(form))
    return core.Clause(operation, named(procedure, "on-" + operation), Span.of(form))
