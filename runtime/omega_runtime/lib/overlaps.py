"""Rules that are in each other's way: expressions that two of them match."""

from __future__ import annotations

from omega_runtime.lib.patterns import ELLIPSIS, WILDCARD, as_pairs, is_variable, rest_variable
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.rewriting import Rule, parts_of, rules_of
from omega_runtime.values.equality import is_equal
from omega_runtime.values.pairs import Pair, list_from, make_list
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from omega_runtime.values import List, Value


@primitive("rewrite-conflicts")
def rewrite_conflicts(rules: Value) -> List:
    """The pairs of rules that both apply to some expression, as a list of tables; conditions are not looked at.

    Each has `rule1`, `rule2`, the expression `overlap` that rule1 matches as a whole and rule2 as a whole or in a part,
    and a `description`.
    """
    found = rules_of("rewrite-conflicts", rules)
    conflicts = []
    for i, one in enumerate(found):
        term = _term(one.pattern, {})
        for j, other in enumerate(found):
            for at, part in _subterms(term):
                solution = _unified(part, _term(other.pattern, {})) if at or i < j else None
                if solution is not None:
                    conflicts.append(_conflict(one, other, at, _expression(term, solution, {})))
    return list_from(conflicts)


def _conflict(one: Rule, other: Rule, at: tuple[int, ...], overlap: Value) -> HashTable:
    text = write_text(overlap)
    if at:
        description = f"{one.name} matches {text}, and {other.name} its part at {write_text(make_list(*at))}"
    else:
        description = f"{one.name} and {other.name} both match {text}"
    entries = (("rule1", one.name), ("rule2", other.name), ("overlap", overlap), ("description", description))
    return HashTable([(Symbol(name), value) for name, value in entries])


class _Unknown:
    """A variable of one rule, told from those of the other; `is_rest` when it stands for the rest of a list."""

    __slots__ = ("is_rest", "name")

    def __init__(self, name: str, is_rest: bool = False) -> None:
        self.name = name
        self.is_rest = is_rest


_Solution = dict[_Unknown, "Value"]


def _subterms(term: Value) -> Iterator[tuple[tuple[int, ...], Value]]:
    """The whole of a term, and its parts that are lists, with their positions."""
    pending: list[tuple[tuple[int, ...], Value]] = [((), term)]
    while pending:
        at, part = pending.pop()
        if not at or type(part) is Pair:
            yield at, part
        pending += reversed([((*at, i), each) for i, each in enumerate(parts_of(part))])


def _term(pattern: Value, unknowns: dict[Symbol, _Unknown]) -> Value:
    """A pattern with unknowns for its variables; one for the rest of a list is the tail of that list."""
    pattern = as_pairs(pattern)
    if is_variable(pattern):
        return _unknown(pattern, unknowns, False)
    if isinstance(pattern, Vector):
        return Vector([_term(each, unknowns) for each in pattern])
    items: list[Value] = []
    while type(pattern) is Pair:
        rest = rest_variable(pattern)
        if rest is not None:
            return list_from(items, _unknown(rest, unknowns, True))
        items.append(_term(pattern.car, unknowns))
        pattern = as_pairs(pattern.cdr)
    return list_from(items, _term(pattern, unknowns)) if items else pattern


def _unknown(variable: Symbol, unknowns: dict[Symbol, _Unknown], is_rest: bool) -> _Unknown:
    if variable is WILDCARD:
        return _Unknown(variable.name, is_rest)
    return unknowns.setdefault(variable, _Unknown(variable.name, is_rest))


def _unified(one: Value, other: Value) -> _Solution | None:
    """What the unknowns of two terms must stand for, so that they are equal; None when they can't be."""
    solution: _Solution = {}
    pending = [(one, other)]
    while pending:
        a, b = (_known(each, solution) for each in pending.pop())
        if a is b:
            continue
        if isinstance(b, _Unknown):
            a, b = b, a
        if isinstance(a, _Unknown):
            if _occurs(a, b, solution):
                return None
            solution[a] = b
        elif type(a) is Pair and type(b) is Pair:
            pending += ((a.cdr, b.cdr), (a.car, b.car))
        elif isinstance(a, Vector) and isinstance(b, Vector) and len(a) == len(b):
            pending += zip(a, b, strict=True)
        elif not is_equal(a, b):
            return None
    return solution


def _known(term: Value, solution: _Solution) -> Value:
    while isinstance(term, _Unknown) and term in solution:
        term = solution[term]
    return term


def _occurs(unknown: _Unknown, term: Value, solution: _Solution) -> bool:
    pending = [term]
    while pending:
        part = _known(pending.pop(), solution)
        if part is unknown:
            return True
        if type(part) is Pair:
            pending += (part.car, part.cdr)
        elif isinstance(part, Vector):
            pending += part
    return False


def _expression(term: Value, solution: _Solution, names: dict[_Unknown, Symbol]) -> Value:
    """A term with its unknowns as variables again, different ones by different names."""
    term = _known(term, solution)
    if isinstance(term, _Unknown):
        return _variable(term, names)
    if isinstance(term, Vector):
        return Vector([_expression(each, solution, names) for each in term])
    items: list[Value] = []
    while type(term) is Pair:
        items.append(_expression(term.car, solution, names))
        term = _known(term.cdr, solution)
    if isinstance(term, _Unknown):
        variable = _variable(term, names)
        return list_from([*items, variable, ELLIPSIS]) if term.is_rest else list_from(items, variable)
    return list_from(items, term)


def _variable(unknown: _Unknown, names: dict[_Unknown, Symbol]) -> Symbol:
    if unknown.name == WILDCARD.name:
        return WILDCARD
    if unknown not in names:
        name, number = unknown.name, 2
        while Symbol(name) in names.values():
            name, number = f"{unknown.name}{number}", number + 1
        names[unknown] = Symbol(name)
    return names[unknown]
