"""Pictures and documents that go to a model with a prompt."""

from __future__ import annotations

from omega_runtime.values.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class Attachment(Record):
    """A picture or a PDF: `kind` is "image" or "document", `data` its bytes; equal ones are the same."""

    __slots__ = ("data", "kind", "media_type")
    __omega_name__ = "attachment"

    kind: str
    media_type: str
    data: bytes

    def __init__(self, kind: str, media_type: str, data: bytes) -> None:
        self.kind = kind
        self.media_type = media_type
        self.data = data

    def omega_fields(self) -> list[tuple[str, Value]]:
        """What it is, and its size in bytes."""
        return [("type", self.media_type), ("size", len(self.data))]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attachment) and (other.media_type, other.data) == (self.media_type, self.data)

    def __hash__(self) -> int:
        return hash((self.media_type, self.data))
