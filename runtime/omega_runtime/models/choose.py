"""Which provider answers a call."""

from __future__ import annotations

import os
import sys

from omega_runtime.settings import Restore, configure
from omega_runtime.settings.ladder import tier_of
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.models.provider import Provider
    from omega_runtime.models.reply import Reply
    from omega_runtime.settings import Settings

PREFIX = "openai:"
"""What the names of models begin with that are asked for at OpenAI, or a server like it, whatever they are called."""

_is_offline_announced = False

# Names of which something was said, such as that the ladder's model answers, or that need no notice.
_announced: set[str] = set()


def use_model(function: Callable[..., str | Reply] | None) -> Restore:
    """Make a Python function the model of the whole process; it gives a string or a `Reply`.

    `function(prompt)` gets the prompt; further parameters called system, max_tokens, stop, model and messages get
    these, one called request a `ModelRequest` with all of them. A system prompt that it doesn't take is put in front
    of the prompt, and where it doesn't take stop its answer is cut at the first stop text. None goes back to choosing
    by name.
    As a context manager it restores the previous model at its end. Raises OmegaError for anything that cannot be
    called, for async functions, and for parameters that nothing is known for.
    """
    if function is None:
        return configure(provider=None)
    if not callable(function):
        raise OmegaError(f"use_model: the model must be a function, but got {function!r}")
    from omega_runtime.models.function import FunctionProvider

    return configure(provider=FunctionProvider(function))


def choose(
    settings: Settings, model: str | None, note: Callable[[str, str], None] | None = None
) -> tuple[Provider, str]:
    """The provider for a model name (None: the configured one, or what is there), and the name to ask it for.

    In order: the configured provider, which is also where the function given to `use_model` is; the provider of
    that name, OpenAI's before the ladder's when OPENAI_API_KEY is set; without a name, anthropic when ANTHROPIC_API_KEY
    is set, otherwise the offline model. `note` hears of another model that answers for a name that is not available.
    Raises OmegaError for an unknown name.
    """
    provider = settings.provider
    name = model or settings.model
    if provider is not None:
        return provider, name or provider.default_model
    if name is not None and settings.model != "offline" and not _is_named(name):
        name = _on_ladder(settings, name, note or _ignore)
    if name is None:
        if os.environ.get("ANTHROPIC_API_KEY"):
            provider = _anthropic()
            return provider, provider.default_model
        _announce_offline()
        name = "offline"
    if name == "offline" or settings.model == "offline":
        from omega_runtime.models.offline import OFFLINE

        return OFFLINE, "offline"
    if name.startswith("local"):
        from omega_runtime.models.local import is_local, local_provider

        if is_local(name):
            return local_provider(name), name
    if name.startswith("claude"):
        provider = _anthropic()
        _tell_if_misspelt(settings, name)
        return provider, name
    if _is_named(name):
        from omega_runtime.models.openai import openai_provider

        name = name.removeprefix(PREFIX)
        return openai_provider(name), name
    from omega_runtime.models.names import unknown_model

    raise unknown_model(name, settings.ladder)


def may_cost(settings: Settings) -> bool:
    """Whether an answer could cost anything: not without a key, nor where the offline model answers all."""
    variables = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    return settings.provider is not None or (settings.model != "offline" and any(map(os.environ.get, variables)))


def is_there(settings: Settings, name: str) -> bool:
    """Whether a model can be asked as things are, so that it may stand in for another."""
    if settings.provider is not None:
        return True
    if name.startswith(PREFIX):
        return bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))
    return name == "offline" or name.startswith("local") or _is_sold(name) or bool(os.environ.get("ANTHROPIC_API_KEY"))


def asks_openai(name: str) -> bool:
    """Whether a name is asked for at OpenAI, or at the server at OPENAI_BASE_URL."""
    return name.startswith(PREFIX) or _is_sold(name)


def _is_named(name: str) -> bool:
    """Whether a name says who answers, whatever the ladder has."""
    return name.startswith(("claude", "local:")) or name == "local" or asks_openai(name)


def _is_sold(name: str) -> bool:
    """Whether OpenAI sells a model of that name, and there is a key for it."""
    if not os.environ.get("OPENAI_API_KEY"):
        return False
    from omega_runtime.models.openai import sells

    return sells(name)


def _on_ladder(settings: Settings, name: str, note: Callable[[str, str], None]) -> str | None:
    """The model that stands for a name on the ladder, such as gpt-4; the name itself when it is not on it.

    None where no model of its tier can be asked: then the offline model stands for all of them.
    """
    place = tier_of(settings.ladder, name)
    if place is None:
        return name
    tier, models = settings.ladder[place]
    used = next((each for each in models if "*" not in each and is_there(settings, each)), None)
    if used is None:
        note(name, "offline")
        return None
    if name not in (tier, used):
        note(name, used)
        if name not in _announced:
            _announced.add(name)
            notice = f"{name}: not available here; {used} answers (the ladder's tier {tier})"
            print(f"omegac: {visible(notice)}", file=sys.stderr)
    return used


def _tell_if_misspelt(settings: Settings, name: str) -> None:
    """Say once, before the first call, that a name is not known and near one that is; it may be a new model's."""
    if name in _announced:
        return
    _announced.add(name)
    from omega_runtime.models.names import misspelt

    meant = misspelt(name, settings)
    if meant is not None:
        print(f"omegac: model {visible(name)} is not known; did you mean {meant}?", file=sys.stderr)


def _ignore(asked: str, used: str) -> None:
    """Nobody wants to know."""


def _anthropic() -> Provider:
    from omega_runtime.models.anthropic import anthropic_provider

    return anthropic_provider()


def _announce_offline() -> None:
    global _is_offline_announced
    if not _is_offline_announced:
        _is_offline_announced = True
        mend = "; --model names one of OpenAI's" if os.environ.get("OPENAI_API_KEY") else ""
        print(
            "omegac: the offline model answers, as ANTHROPIC_API_KEY is not set "
            f"(--model offline drops this notice, or in Python configure(model='offline'){mend})",
            file=sys.stderr,
        )
