"""What was said in a conversation with a model, in order: a list of messages is the operand of the next call."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.attachments import Attachment
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.messages import Message
from omega_runtime.values.pairs import list_from, unlist
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

USER = Symbol("user")
ASSISTANT = Symbol("assistant")


def parts_in(operand: Value) -> tuple[str | Attachment, ...]:
    """The texts and attachments of a prompt in their order; empty when it has no attachments."""
    items = [operand] if isinstance(operand, Attachment) else None if isinstance(operand, str) else unlist(operand)
    if items is None or not any(isinstance(item, Attachment) for item in items):
        return ()
    from itertools import groupby

    parts: list[str | Attachment] = []
    for is_attached, run in groupby(items, lambda item: isinstance(item, Attachment)):
        group = list(run)
        parts += group if is_attached else [text_of(list_from(group))]
    return tuple(part for part in parts if part != "")


def text_of(operand: Value) -> str:
    """A string as it is, a list's elements joined by their display forms, anything else by its display form."""
    if isinstance(operand, str):
        return str(operand)
    from omega_runtime.values.printing import joined_text

    return joined_text(operand)


@primitive("user")
def user(prompt: Value) -> Message:
    """What the program says: a text, or a list as in a prompt."""
    parts = parts_in(prompt)
    text = "".join(part for part in parts if isinstance(part, str)) if parts else text_of(prompt)
    return Message(USER, text, parts)


@primitive("assistant")
def assistant(text: Value) -> Message:
    """What the model has said."""
    return Message(ASSISTANT, text_of(text))


@primitive("message?")
def is_message(value: Value) -> bool:
    """Whether a value is a message."""
    return isinstance(value, Message)


@primitive("message-role")
def message_role(message: Value) -> Symbol:
    """Who said it: the symbol `user` or `assistant`."""
    return _message("message-role", message).role


@primitive("message-text")
def message_text(message: Value) -> str:
    """What was said."""
    return _message("message-text", message).text


def _message(procedure: str, value: Value) -> Message:
    if not isinstance(value, Message):
        raise wrong_type(procedure, 1, "a message, as user and assistant make them", value)
    return value
