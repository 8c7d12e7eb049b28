"""`wrap(client)`: a provider's own client, whose calls are held, waited for, shortened and settled."""

from __future__ import annotations

import sys

from omega_runtime.clients.gate import Gate
from omega_runtime.clients.transports import AsyncHeldTransport, HeldTransport
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    C = TypeVar("C")

_KINDS = {
    ("anthropic", "Anthropic"): False,
    ("anthropic", "AsyncAnthropic"): True,
    ("openai", "OpenAI"): False,
    ("openai", "AsyncOpenAI"): True,
}
_BASES = {"anthropic": "AnthropicError", "openai": "OpenAIError"}


def wrap(client: C, *, clamp: bool = True, harmless: Iterable[str] = ()) -> C:
    """A client like this one, of `anthropic` or `openai`, whose calls keep to the budgets around them.

    Each request, also each that the client makes again by itself, is held before it is sent, for the most that it can
    cost, waits for room, and is settled by what its answer says; streams when they have been read, or closed. What has
    no sure bound isn't sent: that raises `Unbounded`, which says what to do. Answers may be shortened near the end of a
    budget unless `clamp` is False; those of tools, schemas and thinking never are. `harmless` names parts of requests
    that aren't known here and don't change what they cost. Errors are BudgetExceeded and its like, which are the
    client's own errors too, so that it doesn't try again. The client that was given stays as it is. Raises OmegaError
    for any other client.
    """
    from httpx2 import AsyncClient, Client

    protocol, is_async = _kind_of(client)
    inner: Any = client._client  # type: ignore[attr-defined]
    if isinstance(getattr(inner, "_transport", None), HeldTransport | AsyncHeldTransport):
        return client
    gate = Gate(protocol, clamp=clamp, harmless=frozenset(harmless))
    told = _teller(getattr(sys.modules[protocol], _BASES[protocol]))
    outer: Any
    # Without what the environment says of proxies, which would pass by the gate; the inner client heeds it.
    if is_async and isinstance(inner, AsyncClient):
        outer = AsyncClient(transport=AsyncHeldTransport(inner, gate, told), trust_env=False, timeout=inner.timeout)
    elif not is_async and isinstance(inner, Client):
        outer = Client(transport=HeldTransport(inner, gate, told), trust_env=False, timeout=inner.timeout)
    else:
        raise OmegaError("wrap: the client sends by a client of httpx; leave http_client out, or use one of httpx2")
    copy: C = client.copy(http_client=outer)  # type: ignore[attr-defined]
    return copy


def _kind_of(client: object) -> tuple[str, bool]:
    for (module, name), is_async in _KINDS.items():
        known = getattr(sys.modules.get(module), name, None)
        if known is not None and type(client) is known:
            return module, is_async
    kind = f"{type(client).__module__.partition('.')[0]}.{type(client).__name__}"
    raise OmegaError(
        f"wrap: {kind} is no client that is known here; these are anthropic.Anthropic and AsyncAnthropic, "
        "openai.OpenAI and AsyncOpenAI; for others there is omega_runtime.hold(…)"
    )


def _teller(base: type[Exception]) -> Callable[[Exception], Exception]:
    """Makes errors also ones of a client's own kind: these it neither tries again nor wraps."""
    kinds: dict[type[OmegaError], type[OmegaError]] = {}

    def told(error: Exception) -> Exception:
        if not isinstance(error, OmegaError) or isinstance(error, base):
            return error
        kind: type[OmegaError] = type(error)
        if kind not in kinds:

            def reduce(self: Exception) -> Any:
                made = kind.__reduce__(self)
                return (kind, *made[1:]) if isinstance(made, tuple) else made

            kinds[kind] = type(kind.__name__, (kind, base), {"__reduce__": reduce, "__module__": kind.__module__})
        error.__class__ = kinds[kind]
        return error

    return told
