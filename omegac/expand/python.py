"""Python from Omega, as Hy writes it: attributes, methods, keyword arguments.

math.pi  (math.sqrt 2)  (.append items 1)  (. path parent name)  (json.dumps data indent: 2)  (set! object.attribute 1)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hy.models import Expression, Keyword, Object, Symbol

from omegac import core
from omegac.core import External, Node, Variable
from omegac.errors import Malformed
from omegac.expand.environment import Alias, Environment, Free
from omegac.expand.special import SPECIAL_FORMS, identifier, special
from omegac.forms import copy_place
from omegac.names import attribute_name
from omegac.source import Span

if TYPE_CHECKING:
    from omegac.expand.expander import Expander


def attribute(value: Node, name: str, span: Span) -> Node:
    """An attribute of a Python object."""
    return core.Inline("attribute", (value, core.Constant(attribute_name(name), span)), span)


def dotted(x: Expander, symbol: Symbol, environment: Environment) -> Node | None:
    """What `object.attribute…` stands for when no such name, but `object` is bound; else None."""
    found = _split(symbol, environment)
    if found is None:
        return None
    base, names = found
    node = x.expand(base, environment)
    for name in names:
        node = attribute(node, name, Span.of(symbol))
    return node


def _split(symbol: Symbol, environment: Environment) -> tuple[Symbol, list[str]] | None:
    """The longest beginning of a dotted name that a variable has, and the attributes behind it."""
    parts = str(symbol).split(".")
    if len(parts) < 2 or not all(parts) or not isinstance(environment.lookup(symbol), Free):
        return None
    for count in range(len(parts) - 1, 0, -1):
        base = beginning(symbol, ".".join(parts[:count]))
        if isinstance(environment.lookup(base), Variable | External):
            return base, parts[count:]
    return None


def beginning(symbol: Symbol, text: str) -> Symbol:
    """The symbol of the beginning of a dotted one, which a macro introduced if it introduced that."""
    if isinstance(symbol, Alias):
        return symbol.sibling(beginning(symbol.original, text))
    base: Symbol = copy_place(Symbol(text, from_parser=True), symbol)
    return base


@special("(. object name …)", 2)
def expand_dot(x: Expander, form: Expression, environment: Environment) -> Node:
    """Attributes of attributes; `(name argument …)` in the place of a name calls a method."""
    node = x.expand(form[1], environment)
    for item in form[2:]:
        span = Span.of(form)
        if isinstance(item, Expression) and item:
            method = attribute(node, str(identifier(item[0], "the name of a method")), span)
            node = call(x, method, item[1:], environment, span)
        else:
            node = attribute(node, str(identifier(item, "the name of an attribute")), span)
    return node


def is_method(meaning: object) -> bool:
    """Whether what the head of a call means is `.method`."""
    if not isinstance(meaning, Free) or not meaning.name.startswith("."):
        return False
    return len(meaning.name) > 1 and all(meaning.name[1:].split("."))


def method_call(x: Expander, form: Expression, environment: Environment) -> Node:
    """`(.method object argument …)`."""
    if len(form) < 2 or isinstance(form[1], Keyword):
        raise Malformed(f"{form[0]} needs the object whose method it is", Span.of(form), f"({form[0]} object …)")
    node = x.expand(form[1], environment)
    for name in str(form[0])[1:].split("."):
        node = attribute(node, name, Span.of(form[0]))
    return call(x, node, form[2:], environment, Span.of(form))


def is_python(node: Node) -> bool:
    """Whether what is called is Python's, so that it may have keyword arguments."""
    if isinstance(node, core.Inline):
        return node.operation == "attribute"
    return isinstance(node, core.Imported) and node.external.is_python


def call(x: Expander, function: Node, arguments: Sequence[Object], environment: Environment, span: Span) -> Node:
    """A call of a Python function, with keyword arguments behind the others."""
    count = next((i for i, item in enumerate(arguments) if isinstance(item, Keyword)), len(arguments))
    values = list(x.expand_all(arguments[:count], environment))
    names: list[str] = []
    for i in range(count, len(arguments), 2):
        key = arguments[i]
        if not isinstance(key, Keyword):
            raise Malformed("keyword arguments come after all others", Span.of(key))
        if i + 1 == len(arguments):
            raise Malformed(f"the keyword argument {key.name}: has no value", Span.of(key))
        if attribute_name(key.name) in names:
            raise Malformed(f"the keyword argument {key.name}: is given twice", Span.of(key))
        names.append(attribute_name(key.name))
        values.append(x.expand(arguments[i + 1], environment))
    if not names:
        return core.Call(function, tuple(values), span)
    return core.Inline("call-python", (function, *values, core.Constant(tuple(names), span)), span)


def assignment(x: Expander, form: Expression, environment: Environment) -> Node | None:
    """`(set! object.attribute value)` and `(set! (. object … attribute) value)`; None for other targets."""
    target, span = form[1], Span.of(form)
    if isinstance(target, Symbol):
        found = _split(target, environment)
        if found is None:
            return None
        base, (*names, last) = found
        node = x.expand(base, environment)
        for name in names:
            node = attribute(node, name, Span.of(target))
    elif x.head(target, environment) is SPECIAL_FORMS["."] and len(target) > 2:
        inner = copy_place(Expression(target[:-1]), target) if len(target) > 3 else target[1]
        node = x.expand(inner, environment)
        last = str(identifier(target[-1], "the name of an attribute"))
    else:
        return None
    value = x.expand(form[2], environment)
    return core.Inline("set-attribute", (node, value, core.Constant(attribute_name(last), span)), span)
