"""The policy of a scope: which answers are cached, how prompts are shortened, how good models may be."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.control.completions import Completion
    from omega_runtime.ledger.account import Account
    from omega_runtime.savings.cache import AnswerCache
    from omega_runtime.settings import Settings

# With `--on-low degrade`: below these shares of the limit the warning and the critical mode begin.
WARNING_SHARE = 0.2
CRITICAL_SHARE = 0.05


class Policy:
    """How calls are made within one scope; its switches change it until the scope ends.

    `caching` is "" (off), "exact" or "aggressive"; `minimal` shortens prompts and answers; `cap` is the best tier of
    the model ladder that may be used, or None; `degrade` moves through the modes by itself as the budget falls, beyond
    what the switches say: `mode` gives both together. `is_active` is whether any of these is on, so that ordinary calls
    look at one thing only.
    """

    __slots__ = ("_cache", "caching", "cap", "completions", "degrade", "is_active", "minimal", "parent")

    def __init__(self, parent: Policy | None = None) -> None:
        self.parent = parent
        self.caching: str = parent.caching if parent else ""
        self.minimal: bool = parent.minimal if parent else False
        self.cap: str | None = parent.cap if parent else None
        self.degrade: bool = parent.degrade if parent else False
        self.is_active: bool = parent.is_active if parent else False
        self._cache: AnswerCache | None = None
        # Procedures given to on-completion that wait for their task.
        self.completions: list[Completion] = []

    def cache(self, settings: Settings) -> AnswerCache:
        """The answers that were kept, shared with the scopes around and inside; none after a change of `embed`."""
        if self.parent is not None:
            return self.parent.cache(settings)
        embed = settings.embed if settings.similarity is not None else None
        if self._cache is None or self._cache.embed is not embed:
            from omega_runtime.savings.cache import AnswerCache

            self._cache = AnswerCache(embed=embed)
        return self._cache

    def switch(self, *, caching: str | None = None, minimal: bool | None = None, cap: str | None = None) -> None:
        """Turn on what is given; the rest stays."""
        self.caching = self.caching if caching is None else caching
        self.minimal = self.minimal if minimal is None else minimal
        self.cap = self.cap if cap is None else cap
        self.is_active = True

    def standard(self) -> None:
        """Turn all switches off; answers that were cached stay for the next time."""
        self.caching, self.minimal, self.cap = "", False, None
        self.is_active = self.degrade

    def degrade_when_low(self) -> None:
        """From now on, and in scopes inside, move through the modes as the budget falls."""
        self.degrade = self.is_active = True

    def mode(self, account: Account) -> tuple[str, bool, str | None]:
        """Caching, whether prompts are minimal, and the cap, for a call that the account pays for now.

        With `degrade`, what is left of the account and its ancestors, as a share of their limits, adds to the switches.
        """
        if self.degrade:
            share = min(_share_left(each) for each in account.chain)
            if share < CRITICAL_SHARE:
                return "aggressive", True, "low"
            if share < WARNING_SHARE:
                return self.caching or "exact", self.minimal, self.cap or "medium"
        return self.caching, self.minimal, self.cap


def _share_left(account: Account) -> float:
    return min(((limit - spent) / limit for spent, limit, _ in account.spending() if limit), default=1.0)
