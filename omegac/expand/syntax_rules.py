"""syntax-rules (R7RS section 4.3.2): patterns, templates, nested ellipses, literals, custom ellipsis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from hy.models import Expression, Object, Symbol

from omegac.errors import Malformed
from omegac.expand.environment import Alias, Environment, Macro, key_of
from omegac.expand.fuel import Fuel
from omegac.forms import Dotted, VectorForm, copy_place, size_of, text_of
from omegac.source import Span

Matches = dict[Any, Any]
# Forms that are passed on as they are take this part of the time that those in a larger template take.
_TOGETHER = 8


@attrs.frozen(eq=False)
class _Rules:
    """What all rules of one macro share."""

    name: str
    ellipsis: Any
    literals: frozenset[Any]
    environment: Environment

    def is_ellipsis(self, form: object) -> bool:
        if not isinstance(form, Symbol) or self.ellipsis is None or self.ellipsis in self.literals:
            return False
        # A macro that writes macros introduces its dots as aliases.
        return key_of(form) == self.ellipsis or (self.ellipsis == "..." and str(form) == "...")


@attrs.frozen(eq=False)
class _Use:
    """A use of the macro, where it stands, and what its expansion costs."""

    form: Expression
    environment: Environment
    fuel: Fuel

    def burn(self, *, made: int = 0, passed_on: int = 0) -> None:
        """Account for forms that the expansion makes or passes on."""
        self.fuel.burn(self.form, made=made, passed_on=passed_on)


@attrs.frozen(eq=False)
class _Rule:
    pattern: Object
    template: Object
    depths: dict[Any, int]


def syntax_rules(name: str, form: Expression, environment: Environment) -> Macro:
    """The macro that a `(syntax-rules [ellipsis] (literal …) (pattern template) …)` form defines."""
    parts: Sequence[Object] = form[1:]
    ellipsis: Any = "..."
    if parts and isinstance(parts[0], Symbol):
        ellipsis, parts = key_of(parts[0]), parts[1:]
    if not parts or not isinstance(parts[0], Expression):
        raise Malformed("malformed syntax-rules: expected (syntax-rules (literal …) rule …)", Span.of(form))
    for literal in parts[0]:
        if not isinstance(literal, Symbol):
            raise Malformed("a literal of syntax-rules must be a symbol", Span.of(literal))
    shared = _Rules(name, ellipsis, frozenset(key_of(item) for item in parts[0]), environment)
    rules = [_rule(shared, item) for item in parts[1:]]

    def transform(form: Expression, use_environment: Environment, fuel: Fuel) -> Object:
        fuel.use(name, form)
        use = _Use(form, use_environment, fuel)
        for rule in rules:
            matches: Matches = {}
            use.burn(passed_on=1)
            if _match(shared, _arguments(rule.pattern), _arguments(form), use, matches):
                return _Instance(shared, use).build(rule.template, matches)
        raise Malformed(f"no rule of the macro {name} fits {_short(form)}", Span.of(form))

    return Macro(name, transform, _assigned(rules))


def _assigned(rules: Sequence[_Rule]) -> frozenset[Symbol]:
    """The symbols of templates that have a `set!`: one of these may be its target."""
    found: set[Symbol] = set()
    for rule in rules:
        symbols = list(_symbols(rule.template))
        if any(str(symbol) == "set!" for symbol in symbols):
            found.update(symbols)
    return frozenset(found)


def _symbols(template: Object) -> Iterator[Symbol]:
    if isinstance(template, Symbol):
        yield template
    elif _is_compound(template):
        for item in template:
            yield from _symbols(item)


def _short(form: Expression) -> str:
    text = text_of(form) if size_of(form) <= 1000 else f"({form[0]} …)"
    return text if len(text) <= 60 else text[:59] + "…"


def _arguments(form: Object) -> Object:
    """A pattern or use without its first item, which is the macro's name."""
    rest = form[1:]
    if isinstance(form, Dotted):
        return copy_place(Dotted(rest), form) if len(rest) > 1 else rest[0]
    return copy_place(Expression(rest), form)


def _rule(shared: _Rules, form: Object) -> _Rule:
    if not isinstance(form, Expression) or len(form) != 2:
        raise Malformed("a rule of syntax-rules is (pattern template)", Span.of(form))
    pattern, template = form
    if not isinstance(pattern, Expression | Dotted) or not pattern:
        raise Malformed("a pattern of syntax-rules is a list that starts with the macro's name", Span.of(pattern))
    depths: dict[Any, int] = {}
    for variable, depth in _variables(shared, _arguments(pattern), 0):
        if key_of(variable) in depths:
            raise Malformed(f"the pattern variable {variable} stands twice", Span.of(variable))
        depths[key_of(variable)] = depth
    _check_template(shared, template, depths, 0)
    return _Rule(pattern, template, depths)


