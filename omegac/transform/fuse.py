"""Fuse: library procedures on lists that are given a known procedure become loops, without lists in between.

Input: simplified core, re-entered. Output: the same with Gather and Each:

    (map (lambda (x) e) xs)           =>  (list-from (Gather x (elements xs) e))           [e for x in …]
    (filter (lambda (x) t) xs)        =>  (list-from (Gather x (elements xs) t x))         [x for x in … if t]
    (for-each (lambda (x) e) xs)      =>  (Each x (elements xs) e)                         for x in …: e
    (fold-left (lambda (a x) e) i xs) =>  (Each a i x (elements xs) e)                     for x in …: a = e
    (sort xs (lambda (a b) (< (car a) (car b)))) => (%sort-by xs … (lambda (a) (car a)) #f)
    (length (map f xs)), …            =>  what only reads a list takes the Python list itself
    (hash-table-update! t k (lambda (n) e) …)  =>  the look and the store; see `tables.py`

Each stage still ends before the next one begins, so effects and errors come in their order. Two stages become one only
where a test has no effect and can't fail. A procedure stays one when a closure that is kept has variables of it, as
each call has variables of its own, and when it could be called before its definition. A call stays as well where a
procedure with a name goes over a list that is there, as the library does the same, and at the top level.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.facts import Facts, bound_by, kept_by_closures, runs_before
from omegac.core import Lambda, Node, Program, Variable
from omegac.library import arity, library
from omegac.primitives import pattern_of
from omegac.transform.keys import sort_key
from omegac.transform.tables import UPDATES, default_of, found_or, is_own_table, updated
from omegac.traverse import Somewhere, copied, nodes_of, rebuild, rebuild_item

_MAPS = {"map": "map", "map-in-order": "map"}
_FILTERS = {"filter": "filter", "filter!": "filter", "remove": "remove", "remove!": "remove"}
_FOLDS = {"fold": "fold", "fold-left": "fold-left", "foldl": "fold-left"}
_FOLDS_BACK = {"fold-right": "fold-right", "foldr": "fold-right"}
# Which of its arguments a library procedure reads as lists and neither keeps nor gives back.
_READING = {
    **dict.fromkeys(("length", "reverse", "list->string", "list->vector", "list-copy"), 0),
    **dict.fromkeys(("map", "for-each", "filter", "remove", "append-map", "filter-map", "count", "apply"), 1),
    **dict.fromkeys(("fold", "fold-left", "foldl", "fold-right", "foldr", "reduce", "reduce-left", "reduce-right"), 2),
    **dict.fromkeys(("any", "every", "string-join"), 1),
}
_OF_INTEGERS = frozenset(
    {"add", "subtract", "multiply", "negate", "modulo", "is-even", "is-odd", "same-number"}
    | {"less", "greater", "less-or-equal", "greater-or-equal"}
)
_SORTS = frozenset({"sort", "stable-sort"})
_LOOPING = frozenset({*_MAPS, *_FILTERS, *_FOLDS, *_FOLDS_BACK, "for-each", "hash-table-ref"}) | _SORTS | UPDATES
# What gives the elements of a list that a library procedure makes, by its name and its number of operands, if not any.
_PRODUCING = {
    "iota": ("%iota-items", None),
    "string->list": ("%string-chars", None),
    "string-split": ("%string-parts", None),
    "map": ("%map-items", 2),
    "filter": ("%filter-items", 2),
}


def fuse(program: Program, facts: Facts) -> Program:
    """The pass."""
    if not any(_is_known(node) for item in program.items for node in nodes_of(item)):
        return program
    fusing = _Fusing(program, facts)
    items = []
    for item in program.items:
        items.append(rebuild_item(item, fusing.change))
        fusing.passed(item)
    return attrs.evolve(program, items=tuple(items))


def _is_known(node: core.Item) -> bool:
    """Whether a node is a call that may become a loop."""
    match node:
        case core.Call(operator=core.Builtin(name=name)):
            return name in _LOOPING
    return False


class _Fusing:
    """Rewrites nodes from the inside out."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self._facts = facts
        kept = kept_by_closures(program, facts)
        self._owns_kept = Somewhere(lambda node: not kept.isdisjoint(bound_by(node)), in_procedures=False)
        self._has_letrec = Somewhere(lambda node: isinstance(node, core.Letrec), in_procedures=False)
        self._defined = {item.variable for item in program.definitions if isinstance(item.value, Lambda)}
        # The procedures that code may ask for before they are defined: some code runs before.
        runs = runs_before(program)
        self._early = {item.variable for item in program.definitions if isinstance(item.value, Lambda) and runs[item]}
        self._depth = 0

    def passed(self, item: core.Item) -> None:
        """What follows comes behind an item."""
        if isinstance(item, core.Define):
            self._early.discard(item.variable)

    def change(self, node: Node) -> Node:
        """A node with all that is below it fused."""
        self._depth += isinstance(node, Lambda)
        changed = rebuild(node, self.change)
        self._depth -= isinstance(node, Lambda)
        node = changed
        match node:
            case core.Call(operator=core.Builtin(name=name), operands=operands) if self._depth:
                return self._fused(name, operands, node) or self._reading(name, node)
        return node

    def _fused(self, name: str, operands: tuple[Node, ...], call: core.Call) -> Node | None:
        count = len(operands)
        if name in _SORTS and count == 2:
            return self._sort(operands[0], operands[1], call)
        if name in UPDATES or name == "hash-table-ref":
            return self._asked_table(name, call)
        if count not in (2, 3) or not _is_worth_it(operands[0], count - 1, operands[-1]):
            return None
        if count == 2 and name in _MAPS:
            return self._map(_MAPS[name], operands[0], operands[1], call)
        if count == 2 and name in _FILTERS:
            return self._filter(_FILTERS[name], operands[0], operands[1], call)
        if count == 2 and name == "for-each":
            made = self._applied(operands[0], call, ("item",))
            nothing, source = core.Constant(None, call.span), _items(operands[1], name, 2, call)
            return made and core.Each(made[0][0], None, nothing, source, made[1], call.span)
        if count == 3 and name in _FOLDS:
            made = self._applied(operands[0], call, ("result", "item"))
            source = _items(operands[2], _FOLDS[name], 3, call)
            return made and core.Each(made[0][1], made[0][0], operands[1], source, made[1], call.span)
        if count == 3 and name in _FOLDS_BACK:
            made = self._applied(operands[0], call, ("item", "result"))
            source = core.Inline("reversed", (_items(operands[2], _FOLDS_BACK[name], 3, call),), call.span)
            return made and core.Each(made[0][0], made[0][1], operands[1], source, made[1], call.span)
        return None

    def _map(self, name: str, procedure: Node, items: Node, call: core.Call) -> Node | None:
        made = self._applied(procedure, call, ("item",))
        if made is None:
            return None
        (variable,), value = made
        source = _items(items, name, 2, call)
        if isinstance(source, core.Gather) and source.test is not None and self._is_mere_filter(source, source.test):
            test = copied(source.test, {source.variable: variable})
            return _listed(core.Gather(variable, source.source, test, value, call.span))
        return _listed(core.Gather(variable, source, None, value, call.span))

    def _sort(self, items: Node, procedure: Node, call: core.Call) -> Node | None:
        found = sort_key(procedure, self._facts)
        if found is None:
            return None
        key, variable, is_reverse = found
        if isinstance(key, core.Reference):
            order = core.Builtin(">" if is_reverse else "<", procedure.span)
            return attrs.evolve(call, operands=(items, order))
        (fresh,) = _fresh((variable.name,), procedure)
        by = Lambda((fresh,), None, copied(key, {variable: fresh}), procedure.span)
        operands = (items, procedure, by, core.Constant(is_reverse, call.span))
        return attrs.evolve(call, operator=core.Builtin("%sort-by", call.operator.span), operands=operands)

    def _asked_table(self, name: str, call: core.Call) -> Node | None:
        is_update = name in UPDATES
        if len(call.operands) != 3 + is_update or not is_own_table(call.operands[0], self._facts):
            return None
        default = default_of(name, call.operands[-1])
        if default is None or not is_update:
            return default and found_or(call, default)
        made = self._applied(call.operands[2], call, ("value",))
        return made and updated(call, default, made[0][0], made[1], self._facts)

    def _filter(self, name: str, procedure: Node, items: Node, call: core.Call) -> Node | None:
        source = _items(items, name, 2, call)
        made = self._total_body(procedure, source) or self._applied(procedure, call, ("item",))
        if made is None:
            return None
        (variable,), test = made
        if variable in self._facts.assigned:
            return None
        if name == "remove":
            test = core.Inline("not", (test,), call.span)
        return _listed(core.Gather(variable, source, test, core.Reference(variable, call.span), call.span))

    def _is_mere_filter(self, items: core.Gather, test: Node) -> bool:
        """Whether items are those that a test holds for which has no effect and can't fail."""
        is_same = isinstance(items.value, core.Reference) and items.value.variable is items.variable
        return is_same and self._is_total(test, _integers(items))

    def _total_body(self, procedure: Node, source: Node) -> tuple[tuple[Variable, ...], Node] | None:
        """The body of a procedure of the program, where it can't fail for the elements of a source."""
        callee = self._facts.procedure(procedure)
        is_defined = isinstance(procedure, core.Reference) and procedure.variable not in self._early
        if callee is None or not is_defined or callee.rest is not None or len(callee.parameters) != 1:
            return None
        variables = _fresh(("item",), procedure)
        if not self._is_total(callee.body, frozenset(callee.parameters) if _counts(source) else frozenset()):
            return None
        return variables, copied(callee.body, {callee.parameters[0]: variables[0]})

    def _is_total(self, node: Node, integers: frozenset[Variable]) -> bool:
        """Whether evaluating a small node has no effect and can't fail, when these variables hold integers."""
        match node:
            case core.Constant():
                return True
            case core.Reference(variable=variable):
                return variable not in self._facts.assigned and variable not in self._facts.toplevel
            case core.If():
                return False not in [self._is_total(each, integers) for each in (node.test, node.then, node.otherwise)]
            case core.Inline(operation="not" | "is" | "is-null" | "is-pair"):
                return False not in [self._is_total(each, integers) for each in node.operands]
            case core.Inline(operation=operation) if operation in _OF_INTEGERS:
                return False not in [_is_integer(each, integers) for each in node.operands] and _divides(node)
        return False

    def _applied(self, procedure: Node, call: Node, names: tuple[str, ...]) -> tuple[tuple[Variable, ...], Node] | None:
        """New variables and what a known procedure gives for them, or None."""
        count = len(names)
        match procedure:
            case Lambda(rest=None, parameters=parameters, body=body) if len(parameters) == count:
                if self._owns_kept(procedure) or self._has_letrec(body):
                    return None
                return parameters, body
            case core.Builtin(name=name) if arity(name).accepts(count) and library()[name].last is None:
                variables = _fresh(names, procedure)
                return variables, _library_call(name, variables, procedure, call)
            case core.Reference(variable=variable):
                callee = self._facts.procedure(procedure)
                is_there = variable in self._defined and variable not in self._early
                if callee is None or callee.rest or len(callee.parameters) != count or not is_there:
                    return None
                variables = _fresh(names, procedure)
                return variables, core.Call(procedure, _references(variables, call), call.span)
        return None

    def _reading(self, name: str, call: core.Call) -> Node:
        """A call that takes the Python list behind a list that it only reads."""
        position = _READING.get(name)
        if position is None or position >= len(call.operands) or (name == "apply" and len(call.operands) != 2):
            return call
        match call.operands[position]:
            case core.Inline(operation="list-from", operands=(items,)):
                read: Node | None = items
            case core.Call(operator=core.Builtin(name=producer)) if producer != "iota":  # which gives a range
                read = _produced(call.operands[position])
            case _:
                return call
        if read is None:
            return call
        return attrs.evolve(call, operands=(*call.operands[:position], read, *call.operands[position + 1 :]))


