"""A conversation in which a model may call tools, and the room that is kept for its answer."""

from __future__ import annotations

from omega_runtime.calls.call import Call
from omega_runtime.ledger.keeping import Room
from omega_runtime.models.parts import RESULT, Part, sendable
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.models.answer import ToolCalls
    from omega_runtime.models.parts import Content, ToolSpecification
    from omega_runtime.models.server_tools import ServerTool
    from omega_runtime.values import Procedure, Value

    Messages = tuple[tuple[str, Content], ...]

# How often a model may call tools before it has to answer, unless the program says it.
MOST_TURNS = 8
# What is left of a result for which the budget has no room, in characters.
SHORT_RESULT = 1_000
CUT = " … [cut: the budget has no room for more]"


class Kept(Call):
    """Room that is kept for the answer at the end, before which calls of tools are paid."""

    __slots__ = ("attempt",)

    def __init__(self) -> None:
        self.attempt = 0


class Tool:
    """A procedure that a model may call, by the names of its parameters."""

    __slots__ = ("parameters", "procedure", "specification")

    def __init__(self, procedure: Procedure, specification: ToolSpecification, parameters: tuple[str, ...]) -> None:
        self.procedure = procedure
        self.specification = specification
        self.parameters = parameters


class Conversation:
    """One state of a conversation: what was said, and by which calls of tools it may go on; it is never changed.

    `before` is the state one turn earlier, None at the beginning, where `messages` are empty for a prompt that is no
    list of messages. `server_tools` are run by the provider. `operand` is what the program gave as the prompt. All
    states share the `room` that keeps an answer possible.
    """

    __slots__ = ("before", "messages", "most_turns", "operand", "room", "server_tools", "tools", "turns")

    def __init__(
        self,
        operand: Value,
        tools: tuple[Tool, ...],
        most_turns: int,
        messages: Messages = (),
        before: Conversation | None = None,
        room: Room | None = None,
        server_tools: tuple[ServerTool, ...] = (),
    ) -> None:
        self.operand = operand
        self.tools = tools
        self.server_tools = server_tools
        self.most_turns = most_turns
        self.messages = messages
        self.before = before
        self.turns: int = 0 if before is None else before.turns + 1
        self.room = Room() if room is None else room

    def after(self, answer: ToolCalls, results: list[Part]) -> Conversation:
        """The state after the results of the calls in an answer, in their order.

        One that isn't at its end goes on. An answer that was cut may be cut in the middle of a call: none is made, and
        the next answer ends it all.
        """
        if answer.is_cut:
            return self._state(self.messages, self.before, most_turns=self.turns)
        named = tuple(
            sendable(each._replace(id=call.id, name=call.name))
            for call, each in zip(answer.calls, results, strict=True)
        )
        messages = (*answer.messages, ("assistant", tuple(map(sendable, answer.content))))
        return self._state((*messages, ("user", named)) if named else messages, self)

    def shortened(self) -> Conversation:
        """The state with short results of the last turn."""
        *earlier, (role, content) = self.messages
        assert not isinstance(content, str)
        parts = tuple(part._replace(text=_short(part.text)) for part in content)
        return self._state((*earlier, (role, parts)), self.before)

    @property
    def answerable(self) -> Conversation:
        """The latest state that may be answered without tools: the provider goes on with uses that aren't finished."""
        now = self
        while now.before is not None and now.is_under_way:
            now = now.before
        return now

    @property
    def is_under_way(self) -> bool:
        """Whether an answer isn't at its end, or the provider has yet to run a tool."""
        if not self.server_tools or not self.messages:
            return False
        from omega_runtime.models.server_tools import unfinished_uses

        return self.messages[-1][0] == "assistant" or unfinished_uses(self.messages) > 0

    def _state(self, messages: Messages, before: Conversation | None, most_turns: int | None = None) -> Conversation:
        most = self.most_turns if most_turns is None else most_turns
        return Conversation(self.operand, self.tools, most, messages, before, self.room, self.server_tools)

    def calls_of(self, answer: ToolCalls) -> list[tuple[Procedure, list[Value]]]:
        """What to call with which arguments; where the model is wrong, it is something that raises OmegaError."""
        return [] if answer.is_cut else [self._call_of(part) for part in answer.calls]

    def _call_of(self, part: Part) -> tuple[Procedure, list[Value]]:
        tool = next((each for each in self.tools if each.specification.name == part.name), None)
        if tool is None:
            known = ", ".join(each.specification.name for each in self.tools)
            return _refuse, [f"there is no tool {part.name}; there are {known}"]
        from omega_runtime.models.schemas import problem

        wrong = problem(tool.specification.schema, part.text)
        if wrong is not None:
            return _refuse, [f"wrong arguments: {wrong}"]
        from omega_runtime.lib.json import json_parse

        given = json_parse(part.text)
        return tool.procedure, [given.get(name, False) for name in tool.parameters]


def _refuse(message: str) -> Value:
    raise OmegaError(message)


def _short(text: str) -> str:
    return text if len(text) <= SHORT_RESULT + len(CUT) else text[:SHORT_RESULT] + CUT


def result(text: str, is_error: bool = False) -> Part:
    """What a call of a tool gave, for the model."""
    return Part(RESULT, text, is_error=is_error)