def _parts(form: Object) -> tuple[Sequence[Object], Object | None]:
    """The items of a list or vector form, and its dotted tail."""
    return (form[:-1], form[-1]) if isinstance(form, Dotted) else (form, None)


def _is_compound(form: Object) -> bool:
    return isinstance(form, Expression | Dotted | VectorForm)


def _variables(shared: _Rules, pattern: Object, depth: int) -> Iterator[tuple[Symbol, int]]:
    """The pattern variables with the number of ellipses that each is under."""
    if isinstance(pattern, Symbol):
        if key_of(pattern) not in shared.literals and str(pattern) != "_" and not shared.is_ellipsis(pattern):
            yield pattern, depth
    elif _is_compound(pattern):
        items, tail = _parts(pattern)
        if sum(shared.is_ellipsis(item) for item in items) > 1:
            raise Malformed("a list pattern has one ellipsis at most", Span.of(pattern))
        for i, item in enumerate(items):
            followed = i + 1 < len(items) and shared.is_ellipsis(items[i + 1])
            yield from _variables(shared, item, depth + followed)
        if tail is not None:
            yield from _variables(shared, tail, depth)


def _check_template(shared: _Rules, template: Object, depths: dict[Any, int], depth: int) -> None:
    """Raises Malformed when a pattern variable stands under too few ellipses."""
    if isinstance(template, Symbol):
        needed = depths.get(key_of(template), 0)
        if needed > depth:
            raise Malformed(f"{template} needs an ellipsis after it in the template", Span.of(template))
    elif _is_compound(template):
        items, tail = _parts(template)
        if len(items) == 2 and shared.is_ellipsis(items[0]):
            return
        for item, ellipses in _with_ellipses(shared, items):
            _check_template(shared, item, depths, depth + ellipses)
        if tail is not None:
            _check_template(shared, tail, depths, depth)


def _with_ellipses(shared: _Rules, items: Sequence[Object]) -> Iterator[tuple[Object, int]]:
    """Each item of a template with the number of ellipses after it."""
    i = 0
    while i < len(items):
        end = i + 1
        while end < len(items) and shared.is_ellipsis(items[end]):
            end += 1
        if shared.is_ellipsis(items[i]):
            raise Malformed("an ellipsis must follow something", Span.of(items[i]))
        yield items[i], end - i - 1
        i = end


def _match(shared: _Rules, pattern: Object, form: Object, use: _Use, found: Matches) -> bool:
    """Whether the form fits; the pattern variables' values are added to `found`."""
    if isinstance(pattern, Symbol):
        if key_of(pattern) in shared.literals:
            return isinstance(form, Symbol) and _same(pattern, shared.environment, form, use.environment)
        if str(pattern) != "_":
            found[key_of(pattern)] = form
        return True
    if not _is_compound(pattern):
        return type(pattern) is type(form) and bool(pattern == form)
    if isinstance(pattern, VectorForm) != isinstance(form, VectorForm) or not _is_compound(form):
        return False
    return _match_items(shared, pattern, form, use, found)


def _same(literal: Symbol, definition: Environment, form: Symbol, use: Environment) -> bool:
    """Whether two identifiers mean the same thing, each in its place."""
    return definition.lookup(literal) == use.lookup(form)


def _match_items(shared: _Rules, pattern: Object, form: Object, use: _Use, found: Matches) -> bool:
    patterns, pattern_tail = _parts(pattern)
    forms, form_tail = _parts(form)
    at = next((i for i, item in enumerate(patterns) if shared.is_ellipsis(item)), None)
    required = len(patterns) if at is None else len(patterns) - 2
    if len(forms) < required or (at is None and pattern_tail is None and len(forms) > required):
        return False
    if pattern_tail is None and form_tail is not None:
        return False
    before = required if at is None else at - 1
    for item, part in zip(patterns[:before], forms, strict=False):
        if not _match(shared, item, part, use, found):
            return False
    taken = before
    if at is not None:
        taken = len(forms) - (len(patterns) - at - 1)
        if not _match_each(shared, patterns[at - 1], forms[before:taken], use, found):
            return False
        for item, part in zip(patterns[at + 1 :], forms[taken:], strict=True):
            if not _match(shared, item, part, use, found):
                return False
        taken = len(forms)
    if pattern_tail is None:
        return True
    return _match(shared, pattern_tail, _rest(forms[taken:], form_tail, form), use, found)


