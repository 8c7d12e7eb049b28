"""From the operand and the options of an effect to a request."""

from __future__ import annotations

from omega_runtime.budgets import settings
from omega_runtime.errors import OmegaError
from omega_runtime.models.choose import choose
from omega_runtime.models.request import DetailedRequest, Request, detailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.effects.site import Site
    from omega_runtime.values import Value

OPTIONS = ("model", "max_tokens", "system", "stop", "clamp")


def build_request(site: Site, operand: Value, options: dict[str, Value]) -> Request:
    """The request of an effect; raises OmegaError naming an option that is unknown or impossible.

    #f for an option means that it is not given, except for clamp.
    """
    active = settings.active
    request = DetailedRequest() if options else Request()
    request.site = site
    request.prompt = operand if type(operand) is str else prompt_text(operand)
    request.max_tokens = request.wanted = active.max_tokens
    model = None
    if options:
        model = _read_options(request, options)  # type: ignore[arg-type]
    provider = active.provider
    if provider is None:
        request.provider, request.model = choose(model)
        provider = request.provider
    else:
        request.provider = provider
        request.model = model or active.model or provider.default_model
    if provider.is_priced:
        price = provider.price(request.model)
        if price is not None:
            request = priced = detailed(request)
            priced.price = price
    return request


def _read_options(request: DetailedRequest, options: dict[str, Value]) -> str | None:
    """Fill the request from the options that are given; gives the model's name, None when there is none."""
    site, model = request.site, None
    request.attempt = 1
    request.clamp = True
    request.price = None
    request.stop = ()
    request.system = None
    for name, value in options.items():
        if name == "max_tokens":
            if value is not False:
                request.max_tokens = request.wanted = _max_tokens(site, value)
        elif name == "model":
            model = _model(site, value)
        elif name == "system":
            request.system = _system(site, value)
        elif name == "stop":
            request.stop = _stop(site, value)
        elif name == "clamp":
            request.clamp = value is not False
        else:
            known = ", ".join(map(_keyword, OPTIONS))
            raise OmegaError(f"{site.operation}: there is no option {_keyword(name)}; the options are {known}")
    return model


def prompt_text(operand: Value) -> str:
    """A string as it is, a list's elements joined by their display forms, anything else by its display form."""
    if isinstance(operand, str):
        return str(operand)
    from omega_runtime.values.pairs import unlist
    from omega_runtime.values.printing import display_text

    items = unlist(operand)
    if items is None:
        return display_text(operand)
    return "".join([item if type(item) is str else display_text(item) for item in items])


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


def _max_tokens(site: Site, value: Value) -> int:
    if type(value) is int and value >= 1:
        return value
    if type(value) is not float or not value.is_integer() or value < 1:
        raise _wrong(site, "max_tokens", "an integer >= 1", value)
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