def _is_worth_it(procedure: Node, count: int, items: Node) -> bool:
    """Whether a loop saves more than the library's, which calls procedures just as well."""
    match procedure, items:
        case (Lambda(), _) | (_, core.Inline(operation="list-from")):
            return True
        case _, core.Call() if _produced(items) is not None:
            return True
        case core.Builtin(name=name), _:
            return pattern_of(name, count) is not None
    return False


def _fresh(names: tuple[str, ...], place: Node) -> tuple[Variable, ...]:
    return tuple([Variable(name, place.span, hidden=True) for name in names])


def _references(variables: tuple[Variable, ...], place: Node) -> tuple[Node, ...]:
    return tuple([core.Reference(variable, place.span) for variable in variables])


def _library_call(name: str, variables: tuple[Variable, ...], procedure: Node, call: Node) -> Node:
    """A call of a library procedure, as the primitive that it is; its errors are those of the call around."""
    operands, span = _references(variables, call), call.span
    how = pattern_of(name, len(operands))
    if how is None or (how.count is None and len(operands) != 2):
        return core.Call(procedure, operands, span)
    constants = tuple([core.Constant(each, span) for each in how.constants])
    return core.Inline(how.operation, (*operands, *constants), span)


def _listed(items: Node) -> Node:
    """The list of the items of a Python list."""
    return core.Inline("list-from", (items,), items.span)


