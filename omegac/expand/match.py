"""match: patterns to core.

A clause becomes a test and then bindings: what its names stand for are ways to parts of the value, such as
(second (first value)), so that nothing has to be undone when a pattern fails half way. Only the results of the
program's own procedures, which are called once, are kept in variables.

    (match e                          (let ((value e))
      (('+ 0 x) x)          =>          (if (and (%list-of? value 3) (eq? (first value) '+) (eqv? (second value) 0))
      (_ e))                              (let ((x (third value))) x)
                                          e))
Rejected: a procedure for what comes after each failure, which nests as deep as there are clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hy.models import Expression, Symbol

from omegac import core
from omegac.core import Node, Variable
from omegac.errors import Malformed
from omegac.expand.bodies import expand_body
from omegac.expand.environment import Environment, Key, key_of
from omegac.expand.expander import Expander, fresh, sequence, variable_for
from omegac.expand.patterns import (
    All,
    Anything,
    Applied,
    Bind,
    Either,
    Fulfils,
    Items,
    Not,
    Pattern,
    RecordOf,
    Same,
    parse_pattern,
)
from omegac.expand.special import list_of, malformed, special
from omegac.forms import is_symbol
from omegac.source import Span

Way = Callable[[], Node]
"""Makes the node for a part of the value anew, as a node stands at one place only."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth")


@special("(match expression (pattern [when guard] body …) …)", 2)
def expand_match(x: Expander, form: Expression, environment: Environment) -> Node:
    """The body of the first clause whose pattern matches the value."""
    span = Span.of(form)
    value = fresh("value", Span.of(form[1]))
    node: Node = core.Call(core.Builtin("%no-match", span), (core.Reference(value, span),), span)
    later = None
    for item in reversed(form[2:]):
        node, is_last = _clause(x, list_of(item, "match"), environment, value, node)
        if is_last and later is not None:
            x.diagnostics.warning("the clauses from here on are never reached", Span.of(later))
        later = item
    return core.Let(((value, x.expand(form[1], environment)),), node, span)


def _clause(
    x: Expander, clause: Expression, environment: Environment, value: Variable, otherwise: Node
) -> tuple[Node, bool]:
    """One clause and what comes after it, and whether it matches everything."""
    has_guard = len(clause) > 1 and is_symbol(clause[1], "when")
    body = clause[3:] if has_guard else clause[1:]
    if not body:
        raise malformed("match", clause)
    span = Span.of(clause)
    matching = Matching(x, environment, span)
    # Bound, `else` wouldn't be itself in the body.
    pattern = Anything() if is_symbol(clause[0], "else") else parse_pattern(clause[0])
    matching.match(pattern, lambda: core.Reference(value, span))
    if has_guard:
        scope, names = matching.bound()
        matching.require_last(_let(names, x.expand(clause[2], scope), span))
    scope, names = matching.bound()
    then = _let(names, expand_body(x, body, scope, span), span)
    return matching.unless_matched(then, otherwise), not matching.tests


def _let(bindings: list[tuple[Variable, Node]], body: Node, span: Span) -> Node:
    return core.Let(tuple(bindings), body, span) if bindings else body


