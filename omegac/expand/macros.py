"""Binding of macros: let-syntax, letrec-syntax, and what define-syntax binds; syntax-error; questions about macros."""

from __future__ import annotations

from hy.models import Expression, Object, String, Symbol
from omega_runtime.values import symbols
from omega_runtime.values.pairs import list_from

from omegac import core
from omegac.core import Node
from omegac.errors import Malformed
from omegac.expand.environment import Environment, Macro, SpecialForm
from omegac.expand.expander import Expander
from omegac.expand.procedural import transformer
from omegac.expand.special import SPECIAL_FORMS, identifier, keyword_of, list_of, malformed, special
from omegac.expand.syntax_rules import syntax_rules
from omegac.forms import text_of
from omegac.source import Span


def bind_syntax(x: Expander, name: Symbol, form: Object, scope: Environment, definition: Environment) -> None:
    """Bind `name` in `scope` to a transformer written in the environment `definition`, or to other syntax."""
    if isinstance(form, Symbol):
        known = definition.lookup(form)
        if isinstance(known, Macro | SpecialForm):
            scope.bind(name, known)
            return
    head = form[0] if isinstance(form, Expression) and form else None
    if isinstance(head, Symbol) and definition.means(head, "syntax-rules"):
        scope.bind(name, syntax_rules(str(name), form, definition))
        return
    macro = transformer(x, str(name), form, definition)
    if macro is None:
        mend = "a procedure makes one with define-macro, or in (er-macro-transformer procedure)"
        raise Malformed("a macro is defined with syntax-rules", Span.of(form), mend)
    scope.bind(name, macro)


@special("(syntax-error message form …)", 1)
def expand_syntax_error(x: Expander, form: Expression, environment: Environment) -> Node:
    """An error of the one who uses the macro that expands to it."""
    message = str(form[1]) if isinstance(form[1], String) else text_of(form[1])
    raise Malformed(" ".join([message, *map(text_of, form[2:])]), Span.of(form))


@special("(macro? 'name)", 1, 1)
def expand_is_macro(x: Expander, form: Expression, environment: Environment) -> Node:
    """Whether a name is that of a macro here."""
    name = identifier(_quoted(form, environment), "the name of a macro")
    return core.Constant(isinstance(environment.lookup(name), Macro), Span.of(form))


@special("(expand-macro 'form)", 1, 1)
def expand_expand_macro(x: Expander, form: Expression, environment: Environment) -> Node:
    """A form, as data, with the macro at its head expanded until there is none."""
    expanded, _ = x.expand_macros(_quoted(form, environment), environment)
    return core.Constant(x.datum(expanded), Span.of(form))


@special("(list-macros)", 0, 0)
def expand_list_macros(x: Expander, form: Expression, environment: Environment) -> Node:
    """The names of the macros of the top level, as data."""
    bindings = environment.outermost.bindings
    names = [name for name, each in bindings.items() if isinstance(each, Macro) and isinstance(name, str)]
    return core.Constant(list_from([symbols.Symbol(name) for name in sorted(names)]), Span.of(form))


def _quoted(form: Expression, environment: Environment) -> Object:
    """The datum of the quoted operand of a form. Raises Malformed: macros are there when a program is compiled."""
    operand = form[1]
    if Expander.head(operand, environment) is SPECIAL_FORMS["quote"] and len(operand) == 2:
        return operand[1]
    keyword = keyword_of(form, environment)
    mend = (
        f"macros are there when a program is compiled; (eval `({keyword} ',form) evaluator) knows those of an evaluator"
    )
    raise malformed(keyword, form, mend)


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

    keyword = "letrec-syntax" if recursive else "let-syntax"
    scope = environment.inner()
    for item in list_of(form[1], keyword):
        if len(list_of(item, keyword)) != 2:
            raise malformed(keyword, item)
        name = identifier(item[0], "the name of a macro")
        bind_syntax(x, name, item[1], scope, scope if recursive else environment)
    return expand_body(x, form[2:], scope, Span.of(form))
