"""OpenAI's chat completions, as many servers speak them: what a request may cost at most, and what an answer did.

What is assumed beyond a text's bytes is documented by OpenAI, rounded up: the dearest model takes some 48,200 tokens
for an image, and 2,900 for one of low detail.
"""

from __future__ import annotations

from omega_runtime.clients.asked import Asked, Reading, Unbounded, check_keys, json_bound, whole
from omega_runtime.models.prices import context_window
from omega_runtime.models.provider import text_bound
from omega_runtime.models.reply import Reply
from omega_runtime.models.usage import UnreadableAnswer, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omega_runtime.clients.asked import Body

WHAT = "a chat completion"
OVERHEAD = 64
MESSAGE_OVERHEAD = 16
TOOL_OVERHEAD = 32
IMAGE_MOST = 50_000
LOW_IMAGE_MOST = 3_000
# What calls of the priority tier cost at most, in prices of others.
PRIORITY = 3

_STOPS: dict[str, str | None] = {"length": "max_tokens", "max_output_tokens": "max_tokens", "stop": None}

_KNOWN = frozenset(
    {
        *("model", "messages", "max_tokens", "max_completion_tokens", "n", "stream", "stream_options", "temperature"),
        *("top_p", "top_k", "min_p", "stop", "seed", "presence_penalty", "frequency_penalty", "repetition_penalty"),
        *("logit_bias", "logprobs", "top_logprobs", "user", "tools", "tool_choice", "parallel_tool_calls"),
        *("functions", "function_call", "response_format", "reasoning_effort", "verbosity", "metadata", "store"),
        *("safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier"),
    }
)
_MENDS = {
    "prediction": "leave it out: what is predicted in vain is billed as well",
    "web_search_options": "give the model a tool of your own for it",
}


def check_tier(body: Mapping[str, Any], what: str) -> None:
    """Raise Unbounded for a tier that costs more than the price data says."""
    if body.get("service_tier") not in (None, "auto", "default", "flex"):
        raise Unbounded(f"{what} of the tier {body['service_tier']} has no known price; leave service_tier out")


def window(model: str, what: str) -> int:
    """What a model takes at most. Raises Unbounded when nobody knows."""
    known = context_window(model, "openai")
    if known is None:
        raise Unbounded(
            f'{what} whose parts have no sure bound, for the model "{model}", of which nobody knows how much it takes; '
            "send texts and images, or hold its cost yourself with omega_runtime.hold(…)"
        )
    return known


def image_bound(detail: object) -> int:
    """The most that an image takes."""
    return LOW_IMAGE_MOST if detail == "low" else IMAGE_MOST


def tools_bound(tools: Any, what: str) -> int:
    """The most that the tools take. Raises Unbounded for those of the provider's own."""
    total = 0
    for tool in tools or ():
        kind = tool.get("type", "function") if isinstance(tool, dict) else None
        if kind not in ("function", "custom"):
            raise Unbounded(
                f"{what} with the tool {kind} has no sure bound, so it isn't sent: what it does on the provider's side "
                "is billed again; give the model a tool of your own for it"
            )
        total += json_bound(tool) + TOOL_OVERHEAD
    return total


def asked(body: Body, headers: Mapping[str, str]) -> Asked:  # noqa: ARG001 - others look at them
    """What a request may cost at most. Raises Unbounded."""
    check_keys(body, _KNOWN, WHAT, _MENDS)
    check_tier(body, WHAT)
    name = "max_tokens" if body.get("max_tokens") is not None else "max_completion_tokens"
    most = whole(body, name, WHAT, "give it max_completion_tokens")
    answers = 1 if body.get("n") is None else whole(body, "n", WHAT, "n counts the answers")
    model = str(body.get("model"))
    parts = [_message_bound(message) for message in body.get("messages") or ()]
    is_known = None not in parts
    tokens = OVERHEAD + sum(part or 0 for part in parts) + tools_bound(body.get("tools"), WHAT)
    tokens += sum(json_bound(body[each]) + OVERHEAD for each in ("functions", "response_format") if body.get(each))
    is_whole = any(body.get(each) for each in ("tools", "functions", "response_format", "reasoning_effort"))
    return Asked(
        model,
        tokens if is_known else window(model, WHAT),
        most * answers,
        _with_usage(body),
        None if is_whole or answers > 1 else lambda body, output: {**body, name: output},
        body.get("stream") is True,
        not is_known,
    )


