"""What a reply comes with beside its text and its counts, as a text of JSON for the journal."""

from __future__ import annotations

import json

from omega_runtime.models.parts import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.models.reply import Reply

_NAMES = ("cache_write_tokens", "cache_read_tokens", "cache_write_1h_tokens", "request_id")


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
