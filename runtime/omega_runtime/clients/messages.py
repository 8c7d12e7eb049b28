"""Anthropic's Messages API: what a request may cost at most, and what an answer says that it did.

What is assumed beyond a text's bytes is documented by Anthropic, rounded up: an image takes at most about 4,800 tokens,
tools come with a system prompt of up to some 800, and each of Anthropic's own client tools with up to some 1,500.
"""

from __future__ import annotations

from omega_runtime.clients.asked import Asked, Reading, check_keys, whole
from omega_runtime.models.anthropic import IMAGE_MOST, MESSAGE_OVERHEAD, SYSTEM_OVERHEAD
from omega_runtime.models.anthropic_usage import read_reply
from omega_runtime.models.bounds import Unbounded, json_bound
from omega_runtime.models.prices import context_window
from omega_runtime.models.provider import text_bound
from omega_runtime.models.server_tools import WEB_SEARCH, most_rounds
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omega_runtime.clients.asked import Body
    from omega_runtime.models.reply import Reply

WHAT = "a message"
TOOLS_PROMPT = 1_000
CLIENT_TOOL = 2_000
FORMAT_PROMPT = 1_000
# With the beta feature of that name a model takes more than the data about it says.
LONG_CONTEXT = 1_000_000

_KNOWN = frozenset(
    {
        *("model", "messages", "max_tokens", "system", "metadata", "stop_sequences", "stream", "temperature", "top_k"),
        *("top_p", "tools", "tool_choice", "thinking", "service_tier", "output_config", "output_format"),
        *("cache_control", "inference_geo", "user_profile_id", "workspace_id"),
    }
)
_MENDS = {
    "mcp_servers": "give the model tools of your own instead",
    "container": "give the model tools of your own instead",
    "speed": "leave it out",
    "context_management": "leave it out, and shorten the messages yourself",
}
_CLIENT_TOOLS = ("bash_", "computer_", "memory_", "text_editor_")
_BLOCKS_OF_TEXT = frozenset({"text", "tool_use", "thinking", "redacted_thinking"})


class _Input:
    """The bound of all that a request sends; `is_known` is False once a part of it has none of its own."""

    def __init__(self) -> None:
        self.tokens = 0
        self.is_known = True
        self.searches = self.unfinished = 0

    def content(self, content: Any) -> None:
        """A text, or blocks."""
        if isinstance(content, str):
            self.tokens += text_bound(content)
        elif isinstance(content, list):
            for block in content:
                self.block(block)
        elif content is not None:
            self.is_known = False

    def block(self, block: Any) -> None:
        """One block of a message, a system prompt or a tool's result."""
        kind = block.get("type") if isinstance(block, dict) else None
        self.unfinished += kind == "server_tool_use"
        if kind in _BLOCKS_OF_TEXT:
            self.tokens += json_bound(block)
        elif kind == "image":
            self.tokens += IMAGE_MOST
        elif kind == "tool_result":
            self.tokens += json_bound({name: part for name, part in block.items() if name != "content"})
            self.content(block.get("content"))
        elif kind == "document" and _source(block).get("type") in ("text", "content"):
            self.tokens += json_bound({name: part for name, part in block.items() if name != "source"})
            self.content(_source(block).get("data") or _source(block).get("content"))
        else:
            self.is_known = False

    def tool(self, tool: Any) -> None:
        """A tool that the model may use."""
        kind = (tool.get("type") if isinstance(tool, dict) else None) or "custom"
        if kind == WEB_SEARCH:
            uses = tool.get("max_uses")
            if type(uses) is not int or uses < 1:
                raise Unbounded(f"{WHAT} with the tool {kind} has no sure bound without max_uses; give it max_uses")
            self.searches += uses
            return
        if not isinstance(kind, str) or (kind != "custom" and not kind.startswith(_CLIENT_TOOLS)):
            raise Unbounded(
                f"{WHAT} with the tool {kind} has no sure bound, so it isn't sent: what it does on the provider's side "
                "is billed again and again; give the model a tool of your own for it"
            )
        self.tokens += json_bound(tool) + (0 if kind == "custom" else CLIENT_TOOL)


