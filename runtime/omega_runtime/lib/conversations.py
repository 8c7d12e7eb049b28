"""What was said in a conversation with a model, in order: a list of messages is the operand of the next call."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.messages import Message
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

USER = Symbol("user")
ASSISTANT = Symbol("assistant")


def _text(operand: Value) -> str:
    if isinstance(operand, str):
        return str(operand)
    from omega_runtime.values.printing import joined_text

    return joined_text(operand)


@primitive("user")
def user(prompt: Value) -> Message:
    """What the program says: a text, or a list as in a prompt."""
    return Message(USER, _text(prompt))


@primitive("assistant")
def assistant(text: Value) -> Message:
    """What the model has said."""
    return Message(ASSISTANT, _text(text))


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