def _with_usage(body: Body) -> Body:
    """A stream says what it cost only when it is asked to."""
    if body.get("stream") is not True:
        return body
    return {**body, "stream_options": {**(body.get("stream_options") or {}), "include_usage": True}}


def _message_bound(message: Any) -> int | None:
    """The most that a message takes; None for one with parts that have no bound of their own."""
    if not isinstance(message, dict):
        return None
    content = message.get("content")
    total = MESSAGE_OVERHEAD + json_bound({name: part for name, part in message.items() if name != "content"})
    if isinstance(content, str) or content is None:
        return total + text_bound(content or "")
    for part in content if isinstance(content, list) else [{}]:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("text", "refusal"):
            total += json_bound(part)
        elif kind == "image_url":
            total += image_bound((part.get("image_url") or {}).get("detail"))
        elif kind == "input_audio":
            raise Unbounded("a chat completion with audio has no known price, so it isn't sent; send it as text")
        else:
            return None
    return total


def read_reply(body: Body) -> Reply:
    """The reply in a completion. Raises UnreadableAnswer when it doesn't say what it cost."""
    choices = body.get("choices")
    known = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    texts = [(choice.get("message") or {}).get("content") for choice in known]
    stop = known[0].get("finish_reason") if known else None
    return reply_of(body, "".join(text for text in texts if isinstance(text, str)), stop)


def reply_of(body: Mapping[str, Any], text: str, stop: object) -> Reply:
    """A text with what the usage beside it says. Raises UnreadableAnswer when that says nothing."""
    said = body.get("usage")
    if not isinstance(said, dict):
        raise UnreadableAnswer("a completion without usage")
    is_short = "prompt_tokens" in said
    fresh = count(said, "prompt_tokens" if is_short else "input_tokens")
    output = count(said, "completion_tokens" if is_short else "output_tokens", optional=is_short)
    total = count(said, "total_tokens", optional=True)
    details = said.get("prompt_tokens_details" if is_short else "input_tokens_details") or {}
    return Reply(
        text,
        fresh,
        max(output, total - fresh),
        _STOPS.get(stop, stop) if isinstance(stop, str) else None,
        body.get("model") if isinstance(body.get("model"), str) else None,
        cache_read_tokens=min(count(details, "cached_tokens", optional=True), fresh),
        price_factor=PRIORITY if body.get("service_tier") == "priority" else 1,
    )


class Events:
    """A completion that comes in events; the last of them, which was asked for here, is kept from the client."""

    def __init__(self, is_usage_wanted: bool) -> None:
        self._is_usage_wanted = is_usage_wanted
        self._said: Body = {}
        self._texts: list[str] = []
        self._stop: object = None

    def take(self, event: Body) -> bool:
        """Note an event; False when it is nothing but the usage, for which the client didn't ask."""
        choices = event.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            text = (choice.get("delta") or {}).get("content")
            if isinstance(text, str):
                self._texts.append(text)
            self._stop = choice.get("finish_reason") or self._stop
        if isinstance(event.get("usage"), dict):
            self._said = event
            return bool(choices) or self._is_usage_wanted
        return True

    def reply(self) -> Reply:
        """What it cost. Raises UnreadableAnswer when it hasn't been said."""
        return reply_of(self._said, "".join(self._texts), self._stop)


COMPLETIONS = Reading(
    asked, read_reply, lambda body: Events(bool((body.get("stream_options") or {}).get("include_usage")))
)
