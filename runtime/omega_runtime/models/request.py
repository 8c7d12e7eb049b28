"""What a provider is asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from omega_runtime.models.prices import Price
    from omega_runtime.models.provider import Provider
    from omega_runtime.models.server_tools import ServerTool
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value

    R = TypeVar("R", bound="DetailedRequest")

    from omega_runtime.models.parts import Content, ToolSpecification


class Request:
    """One request to a model, built by `omega_runtime.calls` at an effect site; nothing changes it afterwards.

    `settings` are those that the call began with. `wanted` are the most output tokens that the program asks
    for, of which it takes fewer with `clamp`. `stop` are the texts that end the answer. `price` is None when it is not
    known. `asked` is the model that the program named, if it did, `instead_of` the better one that this request's model
    stands in for. `messages` are those of a conversation, as pairs of role and content, oldest first; then `prompt` is
    all of them as JSON. `tools` are those that the model may call; where `may_call_tools` is false, it only sees them,
    and has to answer. `sampling` are options for how the answer is made, by name. `schema` is the JSON schema that the
    answer has to fit, as a text; then `wanted` are the output tokens of all `attempts` at that together. `on_text` gets
    the answer piece by piece, `details` has the program get what it came with; `cache` is how long the provider is to
    keep the prompt, "5m" or "1h"; of `wanted`, `thinking` tokens are for that. `embeds` is the text, or are the texts,
    of which vectors are wanted in place of an answer; `server_tools` are those that
    the provider runs. This class is for calls without options
    and without a price, which need no room for them; `DetailedRequest` has it.
    """

    __slots__ = ("model", "price", "prompt", "provider", "schema", "settings", "site", "wanted")

    model: str
    price: Price | None
    prompt: str
    provider: Provider
    schema: str | None
    settings: Settings
    site: Site
    wanted: int

    asked: str | None = None
    clamp: bool = True
    attempts: int = 1
    cache: str | None = None
    details: bool = False
    embeds: str | tuple[str, ...] | None = None
    instead_of: str | None = None
    may_call_tools: bool = True
    messages: tuple[tuple[str, Content], ...] = ()
    on_text: Callable[[str], None] | None = None
    server_tools: tuple[ServerTool, ...] = ()
    sampling: tuple[tuple[str, Value], ...] = ()
    stop: tuple[str, ...] = ()
    system: str | None = None
    thinking: int = 0
    tools: tuple[ToolSpecification, ...] = ()


class DetailedRequest(Request):
    """A request with options, or a conversation."""

    __slots__ = (
        "asked",
        "attempts",
        "cache",
        "clamp",
        "details",
        "embeds",
        "instead_of",
        "may_call_tools",
        "messages",
        "on_text",
        "sampling",
        "server_tools",
        "stop",
        "system",
        "thinking",
        "tools",
    )

    asked: str | None
    attempts: int
    cache: str | None
    clamp: bool
    details: bool
    embeds: str | tuple[str, ...] | None
    instead_of: str | None
    may_call_tools: bool
    messages: tuple[tuple[str, Content], ...]
    on_text: Callable[[str], None] | None
    sampling: tuple[tuple[str, Value], ...]
    server_tools: tuple[ServerTool, ...]
    stop: tuple[str, ...]
    system: str | None
    thinking: int
    tools: tuple[ToolSpecification, ...]


_FIELDS = (*Request.__slots__, *DetailedRequest.__slots__)


def changed(request: Request, **changes: Value) -> DetailedRequest:
    """A copy with other values of some fields."""
    return copied(request, DetailedRequest(), **changes)


def copied(request: Request, copy: R, **changes: Value) -> R:
    """The copy, with the request's fields, and other values of some."""
    for name in _FIELDS:
        setattr(copy, name, changes[name] if name in changes else getattr(request, name))
    return copy
