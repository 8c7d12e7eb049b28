"""What plain calls have in common under one set of settings, so that it is asked for once."""

from __future__ import annotations

from omega_runtime.models.provider import Provider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.settings import Settings


class Plan:
    """The provider that plain calls go to, None where calls with these settings aren't plain, and the model.

    A plain call has no price and no limit per minute, and its provider runs no programs. Where `is_bounded_as_usual`,
    a prompt in ASCII has as many tokens as it has characters at most, besides the `overhead`.
    """

    __slots__ = ("is_bounded_as_usual", "model", "overhead", "provider")

    def __init__(self, settings: Settings) -> None:
        provider: Provider | None = settings.provider
        is_paced = settings.requests_per_minute or settings.tokens_per_minute
        if provider is None or provider.is_priced or provider.runs_programs or is_paced:
            self.provider = None
            return
        self.provider = provider
        self.model = settings.model or provider.default_model
        self.is_bounded_as_usual = getattr(provider.bound, "__func__", None) is Provider.bound
        self.overhead = provider.overhead if self.is_bounded_as_usual else 0


def planned(settings: Settings) -> Plan:
    """The plan of these settings, made at the first call. Raises what the provider raises when it is asked."""
    plan = settings.plan = Plan(settings)
    return plan
