"""Forms as data and back, for macros whose transformers are procedures, and for eval.

An identifier that a macro introduced is a symbol of its own as a datum, and becomes the identifier again. What comes
back unchanged keeps its place; what is new gets that of the use.
"""

from __future__ import annotations

import re
from typing import Any

from hy.models import Bytes, Expression, Float, Integer, Keyword, Object, String
from hy.models import Symbol as Identifier
from omega_runtime.values import chars, symbols
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from
from omega_runtime.values.printing import short_text
from omega_runtime.values.vectors import Vector

from omegac.errors import Malformed
from omegac.expand.environment import Alias, Environment
from omegac.expand.fuel import Fuel
from omegac.forms import Boolean, Char, Dotted, Unspecified, VectorForm, copy_place, datum
from omegac.source import Span


class Symbols:
    """The symbols that are no others, as identifiers, for a macro of a `scope`: each always the same identifier."""

    def __init__(self, scope: Environment) -> None:
        self.scope = scope
        self._identifiers: dict[int, tuple[symbols.Symbol, Identifier]] = {}
        self._symbols: dict[Alias, symbols.Symbol] = {}

    def symbol(self, identifier: Identifier) -> symbols.Symbol:
        """The symbol for an identifier."""
        if not isinstance(identifier, Alias):
            return symbols.Symbol(str(identifier))
        if identifier not in self._symbols:
            symbol = self._symbols[identifier] = symbols.Symbol.uninterned(str(identifier))
            self._identifiers[id(symbol)] = symbol, identifier
        return self._symbols[identifier]

    def identifier(self, symbol: symbols.Symbol) -> Identifier:
        """The identifier for a symbol; for one that `gensym` made, a name that no program can write."""
        if symbols.Symbol(symbol.name) is symbol:
            return Identifier(symbol.name, from_parser=True)
        if id(symbol) not in self._identifiers:
            # Numbers count what this process has done before; the compiler's output doesn't depend on that.
            plain = Identifier(re.sub(r"\d+$", "", symbol.name) or "g", from_parser=True)
            self._identifiers[id(symbol)] = symbol, Alias(plain, self.scope, {})
        return self._identifiers[id(symbol)][1]


class Exchange:
    """One use of a macro: its form as data, and the data that it becomes as a form; or a use of another `maker`."""

    def __init__(self, use: Object, known: Symbols, fuel: Fuel, maker: str) -> None:
        self.use = use
        self.known = known
        self.fuel = fuel
        self.maker = maker
        self._places: dict[int, tuple[Pair, Object]] = {}

    def datum(self, form: Object) -> Any:
        """A form as data."""
        match form:
            case Identifier():
                return self.known.symbol(form)
            case VectorForm():
                return Vector([self.datum(item) for item in form])
            case Dotted():
                return self._list(form, [self.datum(item) for item in form[:-1]], self.datum(form[-1]))
            case Expression():
                return self._list(form, [self.datum(item) for item in form], NIL)
        return datum(form)

    def _list(self, form: Object, items: list[Any], end: Any) -> Any:
        value = list_from(items, end)
        if isinstance(value, Pair):
            self._places[id(value)] = value, form
        return value

    def form(self, value: Any) -> Object:
        """Data as a form. Raises Malformed for what no program can hold."""
        return self._placed(value, self.use)

    def _placed(self, value: Any, place: Object) -> Object:
        """Data as a form, at a place unless it has one of its own."""
        self.fuel.burn(self.use, made=1)
        _, place = self._places.get(id(value), (None, place))
        form = copy_place(self._form(value, place), place)
        if place is self.use:
            form.expansion_depth += 1
        return form

    def _form(self, value: Any, place: Object) -> Object:
        match value:
            case symbols.Symbol():
                return self.known.identifier(value)
            case symbols.Keyword():
                return Keyword(value.name, from_parser=True)
            case bool():
                return Boolean(value)
            case chars.Char():
                return Char(value.value)
            case str():
                return String(value)
            case int():
                return Integer(value)
            case float():
                return Float(value)
            case Bytevector():
                return Bytes(value)
            case Vector():
                return VectorForm([self.form(item) for item in value])
            case None:
                return Unspecified()
        if value is NIL or isinstance(value, Pair) or is_plain_list(value):
            return self._compound(value if isinstance(value, Pair) else list_from(value), place)
        message = f"{self.maker} has {short_text(value)}, which can't stand in a program"
        raise Malformed(message, Span.of(self.use))

    def _compound(self, value: Any, place: Object) -> Object:
        """A list; atoms that stand where they stood in the use have their places there."""
        before = place if isinstance(place, Expression | Dotted) and place is not self.use else ()
        items: list[Object] = []
        while isinstance(value, Pair):
            earlier = before[len(items)] if len(items) < len(before) else None
            is_same = isinstance(earlier, Identifier) and self.known.symbol(earlier) is value.car
            items.append(self._placed(value.car, earlier if is_same else self.use))
            value = value.cdr
        return Expression(items) if value is NIL else Dotted([*items, self.form(value)])
