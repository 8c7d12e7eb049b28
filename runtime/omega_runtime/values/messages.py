"""Messages of a conversation with a model."""

from __future__ import annotations

from omega_runtime.values.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value
    from omega_runtime.values.attachments import Attachment
    from omega_runtime.values.symbols import Symbol


class Message(Record):
    """What `user` or `assistant`, the symbols, said in a conversation; never changed, so equal ones are the same.

    `parts` are its texts and attachments in their order, where it has attachments.
    """

    __slots__ = ("parts", "role", "text")
    __omega_name__ = "message"

    role: Symbol
    text: str
    parts: tuple[str | Attachment, ...]

    def __init__(self, role: Symbol, text: str, parts: tuple[str | Attachment, ...] = ()) -> None:
        self.role = role
        self.text = text
        self.parts = parts

    def omega_fields(self) -> list[tuple[str, Value]]:
        """Who said what, with what else."""
        attached: list[tuple[str, Value]] = [("attached", each) for each in self.parts if not isinstance(each, str)]
        return [("role", self.role), ("text", self.text), *attached]

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Message) and (other.role, other.text) == (self.role, self.text)
        return same and isinstance(other, Message) and other.parts == self.parts

    def __hash__(self) -> int:
        return hash((self.role, self.text, self.parts))
