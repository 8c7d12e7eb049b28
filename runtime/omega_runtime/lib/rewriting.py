"""Rewriting: rules that replace what matches a pattern, applied to expressions that are data."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, count
from omega_runtime.lib.patterns import WILDCARD, as_pairs, is_variable, matched, pattern_variables, substituted
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import Pair, list_from, unlist
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import HashTable
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from omega_runtime.values import List, Procedure, Value

    # The way to a part of an expression: that to the list that it's in, and its index there; None for the whole.
    Path = tuple["Path", int] | None

_TOPDOWN, _BOTTOMUP = Symbol("topdown"), Symbol("bottomup")


class Rule:
    """What matches `pattern`, and fulfils the condition, is replaced by an instance of `template`."""

    __slots__ = ("condition", "name", "pattern", "template")

    def __init__(self, name: Value, pattern: Value, template: Value, condition: Procedure | None) -> None:
        self.name = name
        self.pattern = pattern
        self.template = template
        self.condition = condition

    def __repr__(self) -> str:
        return f"#<rule {self.name}>"

    def applied(self, expression: Value) -> Value:
        """What the rule makes of an expression; ABSENT when it doesn't apply."""
        bindings = matched(self.pattern, expression)
        if bindings is None or (self.condition is not None and self.condition(bindings) is False):
            return ABSENT
        return substituted(self.template, bindings)


@primitive("make-rule")
def make_rule(name: Value, pattern: Value, template: Value) -> Rule:
    """A rule that replaces what matches a pattern by an instance of a template."""
    return _rule("make-rule", name, pattern, template, None)


@primitive("make-rule-where")
def make_rule_where(name: Value, pattern: Value, template: Value, condition: Value) -> Rule:
    """A rule that applies where (condition bindings) holds; the bindings are a hash table by variable."""
    return _rule("make-rule-where", name, pattern, template, callee("make-rule-where", 4, condition))


def _rule(procedure: str, name: Value, pattern: Value, template: Value, condition: Procedure | None) -> Rule:
    if not isinstance(name, (Symbol, str)):
        raise wrong_type(procedure, 1, "a symbol or string", name)
    variables = pattern_variables(procedure, 2, pattern)
    for variable in _template_variables(template):
        if variable not in variables or variable is WILDCARD:
            raise OmegaError(f"{procedure}: the template of {name} has {variable.name}, and its pattern hasn't")
    return Rule(name, pattern, template, condition)


def _template_variables(template: Value) -> Iterator[Symbol]:
    pending = [template]
    while pending:
        part = as_pairs(pending.pop())
        if is_variable(part):
            yield part
        elif isinstance(part, Vector):
            pending += part
        elif type(part) is Pair:
            pending += (part.cdr, part.car)


@primitive("rule?")
def is_rule(value: Value) -> bool:
    """Whether a value is a rule."""
    return isinstance(value, Rule)


def rules_of(procedure: str, rules: Value) -> list[Rule]:
    """A list of rules; a single one counts as a list of one."""
    found = [rules] if isinstance(rules, Rule) else unlist(rules)
    if found is None or not all(isinstance(each, Rule) for each in found):
        raise wrong_type(procedure, 1, "a rule or a list of rules", rules)
    return found


def _is_bottomup(procedure: str, position: int, strategy: Value) -> bool:
    if strategy is _TOPDOWN or strategy is _BOTTOMUP:
        return strategy is _BOTTOMUP
    raise wrong_type(procedure, position, "topdown or bottomup", strategy)


@primitive("rewrite-once", calls=(0,))
def rewrite_once(rules: Value, expression: Value, strategy: Value = _TOPDOWN) -> Value:
    """The pair of the expression with its first part that a rule applies to rewritten, and the rule's name; or #f.

    `strategy` is topdown, where an expression comes before its parts, or bottomup.
    """
    found = rules_of("rewrite-once", rules)
    step = _step(found, expression, _is_bottomup("rewrite-once", 3, strategy))
    return False if step is None else Pair(step[0], step[1].name)


