"""Messages of a conversation with a model."""

from __future__ import annotations

from omega_runtime.values.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values.symbols import Symbol


class Message(Record):
    """What `user` or `assistant`, the symbols, said in a conversation; never changed, so equal ones are the same."""

    __slots__ = ("role", "text")
    __omega_name__ = "message"
    __omega_fields__ = ("role", "text")

    role: Symbol
    text: str

    def __init__(self, role: Symbol, text: str) -> None:
        self.role = role
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (other.role, other.text) == (self.role, self.text)

    def __hash__(self) -> int:
        return hash((self.role, self.text))
