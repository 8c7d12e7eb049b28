"""The driver of expansion: what a form means, by the binding of its head."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs
from hy.models import Expression, Float, Integer, Keyword, Object, String, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Diagnostics, Malformed
from omegac.expand.environment import Alias, Binding, Environment, Free, Macro, SpecialForm, Toplevel
from omegac.expand.fuel import Fuel
from omegac.expand.special import SPECIAL_FORMS, check_shape
from omegac.expand.surroundings import MakeSandbox, Sandbox, Surroundings
from omegac.forms import Boolean, Broken, Char, Dotted, Unspecified, VectorForm, copy_place, datum
from omegac.lacking import SYNTAX, lack_of
from omegac.reader import read
from omegac.source import START, Source, Span

_EXPANSIONS_MAX = 10_000
# A form nests a few levels of core, which all passes walk down.
DEPTH_MAX = 20_000


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
        self.fuel = Fuel()
        self.depth = 0
        self.scopes: list[Toplevel] = []
        self.imports: dict[str, core.Import] = {}
        self.includers: dict[str, str] = {}
        self.libraries: dict[tuple[str, ...], dict[str, Binding]] = {}
        self.make_sandbox = make_sandbox
        self._sandboxes: dict[Toplevel, Sandbox] = {}
        self.unused: list[Callable[[], object]] = []
        self.toplevel = self.new_scope() if toplevel is None else toplevel

    def new_scope(self) -> Toplevel:
        """An outermost scope with all special forms."""
        scope = Toplevel()
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
                raise Malformed(f"this is nested too deep (more than {DEPTH_MAX:,} levels)", Span.of(form))
            return self._expand(form, environment, name)
        except Malformed as error:
            self.diagnostics.add(error.diagnostic)
            return core.Constant(None, Span.of(form))
        finally:
            self.depth -= 1

    def _expand(self, form: Object, environment: Environment, name: str | None) -> Node:
        form = self.expand_macros(form, environment)
        span = Span.of(form)
        match form:
            case Symbol():
                return self._reference(form, environment)
            case Expression():
                return self._compound(form, environment, name)
            case Keyword() | Boolean() | Char() | String() | Integer() | Float() | VectorForm():
                return core.Constant(datum(form), span)
            case Dotted():
                raise Malformed("a dotted list is no expression", span, "quote it with '")
            case Broken() | Unspecified():
                return core.Constant(None, span)
        raise Malformed("not an expression", span)

    def expand_macros(self, form: Object, environment: Environment) -> Object:
        """The form after expanding macro uses at its head, until it is no macro use."""
        for _ in range(_EXPANSIONS_MAX):
            macro = self.head(form, environment)
            if not isinstance(macro, Macro):
                return form
            form = copy_place(macro.transform(form, environment, self.fuel), form)
        raise Malformed("this macro expands for ever", Span.of(form))

    def special_form(self, form: Object, environment: Environment) -> SpecialForm | None:
        """The special form that a form uses, its number of operands checked."""
        head = self.head(form, environment)
        if not isinstance(head, SpecialForm):
            return None
        if not isinstance(form, Expression):
            raise Malformed("a dotted list is no expression", Span.of(form), "quote it with '")
        check_shape(head, form)
        return head

    @staticmethod
    def head(form: Object, environment: Environment) -> object:
        """What the head of a form is bound to; None for what has none."""
        if isinstance(form, Expression | Dotted) and form and isinstance(form[0], Symbol):
            return environment.lookup(form[0])
        return None

    def _reference(self, symbol: Symbol, environment: Environment) -> Node:
        span = Span.of(symbol)
        match environment.lookup(symbol):
            case Variable() as variable:
                return core.Reference(variable, span)
            case core.External() as external:
                return core.Imported(external, span)
            case Free(name):
                from omegac.expand.python import dotted

                return dotted(self, symbol, environment) or core.GlobalReference(name, span)
        raise Malformed(f"{symbol} is syntax, not a value", span)

    def _compound(self, form: Expression, environment: Environment, name: str | None) -> Node:
        if not form:
            raise Malformed("() is no expression", Span.of(form), "write '() for the empty list")
        syntax = self.special_form(form, environment)
        if syntax is None:
            return self._call(form, environment)
        node = syntax.expand(self, form, environment)
        if isinstance(node, core.Lambda) and node.name is None and name is not None:
            return named(node, name)
        return node

    def _call(self, form: Expression, environment: Environment) -> Node:
        from omegac.expand.python import call, is_method, is_python, method_call

        if is_method(form[0], environment):
            return method_call(self, form, environment)
        self._check_lack(form[0], environment)
        operator = self.expand(form[0], environment)
        if is_python(operator):
            return call(self, operator, form[1:], environment, Span.of(form))
        return core.Call(operator, self.expand_all(form[1:], environment), Span.of(form))

    def _check_lack(self, head: Object, environment: Environment) -> None:
        """Raises Malformed for syntax that Schemes have and Omega lacks: its parts are no expressions."""
        if not isinstance(head, Symbol):
            return
        meaning = environment.lookup(head)
        if isinstance(meaning, Free) and meaning.name in SYNTAX:
            self.diagnostics.lost_definitions = True
            message, mend = lack_of(meaning.name)
            raise Malformed(message, Span.of(head), mend)

    def expand_all(self, forms: Iterable[Object], environment: Environment) -> tuple[Node, ...]:
        """The core of several expressions."""
        return tuple([self.expand(form, environment) for form in forms])


def named(node: core.Lambda, name: str) -> core.Lambda:
    """A procedure that knows what it is called."""
    return attrs.evolve(node, name=name)


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
