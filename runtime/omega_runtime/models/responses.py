"""OpenAI's Responses: requests, what they take at most, and what answers say."""

from __future__ import annotations

import json

from omega_runtime.models.bounds import json_bound
from omega_runtime.models.completions import (
    FILE_NAME,
    MESSAGE_OVERHEAD,
    OVERHEAD,
    arguments_text,
    data_url,
    function_of,
    image_bound,
    reason_of,
    reply_of,
    result_text,
    tools_bound,
)
from omega_runtime.models.parts import CALL, DOCUMENT, IMAGE, OWN, RESULT, TEXT, Part
from omega_runtime.models.provider import text_bound
from omega_runtime.models.strict_schemas import format_of, system_of
from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from omega_runtime.models.parts import Content
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request

    Body = dict[str, Any]

WHAT = "a response"
_TEXTS = frozenset(
    {"input_text", "output_text", "refusal", "function_call", "function_call_output", "custom_tool_call"}
    | {"custom_tool_call_output", "summary_text", "reasoning_text"}
)


def body_of(request: Request) -> Body:
    """What is sent for a request, but for the most tokens of the answer."""
    items = [item for role, content in request.messages for item in _items(role, content)]
    body: Body = {"model": request.model, "input": items or request.prompt}
    system = system_of(request)
    if system is not None:
        body["instructions"] = system
    for name, value in request.sampling:
        if name == "effort":
            body["reasoning"] = {"effort": value}
        else:
            body[name] = value
    if request.tools:
        body["tools"] = [{"type": "function", **function_of(tool), "strict": False} for tool in request.tools]
        body["tool_choice"] = "auto" if request.may_call_tools else "none"
    answer = format_of(request)
    if answer is not None:
        body["text"] = {"format": {"type": "json_schema", **answer}}
    return body


def _items(role: str, content: Content) -> list[Body]:
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    if any(part.kind in (IMAGE, DOCUMENT) for part in content):
        return [{"role": role, "content": list(map(_block, content))}]
    return [_item(role, part) for part in content]


def _block(part: Part) -> Body:
    if part.kind == IMAGE:
        return {"type": "input_image", "image_url": data_url(part), "detail": "auto"}
    if part.kind == DOCUMENT:
        return {"type": "input_file", "filename": FILE_NAME, "file_data": data_url(part)}
    return {"type": "input_text", "text": part.text}


def _item(role: str, part: Part) -> Body:
    if part.kind == CALL:
        return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": part.text}
    if part.kind == RESULT:
        return {"type": "function_call_output", "call_id": part.id, "output": result_text(part)}
    if part.kind == OWN:
        own: Body = json.loads(part.text)
        return own
    return {"role": role, "content": part.text}


def input_bound(body: Mapping[str, Any], what: str = WHAT) -> int | None:
    """The most input tokens of a request; None for one with parts that have no bound of their own.

    Raises Unbounded for what can't be bounded at all.
    """
    given = body.get("input")
    items = given if isinstance(given, list) else [given]
    parts = [_bound(item) for item in (*items, body.get("instructions") or "")]
    tokens = OVERHEAD + sum(part or 0 for part in parts) + tools_bound(body.get("tools"), what)
    tokens += json_bound(body["text"]) + OVERHEAD if body.get("text") else 0
    return None if None in parts or body.get("previous_response_id") or body.get("conversation") else tokens


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


def read_answer(body: Any) -> Reply:
    """The reply in a response. Raises UnreadableAnswer when it has none, or doesn't say what it cost.

    What the model thought is not sent back to it: its cost there has no bound that can be seen here.
    """
    output = body.get("output") if isinstance(body, dict) else None
    if not isinstance(output, list) or not all(isinstance(item, dict) for item in output):
        raise UnreadableAnswer("a response without output")
    content: list[Part] = []
    is_refused = False
    for item in output:
        if item.get("type") == "function_call":
            name, call = item.get("name"), item.get("call_id")
            if not isinstance(name, str) or not isinstance(call, str):
                raise UnreadableAnswer("a call of a tool without a name")
            content.append(Part(CALL, arguments_text(item.get("arguments")), name, call))
        elif item.get("type") == "message":
            parts = [part for part in item.get("content") or () if isinstance(part, dict)]
            content += [Part(TEXT, part["text"]) for part in parts if isinstance(part.get("text"), str)]
            is_refused = is_refused or any(part.get("type") == "refusal" for part in parts)
    text = "".join(part.text for part in content if part.kind == TEXT)
    is_calling = any(part.kind == CALL for part in content)
    stop = _reason(body) or ("refusal" if is_refused else "tool_use" if is_calling else "end_turn")
    return reply_of(body, text, stop, content if is_calling else ())


def _reason(body: Body) -> str | None:
    """Why a response ended before its end."""
    if body.get("status") in (None, "completed"):
        return None
    details = body.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return reason_of(reason) or str(body["status"])
