"""Answers as data: JSON schemas, how programs write them, and what fits one.

A schema is a text of JSON, data as `json-emit` takes it, or written short: `string`, `number`, `integer`, `boolean`,
`(list type)`, `(enum value …)`, and `((name type ["meaning"]) …)` for an object, whose `(optional type)` may lack.
"""

from __future__ import annotations

import json
from functools import lru_cache

from omega_runtime.models.provider import ModelError
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import unlist
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.values import Value

_TYPES = frozenset({"string", "number", "integer", "boolean", "null"})
_SHORT = "a type such as string, (list string), (enum 1 2) or ((name type) …)"


class SchemaMismatch(ModelError):
    """A paid answer doesn't fit its schema, in the last of its attempts; `text` is what it says."""

    text: str = ""


def schema_text(value: Value, in_order: bool = False) -> str:
    """The JSON text of a schema as a program writes it, its fields in their order or by name.

    Raises OmegaError for what is no schema.
    """
    schema = _schema(value)
    text = json.dumps(schema, ensure_ascii=False, sort_keys=not in_order)
    _validator(text)
    return text


def _schema(value: Value) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError as error:
            raise OmegaError(f"schema: this is no JSON: {error}") from None
    if isinstance(value, dict):
        from omega_runtime.lib.json import json_emit

        return json.loads(json_emit(value))
    return _short(value)


def _short(value: Value) -> dict[str, Any]:
    if isinstance(value, Symbol) and value.name in _TYPES:
        return {"type": value.name}
    items = unlist(value)
    if not items:
        raise _wrong(value)
    head = items[0].name if isinstance(items[0], Symbol) else None
    if head == "list" and len(items) == 2:
        return {"type": "array", "items": _short(items[1])}
    if head == "enum" and len(items) > 1:
        return {"enum": [each.name if isinstance(each, Symbol) else each for each in items[1:]]}
    return _object(items)


def _object(fields: list[Value]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in fields:
        parts = unlist(field) or []
        is_described = len(parts) == 3 and isinstance(parts[2], str)
        if not (is_described or len(parts) == 2) or not isinstance(parts[0], (Symbol, str)):
            raise _wrong(field)
        name, kind = str(parts[0]), unlist(parts[1]) or []
        is_optional = len(kind) == 2 and isinstance(kind[0], Symbol) and kind[0].name == "optional"
        properties[name] = _short(kind[1] if is_optional else parts[1])
        if is_described:
            properties[name]["description"] = str(parts[2])
        if not is_optional:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _wrong(value: Value) -> OmegaError:
    from omega_runtime.values.printing import short_text

    return OmegaError(f"schema: expected {_SHORT}, but got {short_text(value)}")


@lru_cache(maxsize=256)
def _validator(text: str) -> Any:
    """What says whether data fits a schema. Raises OmegaError for a text that is no schema."""
    from jsonschema import Draft202012Validator, SchemaError

    schema = json.loads(text)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise OmegaError(f"schema: this is no JSON schema: {error.message}") from None
    return Draft202012Validator(schema)


def instruction(schema: str) -> str:
    """What a model is told that doesn't take schemas."""
    return f"Answer with nothing but JSON that fits this JSON schema: {schema}"


def problem(schema: str, text: str) -> str | None:
    """Why a text doesn't fit a schema; None when it does."""
    try:
        found = json.loads(text)
    except ValueError as error:
        return f"it is no JSON: {error}"
    except RecursionError:
        return "it is nested too deep"
    first = next(iter(_validator(schema).iter_errors(found)), None)
    if first is None:
        return None
    at = "/".join(map(str, first.absolute_path))
    return f"{first.message}, at {at}" if at else str(first.message)


def data_of(schema: str, text: str, provider: str) -> Value:
    """The data in a paid answer, as `json-parse` gives it. Raises SchemaMismatch."""
    wrong = problem(schema, text)
    if wrong is None:
        from omega_runtime.lib.json import json_parse

        return json_parse(text)
    error = SchemaMismatch(f"the model's answer doesn't fit its schema: {wrong}", text[:200])
    error.provider, error.billed, error.text = provider, "yes", text
    raise error


def example(schema: Any, text: str) -> Any:
    """Data that fits a schema of common parts, with a text where one is asked for."""
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or (kind is None and "properties" in schema):
        fields = schema.get("properties", {})
        return {name: example(each, text) for name, each in fields.items()}
    if kind == "array":
        return [example(schema.get("items", {}), text) for _ in range(max(1, schema.get("minItems", 1)))]
    plain = {"integer": int(schema.get("minimum", 0)), "number": schema.get("minimum", 0), "boolean": False}
    return plain.get(str(kind), None if kind == "null" else text)
