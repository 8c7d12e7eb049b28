"""From the operand and the options of an effect to a request."""

from __future__ import annotations

from omega_runtime.calls.context import current
from omega_runtime.lib.conversations import text_of
from omega_runtime.models.choose import choose
from omega_runtime.models.request import DetailedRequest, Request, changed
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.models.parts import Content
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value


# Options of calls that few have; `tools` is the conversation in which they may be called.
RARE_OPTIONS = (
    *("temperature", "top_p", "effort", "schema", "attempts", "tools", "on_text", "cache", "thinking", "details"),
)

_RARE = frozenset(RARE_OPTIONS) - {"tools"}

# How often an answer that has to fit a schema is asked for, unless the call says it.
ATTEMPTS = 2


def plain_request(settings: Settings, site: Site, operand: Value, max_tokens: Value) -> Request:
    """As `build_request` without other options."""
    request, messages = _begun(settings, site, operand, max_tokens, None)
    return changed(request, messages=messages) if messages else request


def build_request(
    settings: Settings,
    site: Site,
    operand: Value,
    *,
    max_tokens: Value = None,
    model: Value = None,
    system: Value = None,
    stop: Value = None,
    clamp: Value = True,
    **rare: Value,
) -> Request:
    """The request of an effect; raises OmegaError naming an option that is impossible, or a wrong conversation.

    None or #f for an option means that it is not given, except for clamp, where #f says that `max_tokens` stays. `rare`
    are those of RARE_OPTIONS.
    """
    if rare and not rare.keys() <= _RARE:
        raise OmegaError(f"{site.operation}: unknown option {_keyword(min(rare.keys() - _RARE))}")
    name = model if model is None else _model(site, model)
    request, messages = _begun(settings, site, operand, max_tokens, name)
    detailed = changed(
        request,
        asked=name,
        messages=messages,
        sampling=_sampling(site, **rare),
        system=None if system is None else _system(site, system),
        stop=() if stop is None else _stop(site, stop),
        clamp=clamp is not False,
        cache=_cache(site, rare.get("cache")),
        on_text=_listener(site, rare.get("on_text")),
        details=rare.get("details") not in (None, False),
    )
    detailed = _with_thinking(detailed, rare.get("thinking"))
    return _with_schema(detailed, rare.get("schema"), rare.get("attempts"))


# How long prompts are kept in a cache.
_LIFETIMES = {"hour": "1h", "five-minutes": "5m"}


def _cache(site: Site, value: Value) -> str | None:
    if value is None or value is False:
        return None
    if value is True:
        return "5m"
    lifetime = _LIFETIMES.get(str(value))
    if lifetime is None:
        raise _wrong(site, "cache", "#t, #f, five-minutes or hour", value)
    return lifetime


def _listener(site: Site, value: Value) -> Callable[[str], None] | None:
    if value is None or value is False:
        return None
    if not callable(value):
        raise _wrong(site, "on_text", "a procedure of a text", value)
    listener: Callable[[str], None] = value
    return listener


# The least that Anthropic's models may think, in tokens.
LEAST_THINKING = 1_024


def _with_thinking(request: DetailedRequest, value: Value) -> DetailedRequest:
    """The request with so many tokens to think beside those of the answer, which is never shortened then."""
    if value is None or value is False:
        return request
    site = request.site
    if not request.provider.takes_thinking:
        raise OmegaError(f"{site.operation}: {request.provider.name} can't be told how long to think; use effort:")
    tokens = whole_number(site, "thinking", value)
    if tokens < LEAST_THINKING:
        raise _wrong(site, "thinking", f"{LEAST_THINKING:,} tokens at least", value)
    return changed(request, thinking=tokens, wanted=request.wanted + tokens, clamp=False)


def _begun(
    settings: Settings, site: Site, operand: Value, max_tokens: Value, name: str | None
) -> tuple[Request, tuple[tuple[str, Content], ...]]:
    """What all requests have, and the messages of a conversation."""
    request = Request()
    request.settings = settings
    request.site = site
    messages: tuple[tuple[str, Content], ...] = ()
    if type(operand) is str:
        request.prompt = operand
    else:
        messages = conversation(site, operand)
        request.prompt = _as_json(messages) if messages else text_of(operand)
    given = max_tokens is not None and max_tokens is not False
    request.wanted = whole_number(site, "max_tokens", max_tokens) if given else settings.max_tokens
    provider, model = request.provider, request.model = choose(settings, name, note_substitution)
    request.price = request.schema = None
    if provider.is_priced:
        from omega_runtime.models.prices import price_under

        request.price = price_under(settings, provider, model)
    return request, messages


