"""Answers that come piece by piece: who hears of the pieces, and how a message of Anthropic is put together again."""

from __future__ import annotations

import json

from omega_runtime.models.usage import UnreadableAnswer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    from omega_runtime.models.request import Request

    class Streamed(Protocol):
        """An answer that comes in events: `take` gives the text that one adds, `body` is all of it."""

        def take(self, event: dict[str, Any], /) -> str: ...
        @property
        def body(self) -> dict[str, Any]: ...


# What OpenAI's completions end with.
_DONE = "[DONE]"

# The deltas of a block by the field that they go on with.
_TEXTS = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "signature"}


class ListenerFailed(Exception):
    """The program's procedure raised `error` when it was given a piece; what is left of the answer isn't read."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def listener_of(request: Request) -> Callable[[str], None] | None:
    """What gets the pieces of an answer: the procedure that the call has, or the terminal where that is asked for."""
    if request.on_text is not None:
        return request.on_text
    return print_piece if request.settings.stream else None


def print_piece(piece: str) -> None:
    """Show a piece on standard error, as standard output is the program's."""
    import sys

    from omega_runtime.visible import without_controls

    sys.stderr.write(without_controls(piece))
    sys.stderr.flush()


def tell(listener: Callable[[str], None], piece: str) -> None:
    """Give a piece to a listener. Raises ListenerFailed when that raises an error."""
    try:
        listener(piece)
    except Exception as error:
        raise ListenerFailed(error) from error


def lines_of(pieces: Iterable[bytes]) -> Iterable[str]:
    """The lines that bytes hold, wherever these are cut; characters that only Unicode takes for line ends are none."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.decode().removesuffix("\r")
    if rest:
        yield rest.decode()


def events(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """The data of server-sent events, each an object of JSON."""
    data: list[str] = []
    for line in lines:
        if line.startswith("data:"):
            data.append(line[5:].strip())
        elif not line.strip() and data:
            text = "\n".join(data)
            data.clear()
            event = None if text == _DONE else json.loads(text)
            if isinstance(event, dict):
                yield event


def heard(chunks: Iterable[bytes], answer: Streamed, listener: Callable[[str], None]) -> dict[str, Any]:
    """An answer that comes in events, as it is when it comes as a whole; the listener hears each piece.

    Raises ListenerFailed, and UnreadableAnswer.
    """
    for event in events(lines_of(chunks)):
        piece = answer.take(event)
        if piece:
            tell(listener, piece)
    return answer.body


class StreamedMessage:
    """A message that comes in events. Its `body` is that of the same message when it comes as a whole."""

    def __init__(self) -> None:
        self._body: dict[str, Any] = {}
        self._blocks: dict[int, dict[str, Any]] = {}
        self._inputs: dict[int, str] = {}
        self._is_billed = self._is_whole = False

    def take(self, event: dict[str, Any]) -> str:
        """Note an event; the text that it adds to the answer. Raises UnreadableAnswer for an error."""
        match event:
            case {"type": "message_start", "message": dict() as body}:
                self._body = {**body, "usage": dict(body.get("usage") or {})}
            case {"type": "content_block_start", "index": int() as index, "content_block": dict() as block}:
                self._blocks[index] = dict(block)
                return str(block.get("text") or "") if block.get("type") == "text" else ""
            case {"type": "content_block_delta", "index": int() as index, "delta": dict() as delta}:
                return self._add(index, delta)
            case {"type": "message_delta"}:
                self._body.update(event.get("delta") or {})
                said = {name: each for name, each in (event.get("usage") or {}).items() if each is not None}
                self._body.setdefault("usage", {}).update(said)
                # What the beginning says of the answer is not the whole of it.
                self._is_billed = self._is_billed or "output_tokens" in said
            case {"type": "message_stop"}:
                self._is_whole = True
            case {"type": "error"}:
                raise UnreadableAnswer("an error in the middle of the answer")
        return ""

    def _add(self, index: int, delta: dict[str, Any]) -> str:
        kind = delta.get("type")
        if kind == "input_json_delta":
            self._inputs[index] = self._inputs.get(index, "") + str(delta.get("partial_json", ""))
        elif kind in _TEXTS:
            name, block = _TEXTS[kind], self._blocks.setdefault(index, {"type": "text"})
            piece = delta.get(name)
            if not isinstance(piece, str):
                raise UnreadableAnswer(f"a {name} that is no text")
            block[name] = (block.get(name) or "") + piece
            return piece if name == "text" else ""
        return ""

    @property
    def body(self) -> dict[str, Any]:
        """The message. Raises UnreadableAnswer when it hasn't ended, or its end doesn't say what it cost."""
        if not self._is_whole or not self._is_billed:
            raise UnreadableAnswer("an answer without an end")
        for index, text in self._inputs.items():
            self._blocks[index]["input"] = _input(text, self._body.get("stop_reason"))
        return {**self._body, "content": [self._blocks[index] for index in sorted(self._blocks)]}


def _input(text: str, stop_reason: object) -> Any:
    """The arguments of a call of a tool; of one in the middle of which the answer was cut, what it was begun with."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        if stop_reason == "max_tokens":
            return {"cut": text}
        raise UnreadableAnswer("a call of a tool that is no JSON") from None


