"""The least code that keeps budgets: what one would write by hand around the calls to a model.

One lock, accounts that nest, the worst case held before the call, the true cost booked after it. There is no
waiting, no clamping, no handler, no retry and no statistics.
"""

from __future__ import annotations

from threading import Lock

from omega_runtime.models.provider import Provider
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import Request

SILENCE = Reply("", 3, 2)
LIMIT = 10**12


class Silent(Provider):
    """A model that answers at once, with nothing, so that only the ledger's work is left."""

    __slots__ = ()
    name = default_model = "silent"
    runs_programs = False

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:  # noqa: ARG002
        return SILENCE


def answer(prompt: str, max_tokens: int) -> Reply:  # noqa: ARG001
    """The same model for hand-written code."""
    return SILENCE


class Account:
    """A limit in tokens, what was spent of it, and what is spent or held."""

    __slots__ = ("committed", "limit", "spent")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.spent = 0
        self.committed = 0


ACCOUNTS = (Account(LIMIT), Account(LIMIT), Account(LIMIT))
_LOCK = Lock()


def ask_model(accounts: tuple[Account, ...], prompt: str, max_tokens: int) -> str:
    """The model's answer, paid by all accounts. Raises RuntimeError when one of them has no room for the worst case."""
    amount = len(prompt.encode()) + max_tokens
    with _LOCK:
        for account in accounts:
            if account.committed + amount > account.limit:
                raise RuntimeError("budget exceeded")
        for account in accounts:
            account.committed += amount
    try:
        reply = answer(prompt, max_tokens)
    except BaseException:
        with _LOCK:
            for account in accounts:
                account.spent += amount
        raise
    actual = reply.input_tokens + reply.output_tokens
    with _LOCK:
        for account in accounts:
            account.committed += actual - amount
            account.spent += actual
    return reply.text
