"""OpenAI's chat completions, as many servers speak them: requests, what they take at most, and what answers say.

What is assumed beyond a text's bytes is documented by OpenAI, rounded up: the dearest model takes some 48,200 tokens
for an image, and 2,900 for one of low detail.
"""

from __future__ import annotations

import json

from omega_runtime.models.bounds import Unbounded, json_bound
from omega_runtime.models.parts import CALL, DOCUMENT, IMAGE, OWN, RESULT, TEXT, Part, text_of
from omega_runtime.models.prices import price_of
from omega_runtime.models.provider import text_bound
from omega_runtime.models.reply import Reply
from omega_runtime.models.strict_schemas import format_of, system_of
from omega_runtime.models.usage import UnreadableAnswer, count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal
    from typing import Any

    from omega_runtime.models.parts import Content, ToolSpecification
    from omega_runtime.models.request import Request

    Body = dict[str, Any]

WHAT = "a chat completion"
OVERHEAD = 64
MESSAGE_OVERHEAD = 16
TOOL_OVERHEAD = 32
IMAGE_MOST = 50_000
LOW_IMAGE_MOST = 3_000
# What calls of the priority tier cost at most, in prices of others.
PRIORITY = 3
# Documents must have one.
FILE_NAME = "document.pdf"

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "max_output_tokens": "max_tokens",
}

# Part of the names of models that do so.
_SEARCHES = "search"

# What a message of an answer, or a call in one, has beside what servers may add, which they want back.
_PLAIN = frozenset({"role", "content", "tool_calls", "refusal", "annotations", "audio", "function_call"})
_PLAIN_CALL = frozenset({"id", "type", "function", "index"})


def body_of(request: Request) -> Body:
    """What is sent for a request, but for the most tokens of the answer."""
    said = request.messages or (("user", request.prompt),)
    messages = [each for role, content in said for each in _messages(role, content)]
    system = system_of(request)
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    body: Body = {"model": request.model, "messages": messages}
    for name, value in request.sampling:
        body["reasoning_effort" if name == "effort" else name] = value
    if request.stop:
        body["stop"] = list(request.stop)
    if request.tools:
        body["tools"] = [{"type": "function", "function": function_of(tool)} for tool in request.tools]
        body["tool_choice"] = "auto" if request.may_call_tools else "none"
    answer = format_of(request)
    if answer is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": answer}
    return body


def function_of(tool: ToolSpecification) -> Body:
    """What a model is told of a tool."""
    return {"name": tool.name, "description": tool.description, "parameters": json.loads(tool.schema)}


def result_text(part: Part) -> str:
    """What a tool gave: an error says that it is one, as there is no other place for that."""
    return f"Error: {part.text}" if part.is_error else part.text


def _messages(role: str, content: Content) -> list[Body]:
    """The messages for one of a conversation: results are messages of their own."""
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    if role == "assistant":
        return [_answer(content)]
    results = [
        {"role": "tool", "tool_call_id": part.id, "content": result_text(part)}
        for part in content
        if part.kind == RESULT
    ]
    rest = [part for part in content if part.kind != RESULT]
    if all(part.kind == TEXT for part in rest):
        return [*results, {"role": role, "content": text_of(content)}] if rest else results
    return [*results, {"role": role, "content": list(map(_block, rest))}]


def _block(part: Part) -> Body:
    if part.kind == IMAGE:
        return {"type": "image_url", "image_url": {"url": data_url(part)}}
    if part.kind == DOCUMENT:
        return {"type": "file", "file": {"filename": FILE_NAME, "file_data": data_url(part)}}
    own: Body = json.loads(part.text) if part.kind == OWN else {"type": "text", "text": part.text}
    return own


def data_url(part: Part) -> str:
    """A picture or a document within an address."""
    return f"data:{part.name};base64,{part.text}"


def _answer(content: tuple[Part, ...]) -> Body:
    """An answer of the model, as it came where the server has added to it."""
    own = next((part for part in content if part.kind == OWN), None)
    if own is not None:
        came: Body = json.loads(own.text)
        return came
    message: Body = {"role": "assistant", "content": text_of(content) or None}
    calls = [
        {"type": "function", "id": part.id, "function": {"name": part.name, "arguments": part.text}}
        for part in content
        if part.kind == CALL
    ]
    return {**message, "tool_calls": calls} if calls else message


