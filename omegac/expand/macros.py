"""Binding of macros: let-syntax, letrec-syntax, and what define-syntax binds."""

from __future__ import annotations

from hy.models import Expression, Object, Symbol

from omegac.core import Node
from omegac.errors import Malformed
from omegac.expand.environment import Environment, Macro
from omegac.expand.expander import Expander
from omegac.expand.special import identifier, list_of, malformed, special
from omegac.expand.syntax_rules import syntax_rules
from omegac.source import Span


def bind_syntax(name: Symbol, transformer: Object, scope: Environment, definition: Environment) -> None:
    """Bind `name` in `scope` to a transformer written in the environment `definition`."""
    if isinstance(transformer, Symbol):
        known = definition.lookup(transformer)
        if isinstance(known, Macro):
            scope.bind(name, known)
            return
    if not (
        isinstance(transformer, Expression)
        and transformer
        and isinstance(transformer[0], Symbol)
        and definition.means(transformer[0], "syntax-rules")
    ):
        raise Malformed("a macro is defined with syntax-rules", Span.of(transformer))
    scope.bind(name, syntax_rules(str(name), transformer, definition))


@special("(let-syntax ((name (syntax-rules …)) …) body …)", 2)
def expand_let_syntax(x: Expander, form: Expression, environment: Environment) -> Node:
    """Macros that don't see each other."""
    return _with_syntax(x, form, environment, recursive=False)


@special("(letrec-syntax ((name (syntax-rules …)) …) body …)", 2)
def expand_letrec_syntax(x: Expander, form: Expression, environment: Environment) -> Node:
    """Macros that see each other."""
    return _with_syntax(x, form, environment, recursive=True)


def _with_syntax(x: Expander, form: Expression, environment: Environment, recursive: bool) -> Node:
    from omegac.expand.bodies import expand_body

    keyword = str(form[0])
    scope = Environment(environment)
    for item in list_of(form[1], keyword):
        if len(list_of(item, keyword)) != 2:
            raise malformed(keyword, item)
        name = identifier(item[0], "the name of a macro")
        bind_syntax(name, item[1], scope, scope if recursive else environment)
    return expand_body(x, form[2:], scope, Span.of(form))
