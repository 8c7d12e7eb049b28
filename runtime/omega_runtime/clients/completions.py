"""OpenAI's chat completions, as many servers speak them: what a request may cost at most, and what an answer did."""

from __future__ import annotations

from omega_runtime.clients.asked import Asked, Reading, check_keys, whole
from omega_runtime.models.bounds import Unbounded
from omega_runtime.models.completions import WHAT, check_model, input_bound, reason_of, reply_of
from omega_runtime.models.prices import context_window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omega_runtime.clients.asked import Body
    from omega_runtime.models.reply import Reply

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


def asked(body: Body, headers: Mapping[str, str]) -> Asked:  # noqa: ARG001 - others look at them
    """What a request may cost at most. Raises Unbounded."""
    check_keys(body, _KNOWN, WHAT, _MENDS)
    check_tier(body, WHAT)
    name = "max_tokens" if body.get("max_tokens") is not None else "max_completion_tokens"
    most = whole(body, name, WHAT, "give it max_completion_tokens")
    answers = 1 if body.get("n") is None else whole(body, "n", WHAT, "n counts the answers")
    model = str(body.get("model"))
    check_model(model)
    tokens = input_bound(body)
    is_whole = any(body.get(each) for each in ("tools", "functions", "response_format", "reasoning_effort"))
    return Asked(
        model,
        window(model, WHAT) if tokens is None else tokens,
        most * answers,
        _with_usage(body),
        None if is_whole or answers > 1 else lambda body, output: {**body, name: output},
        body.get("stream") is True,
        tokens is None,
    )


def _with_usage(body: Body) -> Body:
    """A stream says what it cost only when it is asked to."""
    if body.get("stream") is not True:
        return body
    return {**body, "stream_options": {**(body.get("stream_options") or {}), "include_usage": True}}


def read_reply(body: Body) -> Reply:
    """The reply in a completion. Raises UnreadableAnswer when it doesn't say what it cost."""
    choices = body.get("choices")
    known = [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
    texts = [(choice.get("message") or {}).get("content") for choice in known]
    stop = known[0].get("finish_reason") if known else None
    return reply_of(body, "".join(text for text in texts if isinstance(text, str)), reason_of(stop))


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
        return reply_of(self._said, "".join(self._texts), reason_of(self._stop))


COMPLETIONS = Reading(
    asked, read_reply, lambda body: Events(bool((body.get("stream_options") or {}).get("include_usage")))
)
