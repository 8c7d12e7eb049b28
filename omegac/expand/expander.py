"""The driver of expansion: what a form means, by the binding of its head."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
from hy.models import Bytes, Expression, Float, Integer, Keyword, Object, String, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Diagnostics, Malformed, nearest
from omegac.expand.environment import Alias, Binding, Environment, Free, Macro, SpecialForm, Toplevel
from omegac.expand.fuel import Fuel
from omegac.expand.python import call, dotted, is_method, is_python, method_call
from omegac.expand.special import DEFINITIONS, SPECIAL_FORMS, check_shape
from omegac.expand.surroundings import MakeSandbox, Sandbox, Surroundings
from omegac.forms import Boolean, Broken, Char, Dotted, Labelled, Unspecified, VectorForm, datum, stray_reference
from omegac.lacking import SYNTAX, is_lacking, lack_of
from omegac.library import library
from omegac.reader import read
from omegac.source import START, Source, Span

# A form nests a few levels of core, which all passes walk down.
DEPTH_MAX = 20_000
# Looking for near names takes a millisecond each, which a file of garbage would multiply.
_NEAR_MAX = 20
_LISTS = (Expression, Dotted)


class Expander:
    """Expands the forms of one source; malformed forms go to `diagnostics` and count as unspecified.

    `scopes` are the outermost ones: that of the program, and those of the libraries that it defines. `imports` are the
    modules that it imports, `includers` the files that include others, by what they include. `make_sandbox`
    gives what runs the transformers of a scope; `unused` are
    procedures that make those that weren't needed so far.
    """

    def __init__(
        self,
        diagnostics: Diagnostics,
        surroundings: Surroundings,
        make_sandbox: MakeSandbox | None = None,
        toplevel: Toplevel | None = None,
    ) -> None:
        self.diagnostics = diagnostics
        self.source = diagnostics.source
        self.surroundings = surroundings
        self.fuel = Fuel(diagnostics)
        self.depth = 0
        self._near: dict[str, str | None] = {}
        self.record_types: dict[Variable, tuple[str, ...]] = {}
        self.scopes: list[Toplevel] = []
        self.imports: dict[str, core.Import] = {}
        self.includers: dict[str, str] = {}
        self.libraries: dict[tuple[str, ...], dict[str, Binding]] = {}
        self.make_sandbox = make_sandbox
        self._sandboxes: dict[Toplevel, Sandbox] = {}
        self.unused: list[Callable[[], object]] = []
        self.toplevel = toplevel or Toplevel()
        if toplevel is None:
            self._take_in(self.toplevel)

    def new_scope(self) -> Toplevel:
        """An outermost scope with all special forms."""
        return self._take_in(self.toplevel.another())

    def _take_in(self, scope: Toplevel) -> Toplevel:
        scope.bindings.update(SPECIAL_FORMS)
        self.scopes.append(scope)
        return scope

    def sandbox(self, scope: Toplevel) -> Sandbox:
        """What runs the transformers of an outermost scope."""
        if self.make_sandbox is None:
            raise Malformed("procedures can't be macros here", START)
        if scope not in self._sandboxes:
            self._sandboxes[scope] = self.make_sandbox(scope)
        return self._sandboxes[scope]

    def read(self, source: Source) -> tuple[Object, ...]:
        """The forms of a file that is included; what is wrong there is reported."""
        diagnostics = Diagnostics(source)
        forms = read(source, diagnostics)
        self.diagnostics.lost_definitions |= not diagnostics.knows_definitions
        for finding in diagnostics.items:
            self.diagnostics.add(finding)
        return forms

    def expand(self, form: Object, environment: Environment, name: str | None = None) -> Node:
        """The core of an expression. `name` is what the value will be bound to, for procedures' names."""
        self.depth += 1
        try:
            if self.depth > DEPTH_MAX:
                problem = f"this is nested too deep (more than {DEPTH_MAX:,} levels)"
                self.diagnostics.give_up(problem, Span.of(form))
            self.fuel.expand(form)
            return self._expand(form, environment, name)
        except Malformed as error:
            self.diagnostics.add(error.diagnostic)
            return core.Constant(None, Span.of(form))
        finally:
            self.depth -= 1

    def _expand(self, form: Object, environment: Environment, name: str | None) -> Node:
        form, head = self.expand_macros(form, environment)
        span = Span.of(form)
        match form:
            case Symbol():
                return self._reference(form, environment.lookup(form), environment)
            case Expression():
                return self._compound(form, head, environment, name)
            case Keyword() | Boolean() | Char() | String() | Integer() | Float() | Bytes() | VectorForm():
                return quoted(form, span)
            case Labelled():
                return self._labelled(form)
            case Dotted():
                raise Malformed("a dotted list is no expression", span, "quote it with '")
            case Broken() | Unspecified():
                return core.Constant(None, span)
        raise Malformed("not an expression", span)

    def expand_macros(self, form: Object, environment: Environment) -> tuple[Object, object]:
        """The form after expanding macro uses at its head, until it is no macro use; and what its head is bound to."""
        while isinstance(head := self.head(form, environment), Macro):
            form = head.transform(form, environment, self.fuel)
        return form, head

    def datum(self, form: Object) -> Any:
        """The value that a quoted form stands for."""
        self.fuel.quote(form)
        return datum(form)

    @staticmethod
    def special_form(form: Object, head: object) -> SpecialForm | None:
        """The special form that a form uses by its head, its number of operands checked."""
        if not isinstance(head, SpecialForm):
            return None
        if not isinstance(form, Expression):
            raise Malformed("a dotted list is no expression", Span.of(form), "quote it with '")
        check_shape(head, form)
        return head

    @staticmethod
    def head(form: Object, environment: Environment) -> object:
        """What the head of a form is bound to; None for what has none."""
        if isinstance(form, _LISTS) and form:
            first = form[0]
            return environment.lookup(first) if isinstance(first, Symbol) else None
        return None

    @staticmethod
    def _labelled(form: Labelled) -> Node:
        """A vector with a label, which needs no quote."""
        inner = form.form
        while isinstance(inner, Labelled):
            inner = inner.form
        if not isinstance(inner, VectorForm):
            raise Malformed("a datum label is no expression", Span.of(form), "quote the whole datum with '")
        return quoted(form, Span.of(form))

    def _reference(self, symbol: Symbol, meaning: object, environment: Environment) -> Node:
        span = Span.of(symbol)
        match meaning:
            case Variable() as variable:
                return core.Reference(variable, span)
            case core.External() as external:
                return core.Imported(external, span)
            case Free(name):
                return dotted(self, symbol, environment) or core.GlobalReference(name, span)
        raise Malformed(f"{symbol} is syntax, not a value", span)

    def _compound(self, form: Expression, head: object, environment: Environment, name: str | None) -> Node:
        if not form:
            raise Malformed("() is no expression", Span.of(form), "write '() for the empty list")
        syntax = self.special_form(form, head)
        if syntax is None:
            return self._call(form, head, environment)
        node = syntax.expand(self, form, environment)
        return node if name is None else _told_its_name(node, name)

    def _call(self, form: Expression, head: object, environment: Environment) -> Node:
        """A call, whose operator is bound to `head` if it is a symbol."""
        if is_method(head):
            return method_call(self, form, environment)
        operator, *operands = form
        if isinstance(head, Free):
            self._check_no_syntax(operator, head, environment)
        procedure = self.expand(operator, environment)
        if is_python(procedure):
            return call(self, procedure, operands, environment, Span.of(form))
        return core.Call(procedure, self.expand_all(operands, environment), Span.of(form))

    def _check_no_syntax(self, head: Object, meaning: Free, environment: Environment) -> None:
        """Raises Malformed for syntax that Omega lacks, and for misspelt syntax: its parts are no expressions."""
        if meaning.name in SYNTAX:
            self.diagnostics.lost_definitions = True
            message, mend = lack_of(meaning.name)
            raise Malformed(message, Span.of(head), mend)
        near = self._near_syntax(meaning.name, environment)
        if near is not None:
            self.diagnostics.lost_definitions |= near in DEFINITIONS
            raise Malformed(f"unbound variable: {meaning.name}", Span.of(head), f"did you mean {near}?")

    def _near_syntax(self, name: str, environment: Environment) -> str | None:
        """The special form that a name which nothing defines is closest to, if no other name is closer."""
        if name in library() or is_lacking(name):
            return None
        if name not in self._near and len(self._near) < _NEAR_MAX:
            self._near[name] = nearest(name, SPECIAL_FORMS, environment.names(), library())
        near = self._near.get(name)
        return near if near in SPECIAL_FORMS else None

    def expand_all(self, forms: Iterable[Object], environment: Environment) -> tuple[Node, ...]:
        """The core of several expressions."""
        return tuple([self.expand(form, environment) for form in forms])


