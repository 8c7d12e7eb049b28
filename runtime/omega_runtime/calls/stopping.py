"""Answers that are stopped once enough of them has come."""

from __future__ import annotations

from omega_runtime.lib.arguments import callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class _Enough(BaseException):
    """Leaves a call whose answer has come as far as it is wanted; no program can catch it."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__()
        self.heard = heard


@primitive("call-with-token-limit", calls=(1,))
def call_with_token_limit(limit: Value, procedure: Value) -> Value:
    """`(procedure on-text)`, or what `on-text` had heard when that was more than so many tokens: then it ends at once.

    `on-text` is a procedure for the option of that name. Tokens are counted by the tokenizer of this library.
    """
    if type(limit) is not int or limit < 1:
        raise wrong_range("call-with-token-limit", 1, "a positive exact integer", limit)
    callee("call-with-token-limit", 2, procedure)
    heard: list[str] = []

    def on_text(piece: str) -> None:
        from omega_runtime.models.tokens import count_tokens

        heard.append(piece)
        if count_tokens("".join(heard)) > limit:
            raise _Enough(heard)

    try:
        return procedure(on_text)
    except _Enough as enough:
        if enough.heard is not heard:
            raise
        return "".join(heard)
