"""What a run may spend, known before it begins: `--plan`, and budgets that are surely too small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from omega_runtime import settings
from omega_runtime.control.deep import deep
from omega_runtime.values.errors import OmegaError

from omegac.cli.failures import BUDGET_EXCEEDED, say
from omegac.modules import Program, surroundings_of

# Larger budgets hold more calls than the start of a run is worth being delayed for.
_SMALL = 500
_MILLION = 1_000_000
# Procedures after which equal prompts are answered by the cache, so that calls may be fewer than they seem.
_CACHING = ("caching", "emergency-mode", "degrade", "execute")


def show_plan(program: Program, arguments: list[str], budget: Mapping[str, Any]) -> None:
    """Print the bounds of a run with its actual arguments and files."""
    from omegac.cli.costs import plan_text

    bounds = _bounds(program, arguments, budget)
    click.echo(plan_text(bounds, program.name, budget), nl=False)


def refuse_too_small(program: Program, arguments: list[str], budget: Mapping[str, Any]) -> None:
    """End the command when a run surely needs more tokens than its budget has; nothing is spent then."""
    tokens = budget.get("tokens")
    # What the first call needs is refused there, before anything is spent.
    if not isinstance(tokens, int) or not settings.active.floor < tokens <= _SMALL or not program.has_model_calls:
        return
    from omegac.analyse.cost import algebra

    run = _bounds(program, arguments, budget).run
    calls, least = algebra.constant(run.low.calls), algebra.constant(run.low.tokens)
    if not calls or calls < 2 or least is None or any(word in program.text for word in _CACHING):
        return
    needed = int(least) + min([settings.active.floor, *(each.least_output for each in run.sites)])
    if needed > tokens:
        say(
            f"this run makes at least {int(calls):,} calls to the model and needs {needed:,} tokens; "
            f"the budget is {tokens:,}. Nothing was sent. (--plan shows what it may spend)"
        )
        raise SystemExit(BUDGET_EXCEEDED)


def _bounds(program: Program, arguments: list[str], budget: Mapping[str, Any]) -> Any:
    from omegac.analyse.cost.bounds import bounds_of
    from omegac.pipeline import analysed
    from omegac.source import Source

    tokens = budget.get("tokens")
    assumed = assumptions(tuple(arguments), tokens if isinstance(tokens, int) else None)
    source = Source(program.name, program.text)
    unit = analysed(source, surroundings_of(source))
    return deep(bounds_of, unit.program, unit.facts, assumed)


def assumptions(arguments: tuple[str, ...] | None = None, budget: int | None = None, is_priced: bool = True) -> Any:
    """What the settings say of calls, with the arguments of a run and the files that it may read, if known."""
    import attrs

    from omegac.analyse.cost.asking import Assumptions

    active = settings.active
    return attrs.evolve(
        Assumptions(),
        **_overheads(),
        max_tokens=active.max_tokens,
        price=_rates if is_priced else (lambda _: None),
        embedding_price=_embedding_rate if is_priced else (lambda _: None),
        arguments=arguments,
        file_size=_file_size if arguments is not None else (lambda _: None),
        budget=budget,
    )


def _overheads() -> dict[str, int]:
    """What is added to prompts, where OpenAI or a server like it may be asked; that is more than others add."""
    from omega_runtime.models.openai import OpenAIProvider, can_ask

    if not can_ask():
        return {}
    return {"overhead": OpenAIProvider.overhead, "system_overhead": OpenAIProvider.system_overhead}


def _rates(model: str | None) -> tuple[Any, Any] | None:
    """US dollars per token of input and of output, the dearest case; None when the price isn't known."""
    from omega_runtime.models.choose import PREFIX, choose
    from omega_runtime.models.prices import price_of, price_under

    from omegac.analyse.cost import algebra

    try:
        provider, name = choose(settings.active, model)
        price = price_under(settings.active, provider, name)
    except OmegaError:  # prices are known without a key, too
        wanted = model or settings.active.model or ""
        biller = "openai" if wanted.startswith(PREFIX) else "anthropic"
        price = price_of(wanted.removeprefix(PREFIX), biller)
    if price is None:
        return None
    once = price.worst(_MILLION, 0)
    both = price.worst(_MILLION, _MILLION)
    return algebra.dollars(once) / _MILLION, algebra.dollars(both - once) / _MILLION


def _embedding_rate(model: str | None) -> Any:
    """US dollars per token that is embedded; None when the price isn't known."""
    from omega_runtime.models.choose import PREFIX
    from omega_runtime.models.embeddings import DEFAULT_MODEL, choose_embeddings
    from omega_runtime.models.prices import price_of, price_under

    from omegac.analyse.cost import algebra

    try:
        provider, name = choose_embeddings(settings.active, model)
        price = price_under(settings.active, provider, name, has_output=False)
    except OmegaError:  # prices are known without a key, too
        price = price_of((model or DEFAULT_MODEL).removeprefix(PREFIX), "openai", has_output=False)
    return None if price is None else algebra.dollars(price.worst(_MILLION, 0)) / _MILLION


def _file_size(path: str) -> int | None:
    """The bytes that the ledger counts for a text file, when the program may read it."""
    from omega_runtime.models.provider import text_bound
    from omega_runtime.world.access import read_text_file

    try:
        return text_bound(read_text_file(path, "--plan"))
    except OmegaError:
        return None
