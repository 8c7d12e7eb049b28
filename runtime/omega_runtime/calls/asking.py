"""From the operand and the options of an effect to a request."""

from __future__ import annotations

from omega_runtime.calls.context import current
from omega_runtime.models.choose import choose
from omega_runtime.models.prices import price_under
from omega_runtime.models.request import Request, changed
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value


def build_request(
    settings: Settings,
    site: Site,
    operand: Value,
    max_tokens: Value = None,
    model: Value = None,
    system: Value = None,
    stop: Value = None,
    clamp: Value = True,
) -> Request:
    """The request of an effect; raises OmegaError naming an option that is impossible.

    None or #f for an option means that it is not given, except for clamp, where #f says that `max_tokens` stays.
    """
    request = Request()
    request.settings = settings
    request.site = site
    request.prompt = operand if type(operand) is str else prompt_text(operand)
    if max_tokens is None or max_tokens is False:
        request.wanted = settings.max_tokens
    elif type(max_tokens) is int and max_tokens >= 1:
        request.wanted = max_tokens
    else:
        request.wanted = whole_number(site, "max_tokens", max_tokens)
    name = model if model is None else _model(site, model)
    provider = settings.provider
    if provider is None:
        request.provider, request.model = choose(settings, name, note_substitution)
        provider = request.provider
    else:
        request.provider = provider
        request.model = name or settings.model or provider.default_model
    price = price_under(settings, provider, request.model) if provider.is_priced else None
    if price is None and name is None and system is None and stop is None and clamp is True:
        return request
    return changed(
        request,
        asked=name,
        price=price,
        system=None if system is None else _system(site, system),
        stop=() if stop is None else _stop(site, stop),
        clamp=clamp is not False,
    )


def note_substitution(asked: str, used: str) -> None:
    """Have the current ledger's report say that another model answers for a name that is not available."""
    current.get().account.ledger.note_substitution(asked, used)


def prompt_text(operand: Value) -> str:
    """A string as it is, a list's elements joined by their display forms, anything else by its display form."""
    if isinstance(operand, str):
        return str(operand)
    from omega_runtime.values.printing import joined_text

    return joined_text(operand)


def _keyword(name: str) -> str:
    return name.replace("_", "-") + ":"


def _wrong(site: Site, name: str, expected: str, value: Value) -> OmegaError:
    from omega_runtime.values.printing import short_text

    return OmegaError(f"{site.operation}: option {_keyword(name)} must be {expected}, but got {short_text(value)}")


def _model(site: Site, value: Value) -> str | None:
    from omega_runtime.values.symbols import Symbol

    name = value.name if isinstance(value, Symbol) else value
    if value is False:
        return None
    if not isinstance(name, str) or not name:
        raise _wrong(site, "model", "a model's name", value)
    return name


def whole_number(site: Site, name: str, value: Value) -> int:
    """An option that is an integer from 1 on. Raises OmegaError for anything else."""
    if type(value) not in (int, float) or value < 1 or value - value != 0 or value != int(value):
        raise _wrong(site, name, "an integer >= 1", value)
    return int(value)


def _system(site: Site, value: Value) -> str | None:
    if value is False:
        return None
    from omega_runtime.values.pairs import unlist

    if not isinstance(value, str) and unlist(value) is None:
        raise _wrong(site, "system", "a string or a list", value)
    return prompt_text(value)


def _stop(site: Site, value: Value) -> tuple[str, ...]:
    if value is False:
        return ()
    from omega_runtime.values.pairs import unlist

    texts = [value] if isinstance(value, str) else unlist(value)
    if texts is None or not all(isinstance(text, str) and text for text in texts):
        raise _wrong(site, "stop", "a string or a list of strings, none of them empty", value)
    return tuple(texts)
