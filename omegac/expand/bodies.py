"""Bodies: the top level and the inside of procedures, where definitions may stand.

A body is scanned first, which expands macros just far enough to find the definitions, and expanded after
that, so that every name of the body is known in all of it (`letrec*`, R7RS section 5.3.2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
from hy.models import Expression, Object, String, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed
from omegac.expand.environment import Alias, Environment, Macro, SpecialForm, Toplevel, key_of
from omegac.expand.expander import Expander, named, sequence, variable_for
from omegac.expand.imports import scan_import, scan_require
from omegac.expand.libraries import exported_library, exports_of, scan_library
from omegac.expand.macros import bind_syntax
from omegac.expand.procedural import scan_macro, scan_registration
from omegac.expand.records import scan_record_type
from omegac.expand.special import DEFINITIONS, SPLICES, definition, formals, identifier, malformed
from omegac.expand.tools import description_of, procedure_of
from omegac.expand.values import scan_values
from omegac.forms import Dotted, copy_place
from omegac.source import Span

definition("(define name value) or (define (name parameter …) body …)", 1)
definition("(define-values (name …) expression)", 2, 2)
definition("(define-syntax name (syntax-rules …))", 2, 2)
definition("(define-record-type name (constructor field …) predicate (field accessor [modifier]) …)", 3)


@attrs.frozen(eq=False)
class Definition:
    """A definition found by scanning; `value` expands it once the whole body is scanned."""

    variable: Variable | None
    value: Callable[[], Node]
    span: Span


class _Scan:
    """One body being scanned: its environment and the definitions and expressions found so far.

    `foreign` is how many of those are from libraries within a program.
    """

    def __init__(self, expander: Expander, environment: Environment, found: list[Definition] | None = None) -> None:
        self.expander = expander
        self.environment = environment
        self.found: list[Definition] = [] if found is None else found
        self.foreign = 0

    def scan(self, form: Object) -> None:
        """File a form as definitions or as an expression; a malformed one is reported."""
        try:
            form, head = self.expander.expand_macros(form, self.environment)
            syntax = self.expander.special_form(form, head)
            if syntax is not None and syntax.name in SPLICES:
                for item in SPLICES[syntax.name](self.expander, form, self.environment):
                    self.scan(item)
            elif syntax is not None and syntax is DEFINITIONS.get(syntax.name):
                self._define(syntax.name, form)
            else:
                span = Span.of(form)
                self.found.append(Definition(None, lambda: self.expander.expand(form, self.environment), span))
        except Malformed as error:
            head = self.expander.head(form, self.environment)
            if isinstance(head, Macro) or (isinstance(head, SpecialForm) and head.name in DEFINITIONS | SPLICES):
                self.expander.diagnostics.lost_definitions = True
            self.expander.diagnostics.add(error.diagnostic)

    def expand(self, item: Definition) -> Node:
        """The value of a definition; a malformed one is reported and counts as unspecified."""
        try:
            return item.value()
        except Malformed as error:
            self.expander.diagnostics.add(error.diagnostic)
            return core.Constant(None, item.span)

    def _define(self, kind: str, form: Expression) -> None:
        if kind == "define-syntax":
            name = identifier(form[1], "the name of a macro")
            bind_syntax(self.expander, name, form[2], self.environment, self.environment)
        elif kind == "define-macro":
            scan_macro(self.expander, form, self.environment)
        elif kind == "register-macro":
            scan_registration(self.expander, form, self.environment)
        elif kind == "define-values":
            self._add_all(scan_values(self.expander, form, self.environment, self.bind))
        elif kind == "define-tool":
            self._define_tool(form)
        elif kind == "define-record-type":
            self._add_all(scan_record_type(form, self.bind, self.expander.record_types))
        elif kind in ("import", "require-omega", "define-library"):
            self._define_outermost(kind, form)
        else:
            self._define_one(form)

    def _define_outermost(self, kind: str, form: Expression) -> None:
        """What stands at the top level only."""
        if not isinstance(self.environment, Toplevel):
            raise Malformed(f"{kind} stands at the top level of a file, outside of all other forms", Span.of(form))
        if kind == "import":
            scan_import(self.expander, form, self.environment)
        elif kind == "require-omega":
            scan_require(self.expander, form, self.environment)
        elif self.environment is not self.expander.toplevel:
            raise Malformed("a library can't be defined within another one", Span.of(form))
        else:
            before = len(self.found)
            scan_library(self.expander, form, lambda scope, item: _Scan(self.expander, scope, self.found).scan(item))
            self.foreign += len(self.found) - before

    def _define_tool(self, form: Expression) -> None:
        """A procedure, and what makes it a tool."""
        self._define_one(procedure_of(form))
        variable = self.found[-1].variable
        assert variable is not None
        self.found.append(Definition(None, lambda: description_of(form, variable), Span.of(form)))

    def _add_all(self, parts: Sequence[tuple[Variable, Callable[[], Node]]]) -> None:
        for variable, value in parts:
            self.found.append(Definition(variable, value, variable.span))

    def _define_one(self, form: Expression) -> None:
        target, rest = form[1], form[2:]
        if isinstance(target, Expression | Dotted):
            name, procedure = _procedure(self.expander, form)
            variable = self.bind(name)
            self._note(name, form)
            self.found.append(
                Definition(variable, lambda: named(procedure(self.environment), variable.name), Span.of(form))
            )
            return
        variable = self.bind(identifier(target, "the name of a definition"))
        if len(rest) > 1:
            raise malformed("define", form)
        self._note(target, form)

        def value() -> Node:
            if not rest:
                return core.Constant(None, Span.of(form))
            return self.expander.expand(rest[0], self.environment, variable.name)

        self.found.append(Definition(variable, value, Span.of(form)))

    def _note(self, name: Symbol, form: Expression) -> None:
        """Note a definition of the top level, which transformers may need."""
        if isinstance(self.environment, Toplevel):
            self.environment.definitions[key_of(name)] = form

    def bind(self, name: Symbol) -> Variable:
        """A variable for a name that this body defines; for a second definition, which is reported, a hidden one."""
        earlier = self.environment.bound_here(name)
        if isinstance(self.environment, Toplevel) and key_of(name) in self.environment.imported:
            mend = (
                f"it is imported from {self.environment.imported[key_of(name)]}; leave it out there: (except … {name})"
            )
        elif isinstance(earlier, Variable):
            mend = f"it is defined on line {earlier.span.line} already; use set! to change it"
        else:
            return variable_for(name, self.environment)
        self.expander.diagnostics.error(f"duplicate definition of {name}", Span.of(name), mend)
        return Variable(str(name), Span.of(name), hidden=True)


def _procedure(expander: Expander, form: Expression) -> tuple[Symbol, Callable[[Environment], core.Lambda]]:
    """The name that `(define (name . parameters) body …)` defines, and the procedure, once it's needed.

    `(define ((name a) b) body …)` defines a procedure that returns a procedure.
    """
    target, body, span = form[1], form[2:], Span.of(form)
    if not target or not body:
        raise malformed("define", form)
    name, parameters = _split(target)

    def innermost(environment: Environment) -> core.Lambda:
        return expand_lambda(expander, parameters, body, environment, span)

    procedure: Callable[[Environment], core.Lambda] = innermost
    while isinstance(name, Expression | Dotted):
        if not name:
            raise malformed("define", form)
        name, outer = _split(name)
        procedure = _returning(outer, procedure, span)
    return identifier(name, "the name of a definition"), procedure


def _split(target: Object) -> tuple[Object, Object]:
    """`(name . parameters)` as the name and the parameter list."""
    name, parameters = target[0], target[1:]
    if isinstance(target, Dotted):
        return name, copy_place(Dotted(parameters), target) if len(parameters) > 1 else parameters[0]
    return name, copy_place(Expression(parameters), target)


def _returning(
    parameters: Object, inner: Callable[[Environment], core.Lambda], span: Span
) -> Callable[[Environment], core.Lambda]:
    return lambda environment: _close(parameters, environment, span, inner)


def _close(
    parameters: Object, environment: Environment, span: Span, body: Callable[[Environment], Node]
) -> core.Lambda:
    """A procedure whose parameters are bound in the environment that its body is expanded in."""
    required, rest = formals(parameters)
    scope = environment.inner()
    variables = tuple(variable_for(name, scope) for name in required)
    rest_variable = variable_for(rest, scope) if rest is not None else None
    return core.Lambda(variables, rest_variable, body(scope), span)


def expand_lambda(
    expander: Expander,
    parameters: Object,
    body: Sequence[Object],
    environment: Environment,
    span: Span,
    name: str | None = None,
) -> core.Lambda:
    """A procedure; a string that starts a longer body documents it."""
    documentation = None
    if len(body) > 1 and isinstance(body[0], String):
        documentation, body = str(body[0]), body[1:]
    node = _close(parameters, environment, span, lambda scope: expand_body(expander, body, scope, span))
    return core.Lambda(node.parameters, node.rest, node.body, span, name, documentation)


def expand_body(expander: Expander, forms: Sequence[Object], environment: Environment, span: Span) -> Node:
    """A body with its internal definitions. Raises Malformed when it has no expression at its end."""
    scan = _Scan(expander, environment.inner())
    for form in forms:
        scan.scan(form)
    found = scan.found
    if not found:
        return core.Constant(None, span)
    if found[-1].variable is not None:
        raise Malformed("a body must end with an expression", found[-1].span)
    count = max((i + 1 for i, item in enumerate(found) if item.variable is not None), default=0)
    bindings = [
        (item.variable or Variable("_", item.span, hidden=True, unused=True), scan.expand(item))
        for item in found[:count]
    ]
    body = sequence(tuple([scan.expand(item) for item in found[count:]]), span)
    return core.Letrec(tuple(bindings), body, span) if bindings else body


@attrs.frozen(eq=False)
class Expansion:
    """What a source expands to: a program, and what the macros of its importers need.

    `macros` are those that it exports, `scopes` its outermost scopes, `library` is the one that the file stands for.
    """

    program: core.Program
    macros: dict[str, Macro]
    scopes: tuple[Toplevel, ...]
    library: tuple[str, ...] | None


def _exposed(expander: Expander) -> frozenset[Variable]:
    """The top-level variables that macros may assign, also where other modules use them."""
    found = [
        scope.lookup(symbol)
        for scope in expander.scopes
        for key, binding in scope.bindings.items()
        if isinstance(binding, Macro) and key not in scope.imported
        for symbol in binding.assigns
    ]
    return frozenset(binding for binding in found if isinstance(binding, Variable))


def expand_toplevel(expander: Expander, forms: Sequence[Object]) -> Expansion:
    """A program: definitions and expressions in order."""
    scan = _Scan(expander, expander.toplevel)
    for form in forms:
        scan.scan(form)
    while expander.unused:
        expander.unused[0]()
    items: list[core.Item] = []
    for item in scan.found:
        node = scan.expand(item)
        items.append(core.Define(item.variable, node, item.span) if item.variable is not None else node)
    expander.toplevel.libraries.update(expander.libraries)
    own = {
        key: each
        for key, each in expander.toplevel.bindings.items()
        if not isinstance(key, Alias) and key not in expander.toplevel.imported
    }
    exports, macros = exports_of({key: each for key, each in own.items() if isinstance(each, Variable | Macro)})
    library = None
    if expander.libraries and not macros and scan.foreign == len(scan.found):
        library = exported_library(expander)
        exports, macros = exports_of(expander.libraries[library] if library else {})
    program = core.Program(
        tuple(items),
        imports=tuple(expander.imports.values()),
        exports=exports if expander.libraries else None,
        exposed=_exposed(expander),
    )
    return Expansion(program, macros, tuple(expander.scopes), library)
