"""What the ledger needs to know of a call and of its bill; it knows nothing of prompts, models' makers and answers."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from omega_runtime.places import Site

    class Bill(Protocol):
        """What an answer cost, in tokens, with its text for `partial`."""

        @property
        def text(self) -> str: ...
        @property
        def input_tokens(self) -> int: ...
        @property
        def output_tokens(self) -> int: ...
        @property
        def stop_reason(self) -> str | None: ...

    class Price(Protocol):
        """What tokens of a model cost at most, in picodollars."""

        def worst(self, input_tokens: int, output_tokens: int, /) -> int: ...
        def affordable(self, picodollars: int, input_tokens: int, most: int, /) -> int: ...

    class Wish(Protocol):
        """What a call asks for: a site and a model to book it under, and at most `wanted` output tokens.

        With `clamp` it takes less, too. `price` is None when it is not known.
        """

        @property
        def site(self) -> Site: ...
        @property
        def model(self) -> str: ...
        @property
        def wanted(self) -> int: ...
        @property
        def clamp(self) -> bool: ...
        @property
        def price(self) -> Price | None: ...
