"""What one call to a model takes, and what the world is taken to be like."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from omega_runtime.calls.sampling import SAMPLES
from omega_runtime.models.embeddings import OVERHEAD, TEXT_OVERHEAD

from omegac import core
from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ONE, ZERO, Formula
from omegac.analyse.cost.amounts import Amount, Cost, repeated, unknown
from omegac.analyse.cost.sizes import (
    Anything,
    Cause,
    Datum,
    Size,
    Text,
    as_number,
    as_sequence,
    as_text,
    exactly,
    shown,
    size_of_datum,
    truth,
)
from omegac.core import Node


@attrs.frozen
class Assumptions:
    """What is taken as known: settings, prices, and what the world is like.

    `max_tokens` output tokens are asked for where a program doesn't say; a prompt has up to `overhead` tokens more than
    bytes, a system prompt `system_overhead`. `price` gives dollars per input and output token of a model (None for the
    one by default), or None when it isn't known, `embedding_price` those per token of a text that is embedded.
    `text_bytes` bounds the bytes of each token of an answer. `arguments`
    are those of the command line, `file_size` the bytes of a file, each when it is known. `budget` is what there is.
    """

    max_tokens: int = 1024
    overhead: int = 32
    system_overhead: int = 32
    text_bytes: int = 128
    price: Callable[[str | None], tuple[Formula, Formula] | None] = lambda _: None
    embedding_price: Callable[[str | None], Formula | None] = lambda _: None
    arguments: tuple[str, ...] | None = None
    file_size: Callable[[str], int | None] = lambda _: None
    budget: int | None = None


@attrs.frozen
class Asked:
    """A call: what it spends, its answer, and the fewest output tokens that it asks for."""

    cost: Cost
    answer: Size
    least_output: int


def asking(assumptions: Assumptions, node: core.Effect, prompt: Size, options: dict[str, Size]) -> Asked:
    """A call at a site, with its prompt and options."""
    text, cause = shown(prompt)
    system, system_cause = shown(options["system"]) if "system" in options else (None, None)
    overhead = assumptions.overhead + (assumptions.system_overhead if system else 0)
    high = text.high + overhead + (system.high if system else ZERO)
    output = _most_output(assumptions, options.get("max-tokens"))
    if "thinking" in options:
        thinking = as_number(options["thinking"])
        output = INFINITY if thinking is None else output + thinking.high
    if "tools" in options:
        high = INFINITY
        system_cause = Cause("what a conversation with tools says isn't followed", node.span)
    if "schema" in options:
        high = output = INFINITY
        system_cause = Cause("what an answer that has to fit a schema takes isn't followed", node.span)
    price = assumptions.price(_model_name(options.get("model")))
    dollars = INFINITY if price is None else algebra.times(high, price[0]) + algebra.times(output, price[1])
    low, most = Amount(ONE, ONE, ZERO, ONE, ZERO), Amount(ONE, high, output, high + output, dollars)
    causes = [each for each in (cause, system_cause) if each] or [Cause("how long this is isn't known", node.span)]
    cost = Cost(low, most, {id(node): (low, most)}, tuple(causes) if algebra.is_infinite(high) else ())
    least_output = _least_output(assumptions, options.get("max-tokens"))
    if "schema" in options:
        return Asked(cost, Anything(Cause("data in an answer aren't followed", node.span)), least_output)
    if "details" in options:
        return Asked(cost, Anything(Cause("what an answer came with isn't followed", node.span)), least_output)
    if node.operation == "search.op":
        return Asked(_sampled(cost, node, options), _unfollowed(node), least_output)
    answer = Text(ZERO, algebra.times(output, algebra.number(assumptions.text_bytes)))
    return Asked(cost, answer, least_output)


def embedding(assumptions: Assumptions, node: core.Effect, operand: Size, options: dict[str, Size]) -> Asked:
    """A call for the vectors of a text, or of a list of texts."""
    text, cause = shown(operand)
    sequence = as_sequence(operand) if as_text(operand) is None else None
    count = ONE if sequence is None else sequence.high
    tokens = text.high + OVERHEAD + algebra.times(count, algebra.number(TEXT_OVERHEAD))
    price = assumptions.embedding_price(_model_name(options.get("model")))
    dollars = INFINITY if price is None else algebra.times(tokens, price)
    low, most = Amount(ONE, ONE, ZERO, ONE, ZERO), Amount(ONE, tokens, ZERO, tokens, dollars)
    causes = (cause or Cause("how long this is isn't known", node.span),)
    cost = Cost(low, most, {id(node): (low, most)}, causes if algebra.is_infinite(tokens) else ())
    return Asked(cost, Anything(Cause("what vectors are like isn't followed", node.span)), 0)


def _sampled(cost: Cost, node: Node, options: dict[str, Size]) -> Cost:
    count = as_number(options.get("n", size_of_datum(SAMPLES)))
    return repeated(cost, count.low, count.high) if count else unknown(Cause("n isn't known", node.span))


def _unfollowed(node: Node) -> Size:
    return Anything(Cause("what search.op gives isn't followed", node.span))


def _most_output(assumptions: Assumptions, option: Size | None) -> Formula:
    if option is None or truth(option) is False:
        return algebra.number(assumptions.max_tokens)
    asked = as_number(option)
    return INFINITY if asked is None else asked.high


def _least_output(assumptions: Assumptions, option: Size | None) -> int:
    asked = exactly(algebra.number(assumptions.max_tokens)) if option is None else as_number(option)
    least = None if asked is None else algebra.constant(asked.low)
    return 1 if least is None else max(1, int(least))


def _model_name(option: Size | None) -> str | None:
    if isinstance(option, Datum) and option.value is not False:
        return str(option.value)
    return None
