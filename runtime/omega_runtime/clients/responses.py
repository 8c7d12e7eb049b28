"""OpenAI's Responses and embeddings: what a request may cost at most, and what an answer says that it did."""

from __future__ import annotations

from omega_runtime.clients import completions
from omega_runtime.clients.asked import Asked, Reading, check_keys, json_bound, whole
from omega_runtime.clients.completions import MESSAGE_OVERHEAD, OVERHEAD, check_tier, image_bound, tools_bound, window
from omega_runtime.models.provider import text_bound
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omega_runtime.clients.asked import Body
    from omega_runtime.models.reply import Reply

WHAT = "a response"
_KNOWN = frozenset(
    {
        *("model", "input", "instructions", "max_output_tokens", "stream", "stream_options", "tools", "tool_choice"),
        *(
            "parallel_tool_calls",
            "temperature",
            "top_p",
            "top_logprobs",
            "text",
            "reasoning",
            "metadata",
            "store",
            "user",
        ),
        *("truncation", "include", "service_tier", "safety_identifier", "prompt_cache_key", "prompt_cache_retention"),
        *("previous_response_id", "conversation"),
    }
)
_MENDS = {
    "background": "leave it out: who asks must be there to hear what it cost",
    "prompt": "send the prompt itself",
}
_TEXTS = frozenset(
    {"input_text", "output_text", "refusal", "function_call", "function_call_output", "custom_tool_call"}
    | {"custom_tool_call_output", "summary_text", "reasoning_text"}
)
_ENDS = ("response.completed", "response.incomplete", "response.failed")


def asked(body: Body, headers: Mapping[str, str]) -> Asked:  # noqa: ARG001 - others look at them
    """What a request may cost at most. Raises Unbounded."""
    check_keys(body, _KNOWN, WHAT, _MENDS)
    check_tier(body, WHAT)
    most = whole(body, "max_output_tokens", WHAT, "give it max_output_tokens")
    model = str(body.get("model"))
    given = body.get("input")
    items = given if isinstance(given, list) else [given]
    parts = [_bound(item) for item in (*items, body.get("instructions") or "")]
    is_known = None not in parts and not body.get("previous_response_id") and not body.get("conversation")
    tokens = OVERHEAD + sum(part or 0 for part in parts) + tools_bound(body.get("tools"), WHAT)
    tokens += json_bound(body["text"]) + OVERHEAD if body.get("text") else 0
    is_whole = any(body.get(each) for each in ("tools", "text", "reasoning"))
    return Asked(
        model,
        tokens if is_known else window(model, WHAT),
        most,
        body,
        None if is_whole else lambda body, output: {**body, "max_output_tokens": output},
        body.get("stream") is True,
        not is_known,
    )


def _bound(item: Any) -> int | None:
    """The most that an item of the input takes, or a part of one; None for one that has no bound of its own."""
    if isinstance(item, str) or item is None:
        return MESSAGE_OVERHEAD + text_bound(item or "")
    if not isinstance(item, dict):
        return None
    kind = item.get("type", "message")
    if kind == "input_image":
        return image_bound(item.get("detail"))
    if kind in _TEXTS:
        return MESSAGE_OVERHEAD + json_bound(item)
    content = item.get("content")
    if kind != "message":
        return None
    parts = [_bound(part) for part in (content if isinstance(content, list) else [content])]
    if None in parts:
        return None
    rest = {name: part for name, part in item.items() if name != "content"}
    return MESSAGE_OVERHEAD + json_bound(rest) + sum(part or 0 for part in parts)


def read_reply(body: Body) -> Reply:
    """The reply in a response. Raises UnreadableAnswer when it doesn't say what it cost."""
    texts = [
        part.get("text")
        for item in body.get("output") or ()
        if isinstance(item, dict) and item.get("type") == "message"
        for part in item.get("content") or ()
        if isinstance(part, dict)
    ]
    stop = (body.get("incomplete_details") or {}).get("reason")
    return completions.reply_of(body, "".join(text for text in texts if isinstance(text, str)), stop)


class Events:
    """A response that comes in events: the last one has all of it."""

    def __init__(self) -> None:
        self._response: Body | None = None

    def take(self, event: Body) -> bool:
        """Note an event."""
        if event.get("type") in _ENDS and isinstance(event.get("response"), dict):
            self._response = event["response"]
        return True

    def reply(self) -> Reply:
        """What it cost. Raises UnreadableAnswer when it hasn't ended."""
        if self._response is None:
            raise UnreadableAnswer("an answer without an end")
        return read_reply(self._response)


def asked_embeddings(body: Body, headers: Mapping[str, str]) -> Asked:  # noqa: ARG001
    """What embeddings may cost at most: they have no output. Raises Unbounded."""
    what = "a request for embeddings"
    check_keys(body, frozenset({"model", "input", "dimensions", "encoding_format", "user"}), what, {})
    given = body.get("input")
    inputs = given if isinstance(given, list) else [given]
    tokens = OVERHEAD
    for each in inputs:
        if isinstance(each, str):
            tokens += text_bound(each)
        else:
            tokens += len(each) if isinstance(each, list) else 1
    return Asked(str(body.get("model")), tokens, 0, body)


def read_embeddings(body: Body) -> Reply:
    """What embeddings cost. Raises UnreadableAnswer when the answer doesn't say."""
    return completions.reply_of(body, "", None)


RESPONSES = Reading(asked, read_reply, lambda _: Events())
EMBEDDINGS = Reading(asked_embeddings, read_embeddings, lambda _: Events())
