"""OpenAI's Responses and embeddings: what a request may cost at most, and what an answer says that it did."""

from __future__ import annotations

from omega_runtime.clients.asked import Asked, Reading, check_keys, whole
from omega_runtime.clients.completions import check_tier, window
from omega_runtime.models.completions import reason_of, reply_of
from omega_runtime.models.embeddings import TEXT_OVERHEAD, embeddings_bound
from omega_runtime.models.responses import WHAT, input_bound
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from omega_runtime.clients.asked import Body
    from omega_runtime.models.reply import Reply

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
_ENDS = ("response.completed", "response.incomplete", "response.failed")


def asked(body: Body, headers: Mapping[str, str]) -> Asked:  # noqa: ARG001 - others look at them
    """What a request may cost at most. Raises Unbounded."""
    check_keys(body, _KNOWN, WHAT, _MENDS)
    check_tier(body, WHAT)
    most = whole(body, "max_output_tokens", WHAT, "give it max_output_tokens")
    model = str(body.get("model"))
    tokens = input_bound(body)
    is_whole = any(body.get(each) for each in ("tools", "text", "reasoning"))
    return Asked(
        model,
        window(model, WHAT) if tokens is None else tokens,
        most,
        body,
        None if is_whole else lambda body, output: {**body, "max_output_tokens": output},
        body.get("stream") is True,
        tokens is None,
    )


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
    return reply_of(body, "".join(text for text in texts if isinstance(text, str)), reason_of(stop))


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
    tokens = embeddings_bound(each for each in inputs if isinstance(each, str))
    # Tokens, each a number.
    tokens += sum(
        len(each) + TEXT_OVERHEAD if isinstance(each, list) else 1 for each in inputs if type(each) is not str
    )
    return Asked(str(body.get("model")), tokens, 0, body)


def read_embeddings(body: Body) -> Reply:
    """What embeddings cost. Raises UnreadableAnswer when the answer doesn't say."""
    return reply_of(body, "", None)


RESPONSES = Reading(asked, read_reply, lambda _: Events())
EMBEDDINGS = Reading(asked_embeddings, read_embeddings, lambda _: Events())
