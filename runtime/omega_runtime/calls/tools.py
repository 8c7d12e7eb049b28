"""Tools: what `define-tool` makes of a procedure, and the loop in which a model calls some."""

from __future__ import annotations

from omega_runtime.calls.conversation import MOST_TURNS, Conversation, Tool, result
from omega_runtime.lib.arguments import callee
from omega_runtime.lib.registry import primitive
from omega_runtime.models.answer import ToolCalls
from omega_runtime.models.parts import ToolSpecification
from omega_runtime.models.server_tools import ServerTool
from omega_runtime.values.errors import OmegaError, condition_text
from omega_runtime.values.pairs import NIL, Pair, list_from, unlist
from omega_runtime.values.printing import joined_text, short_text
from omega_runtime.values.symbols import Keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.models.parts import Part
    from omega_runtime.values import Procedure, Value


@primitive("%describe-tool", row="state")
def describe_tool(procedure: Procedure, name: str, description: str, schema: str) -> None:
    """Make a procedure a tool, by the JSON schema of its arguments, whose properties are in their order."""
    import json

    parameters = tuple(json.loads(schema)["properties"])
    specification = ToolSpecification(name, description, schema)
    procedure.__omega_tool__ = Tool(procedure, specification, parameters)  # type: ignore[attr-defined]


@primitive("%conversation")
def conversation(operand: Value, tools: Value, most_turns: Value = False) -> Conversation:
    """The beginning of a conversation with a prompt; #f for the turns are the usual ones.

    Raises OmegaError for what is no list of tools, and for two of one name.
    """
    found = unlist(tools)
    if not found:
        raise OmegaError(f"infer.op: option tools: must be a list of tools, but got {short_text(tools)}")
    known: dict[str, Tool] = {}
    server_tools = [each for each in found if isinstance(each, ServerTool)]
    if len(server_tools) > 1:
        raise OmegaError("infer.op: option tools: has web-search twice")
    for each in found:
        if isinstance(each, ServerTool):
            continue
        tool = getattr(each, "__omega_tool__", None)
        if tool is None:
            raise OmegaError(f"infer.op: {short_text(each)} is no tool; define it with define-tool")
        if known.setdefault(tool.specification.name, tool) is not tool:
            raise OmegaError(f"infer.op: two tools are called {tool.specification.name}")
    if most_turns is False:
        most_turns = MOST_TURNS
    elif type(most_turns) is not int or most_turns < 0:
        raise OmegaError(
            f"infer.op: option max-turns: must be an exact integer from 0 on, but got {short_text(most_turns)}"
        )
    return Conversation(operand, tuple(known.values()), most_turns, server_tools=tuple(server_tools))


@primitive("web-search")
def web_search(*options: Value) -> ServerTool:
    """A tool that the provider runs by itself: `max-uses:` searches of the web at most in each turn.

    `allowed:` and `blocked:` are lists of domains. Raises OmegaError without `max-uses:`, and for wrong options.
    """
    given: dict[str, Value] = {}
    for name, value in zip(options[::2], options[1::2], strict=False):
        if not isinstance(name, Keyword) or name.name not in ("max-uses", "allowed", "blocked") or name.name in given:
            raise OmegaError(f"web-search: wrong option {short_text(name)}; it takes max-uses:, allowed: and blocked:")
        given[name.name] = value
    uses = given.get("max-uses")
    if len(options) % 2 or type(uses) is not int or uses < 1:
        raise OmegaError(
            "web-search: each search is billed, and what it finds is, so nothing bounds it without max-uses:, an "
            "integer from 1 on; write (web-search max-uses: 3)"
        )
    if "allowed" in given and "blocked" in given:
        raise OmegaError("web-search: the options allowed: and blocked: exclude each other")
    return ServerTool(uses, _domains(given, "allowed"), _domains(given, "blocked"))


def _domains(given: dict[str, Value], name: str) -> tuple[str, ...]:
    domains = unlist(given.get(name, NIL))
    if domains is None or not all(isinstance(each, str) for each in domains):
        raise OmegaError(f"web-search: option {name}: must be a list of domains, but got {short_text(given[name])}")
    return tuple(map(str, domains))


@primitive("%conversation-operand")
def conversation_operand(now: Conversation) -> Value:
    """What the program gave as the prompt."""
    return now.operand


@primitive("%converse", calls=(1, 2))
def converse(start: Conversation, ask: Procedure, call: Procedure) -> Value:
    """The answer that a conversation ends with: `(ask conversation)` is the next one, `(call tool arguments)` a result.

    The room that is kept for it is released in any case.
    """
    callee("%converse", 2, ask)
    now = start
    try:
        while True:
            answer = ask(now)
            if type(answer) is not ToolCalls:
                return answer
            results = [call(tool, list_from(arguments)) for tool, arguments in now.calls_of(answer)]
            now = now.after(answer, results)
    finally:
        start.room.end()


@primitive("%tool-calls?")
def is_tool_calls(answer: Value) -> bool:
    """Whether an answer calls tools."""
    return type(answer) is ToolCalls


@primitive("%tool-calls")
def tool_calls(now: Conversation, answer: ToolCalls) -> Pair | Value:
    """A list of what to call: pairs of a procedure and its arguments."""
    return list_from([Pair(tool, list_from(arguments)) for tool, arguments in now.calls_of(answer)])


@primitive("%conversation-after")
def conversation_after(now: Conversation, answer: ToolCalls, results: Value) -> Conversation:
    """The conversation with an answer's calls and their results."""
    return now.after(answer, unlist(results) or [])


@primitive("%end-conversation", row="state")
def end_conversation(now: Conversation) -> None:
    """Release what is kept for the answer."""
    now.room.end()


@primitive("%tool-result")
def tool_result(value: Value) -> Part:
    """What a tool gave, as the model gets it: a text as it is, other data as JSON where there is some for it."""
    if isinstance(value, str):
        return result(str(value))
    from omega_runtime.lib.json import json_emit

    try:
        return result("done" if value is None else "[]" if value is NIL else json_emit(value))
    except OmegaError:
        return result(joined_text(value))


@primitive("%tool-error")
def tool_error(error: Value) -> Part:
    """What the model gets of an object that a tool raised."""
    if not isinstance(error, Exception):
        return result(short_text(error), is_error=True)
    message = condition_text(error)
    return result(message if isinstance(error, OmegaError) else f"{type(error).__name__}: {message}", is_error=True)