def _with_schema(request: DetailedRequest, schema: Value, attempts: Value) -> Request:
    """The request for an answer that fits a schema: what all attempts may cost is held at once, and nothing less."""
    if schema is None or schema is False:
        if attempts is not None:
            raise OmegaError(f"{request.site.operation}: option attempts: goes with schema:")
        return request
    from omega_runtime.models.schemas import instruction, schema_text

    attempts = ATTEMPTS if attempts is None else whole_number(request.site, "attempts", attempts)
    if request.site.operation == "search.op":
        raise OmegaError("search.op: option schema: is for infer.op")
    if request.on_text is not None:
        raise OmegaError("infer.op: option on-text: goes without schema:, as an answer that doesn't fit is asked again")
    text = schema_text(schema)
    system = request.system
    if not request.provider.takes_schemas:
        system = instruction(text) if system is None else f"{system}\n\n{instruction(text)}"
    return changed(
        request, schema=text, attempts=attempts, wanted=request.wanted * attempts, clamp=False, system=system
    )


def note_substitution(asked: str, used: str) -> None:
    """Have the current ledger's report say that another model answers for a name that is not available."""
    current.get().account.ledger.note_substitution(asked, used)


def conversation(site: Site, operand: Value) -> tuple[tuple[str, Content], ...]:
    """The messages of a list of some, as pairs of role and content, or one with attachments; else empty.

    Raises OmegaError when the user doesn't begin and end it, when the same side speaks twice in a row, and for a list
    that holds anything else.
    """
    from omega_runtime.values.attachments import Attachment
    from omega_runtime.values.messages import Message
    from omega_runtime.values.pairs import unlist

    items = [operand] if isinstance(operand, (Message, Attachment)) else unlist(operand)
    if not items or not any(isinstance(item, Message) for item in items):
        attached = any(isinstance(item, Attachment) for item in items or ())
        return (("user", _content(operand)),) if attached else ()
    said: list[tuple[str, Content]] = []
    for number, item in enumerate(items, 1):
        if not isinstance(item, Message):
            raise OmegaError(
                f"{site.operation}: item {number} of the conversation is no message: make it one with user"
            )
        role, expected = item.role.name, "assistant" if len(said) % 2 else "user"
        if role != expected:
            raise OmegaError(
                f"{site.operation}: message {number} of the conversation is of {role}, but {expected} comes next; user "
                "begins, and they take turns"
            )
        said.append((role, _content(item) if item.parts else item.text))
    if len(said) % 2 == 0:
        raise OmegaError(f"{site.operation}: the conversation ends with the assistant, so there is nothing to answer")
    return tuple(said)


def _content(said: Value) -> Content:
    """A message, or a prompt, with attachments."""
    from base64 import b64encode

    from omega_runtime.lib.conversations import parts_in
    from omega_runtime.models.parts import TEXT, Part

    parts = getattr(said, "parts", None) or parts_in(said)
    return tuple(
        Part(TEXT, each) if isinstance(each, str) else Part(each.kind, b64encode(each.data).decode(), each.media_type)
        for each in parts
    )


def _as_json(messages: tuple[tuple[str, Content], ...]) -> str:
    import json

    return json.dumps(messages, ensure_ascii=False)


def _sampling(
    site: Site, temperature: Value = None, top_p: Value = None, effort: Value = None, **_: Value
) -> tuple[tuple[str, Value], ...]:
    """The options for how an answer is made, by name."""
    found: list[tuple[str, Value]] = []
    for name, value, most in (("temperature", temperature, 2), ("top_p", top_p, 1)):
        if value is None or value is False:
            continue
        if type(value) not in (int, float) or not 0 <= value <= most:
            raise _wrong(site, name, f"a number from 0 to {most}", value)
        found.append((name, value))
    if effort is not None and effort is not False:
        found.append(("effort", name_option(site, "effort", effort, "a level such as low, medium or high")))
    return tuple(found)


def _keyword(name: str) -> str:
    return name.replace("_", "-") + ":"


def _wrong(site: Site, name: str, expected: str, value: Value) -> OmegaError:
    from omega_runtime.values.printing import short_text

    return OmegaError(f"{site.operation}: option {_keyword(name)} must be {expected}, but got {short_text(value)}")


def _model(site: Site, value: Value) -> str | None:
    return None if value is False else name_option(site, "model", value, "a model's name")


def name_option(site: Site, option: str, value: Value, expected: str) -> str:
    """An option that is a name, as a symbol or a string. Raises OmegaError for anything else."""
    from omega_runtime.values.symbols import Symbol

    name = value.name if isinstance(value, Symbol) else value
    if not isinstance(name, str) or not name:
        raise _wrong(site, option, expected, value)
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
    return text_of(value)


def _stop(site: Site, value: Value) -> tuple[str, ...]:
    if value is False:
        return ()
    from omega_runtime.values.pairs import unlist

    texts = [value] if isinstance(value, str) else unlist(value)
    if texts is None or not all(isinstance(text, str) and text for text in texts):
        raise _wrong(site, "stop", "a string or a list of strings, none of them empty", value)
    return tuple(texts)