def check_model(model: str) -> None:
    """Raise Unbounded for a model that searches the web for each answer."""
    if _SEARCHES in model and price_of(model, "openai") is not None:
        raise Unbounded(
            f"{model} has no sure bound, so it isn't asked: it searches the web by itself, which is billed besides; "
            "give another model a tool for that"
        )


def input_bound(body: Mapping[str, Any], what: str = WHAT) -> int | None:
    """The most input tokens of a request; None for one with parts that have no bound of their own.

    Raises Unbounded for what can't be bounded at all.
    """
    parts = [_message_bound(message) for message in body.get("messages") or ()]
    tokens = OVERHEAD + sum(part or 0 for part in parts) + tools_bound(body.get("tools"), what)
    tokens += sum(json_bound(body[each]) + OVERHEAD for each in ("functions", "response_format") if body.get(each))
    return None if None in parts else tokens


def image_bound(detail: object) -> int:
    """The most that an image takes."""
    return LOW_IMAGE_MOST if detail == "low" else IMAGE_MOST


def tools_bound(tools: Iterable[Any] | None, what: str) -> int:
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


def read_answer(body: Any) -> Reply:
    """The reply in a completion. Raises UnreadableAnswer when it has none, or doesn't say what it cost."""
    choices = body.get("choices") if isinstance(body, dict) else None
    choice: Any = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise UnreadableAnswer("a completion without a message")
    text = _text(message.get("content"))
    stop = "refusal" if message.get("refusal") else reason_of(choice.get("finish_reason"))
    return reply_of(body, text, stop, _content(message, text))


def reason_of(said: object) -> str | None:
    """Why an answer ended, as it's called here; None when it doesn't say."""
    return _REASONS.get(said, said) if isinstance(said, str) else None


def _text(content: Any) -> str:
    """What an answer says; some servers give it in parts."""
    parts = content if isinstance(content, list) else [{"text": content}]
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "".join(text for text in texts if isinstance(text, str))


def _content(message: Body, text: str) -> list[Part]:
    """The parts of an answer that calls tools, all of which have to go back; of any other nothing."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list) or not calls:
        return []
    parts = [Part(TEXT, text)] if text else []
    parts += [_call(call, number) for number, call in enumerate(calls)]
    added = {name for name, value in message.items() if value and name not in _PLAIN}
    if added or any(isinstance(call, dict) and call.keys() - _PLAIN_CALL for call in calls):
        came = {name: value for name, value in message.items() if value is not None or name == "content"}
        parts.insert(0, Part(OWN, json.dumps({"role": "assistant", **came}, ensure_ascii=False)))
    return parts


def _call(call: Any, number: int) -> Part:
    function: Any = call.get("function") if isinstance(call, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str):
        raise UnreadableAnswer("a call of a tool without a name")
    return Part(CALL, arguments_text(function.get("arguments")), name, str(call.get("id") or f"call_{number}"))


def arguments_text(arguments: Any) -> str:
    """The arguments of a call as JSON, written as everywhere; what is none stays, and is the model's mistake."""
    if not isinstance(arguments, str):
        return json.dumps(arguments or {}, ensure_ascii=False)
    try:
        return json.dumps(json.loads(arguments or "{}"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments


def reply_of(
    body: Mapping[str, Any], text: str, stop: str | None, content: Iterable[Part] = (), factor: int | Decimal = 1
) -> Reply:
    """A text with what the usage beside it says. Raises UnreadableAnswer when that says nothing.

    Of tokens that were both read from a cache and written to one, the dearer counts.
    """
    said = body.get("usage")
    if not isinstance(said, dict):
        raise UnreadableAnswer("an answer without usage")
    is_short = "prompt_tokens" in said
    fresh = count(said, "prompt_tokens" if is_short else "input_tokens")
    output = count(said, "completion_tokens" if is_short else "output_tokens", optional=is_short)
    total = count(said, "total_tokens", optional=True)
    details = said.get("prompt_tokens_details" if is_short else "input_tokens_details") or {}
    written = min(count(details, "cache_write_tokens", optional=True), fresh)
    return Reply(
        text,
        fresh,
        max(output, total - fresh),
        stop,
        body.get("model") if isinstance(body.get("model"), str) else None,
        cache_write_tokens=written,
        cache_read_tokens=min(count(details, "cached_tokens", optional=True), fresh - written),
        price_factor=factor * (PRIORITY if body.get("service_tier") in ("priority", "fast") else 1),
        content=content,
    )
