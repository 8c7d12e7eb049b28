"""Symbols and keywords."""

from __future__ import annotations

from itertools import count

from omega_runtime.lib.arguments import string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import Pair, list_from
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

_serial = count(1)


def _symbol(procedure: str, position: int, value: Value) -> Symbol:
    if type(value) is Symbol:
        return value
    raise wrong_type(procedure, position, "a symbol", value)


def _keyword(procedure: str, position: int, value: Value) -> Keyword:
    if type(value) is Keyword:
        return value
    raise wrong_type(procedure, position, "a keyword", value)


@primitive("symbol?")
def is_symbol(value: Value) -> bool:
    """Whether a value is a symbol."""
    return type(value) is Symbol


@primitive("symbol->string")
def symbol_to_string(symbol: Value) -> str:
    """The name of a symbol."""
    return _symbol("symbol->string", 1, symbol).name


@primitive("string->symbol", "intern")
def string_to_symbol(name: Value) -> Symbol:
    """The symbol of a name."""
    return Symbol(string("string->symbol", 1, name))


@primitive("symbol=?")
def symbols_equal(first: Value, second: Value, *rest: Value) -> bool:
    """Whether all the symbols are the same."""
    symbols = [_symbol("symbol=?", i + 1, each) for i, each in enumerate((first, second, *rest))]
    return all(each is first for each in symbols)


@primitive("symbol<?")
def symbol_less(first: Value, second: Value) -> bool:
    """Whether the name of the first symbol comes before that of the second."""
    return _symbol("symbol<?", 1, first).name < _symbol("symbol<?", 2, second).name


@primitive("symbol-append")
def symbol_append(*symbols: Value) -> Symbol:
    """The symbol whose name is that of all the symbols in a row."""
    return Symbol("".join([_symbol("symbol-append", i + 1, each).name for i, each in enumerate(symbols)]))


@primitive("gensym", "generate-uninterned-symbol", row="state")
def gensym(prefix: Value = "g") -> Symbol:
    """A new symbol that is no other symbol; its name starts with the prefix, a string or symbol."""
    if type(prefix) is not Symbol and not isinstance(prefix, str):
        raise wrong_type("gensym", 1, "a string or symbol", prefix)
    return Symbol.uninterned(f"{prefix}{next(_serial)}")


@primitive("syntax->datum")
def syntax_to_datum(form: Value) -> Value:
    """A form with its identifiers as plain symbols, whichever macro introduced them."""
    match form:
        case Symbol():
            return Symbol(form.name)
        case Pair():
            items: list[Value] = []
            rest: Value = form
            while isinstance(rest, Pair):
                items.append(syntax_to_datum(rest.car))
                rest = rest.cdr
            return list_from(items, syntax_to_datum(rest))
        case Vector():
            return Vector([syntax_to_datum(item) for item in form])
    return form


@primitive("datum->syntax")
def datum_to_syntax(identifier: Value, datum: Value) -> Value:
    """A datum as a form whose names mean what they do where the macro is used, as the identifier does."""
    _symbol("datum->syntax", 1, identifier)
    return datum


@primitive("keyword?")
def is_keyword(value: Value) -> bool:
    """Whether a value is a keyword."""
    return type(value) is Keyword


@primitive("keyword->symbol")
def keyword_to_symbol(keyword: Value) -> Symbol:
    """The symbol with the name of a keyword."""
    return Symbol(_keyword("keyword->symbol", 1, keyword).name)


@primitive("symbol->keyword")
def symbol_to_keyword(symbol: Value) -> Keyword:
    """The keyword with the name of a symbol."""
    return Keyword(_symbol("symbol->keyword", 1, symbol).name)


@primitive("keyword->string")
def keyword_to_string(keyword: Value) -> str:
    """The name of a keyword, without the colon."""
    return _keyword("keyword->string", 1, keyword).name


@primitive("string->keyword")
def string_to_keyword(name: Value) -> Keyword:
    """The keyword of a name, given without the colon."""
    return Keyword(string("string->keyword", 1, name))