class Matching:
    """What one clause tests, in order, and what its names stand for then."""

    def __init__(self, x: Expander, environment: Environment, span: Span, outer: Matching | None = None) -> None:
        self.x = x
        self.environment = environment
        self.span = span
        self.outer = outer
        self.tests: list[Node] = []
        self.names: dict[Key, tuple[Symbol, Way]] = {}
        self._early: list[tuple[Variable, Node]] | None = []
        self._kept: list[Variable] = []
        self._pending: list[Node] = []

    def bound(self) -> tuple[Environment, list[tuple[Variable, Node]]]:
        """A scope for the names, and their variables with what they stand for."""
        scope = self.environment.inner()
        return scope, [(variable_for(name, scope), way()) for name, way in self.names.values()]

    def unless_matched(self, then: Node, otherwise: Node) -> Node:
        """`then` when all tests hold, and else `otherwise`; what is kept before the first test is bound at once."""
        node = core.If(self.test(), then, otherwise, self.span) if self.tests else then
        for binding in reversed(self._early or ()):
            node = _let([binding], node, self.span)
        return _let([(variable, core.Constant(False, self.span)) for variable in self._kept], node, self.span)

    def test(self) -> Node:
        """All tests in one."""
        if self._pending:
            self.require(core.Constant(True, self.span))
        if not self.tests:
            return core.Constant(True, self.span)
        *before, node = self.tests
        for test in reversed(before):
            node = core.If(test, node, core.Constant(False, self.span), self.span)
        return node

    def require(self, test: Node) -> None:
        """Match only where a test holds, too."""
        self.tests.append(sequence((*self._pending, test), self.span))
        self._pending = []

    def require_last(self, test: Node) -> None:
        """As `require`, for a test that takes statements: those before it are one."""
        if self.tests:
            self.tests = [self.test()]
        self.require(test)

    def match(self, pattern: Pattern, way: Way) -> None:
        """Add what a pattern tests, and binds, of the part of the value at the end of a way."""
        match pattern:
            case Bind(name=name):
                self._bind(name, way)
            case Same(value=value):
                self.require(self._call("equal?", way(), self._constant(value)))
            case Items():
                (self._match_vector if pattern.is_vector else self._match_list)(pattern, way)
            case Fulfils(predicate=predicate):
                self.require(core.Call(self.x.expand(predicate, self.environment), (way(),), self.span))
            case Applied(procedure=procedure, pattern=inner):
                result = core.Call(self.x.expand(procedure, self.environment), (way(),), self.span)
                self.match(inner, self._keep("result", result))
            case All(patterns=patterns):
                for each in patterns:
                    self.match(each, way)
            case Either(patterns=patterns):
                self._match_either(patterns, way)
            case Not(pattern=inner):
                self._match_not(inner, way)
            case RecordOf():
                self._match_record(pattern, way)

    def _bind(self, name: Symbol, way: Way) -> None:
        known = self._known(key_of(name))
        if known is None:
            self.names[key_of(name)] = (name, way)
        else:
            self.require(self._call("equal?", way(), known()))

    def _known(self, key: Key) -> Way | None:
        """What a name stands for already, also around an ellipsis."""
        if key in self.names:
            return self.names[key][1]
        return None if self.outer is None else self.outer._known(key)

    def _match_list(self, pattern: Items, way: Way) -> None:
        count = len(pattern.before)
        if pattern.repeated is not None:
            size = count + len(pattern.after)
            self.require(self._call("%list-from?", way(), self._constant(size)))
        elif pattern.tail is None:
            self.require(self._call("%list-of?", way(), self._constant(count)))
        elif count == 1:
            self.require(self._call("pair?", way()))
        elif count:
            self.require(self._call("%starts-with?", way(), self._constant(count)))
        for i, each in enumerate(pattern.before):
            self.match(each, self._element(way, i))
        if pattern.repeated is not None:
            self._match_repeated(pattern.repeated, self._middle(way, count, len(pattern.after)))
            for i, each in enumerate(reversed(pattern.after), 1):
                self.match(each, lambda i=i: self._call("%from-end", way(), self._constant(i)))  # type: ignore[misc]
        elif pattern.tail is not None:
            self.match(pattern.tail, self._after(way, count))

    def _element(self, way: Way, i: int) -> Way:
        if i < len(_ORDINALS):
            return lambda: self._call(_ORDINALS[i], way())
        return lambda: self._call("list-ref", way(), self._constant(i))

    def _after(self, way: Way, count: int) -> Way:
        if count == 0:
            return way
        if count == 1:
            return lambda: self._call("cdr", way())
        return lambda: self._call("list-tail", way(), self._constant(count))

    def _middle(self, way: Way, before: int, after: int) -> Way:
        if not after:
            return self._after(way, before)
        return lambda: self._call("%middle", way(), self._constant(before), self._constant(after))

    def _match_vector(self, pattern: Items, way: Way) -> None:
        if pattern.repeated is not None:
            self.require(self._call("vector?", way()))
            items = self._keep("items", self._call("vector->list", way()))
            self._match_list(Items(pattern.before, pattern.repeated, pattern.after), items)
            return
        self.require(self._call("%vector-of?", way(), self._constant(len(pattern.before))))
        for i, each in enumerate(pattern.before):
            self.match(each, lambda i=i: self._call("vector-ref", way(), self._constant(i)))  # type: ignore[misc]

    def _match_repeated(self, pattern: Pattern, items: Way) -> None:
        """Match each element of a list; a name stands for the list of what it stands for in each."""
        if isinstance(pattern, Anything):
            return
        if isinstance(pattern, Bind) and self._known(key_of(pattern.name)) is None:
            self._bind(pattern.name, items)
            return
        element = fresh("element", self.span)
        inner = Matching(self.x, self.environment, self.span, self)
        inner.match(pattern, lambda: core.Reference(element, self.span))
        row = self._call("list", *[way() for _, way in inner.names.values()])
        body = inner.unless_matched(row, core.Constant(False, self.span))
        procedure = core.Lambda((element,), None, body, self.span, "matched")
        columns = self._call("%match-each", procedure, items(), self._constant(len(inner.names)))
        found = self._keep_if_true("columns", columns)
        for i, (key, (name, _)) in enumerate(inner.names.items()):
            self.names[key] = (name, self._column(found, i))

    def _column(self, found: Way, i: int) -> Way:
        return lambda: core.Inline("item", (found(), self._constant(i)), self.span)

    def _match_either(self, patterns: Sequence[Pattern], way: Way) -> None:
        """Match some of the patterns; the number of the one that did is kept when names depend on it."""
        parts = [self._part(pattern, way) for pattern in patterns]
        names = parts[0].names
        if any(part.names.keys() != names.keys() for part in parts):
            raise Malformed("the patterns of an or bind the same names", self.span)
        node: Node = self._constant(False)
        for i, part in reversed(list(enumerate(parts))):
            node = core.If(part.test(), self._constant(i if names else True), node, self.span)
        if not names:
            self.require(node)
            return
        which = self._keep_if_true("which", node)
        for key, (name, _) in names.items():
            self._bind(name, self._chosen(which, [part.names[key][1] for part in parts]))

    def _chosen(self, which: Way, ways: list[Way]) -> Way:
        """What a name stands for, by the number of the pattern that matched."""

        def way() -> Node:
            node = ways[-1]()
            for i in reversed(range(len(ways) - 1)):
                node = core.If(self._call("=", which(), self._constant(i)), ways[i](), node, self.span)
            return node

        return way

    def _match_not(self, pattern: Pattern, way: Way) -> None:
        part = self._part(pattern, way)
        if part.names:
            name = next(iter(part.names.values()))[0]
            raise Malformed(f"a pattern inside of a not binds nothing, but {name} is a name", self.span, "write _")
        self.require(self._call("not", part.test()))

    def _part(self, pattern: Pattern, way: Way) -> Matching:
        """Some of this clause's tests, apart from the others."""
        part = Matching(self.x, self.environment, self.span, self)
        part._kept, part._early = self._kept, None
        part.match(pattern, way)
        return part

    def _match_record(self, pattern: RecordOf, way: Way) -> None:
        variable = self.environment.lookup(pattern.type)
        fields = self.x.record_types.get(variable) if isinstance(variable, Variable) else None
        if fields is None or not isinstance(variable, Variable):
            raise Malformed(f"{pattern.type} is no record type of this program", Span.of(pattern.type))
        if len(pattern.fields) != len(fields):
            count = f"{len(fields)} field{'' if len(fields) == 1 else 's'}"
            raise Malformed(f"{pattern.type} has {count}, but the pattern {len(pattern.fields)}", self.span)
        self.require(self._record("is-record", variable, way))
        for field, each in zip(fields, pattern.fields, strict=True):
            facts = (fields, field, None)
            self.match(each, lambda facts=facts: self._record("record-field", variable, way, facts))  # type: ignore[misc]

    def _record(self, operation: str, record: Variable, way: Way, facts: Any = None) -> Node:
        operands = (core.Reference(record, self.span), way(), *([] if facts is None else [self._constant(facts)]))
        return core.Inline(operation, operands, self.span)

    def _keep(self, name: str, node: Node) -> Way:
        """A variable that gets a node's value before the next test."""
        variable = fresh(name, self.span)
        if self._early is not None and not self.tests:
            self._early.append((variable, node))
        else:
            self._kept.append(variable)
            self._pending.append(core.Assignment(variable, node, self.span))
        return lambda: core.Reference(variable, self.span)

    def _keep_if_true(self, name: str, node: Node) -> Way:
        """A variable that gets a node's value, which must not be #f."""
        variable = fresh(name, self.span)
        if self._early is not None:
            self.require_last(node)
            self._early.append((variable, self.test()))
            self.tests = [core.Reference(variable, self.span)]
        else:
            self._kept.append(variable)
            self._pending.append(core.Assignment(variable, node, self.span))
            self.require(core.Reference(variable, self.span))
        return lambda: core.Reference(variable, self.span)

    def _constant(self, value: Any) -> core.Constant:
        return core.Constant(value, self.span)

    def _call(self, name: str, *operands: Node) -> Node:
        return core.Call(core.Builtin(name, self.span), operands, self.span)
