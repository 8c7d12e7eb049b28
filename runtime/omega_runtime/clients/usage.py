"""What Python programs say that a call has cost, in whatever form their provider's client has it."""

from __future__ import annotations

from omega_runtime.models.reply import Reply
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.values import Value

_MEND = "give the answer, its usage, or input_tokens=… and output_tokens=…"


def reply_in(usage: Value, input_tokens: int | None = None, output_tokens: int | None = None) -> Reply:
    """The counts in an answer, in its usage, or given one by one. Raises OmegaError when there are none."""
    if usage is None:
        if input_tokens is None or output_tokens is None:
            raise OmegaError(f"settle: nothing says what the call has cost; {_MEND}")
        return Reply("", input_tokens, output_tokens)
    if isinstance(usage, Reply):
        return usage
    said = _plain(usage)
    if isinstance(said.get("usage"), dict):
        said = {"usage": said["usage"], "service_tier": said.get("service_tier")}
    else:
        said = {"usage": said}
    try:
        return _read(said)
    except (UnreadableAnswer, OmegaError) as error:
        raise OmegaError(f"settle: {error}; {_MEND}") from None


def _read(said: dict[str, Any]) -> Reply:
    counts = said["usage"]
    if "prompt_tokens" in counts or "input_tokens_details" in counts or "total_tokens" in counts:
        from omega_runtime.models.completions import reply_of

        return reply_of(said, "", None)
    from omega_runtime.models.anthropic_usage import read_reply

    return read_reply({"usage": counts, "content": []})


def _plain(usage: Value) -> dict[str, Any]:
    """An object of an SDK as data, with its usage too."""
    dump = getattr(usage, "model_dump", None)
    plain = dump() if callable(dump) else usage
    if not isinstance(plain, dict):
        raise OmegaError(f"settle: {type(usage).__name__} has no counts of tokens; {_MEND}")
    return plain