@primitive("rewrite-fixpoint", calls=(0,))
def rewrite_fixpoint(rules: Value, expression: Value, fuel: Value = 100, strategy: Value = _TOPDOWN) -> HashTable:
    """A table of the `result` of rewriting until no rule applies, its `steps`, and whether none applies: `fixpoint?`.

    After `fuel` steps it stops in any case.
    """
    found, is_bottomup = rules_of("rewrite-fixpoint", rules), _is_bottomup("rewrite-fixpoint", 4, strategy)
    limit = count("rewrite-fixpoint", 3, fuel)
    steps = 0
    for made, _, _ in _steps(found, expression, limit, is_bottomup):
        expression, steps = made, steps + 1
    is_done = steps < limit or _step(found, expression, is_bottomup) is None
    return _table(("result", expression), ("steps", steps), ("fixpoint?", is_done))


@primitive("rewrite-trace", calls=(0,))
def rewrite_trace(rules: Value, expression: Value, fuel: Value = 100, strategy: Value = _TOPDOWN) -> List:
    """The steps that `rewrite-fixpoint` takes: a list of tables of the `expr` after it, the `rule` and the `position`.

    A position is the list of the indices that lead to the part rewritten, () for the whole expression.
    """
    found, is_bottomup = rules_of("rewrite-trace", rules), _is_bottomup("rewrite-trace", 4, strategy)
    steps = _steps(found, expression, count("rewrite-trace", 3, fuel), is_bottomup)
    return list_from(
        [_table(("expr", made), ("rule", rule.name), ("position", list_from(at))) for made, rule, at in steps]
    )


def _table(*entries: tuple[str, Value]) -> HashTable:
    return HashTable([(Symbol(name), value) for name, value in entries])


Step = tuple["Value", Rule, list[int]]


def _steps(rules: list[Rule], expression: Value, fuel: int, is_bottomup: bool) -> Iterator[Step]:
    for _ in range(fuel):
        step = _step(rules, expression, is_bottomup)
        if step is None:
            return
        expression = step[0]
        yield step


def _step(rules: list[Rule], expression: Value, is_bottomup: bool) -> Step | None:
    """The expression after one step, the rule that made it and where; None when no rule applies."""
    for path, part in _bottomup(expression) if is_bottomup else _topdown(expression):
        for rule in rules:
            made = rule.applied(part)
            if made is not ABSENT:
                indices = _indices(path)
                return _replaced(expression, indices, made), rule, indices
    return None


def parts_of(expression: Value) -> list[Value]:
    """The elements of a list, and what stands after its dot; nothing for an atom."""
    items = unlist(expression)
    if items is not None:
        return items
    if type(expression) is not Pair:
        return []
    rest, items, seen = expression, [], set()
    while type(rest) is Pair:
        if id(rest) in seen:
            raise OmegaError("a circular list can't be rewritten")
        seen.add(id(rest))
        items.append(rest.car)
        rest = rest.cdr
    return [*items, rest]


def _topdown(expression: Value) -> Iterator[tuple[Path, Value]]:
    pending: list[tuple[Path, Value]] = [(None, expression)]
    while pending:
        path, part = pending.pop()
        yield path, part
        pending += reversed([((path, i), each) for i, each in enumerate(parts_of(part))])


def _bottomup(expression: Value) -> Iterator[tuple[Path, Value]]:
    pending: list[tuple[Path, Value, bool]] = [(None, expression, False)]
    while pending:
        path, part, is_entered = pending.pop()
        inner = [] if is_entered else parts_of(part)
        if inner:
            pending.append((path, part, True))
            pending += reversed([((path, i), each, False) for i, each in enumerate(inner)])
        else:
            yield path, part


def _indices(path: Path) -> list[int]:
    indices: list[int] = []
    while path is not None:
        path, i = path
        indices.append(i)
    return indices[::-1]


def _replaced(expression: Value, indices: list[int], new: Value) -> Value:
    """The expression with the part at a position replaced."""
    around: list[tuple[Value, list[Value]]] = []
    for i in indices:
        parts = parts_of(expression)
        around.append((expression, parts))
        expression = parts[i]
    for i, (whole, parts) in zip(reversed(indices), reversed(around), strict=True):
        is_dotted = unlist(whole) is None
        parts[i] = new
        new = list_from(parts[:-1], parts[-1]) if is_dotted else list_from(parts)
    return new
