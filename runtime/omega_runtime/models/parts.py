"""What the messages of a conversation are made of, and the tools that a model may call in one.

The content of a message is a text, or a tuple of parts.
"""

from __future__ import annotations

import json
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TEXT = "text"
CALL = "call"
RESULT = "result"
OWN = "own"
IMAGE = "image"
DOCUMENT = "document"


class Part(NamedTuple):
    """One part of a message.

    TEXT says `text`. CALL is the model's call of the tool `name`, with its arguments as the JSON text of an object,
    RESULT what that call gave, or an error's message; both go by the call's `id`. IMAGE and DOCUMENT have their bytes
    in base 64 as `text`, and their media type as `name`. OWN is a part in the provider's own form, as JSON, which it
    gets back as it is.
    """

    kind: str
    text: str
    name: str = ""
    id: str = ""
    is_error: bool = False


class ToolSpecification(NamedTuple):
    """What a model is told of a tool: `schema` is the JSON schema of its arguments, as a text."""

    name: str
    description: str
    schema: str


Content = str | tuple[Part, ...]


def tool_call(name: str, *, id: str | None = None, **arguments: Any) -> Part:
    """A model's call of a tool, for models that are Python functions: `Reply("", …, content=[tool_call(…)])`.

    The arguments are data as JSON has it. Without an `id` one is made of them.
    """
    text = json.dumps(arguments, ensure_ascii=False)
    if id is None:
        from hashlib import blake2b

        id = f"call_{blake2b((name + text).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"
    return Part(CALL, text, name, id)


def block_of(part: Part) -> dict[str, Any]:
    """A part of a message as the Messages API has it, which model functions get, too."""
    if part.kind == CALL:
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": json.loads(part.text)}
    if part.kind == RESULT:
        return {"type": "tool_result", "tool_use_id": part.id, "content": part.text, "is_error": part.is_error}
    if part.kind in (IMAGE, DOCUMENT):
        return {"type": part.kind, "source": {"type": "base64", "media_type": part.name, "data": part.text}}
    own: dict[str, Any] = json.loads(part.text) if part.kind == OWN else {"type": "text", "text": part.text}
    return own


def blocks_of(content: Content) -> str | list[dict[str, Any]]:
    """What a message says as the Messages API has it."""
    return content if isinstance(content, str) else [block_of(part) for part in content]


def described(tool: ToolSpecification) -> dict[str, Any]:
    """A tool as the Messages API has it."""
    return {"name": tool.name, "description": tool.description, "input_schema": json.loads(tool.schema)}


def sendable(part: Part) -> Part:
    """The part with a question mark for each half of a character, which no provider takes."""
    text, name, call = (each.encode(errors="replace").decode() for each in (part.text, part.name, part.id))
    return Part(part.kind, text, name, call, part.is_error)


def content_parts(content: Content) -> tuple[Part, ...]:
    """What a message is made of."""
    return (Part(TEXT, content),) if isinstance(content, str) else content


def texts_in(content: Content) -> list[str]:
    """All that stands in a message, but for what is attached."""
    if isinstance(content, str):
        return [content]
    return [part.text for part in content if part.kind not in (IMAGE, DOCUMENT)]


def text_of(content: Content) -> str:
    """The texts of a message, one after the other."""
    return content if isinstance(content, str) else "".join(part.text for part in content if part.kind == TEXT)
