"""The text that a program gets of a reply, which tells when the answer did not end by itself."""

from __future__ import annotations

from omega_runtime.models.parts import CALL
from omega_runtime.models.provider import ModelError
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.models.parts import Content, Part
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value

# Of an answer that goes on when it is sent back.
PAUSED = "pause_turn"
# Of answers that are whole.
_WHOLE = frozenset({"end_turn", "stop_sequence", "stop"})
# Of answers that were cut: by max_tokens, or by the length that the model can handle.
_CUT = frozenset({"max_tokens", "model_context_window_exceeded", "length"})

_WHY_EMPTY = {
    "refusal": "it refused; rephrase the prompt",
    "max_tokens": "max-tokens was used up before any text came, by thinking perhaps; raise max-tokens:",
    "stop_sequence": "a stop text came first; change stop:",
    "end_turn": "it ended without any text, after thinking only perhaps; rephrase the prompt",
}


class Answer(str):
    """An answer that did not end by itself: a string with the provider's `stop_reason`.

    Answers that did are plain strings.
    """

    __slots__ = ("stop_reason",)

    stop_reason: str

    @property
    def is_truncated(self) -> bool:
        """Whether it was cut, by max_tokens or by the length that the model can handle."""
        return self.stop_reason in _CUT


class ToolCalls:
    """An answer that calls tools, or goes on, in place of its text; `messages` are those that it answers."""

    __slots__ = ("content", "is_cut", "messages")

    def __init__(self, reply: Reply, messages: tuple[tuple[str, Content], ...]) -> None:
        self.content = reply.content
        self.messages = messages
        self.is_cut = reply.stop_reason in _CUT

    @property
    def calls(self) -> list[Part]:
        """The calls, in their order."""
        return [part for part in self.content if part.kind == CALL]


class EmptyAnswer(ModelError):
    """A paid answer has no text; `stop_reason` is what the provider gives as the reason for its end."""

    stop_reason: str = ""


def answered(request: Request, reply: Reply) -> Value:
    """What the program gets of a reply that was paid for: its text, or the data in it where that has to fit a schema.

    Where it calls tools, or isn't at its end yet, that is ToolCalls.
    A reply without a stop reason, such as a string of a Python function, is taken at its word. Raises EmptyAnswer for
    any other without text, or with white space only, and SchemaMismatch.
    """
    text, reason = reply.text, reply.stop_reason
    may_call = request.may_call_tools and (request.tools or request.server_tools)
    if may_call and (reply.calls or (reply.content and reply.stop_reason == PAUSED)):
        return ToolCalls(reply, request.messages)
    if request.schema is not None and not is_empty(reply):
        from omega_runtime.models.schemas import data_of

        return data_of(request.schema, text, request.provider.name)
    if reason is None:
        return text
    if is_empty(reply):
        raise _empty_answer(request, reason)
    if reason in _WHOLE:
        return text
    answer = Answer(text)
    answer.stop_reason = reason
    return answer


def is_empty(reply: Reply) -> bool:
    """Whether a reply has a reason for its end but no text."""
    return reply.stop_reason is not None and (not reply.text or reply.text.isspace())


def _empty_answer(request: Request, reason: str) -> EmptyAnswer:
    why = _WHY_EMPTY.get(reason, "it ended before any text came; see the provider's documentation of this reason")
    error = EmptyAnswer(f"the model's answer is empty: {why}", Symbol(reason))
    error.provider = request.provider.name
    error.billed = "yes"
    error.stop_reason = reason
    return error
