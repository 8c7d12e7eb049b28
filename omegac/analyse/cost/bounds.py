"""The bounds of a program: of running it, and of calling each of its procedures, as data that reports are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import Formula
from omegac.analyse.cost.amounts import Amount, Cost, cost_of
from omegac.analyse.cost.asking import Assumptions
from omegac.analyse.cost.evaluate import Evaluator, run_toplevel
from omegac.analyse.cost.sizes import Cause, Closure, given
from omegac.analyse.facts import Facts
from omegac.source import Span

_BYTES_PER_CHARACTER = 4


@attrs.frozen
class Branches:
    """A test whose outcome decides what is spent."""

    span: Span
    holds: Amount
    fails: Amount


@attrs.frozen
class SiteBound:
    """What one call site may spend within a procedure or a program.

    `least_output` are the fewest output tokens that one of its calls asks for.
    """

    operation: str
    span: Span
    low: Amount
    high: Amount
    least_output: int


@attrs.frozen
class Bound:
    """What calling a procedure may spend, or running the program (`name` is None then); `parameters` are its own names.

    `low` holds for runs that end without an error.
    """

    name: str | None
    parameters: tuple[str, ...]
    span: Span
    low: Amount
    high: Amount
    causes: tuple[Cause, ...]
    sites: tuple[SiteBound, ...]
    branches: tuple[Branches, ...]

    @property
    def is_free(self) -> bool:
        """Whether no model is ever called."""
        return self.high == Amount() and not self.causes

    @property
    def is_exact(self) -> bool:
        """Whether the number of calls is known as one formula."""
        return bool(self.low.calls == self.high.calls)

    @property
    def order(self) -> str:
        """How the number of calls grows."""
        return algebra.order(self.high.calls)

    def with_sizes(self, sizes: Sizes) -> Bound:
        """The bound where sizes are known."""

        def known(amount: Amount) -> Amount:
            return amount.map(sizes.applied)

        return attrs.evolve(
            self,
            low=known(self.low),
            high=known(self.high),
            sites=tuple(attrs.evolve(each, low=known(each.low), high=known(each.high)) for each in self.sites),
            branches=tuple(
                attrs.evolve(each, holds=known(each.holds), fails=known(each.fails)) for each in self.branches
            ),
        )


@attrs.frozen
class Sizes:
    """Sizes that are assumed: `named` by path (`documents`, `documents[]`), or for all texts.

    `named` counts elements, or is the value of a number; of what is a text it counts bytes. Pairs are only counted by a
    name such as `pairs(tree)`.
    """

    named: Mapping[str, int]
    text_bytes: int | None = None

    @property
    def is_given(self) -> bool:
        """Whether any size is known."""
        return bool(self.named) or self.text_bytes is not None

    def applied(self, formula: Formula) -> Formula:
        """The formula with these sizes put in."""
        values: dict[str, int] = {}
        for name in algebra.named([formula]):
            path = name.partition("(")[2].rstrip(")") if "(" in name else name
            if name in self.named:
                values[name] = self.named[name]
            elif path in self.named and not name.startswith("pairs("):
                values[name] = self.named[path]
            elif name.startswith("bytes(") and self.text_bytes is not None:
                values[name] = self.text_bytes
        return algebra.value_at(formula, values)

    @classmethod
    def of(cls, assumed: Iterable[str]) -> Sizes:
        """From texts such as `documents=100`, `documents[]=4000`, `chars=4000` and `bytes=4000`.

        `chars` and `bytes` are for all texts that aren't named; a character has up to 4 bytes. Raises ValueError.
        """
        named: dict[str, int] = {}
        text_bytes = None
        for each in assumed:
            name, equals, value = each.partition("=")
            digits = value.replace("_", "").strip()
            if not equals or not name.strip() or not digits.isdecimal():
                raise ValueError(f"{each!r} is no assumption; write NAME=SIZE, as in documents=100 or chars=4000")
            size = int(digits)
            if name.strip() in ("chars", "bytes"):
                text_bytes = size * (_BYTES_PER_CHARACTER if name.strip() == "chars" else 1)
            else:
                named[name.strip()] = size
        return cls(named, text_bytes)


@attrs.frozen
class Bounds:
    """The bounds of a program: `run` of running it, `procedures` of calling those of its top level, in order."""

    run: Bound
    procedures: tuple[Bound, ...]

    def __iter__(self) -> Iterator[Bound]:
        return iter((*self.procedures, self.run))

    def with_sizes(self, sizes: Sizes) -> Bounds:
        """The bounds where sizes are known."""
        return Bounds(self.run.with_sizes(sizes), tuple(each.with_sizes(sizes) for each in self.procedures))


def bounds_of(program: core.Program, facts: Facts, assumptions: Assumptions | None = None) -> Bounds:
    """The bounds of a resolved program; deep programs need `omega_runtime.deep` around."""
    evaluator = Evaluator(facts, program, assumptions or Assumptions())
    run = _bound(None, (), Span(1, 1, 1, 1), cost_of(run_toplevel(evaluator, program)), evaluator)
    procedures = []
    for item in program.definitions:
        if isinstance(item.value, core.Lambda):
            evaluator.start_over()
            procedures.append(_bound_of_procedure(item, item.value, evaluator))
    return Bounds(run, tuple(procedures))


def _bound_of_procedure(item: core.Define, procedure: core.Lambda, evaluator: Evaluator) -> Bound:
    names = [variable.name for variable in procedure.parameters]
    arguments = tuple(given(name) for name in names)
    ways = evaluator.call(Closure(procedure, evaluator.toplevel), arguments, procedure)
    rest = () if procedure.rest is None else (f". {procedure.rest.name}",)
    return _bound(item.variable.name, (*names, *rest), procedure.span, cost_of(ways), evaluator)


def _bound(name: str | None, parameters: tuple[str, ...], span: Span, cost: Cost, evaluator: Evaluator) -> Bound:
    sites = [
        SiteBound(evaluator.sites[site].operation, evaluator.sites[site].span, low, high, evaluator.least_outputs[site])
        for site, (low, high) in cost.sites.items()
        if site in evaluator.sites
    ]
    branches = [
        Branches(node.span, holds.high, fails.high)
        for node, (holds, fails) in evaluator.branches.items()
        if holds.high != fails.high and not name
    ]
    return Bound(
        name,
        parameters,
        span,
        cost.low,
        cost.high,
        cost.causes if algebra.is_infinite(cost.high.tokens) or algebra.is_infinite(cost.high.calls) else (),
        tuple(sorted(sites, key=lambda each: (each.span.line, each.span.column))),
        tuple(branches),
    )