class StreamedCompletion:
    """A chat completion that comes in events; the last of them says what it cost."""

    def __init__(self) -> None:
        self._body: dict[str, Any] = {}
        self._message: dict[str, Any] = {"role": "assistant", "content": ""}
        self._calls: dict[int, dict[str, Any]] = {}
        self._reason: object = None

    def take(self, event: dict[str, Any]) -> str:
        """Note an event; the text that it adds to the answer. Raises UnreadableAnswer for an error."""
        if "error" in event:
            raise UnreadableAnswer("an error in the middle of the answer")
        self._body.update({name: each for name, each in event.items() if name != "choices" and each is not None})
        choices = event.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return ""
        self._reason = choice.get("finish_reason") or self._reason
        delta = choice.get("delta")
        return self._add(delta) if isinstance(delta, dict) else ""

    def _add(self, delta: dict[str, Any]) -> str:
        for call in delta.get("tool_calls") or ():
            self._add_call(call)
        for name in ("refusal", "reasoning_content"):
            if isinstance(delta.get(name), str):
                self._message[name] = self._message.get(name, "") + delta[name]
        piece = delta.get("content")
        if not isinstance(piece, str):
            return ""
        self._message["content"] += piece
        return piece

    def _add_call(self, part: dict[str, Any]) -> None:
        call = self._calls.setdefault(
            int(part.get("index") or 0), {"type": "function", "function": {"name": "", "arguments": ""}}
        )
        if part.get("id"):
            call["id"] = part["id"]
        for name, piece in (part.get("function") or {}).items():
            call["function"][name] = (call["function"].get(name) or "") + (piece or "")

    @property
    def body(self) -> dict[str, Any]:
        """The completion. Raises UnreadableAnswer when it hasn't ended."""
        if self._reason is None:
            raise UnreadableAnswer("an answer without an end")
        if self._calls:
            self._message["tool_calls"] = [self._calls[index] for index in sorted(self._calls)]
        return {**self._body, "choices": [{"message": self._message, "finish_reason": self._reason}]}


class StreamedResponse:
    """A response of OpenAI's that comes in events; the last of them has all of it."""

    _ENDS = ("response.completed", "response.incomplete", "response.failed")

    def __init__(self) -> None:
        self._body: dict[str, Any] | None = None

    def take(self, event: dict[str, Any]) -> str:
        """Note an event; the text that it adds to the answer. Raises UnreadableAnswer for an error."""
        match event:
            case {"type": "response.output_text.delta", "delta": str() as piece}:
                return piece
            case {"type": str() as kind, "response": dict() as body} if kind in self._ENDS:
                self._body = body
            case {"type": "error"}:
                raise UnreadableAnswer("an error in the middle of the answer")
        return ""

    @property
    def body(self) -> dict[str, Any]:
        """The response. Raises UnreadableAnswer when it hasn't ended."""
        if self._body is None:
            raise UnreadableAnswer("an answer without an end")
        return self._body
