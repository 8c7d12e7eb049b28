"""The policy of a scope: which answers are cached, how prompts are shortened, how good models may be."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.account import Account
    from omega_runtime.models.cache import AnswerCache
    from omega_runtime.values import Procedure

# With `--on-low degrade`: below these shares of the limit the warning and the critical mode begin.
WARNING_SHARE = 0.2
CRITICAL_SHARE = 0.05


class Policy:
    """How calls are made within one scope; its switches change it until the scope ends.

    `caching` is "" (off), "exact" or "aggressive"; `minimal` shortens prompts and answers; `cap` is the best tier of
    the model ladder that may be used, or None; `degrade` moves through the modes by itself as the budget falls.
    `is_active` is whether any of these is on, so that ordinary calls look at one thing only.
    """

    __slots__ = ("_cache", "_parent", "caching", "cap", "completions", "degrade", "is_active", "minimal")

    def __init__(self, parent: Policy | None = None) -> None:
        self._parent = parent
        self.caching: str = parent.caching if parent else ""
        self.minimal: bool = parent.minimal if parent else False
        self.cap: str | None = parent.cap if parent else None
        self.degrade: bool = parent.degrade if parent else False
        self.is_active: bool = parent.is_active if parent else False
        self._cache: AnswerCache | None = None
        # Procedures given to on-completion that wait for their task.
        self.completions: list[Procedure] = []

    @property
    def cache(self) -> AnswerCache:
        """The answers that were kept, shared with the scopes around and inside."""
        if self._parent is not None:
            return self._parent.cache
        if self._cache is None:
            from omega_runtime.budgets import settings
            from omega_runtime.models.cache import AnswerCache

            self._cache = AnswerCache(similarity=settings.active.similarity, embed=settings.active.embed)
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

    def follow(self, account: Account) -> None:
        """The mode that suits what is left of the account and its ancestors, as a share of their limits."""
        share = min((_share_left(each) for each in account.chain), default=1.0)
        if share < CRITICAL_SHARE:
            self.switch(caching="aggressive", minimal=True, cap="low")
        elif share < WARNING_SHARE:
            self.switch(caching="exact", minimal=False, cap="medium")
        else:
            self.standard()


def _share_left(account: Account) -> float:
    figures = account.figures
    credit, dollar_credit = account.credit
    shares = [1.0]
    if figures.limit:
        shares.append((figures.limit - figures.used + credit) / figures.limit)
    if figures.dollar_limit:
        shares.append((figures.dollar_limit - figures.dollars_used + dollar_credit) / figures.dollar_limit)
    return min(shares)
