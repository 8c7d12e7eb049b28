"""Binding forms: lambda, let and its relatives, do, set!."""

from __future__ import annotations

from collections.abc import Sequence

from hy.models import Expression, Object, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed
from omegac.expand.bodies import expand_body, expand_lambda
from omegac.expand.environment import Environment, Macro, SpecialForm
from omegac.expand.expander import Expander, named, sequence, variable_for
from omegac.expand.python import assignment
from omegac.expand.special import check_distinct, identifier, keyword_of, list_of, malformed, special
from omegac.source import Span


@special("(lambda (parameter …) body …)", 2)
def expand_lambda_form(x: Expander, form: Expression, environment: Environment) -> Node:
    """A procedure."""
    return expand_lambda(x, form[1], form[2:], environment, Span.of(form))


special("(λ (parameter …) body …)", 2)(expand_lambda_form)


@special("(case-lambda (formals body …) …)", 1)
def expand_case_lambda(x: Expander, form: Expression, environment: Environment) -> Node:
    """A procedure that does what its first clause with fitting parameters says."""
    span = Span.of(form)
    clauses: list[Node] = []
    for item in form[1:]:
        if len(list_of(item, "case-lambda")) < 2:
            raise malformed("case-lambda", item)
        clauses.append(expand_lambda(x, item[0], item[1:], environment, Span.of(item)))
    return core.Call(core.Builtin("%case-lambda", span), (core.Constant(False, span), *clauses), span)


def binding_pairs(form: Object, name: str) -> list[tuple[Symbol, Object]]:
    """`((name value) …)` as pairs."""
    pairs = []
    for item in list_of(form, name):
        if len(list_of(item, name)) != 2:
            raise malformed(name, item)
        pairs.append((identifier(item[0], "the name in a binding"), item[1]))
    return pairs


@special("(let ((name value) …) body …) or (let name ((name value) …) body …)", 2)
def expand_let(x: Expander, form: Expression, environment: Environment) -> Node:
    """All values before any name; or a named let, which is a procedure called at once."""
    if isinstance(form[1], Symbol):
        return _named_let(x, form, environment)
    pairs = binding_pairs(form[1], "let")
    check_distinct((name for name, _ in pairs), "variable")
    values = [x.expand(value, environment, str(name)) for name, value in pairs]
    scope = environment.inner()
    variables = [variable_for(name, scope) for name, _ in pairs]
    body = expand_body(x, form[2:], scope, Span.of(form))
    return core.Let(tuple(zip(variables, values, strict=True)), body, Span.of(form)) if pairs else body


def _named_let(x: Expander, form: Expression, environment: Environment) -> Node:
    if len(form) < 4:
        raise malformed("let", form)
    span = Span.of(form)
    pairs = binding_pairs(form[2], "let")
    values = tuple([x.expand(value, environment) for _, value in pairs])
    scope = environment.inner()
    loop = variable_for(form[1], scope)
    parameters = Expression([name for name, _ in pairs])
    procedure = named(expand_lambda(x, parameters, form[3:], scope, span), loop.name)
    return core.Letrec(((loop, procedure),), core.Call(core.Reference(loop, span), values, span), span)


@special("(let* ((name value) …) body …)", 2)
def expand_let_star(x: Expander, form: Expression, environment: Environment) -> Node:
    """Each value sees the names before it."""
    span = Span.of(form)
    bound: list[tuple[Variable, Node]] = []
    for name, value in binding_pairs(form[1], "let*"):
        node = x.expand(value, environment, str(name))
        environment = environment.inner()
        bound.append((variable_for(name, environment), node))
    body = expand_body(x, form[2:], environment, span)
    for variable, node in reversed(bound):
        body = core.Let(((variable, node),), body, span)
    return body


@special("(letrec* ((name value) …) body …)", 2)
def expand_letrec(x: Expander, form: Expression, environment: Environment) -> Node:
    """Every value sees every name; values are computed in order."""
    pairs = binding_pairs(form[1], keyword_of(form, environment))
    check_distinct((name for name, _ in pairs), "variable")
    scope = environment.inner()
    variables = [variable_for(name, scope) for name, _ in pairs]
    values = [x.expand(value, scope, str(name)) for name, value in pairs]
    body = expand_body(x, form[2:], scope, Span.of(form))
    return core.Letrec(tuple(zip(variables, values, strict=True)), body, Span.of(form)) if pairs else body


special("(letrec ((name value) …) body …)", 2)(expand_letrec)


@special("(do ((name value [step]) …) (test result …) command …)", 2)
def expand_do(x: Expander, form: Expression, environment: Environment) -> Node:
    """A loop, as a local procedure that calls itself."""
    span = Span.of(form)
    scope = environment.inner()
    names, values, steps = _do_variables(x, list_of(form[1], "do"), environment)
    loop = Variable("do", span)
    variables = tuple(variable_for(name, scope) for name in names)
    ending = list_of(form[2], "do")
    if not ending:
        raise malformed("do", form[2])
    test = x.expand(ending[0], scope)
    unspecified: Node = core.Constant(None, span)
    results = x.expand_all(ending[1:], scope) or (unspecified,)
    commands = x.expand_all(form[3:], scope)
    again = core.Call(core.Reference(loop, span), x.expand_all(steps, scope), span)
    body = core.If(test, sequence(results, span), sequence((*commands, again), span), span)
    procedure = core.Lambda(variables, None, body, span, "do")
    return core.Letrec(((loop, procedure),), core.Call(core.Reference(loop, span), values, span), span)


def _do_variables(
    x: Expander, specs: Sequence[Object], environment: Environment
) -> tuple[list[Symbol], tuple[Node, ...], list[Object]]:
    """The names, expanded initial values and step forms of a do."""
    for spec in specs:
        if not 2 <= len(list_of(spec, "do")) <= 3:
            raise malformed("do", spec)
    names = [identifier(spec[0], "the name in a binding") for spec in specs]
    check_distinct(names, "variable")
    values = tuple([x.expand(spec[1], environment) for spec in specs])
    return names, values, [spec[-1] if len(spec) == 3 else spec[0] for spec in specs]


@special("(set! name value)", 2, 2)
def expand_set(x: Expander, form: Expression, environment: Environment) -> Node:
    """An assignment to a variable of the program."""
    of_python = assignment(x, form, environment)
    if of_python is not None:
        return of_python
    name = identifier(form[1], "the target of set!")
    span = Span.of(form)
    value = x.expand(form[2], environment, str(name))
    match environment.lookup(name):
        case Variable() as variable:
            return core.Assignment(variable, value, span)
        case core.External(is_live=True) as external:
            module = core.Imported(core.External(external.module), span)
            return core.Inline("set-imported", (module, value, core.Constant(external.name, span)), span)
        case core.External() as external:
            if external.is_given:
                mend = "a variable can be changed from evaluated code when its own program changes it, too"
                raise Malformed(f"set! of {name}, which the program never changes", Span.of(name), mend)
            mend = f"{external.module} must offer a procedure that changes it"
            raise Malformed(f"set! of {name}, which is a variable of another module", Span.of(name), mend)
        case SpecialForm() | Macro():
            raise Malformed(f"{name} is syntax, not a variable", Span.of(name))
    raise Malformed(
        f"set! of {name}, which this program doesn't define",
        Span.of(name),
        f"(define {name} …) first; library procedures can't be assigned",
    )