def _items(node: Node, procedure: str, position: int, call: core.Call) -> Node:
    """The Python list behind a node that is an argument of a library procedure."""
    match node:
        case core.Inline(operation="list-from", operands=(items,)):
            return items
    produced = _produced(node)
    if produced is not None:
        return produced
    place = core.Constant(procedure, call.span), core.Constant(position, call.span)
    return core.Inline("elements", (*place, node), call.span)


def _produced(node: Node) -> core.Call | None:
    """The call that gives the elements of a list which a library procedure makes."""
    match node:
        case core.Call(operator=core.Builtin(name=name) as operator) if name in _PRODUCING:
            items, count = _PRODUCING[name]
            if count in (None, len(node.operands)):
                return attrs.evolve(node, operator=core.Builtin(items, operator.span))
    return None


def _counts(source: Node) -> bool:
    """Whether the elements of a source are integers."""
    match source:
        case core.Call(operator=core.Builtin(name="%iota-items"), operands=(_,)):
            return True
    return False


def _integers(items: core.Gather) -> frozenset[Variable]:
    return frozenset([items.variable] if _counts(items.source) else [])


def _is_integer(node: Node, integers: frozenset[Variable]) -> bool:
    match node:
        case core.Constant(value=value):
            return type(value) is int
        case core.Reference(variable=variable):
            return variable in integers
        case core.Inline(operation="add" | "subtract" | "multiply" | "negate" | "modulo"):
            return False not in [_is_integer(each, integers) for each in node.operands] and _divides(node)
    return False


def _divides(node: core.Inline) -> bool:
    """Whether an operation is no division by what may be 0."""
    divisor = node.operands[-1]
    return node.operation != "modulo" or (isinstance(divisor, core.Constant) and divisor.value != 0)
