"""What a provider is asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.effects.site import Site
    from omega_runtime.models.provider import Provider


class Request:
    """One request to a model, built by `omega_runtime.effects` at an effect site.

    `max_tokens` is the most output tokens to produce and `wanted` what the program asked for: the ledger may lower
    max_tokens to fit a budget when `clamp` is True. `stop` are the texts that end the answer.
    """

    __slots__ = ("clamp", "max_tokens", "model", "prompt", "provider", "site", "stop", "system", "wanted")

    clamp: bool
    max_tokens: int
    model: str
    prompt: str
    provider: Provider
    site: Site
    stop: tuple[str, ...]
    system: str | None
    wanted: int
