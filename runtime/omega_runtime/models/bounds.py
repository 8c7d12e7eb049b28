"""Sure bounds of what is sent as JSON, and the error for what has none."""

from __future__ import annotations

import json

from omega_runtime.models.provider import text_bound
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Unbounded(OmegaError):
    """A request whose cost has no sure bound; it was not sent. The message says what makes it one, and the mend."""


def json_bound(value: Any) -> int:
    """A sure bound of the tokens of data, however it is written out: no provider writes more than JSON does."""
    return text_bound(json.dumps(value, ensure_ascii=False))