def asked(body: Body, headers: Mapping[str, str]) -> Asked:
    """What a request may cost at most. Raises Unbounded."""
    check_keys(body, _KNOWN, WHAT, _MENDS)
    most = whole(body, "max_tokens", WHAT, "give it max_tokens")
    model = str(body.get("model"))
    found = _Input()
    for message in body.get("messages") or ():
        found.tokens += MESSAGE_OVERHEAD
        found.content(message.get("content") if isinstance(message, dict) else message)
    if body.get("system"):
        found.tokens += SYSTEM_OVERHEAD
        found.content(body["system"])
    for tool in body.get("tools") or ():
        found.tool(tool)
    found.tokens += TOOLS_PROMPT if body.get("tools") else 0
    shape = [body.get("output_format"), (body.get("output_config") or {}).get("format")]
    found.tokens += sum(json_bound(each) + FORMAT_PROMPT for each in shape if each)
    tokens = found.tokens if found.is_known else _window(model, headers)
    if found.searches:
        tokens = _window(model, headers) * most_rounds(found.searches)
    thinking = _thinking(body)
    is_whole = bool(thinking or body.get("tools") or any(shape))
    return Asked(
        model,
        tokens,
        most + (thinking if thinking >= most else 0),
        body,
        None if is_whole else lambda body, output: {**body, "max_tokens": output},
        body.get("stream") is True,
        not found.is_known and not found.searches,
        # Those that an answer before has begun are made now.
        found.searches + found.unfinished if found.searches else 0,
    )


def _thinking(body: Body) -> int:
    """How much of the answer may be thought: 1 where that isn't said. A budget for turns may exceed `max_tokens`."""
    thinking = body.get("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") == "disabled":
        return 0
    budget = thinking.get("budget_tokens")
    return budget if type(budget) is int else 1


def _window(model: str, headers: Mapping[str, str]) -> int:
    window = context_window(model, "anthropic")
    if window is None:
        raise Unbounded(
            f'{WHAT} whose parts have no sure bound, for the model "{model}", of which nobody knows how much it takes; '
            "send texts and images, or hold its cost yourself with omega_runtime.hold(…)"
        )
    return max(window, LONG_CONTEXT) if "context-1m" in headers.get("anthropic-beta", "") else window


def _source(block: Mapping[str, Any]) -> Mapping[str, Any]:
    source = block.get("source")
    return source if isinstance(source, dict) else {}


class Events:
    """A message that comes in events."""

    def __init__(self) -> None:
        self._message: Body = {}
        self._texts: list[str] = []
        self._is_billed = self._is_whole = False

    def take(self, event: Body) -> bool:
        """Note an event."""
        match event:
            case {"type": "message_start", "message": dict() as message}:
                self._message = {**message, "usage": dict(message.get("usage") or {})}
            case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": str() as text}}:
                self._texts.append(text)
            case {"type": "message_delta"}:
                self._message.update(event.get("delta") or {})
                said = {name: each for name, each in (event.get("usage") or {}).items() if each is not None}
                self._message.setdefault("usage", {}).update(said)
                # What the beginning says of the answer is not the whole of it.
                self._is_billed = self._is_billed or "output_tokens" in said
            case {"type": "message_stop"}:
                self._is_whole = True
        return True

    def reply(self) -> Reply:
        """What it cost. Raises UnreadableAnswer when it hasn't ended, or its end doesn't say that."""
        if not self._is_whole or not self._is_billed:
            raise UnreadableAnswer("an answer without an end")
        return read_reply({**self._message, "content": [{"type": "text", "text": "".join(self._texts)}]})


MESSAGES = Reading(asked, read_reply, lambda _: Events())
