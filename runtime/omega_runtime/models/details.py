"""What a reply comes with beside its text: for the journal, and for programs that ask for it."""

from __future__ import annotations

import json

from omega_runtime.models.parts import CALL, Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value

_NAMES = ("model", "cache_write_tokens", "cache_read_tokens", "cache_write_1h_tokens", "request_id", "searches")


def written_details(reply: Reply) -> str | None:
    """The details of a reply; None when it has none. Halves of characters become escapes."""
    found: dict[str, Any] = {name: getattr(reply, name) for name in _NAMES if getattr(reply, name)}
    if reply.content:
        found["content"] = reply.content
    return json.dumps(found, ensure_ascii=True) if found else None


def read_details(text: str) -> dict[str, Any]:
    """The details as arguments of `Reply`."""
    found: dict[str, Any] = json.loads(text)
    if "content" in found:
        found["content"] = [Part(*part) for part in found["content"]]
    return found


def details_of(request: Request, reply: Reply, value: Value, room: int, is_again: bool) -> Value:
    """A table of what an answer came with, for the program; `value` is what it gets without that.

    The cost is None when the price of the model is not known, and 0 for an answer that was paid for before.
    """
    from omega_runtime.lib.tables import make_hash_table
    from omega_runtime.money import dollars

    picodollars = 0 if is_again else None if request.price is None else request.price.of(reply)
    table = make_hash_table()
    table["text"] = reply.text
    table["data"] = value if request.schema is not None else False
    table["stop-reason"] = reply.stop_reason or False
    table["model"] = reply.model or request.model
    table["input-tokens"] = reply.input_tokens
    table["output-tokens"] = reply.output_tokens
    table["cache-read-tokens"] = reply.cache_read_tokens
    table["cache-write-tokens"] = reply.cache_write_tokens
    table["dollars"] = False if picodollars is None else float(dollars(picodollars))
    table["searches"] = reply.searches
    table["request-id"] = reply.request_id or False
    table["clamped?"] = room < request.wanted and not is_again
    table["again?"] = is_again
    table["tool-calls"] = _tool_calls(request)
    return table


def _tool_calls(request: Request) -> Value:
    """The calls of tools before an answer: lists of a name and a table of arguments."""
    from omega_runtime.lib.json import json_parse
    from omega_runtime.values.pairs import list_from

    contents = [content for _, content in request.messages if not isinstance(content, str)]
    calls = [part for content in contents for part in content if part.kind == CALL]
    return list_from([list_from([call.name, json_parse(call.text)]) for call in calls])