def quoted(form: Object, span: Span) -> core.Constant:
    """The node of a datum. Raises Malformed for a reference to a label outside of it."""
    stray = stray_reference(form)
    if stray is not None:
        raise Malformed(f"the label of #{stray.number}# stands outside of this datum", Span.of(stray))
    return core.Constant(datum(form), span)


def named(node: core.Lambda, name: str) -> core.Lambda:
    """A procedure that knows what it is called."""
    return attrs.evolve(node, name=name)


def _told_its_name(node: Node, name: str) -> Node:
    """A node that may make a procedure, which then has a name, unless it has one already."""
    match node:
        case core.Lambda(name=None):
            return named(node, name)
        case core.Call(operator=core.Builtin(name="%case-lambda"), operands=(core.Constant(value=False), *clauses)):
            known = [_told_its_name(clause, name) for clause in clauses]
            return attrs.evolve(node, operands=(core.Constant(name, node.span), *known))
    return node


def sequence(nodes: tuple[Node, ...], span: Span) -> Node:
    """One node that evaluates the given ones in order."""
    return nodes[0] if len(nodes) == 1 else core.Sequence(nodes, span)


def fresh(name: str, span: Span) -> Variable:
    """A variable that no program can name."""
    return Variable(name, span, hidden=True)


def variable_for(symbol: Symbol, environment: Environment) -> Variable:
    """A new variable, bound to the symbol in the environment."""
    variable = Variable(str(symbol), Span.of(symbol), hidden=isinstance(symbol, Alias))
    environment.bind(symbol, variable)
    return variable
