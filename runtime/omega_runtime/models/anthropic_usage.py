"""What an answer of Anthropic says that it cost: the tokens of each kind, and what their price is multiplied by."""

from __future__ import annotations

import json
from decimal import Decimal

from omega_runtime.models.answer import PAUSED
from omega_runtime.models.parts import CALL, OWN, TEXT, Part
from omega_runtime.models.reply import Reply
from omega_runtime.models.usage import UnreadableAnswer, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

# Inference that stays in one region, which a workspace may ask for by default, costs a tenth more.
REGIONAL = Decimal("1.1")
_ANYWHERE = (None, "global", "not_available")
# Faster inference than what is asked for here: the dearest that was ever sold.
_STANDARD = (None, "standard")
_FAST = Decimal(6)

_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_OUTPUT = "output_tokens"
_WRITES = "cache_creation"


def read_reply(message: Value, request_id: str | None = None) -> Reply:
    """The reply in a message, as JSON; raises UnreadableAnswer when it has no text blocks or no counts.

    `request_id` is what the provider calls the request. Tokens of kinds that are not known here count, and cost what
    the dearest kind does.
    """
    if not isinstance(message, dict):
        raise UnreadableAnswer("no message")
    said, blocks = message.get("usage"), message.get("content")
    if not isinstance(said, dict) or not isinstance(blocks, list):
        raise UnreadableAnswer("a message without usage or content")
    texts: list[Value] = [
        block.get("text") for block in blocks if isinstance(block, dict) and block.get("type") == "text"
    ]
    if not all(isinstance(text, str) for text in texts):
        raise UnreadableAnswer("a text block without text")
    content = _content(blocks, message.get("stop_reason") == PAUSED)
    short, written = _writes(said)
    read = count(said, "cache_read_input_tokens", optional=True)
    more_input, more_output = _unknown(said)
    return Reply(
        "".join(texts),
        count(said, "input_tokens") + written + read + more_input,
        max(count(said, _OUTPUT), _tokens_in(said.get("output_tokens_details"))) + more_output,
        stop_reason=_text(message, "stop_reason"),
        model=_text(message, "model"),
        cache_write_tokens=written + more_input,
        cache_write_1h_tokens=written - short + more_input,
        cache_read_tokens=read,
        price_factor=_factor(said),
        content=content,
        request_id=request_id,
        searches=_searches(said),
    )


def _content(blocks: list[Value], is_paused: bool) -> list[Part]:
    """The parts of an answer that calls tools, or isn't at its end: all have to go back. Of any other nothing."""
    if not is_paused and not any(isinstance(block, dict) and block.get("type") == "tool_use" for block in blocks):
        return []
    return [_part(block) for block in blocks]


def _part(block: Value) -> Part:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "text":
        return Part(TEXT, block["text"])
    if kind == "tool_use":
        name, call = block.get("name"), block.get("id")
        if not isinstance(name, str) or not isinstance(call, str):
            raise UnreadableAnswer("a call of a tool without a name")
        return Part(CALL, json.dumps(block.get("input"), ensure_ascii=False), name, call)
    return Part(OWN, json.dumps(block, ensure_ascii=False))


def _searches(said: dict[str, Value]) -> int:
    """How often the web was searched, which costs a fee."""
    used = said.get("server_tool_use")
    return count(used, "web_search_requests", optional=True) if isinstance(used, dict) else 0


def _text(message: dict[str, Value], name: str) -> str | None:
    text = message.get(name)
    return text if isinstance(text, str) else None


def _writes(said: dict[str, Value]) -> tuple[int, int]:
    """Tokens written to a cache for five minutes, and all that were written: the others cost what an hour does."""
    parts = said.get(_WRITES)
    parts = parts if isinstance(parts, dict) else {}
    written = max(count(said, "cache_creation_input_tokens", optional=True), _tokens_in(parts))
    return min(count(parts, "ephemeral_5m_input_tokens", optional=True), written), written


def _unknown(said: dict[str, Value]) -> tuple[int, int]:
    """Tokens of other kinds, of input and of output; what is called "…_details" divides figures that are known."""
    known = {*_INPUT, _OUTPUT, _WRITES}
    others = {name: part for name, part in said.items() if name not in known and not name.endswith("_details")}
    found = {name: _tokens_in({name: part}) for name, part in others.items()}
    of_input = sum(number for name, number in found.items() if "input" in name)
    return of_input, sum(found.values()) - of_input


def _tokens_in(part: Value) -> int:
    """All that is called "…tokens" in a part of the usage, however deep."""
    if isinstance(part, list):
        return sum(map(_tokens_in, part))
    if not isinstance(part, dict):
        return 0
    total = 0
    for name, value in part.items():
        is_count = type(value) is int and value > 0 and name.endswith("tokens")
        total += value if is_count else _tokens_in(value)
    return total


def _factor(said: dict[str, Value]) -> Decimal:
    region = Decimal(1) if said.get("inference_geo") in _ANYWHERE else REGIONAL
    return region if said.get("speed") in _STANDARD else region * _FAST
