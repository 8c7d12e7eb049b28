"""`omegac models`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import omega_runtime
from omega_runtime import settings
from omega_runtime.models.anthropic import DEFAULT_MODEL, AnthropicProvider
from omega_runtime.models.choose import PREFIX, asks_openai, is_there
from omega_runtime.models.openai import OpenAIProvider
from omega_runtime.models.prices import context_window, price_under
from omega_runtime.models.provider import Provider
from omega_runtime.models.reply import Reply
from omega_runtime.money import dollar_text, dollars
from omega_runtime.settings.ladder import tier_of

from omegac.cli.failures import fail
from omegac.cli.tables import add_row, console, new_table

_KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}
# A price is read off so many tokens: few enough for the rate of short prompts.
_SAMPLE = 1_000


class _Line(NamedTuple):
    """What is told of a model: names, and prices of a million tokens with the context size as texts."""

    model: str
    tier: str
    answers: str
    key: str
    input: str
    output: str
    context: str


@click.command("models")
def command() -> None:
    """Tell which models there are by the settings here: tiers, prices of a million tokens, context sizes, keys.

    Any other name that starts with "claude" is asked for as well, and with a key any other model of OpenAI's.
    """
    try:
        omega_runtime.configure_from(Path())
        lines = [_line(name) for name in _names()]
    except omega_runtime.OmegaError as error:
        fail(str(error))
    table = new_table(("model", "tier", "answers", "key"), ("input", "output", "context"))
    for line in lines:
        add_row(table, (line.model, line.tier, line.answers, line.key), (line.input, line.output, line.context))
    console().print(table)
    chosen = settings.active.model or (DEFAULT_MODEL if os.environ.get(_KEYS["anthropic"]) else "offline")
    click.echo(f"\nCalls that name no model go to {chosen}.")


def _names() -> Iterator[str]:
    """The names on the ladder that are no patterns, those with prices of their own, the configured one, offline."""
    active = settings.active
    ladder = [model for _, models in active.ladder for model in models]
    own = [*active.prices, *([active.model] if active.model else [])]
    yield from dict.fromkeys([*(name for name in (*ladder, *own) if "*" not in name and name != "offline"), "offline"])


def _line(name: str) -> _Line:
    active = settings.active
    place = tier_of(active.ladder, name)
    tier = "" if place is None else active.ladder[place][0]
    if name == "offline":
        return _Line(name, tier, "this machine", "none", "$0.00", "$0.00", "")
    used = name
    if place is not None and not name.startswith("claude") and not asks_openai(name):
        models = active.ladder[place][1]
        used = next((each for each in models if "*" not in each and is_there(active, each)), models[0])
    provider = OpenAIProvider("", None) if asks_openai(used) else AnthropicProvider("", None)
    answers = provider.name if used == name else used
    variable = _KEYS[provider.name]
    key = f"{variable}{'' if os.environ.get(variable) else ' (not set)'}"
    model = used.removeprefix(PREFIX)
    rates = _rates(provider, model)
    window = context_window(model, provider.biller)
    return _Line(name, tier, answers, key, *rates, "?" if window is None else f"{window:,}")


def _rates(provider: Provider, model: str) -> tuple[str, str]:
    """The prices of a million tokens of input and of output, as texts."""
    # Nothing is asked, so that no key is needed.
    price = price_under(settings.active, provider, model)
    if price is None:
        return "?", "?"
    costs = price.of(Reply("", _SAMPLE, 0)), price.of(Reply("", 0, _SAMPLE))
    read, written = (dollar_text(dollars(cost * 1_000_000 // _SAMPLE)) for cost in costs)
    return read, written
