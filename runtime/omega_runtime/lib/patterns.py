"""Patterns and templates of rewriting: data in which symbols such as ?x stand for anything.

`?x` stands for one expression, the same one wherever it stands; `?_` for any, each time another. `?x ...` at the end
of a list stands for the rest of it, and in a template, anywhere in a list, for those elements.
"""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.equality import is_equal
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from, list_length, unlist
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

ELLIPSIS = Symbol("...")
WILDCARD = Symbol("?_")


def is_variable(pattern: Value) -> bool:
    """Whether a part of a pattern stands for something else: a symbol that starts with a question mark."""
    return isinstance(pattern, Symbol) and len(pattern.name) > 1 and pattern.name[0] == "?"


def rest_variable(pattern: Pair) -> Symbol | None:
    """The variable of a list that starts with `?x ...`."""
    rest = pattern.cdr
    if type(rest) is Pair and rest.car is ELLIPSIS and is_variable(pattern.car):
        return pattern.car  # type: ignore[no-any-return]
    return None


def as_pairs(value: Value) -> Value:
    """A Python list as an Omega list; anything else as it is."""
    return list_from(value) if is_plain_list(value) else value


def pattern_variables(procedure: str, position: int, pattern: Value) -> dict[Symbol, bool]:
    """The variables of a pattern, each with whether it stands for the rest of a list.

    Raises ArgumentError for an ellipsis elsewhere than after a variable at the end of a list.
    """
    found: dict[Symbol, bool] = {}
    pending = [pattern]
    while pending:
        part = as_pairs(pending.pop())
        if is_variable(part):
            found.setdefault(part, False)
        elif part is ELLIPSIS:
            raise wrong_type(procedure, position, "a pattern with ... after the last variable of a list only", pattern)
        elif isinstance(part, Vector):
            pending += part
        elif type(part) is Pair:
            rest = rest_variable(part)
            if rest is not None and part.cdr.cdr is NIL:
                found[rest] = True
            else:
                pending += (part.cdr, part.car)
    return found


@primitive("match-pattern")
def match_pattern(pattern: Value, expression: Value) -> Value:
    """The table of what the variables of a pattern stand for in an expression, or #f when it doesn't match."""
    pattern_variables("match-pattern", 1, pattern)
    found = matched(pattern, expression)
    return False if found is None else found


def matched(pattern: Value, expression: Value) -> HashTable | None:
    """What the variables of a checked pattern stand for in an expression; None when it doesn't match."""
    found = HashTable()
    pending = [(pattern, expression)]
    while pending:
        part, value = pending.pop()
        part, value = as_pairs(part), as_pairs(value)
        if is_variable(part):
            if not _bind(found, part, value):
                return None
        elif type(part) is Pair:
            rest = rest_variable(part)
            if rest is not None:
                if list_length(value) is None or not _bind(found, rest, value):
                    return None
            elif type(value) is Pair:
                pending += ((part.cdr, value.cdr), (part.car, value.car))
            else:
                return None
        elif isinstance(part, Vector) and isinstance(value, Vector) and len(part) == len(value):
            pending += zip(reversed(part), reversed(value), strict=True)
        elif not is_equal(part, value):
            return None
    return found


def _bind(found: HashTable, variable: Symbol, value: Value) -> bool:
    """Let a variable stand for a value, unless it stands for another one already."""
    if variable is WILDCARD:
        return True
    if variable in found:
        return is_equal(found[variable], value)
    found[variable] = value
    return True


@primitive("substitute-template")
def substitute_template(template: Value, bindings: Value) -> Value:
    """The template with its variables replaced by what a table says. Raises OmegaError for one that isn't there."""
    if not isinstance(bindings, dict):
        raise wrong_type("substitute-template", 2, "a hash table of bindings", bindings)
    return substituted(template, bindings)


def substituted(template: Value, bindings: dict[Value, Value]) -> Value:
    """The template with its variables replaced."""
    template = as_pairs(template)
    if is_variable(template):
        return _value_of(template, bindings)
    if isinstance(template, Vector):
        return Vector([substituted(each, bindings) for each in template])
    items: list[Value] = []
    rest = template
    while type(rest) is Pair:
        variable = rest_variable(rest)
        if variable is not None:
            items += _elements_of(variable, bindings)
            rest = rest.cdr.cdr
        else:
            items.append(substituted(rest.car, bindings))
            rest = rest.cdr
        if is_variable(rest):
            rest = _value_of(rest, bindings)
            break
    return list_from(items, rest) if items else rest


def _value_of(variable: Symbol, bindings: dict[Value, Value]) -> Value:
    if variable not in bindings:
        raise OmegaError(f"substitute-template: {variable.name} stands for nothing")
    return bindings[variable]


def _elements_of(variable: Symbol, bindings: dict[Value, Value]) -> list[Value]:
    found = unlist(_value_of(variable, bindings))
    if found is None:
        raise OmegaError(f"substitute-template: {variable.name} ... needs a list, but {variable.name} is none")
    return found