def _match_each(shared: _Rules, pattern: Object, forms: Sequence[Object], use: _Use, found: Matches) -> bool:
    """Whether each form fits the pattern before an ellipsis; its variables get the lists of what they stand for."""
    variables = [key_of(variable) for variable, _ in _variables(shared, pattern, 0)]
    use.burn(passed_on=len(forms) // (_TOGETHER if isinstance(pattern, Symbol) else 1))
    if variables and isinstance(pattern, Symbol):
        found[variables[0]] = list(forms)
        return True
    repeated: list[Matches] = []
    for form in forms:
        repeated.append({})
        if not _match(shared, pattern, form, use, repeated[-1]):
            return False
    for variable in variables:
        found[variable] = [matches[variable] for matches in repeated]
    return True


def _rest(items: Sequence[Object], tail: Object | None, place: Object) -> Object:
    """What a dotted pattern's tail is matched with."""
    if tail is None:
        return copy_place(Expression(items), place)
    return copy_place(Dotted([*items, tail]), place) if items else tail


class _Instance:
    """One expansion: a template's own symbols become aliases, the same symbol always the same alias."""

    def __init__(self, shared: _Rules, use: _Use) -> None:
        self.shared = shared
        self.use = use
        self.aliases: dict[Any, Alias] = {}

    def build(self, template: Object, matches: Matches) -> Object:
        """The template with pattern variables replaced; what the template adds is placed at the use."""
        if isinstance(template, Symbol):
            if key_of(template) in matches:
                return matches[key_of(template)]
            return self._alias(template)
        if not _is_compound(template):
            return self._placed(_copy(template))
        items, tail = _parts(template)
        self.use.burn(made=1, passed_on=len(items))
        if len(items) == 2 and tail is None and self.shared.is_ellipsis(items[0]):
            literal = attrs.evolve(self.shared, ellipsis=None)
            return self._with(literal).build(items[1], matches)
        built: list[Object] = []
        for item, ellipses in _with_ellipses(self.shared, items):
            built.extend(self._repeat(item, ellipses, matches))
        return self._placed(self._compound(template, built, tail, matches))

    def _placed(self, form: Any) -> Any:
        """A form that this expansion makes, with the place of the use and one level deeper in macros."""
        copy_place(form, self.use.form)
        form.expansion_depth += 1
        return form

    def _with(self, shared: _Rules) -> _Instance:
        instance = _Instance(shared, self.use)
        instance.aliases = self.aliases
        return instance

    def _compound(self, template: Object, built: list[Object], tail: Object | None, matches: Matches) -> Object:
        if tail is None:
            return type(template)(built)
        end = self.build(tail, matches)
        if isinstance(end, Expression | Dotted):
            return type(end)([*built, *end])
        return Dotted([*built, end])

    def _alias(self, symbol: Symbol) -> Alias:
        key = key_of(symbol)
        if key not in self.aliases:
            self._placed(Alias(symbol, self.shared.environment, self.aliases))
        # Whoever looks it up looks up all that it stands for.
        self.use.burn(passed_on=self.aliases[key].layers)
        return self.aliases[key]

    def _repeat(self, item: Object, ellipses: int, matches: Matches) -> list[Object]:
        """The instances of an item followed by `ellipses` ellipses."""
        if ellipses == 0:
            return [self.build(item, matches)]
        if ellipses == 1 and isinstance(item, Symbol) and isinstance(parts := matches.get(key_of(item)), list):
            self.use.burn(passed_on=len(parts) // _TOGETHER)
            return parts
        results: list[Object] = []
        for step in self._steps(item, matches):
            results.extend(self._repeat(item, ellipses - 1, step))
        return results

    def _steps(self, item: Object, matches: Matches) -> list[Matches]:
        """The matches for each repetition: variables that hold sequences take one element each."""
        keys = [key for key in map(key_of, _symbols(item)) if isinstance(matches.get(key), list)]
        if not keys:
            raise Malformed(
                f"an ellipsis in the template of {self.shared.name} follows nothing that repeats",
                Span.of(item),
            )
        lengths = {len(matches[key]) for key in keys}
        if len(lengths) > 1:
            raise Malformed(
                f"{self.shared.name}: sequences under one ellipsis differ in length", Span.of(self.use.form)
            )
        count = lengths.pop()
        self.use.burn(passed_on=count * (1 + len(matches) // _TOGETHER))
        return [{**matches, **{key: matches[key][i] for key in keys}} for i in range(count)]


def _copy(form: Object) -> Object:
    """A constant of a template as a new object, so that it can have the place of the use."""
    from copy import copy

    return copy(form)
