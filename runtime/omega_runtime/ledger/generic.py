"""What makes ledgers, holds and claims generic in the class of their accounts; it costs nothing at run time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
    from typing import Generic as Generic

    from typing_extensions import TypeVar

    from omega_runtime.ledger.account import Account

    # Code above the ledger takes any kind, and says no more than `Ledger` or `Hold`.
    A = TypeVar("A", bound=Account, default=Any)
else:
    A = None

    class Generic:
        """Takes a subscript like the one of `typing`, whose import would cost more than that of the whole ledger."""

        __slots__ = ()

        def __class_getitem__(cls, _: object) -> type:
            return cls
