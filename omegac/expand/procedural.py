"""Macros whose transformers are procedures, which run at compile time.

(define-macro (swap! a b) `(let ((tmp ,a)) (set! ,a ,b) (set! ,b tmp)))      what it gives means what it says at the use
(register-macro 'swap! (lambda (form) …))                                    the same, given the whole form
(define-syntax swap! (er-macro-transformer (lambda (form rename compare) …)))
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hy.models import Expression, Object, Symbol
from omega_runtime.values.symbols import Symbol as Name

from omegac.errors import Malformed
from omegac.expand.environment import Alias, Environment, Macro, Toplevel, key_of
from omegac.expand.exchange import Exchange, Symbols
from omegac.expand.expander import Expander
from omegac.expand.fuel import Fuel
from omegac.expand.special import SPECIAL_FORMS, definition, identifier, malformed
from omegac.forms import Dotted, copy_place
from omegac.source import Span

definition("(define-macro (name parameter …) body …)", 2)
definition("(register-macro 'name procedure)", 2, 2)

Arguments = Callable[[Exchange, Expression, Environment], list[Any]]


def scan_macro(x: Expander, form: Expression, environment: Environment) -> None:
    """Bind what a `define-macro` defines: a macro that gets the operands of its use."""
    target, body = form[1], form[2:]
    if isinstance(target, Expression | Dotted):
        if not target:
            raise malformed("define-macro", form)
        parameters = target[1:] if isinstance(target, Expression) or len(target) > 2 else target[1]
        target, body = target[0], (copy_place(Expression([_keyword("lambda"), parameters, *body]), form),)
    name = identifier(target, "the name of a macro")
    if len(body) != 1:
        raise malformed("define-macro", form)
    environment.bind(name, _macro(x, str(name), body[0], environment, _operands))


def scan_registration(x: Expander, form: Expression, environment: Environment) -> None:
    """Bind what a `register-macro` defines: a macro that gets the whole form."""
    match form[1]:
        case Expression([Symbol() as quote, Symbol() as name]) if environment.lookup(quote) is SPECIAL_FORMS["quote"]:
            environment.bind(name, _macro(x, str(name), form[2], environment, _whole))
            return
    raise Malformed("register-macro needs a quoted name", Span.of(form[1]), "(register-macro 'name (lambda (form) …))")


def transformer(x: Expander, name: str, form: Object, environment: Environment) -> Macro | None:
    """The macro of a `(er-macro-transformer procedure)` or `(make-transformer procedure)`; None for another form."""
    kinds = {"er-macro-transformer": _renaming, "make-transformer": _whole}
    if not isinstance(form, Expression) or len(form) != 2 or not isinstance(form[0], Symbol):
        return None
    arguments = next((each for keyword, each in kinds.items() if environment.means(form[0], keyword)), None)
    return None if arguments is None else _macro(x, name, form[1], environment, arguments)


def _keyword(name: str) -> Symbol:
    """A symbol that means a special form, whatever the program calls so."""
    scope = Toplevel()
    scope.bindings.update(SPECIAL_FORMS)
    return Alias(Symbol(name, from_parser=True), scope, {})


def _macro(x: Expander, name: str, procedure: Object, environment: Environment, arguments: Arguments) -> Macro:
    scope = environment.outermost
    assert isinstance(scope, Toplevel)
    known = Symbols(scope)
    made = _Transformer(x, scope, procedure)

    def transform(use: Expression, use_environment: Environment, fuel: Fuel) -> Object:
        function = made.procedure()
        if function is None:
            place = Span.of(procedure)
            raise Malformed(f"the macro {name}, defined on line {place.line}, is broken", Span.of(use))
        fuel.use(name, use)
        fuel.burn(use, made=1)
        exchange = Exchange(use, known, fuel, f"what the macro {name} gives")
        value = x.sandbox(scope).call(function, arguments(exchange, use, use_environment), name, use)
        return exchange.form(value)

    return Macro(name, transform)


class _Transformer:
    """A procedure that is made when it's first needed, or when the whole source was read; errors are reported."""

    def __init__(self, x: Expander, scope: Toplevel, form: Object) -> None:
        self._x = x
        self._scope = scope
        self._form = form
        self._procedure: Callable[..., Any] | None = None
        x.unused.append(self.procedure)

    def procedure(self) -> Callable[..., Any] | None:
        """The procedure, or None for one that is broken."""
        if self.procedure in self._x.unused:
            self._x.unused.remove(self.procedure)
            try:
                self._procedure = self._x.sandbox(self._scope).procedure(self._form)
            except Malformed as error:
                self._x.diagnostics.add(error.diagnostic)
        return self._procedure


def _operands(exchange: Exchange, use: Expression, _: Environment) -> list[Any]:
    if not isinstance(use, Expression):
        raise Malformed("a macro that takes operands is used in a proper list", Span.of(use))
    return [exchange.datum(item) for item in use[1:]]


def _whole(exchange: Exchange, use: Expression, _: Environment) -> list[Any]:
    return [exchange.datum(use)]


def _renaming(exchange: Exchange, use: Expression, environment: Environment) -> list[Any]:
    """The form, `rename`, which gives what a symbol means where the macro is defined, and `compare`."""
    aliases: dict[Any, Alias] = {}

    def rename(symbol: Name) -> Name:
        original = exchange.known.identifier(symbol)
        alias = aliases.get(key_of(original)) or Alias(original, exchange.known.scope, aliases)
        return exchange.known.symbol(copy_place(alias, use))

    def compare(one: Any, other: Any) -> bool:
        if not isinstance(one, Name) or not isinstance(other, Name):
            return one is other
        return environment.lookup(exchange.known.identifier(one)) == environment.lookup(
            exchange.known.identifier(other)
        )

    return [exchange.datum(use), rename, compare]
