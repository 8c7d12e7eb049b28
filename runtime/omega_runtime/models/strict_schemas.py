"""JSON schemas as OpenAI's structured outputs take them."""

from __future__ import annotations

import json
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.models.request import Request

# What answers can be held to with certainty, as documented.
_STRICT = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "$defs"),
        *("title", "description", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("multipleOf", "minItems", "maxItems"),
    }
)


@lru_cache(maxsize=256)
def format_text(schema: str) -> str | None:
    """The format of answers that have to fit a schema, as JSON; None for a schema that is not of objects."""
    found = json.loads(schema)
    if not isinstance(found, dict) or found.get("type") != "object":
        return None
    return json.dumps({"name": "answer", "schema": found, "strict": _is_strict(found)}, ensure_ascii=False)


def format_of(request: Request) -> dict[str, Any] | None:
    """The format of a request's answer; None when it has no schema, or one that can only be told of."""
    text = None if request.schema is None else format_text(request.schema)
    return None if text is None else json.loads(text)


def system_of(request: Request) -> str | None:
    """A request's system prompt, which tells of a schema that there is no format for."""
    if request.schema is None or format_text(request.schema) is not None:
        return request.system
    from omega_runtime.models.schemas import instruction

    told = instruction(request.schema)
    return told if request.system is None else f"{request.system}\n\n{told}"


def _is_strict(schema: Any) -> bool:
    """Whether answers can be held to a schema with certainty: objects have exactly the properties that they name."""
    if not isinstance(schema, dict) or not schema.keys() <= _STRICT:
        return False
    if not {"type", "anyOf", "$ref"} & schema.keys():
        return False
    properties = schema.get("properties", {})
    if schema.get("type") == "object":
        is_closed = schema.get("additionalProperties") is False
        if not is_closed or sorted(schema.get("required", [])) != sorted(properties):
            return False
    parts = [*properties.values(), *schema.get("anyOf", []), *schema.get("$defs", {}).values()]
    return all(map(_is_strict, [*parts, schema["items"]] if "items" in schema else parts))
