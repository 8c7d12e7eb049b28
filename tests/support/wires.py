"""What each protocol's server may bill at most for a request, read off the request itself, and how it answers.

Nothing here knows how the runtime bounds a request: the assumptions are those of docs/CALLS.md.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from unicodedata import normalize

from genai_prices.data_snapshot import get_snapshot

from tests.support.completions_api import completion_body, response_body
from tests.support.messages_api import Answer, error, message

Body = dict[str, Any]


class Billed(NamedTuple):
    """What a request was charged: `dear` as the dearest kinds of tokens, at the dearest factor; and searches."""

    input_tokens: int
    output_tokens: int
    dear: bool
    searches: int = 0


def size(text: str) -> int:
    """The most tokens of a text."""
    return max(len(text.encode()), len(normalize("NFKC", text).encode()))


def written(value: Any) -> int:
    """The most tokens of data."""
    return size(json.dumps(value, ensure_ascii=False))


class Wire:
    """How a server reads requests and answers."""

    def limit(self, body: Body) -> int:
        """The most output tokens."""
        raise NotImplementedError

    def most(self, body: Body) -> int:
        """The most input tokens."""
        raise NotImplementedError

    def searches(self, body: Body) -> int:
        """The most searches of the web."""
        return 0

    def texts(self, body: Body) -> str:
        """All that a request says, for a count as providers have it."""
        raise NotImplementedError

    def may_call(self, body: Body) -> str | None:
        """The name of a tool that may be called."""
        raise NotImplementedError

    def has_schema(self, body: Body) -> bool:
        """Whether the answer has to fit one."""
        raise NotImplementedError

    def answer(
        self, body: Body, text: str, billed: Billed, call: tuple[str, str] | None = None, *, is_cut: bool = False
    ) -> Answer:
        """An answer, whole or cut, or the call of a tool by its name and its arguments as JSON."""
        raise NotImplementedError

    def pause(self, body: Body, billed: Billed) -> Answer:
        """An answer that goes on when it is sent back."""
        raise NotImplementedError

    def refusal(self) -> Answer:
        """The provider's own word that it has no room now."""
        raise NotImplementedError


class Messages(Wire):
    """Anthropic's."""

    def limit(self, body: Body) -> int:
        """As asked."""
        return int(body["max_tokens"])

    def most(self, body: Body) -> int:
        """32 for each message and part, 1,000 for all tools and for a schema.

        With searches all that the model takes, 10 times or once more than there are; with what they found once.
        """
        uses = sum(tool["max_uses"] for tool in _searching(body))
        if uses and body["tool_choice"]["type"] == "auto":
            return _window(body["model"]) * max(uses + 1, 10)
        if any("search" in block["type"] for block in _blocks(body)):
            return _window(body["model"])
        total = sum(32 + self._content(each["content"]) for each in body["messages"])
        if "system" in body:
            system = body["system"]
            total += 32 + size(system if isinstance(system, str) else system[0]["text"])
        for tool in body.get("tools", ()):
            if tool in _searching(body):
                continue
            total += 32 + size(tool["name"]) + size(tool["description"]) + written(tool["input_schema"])
        shape = body.get("output_config", {}).get("format")
        return total + 1_000 * ("tools" in body) + (1_000 + written(shape["schema"]) if shape else 0)

    def searches(self, body: Body) -> int:
        """As many as asked, and those that were begun before."""
        if body.get("tool_choice", {}).get("type") != "auto" or not _searching(body):
            return 0
        begun = {block["id"] for block in _blocks(body) if block["type"] == "server_tool_use"}
        done = {block["tool_use_id"] for block in _blocks(body) if block["type"] == "web_search_tool_result"}
        return sum(tool["max_uses"] for tool in _searching(body)) + len(begun - done)

    def _content(self, content: Any) -> int:
        if isinstance(content, str):
            return size(content)
        if len(content) == 1 and content[0]["type"] == "text":
            return size(content[0]["text"])  # as a text alone, which is a block to carry a mark
        return sum(5_000 if block["type"] == "image" else 32 + self._block(block) for block in content)

    def _block(self, block: Body) -> int:
        if block["type"] == "tool_use":
            return size(block["id"]) + size(block["name"]) + written(block["input"])
        return size(block.get("text", "")) + size(block.get("content", "")) + size(block.get("tool_use_id", ""))

    def texts(self, body: Body) -> str:
        """The texts in messages, and all else as JSON."""
        shape = body.get("output_config", {}).get("format")
        rest = [each for each in (body.get("system"), body.get("tools"), shape) if each]
        return _joined(body["messages"], rest)

    def may_call(self, body: Body) -> str | None:
        """The first tool."""
        names = [tool["name"] for tool in body.get("tools", ()) if tool not in _searching(body)]
        return names[0] if names and body["tool_choice"]["type"] == "auto" else None

    def has_schema(self, body: Body) -> bool:
        """In `output_config`."""
        return "format" in body.get("output_config", {})

    def answer(
        self, body: Body, text: str, billed: Billed, call: tuple[str, str] | None = None, *, is_cut: bool = False
    ) -> Answer:
        """Dear is all written to the cache for an hour, in a region."""
        blocks: list[Body] = [{"type": "text", "text": text}]
        if call is not None:
            blocks.append({"type": "tool_use", "id": "toolu_1", "name": call[0], "input": json.loads(call[1])})
        reason = "max_tokens" if is_cut else "end_turn" if call is None else "tool_use"
        return self._billed(text, billed, blocks, reason)

    def pause(self, body: Body, billed: Billed) -> Answer:
        """A search that is done, or one that isn't, or both."""
        name = f"s{len(body['messages'])}"
        use = {"type": "server_tool_use", "id": name, "name": "web_search", "input": {"query": "q"}}
        found = {"type": "web_search_tool_result", "tool_use_id": name, "content": []}
        blocks = [use, found] if billed.searches % 2 else [use]
        return self._billed("", billed, blocks, "pause_turn")

    def _billed(self, text: str, billed: Billed, blocks: list[Body], reason: str) -> Answer:
        usage: Body = {"server_tool_use": {"web_search_requests": billed.searches}} if billed.searches else {}
        if billed.dear:
            count = billed.input_tokens
            usage |= {
                "cache_creation_input_tokens": count,
                "cache_creation": {"ephemeral_1h_input_tokens": count, "ephemeral_5m_input_tokens": 0},
                "inference_geo": "us",
            }
        fresh = 0 if billed.dear else billed.input_tokens
        return message(text, fresh, billed.output_tokens, reason, blocks, **usage)

    def refusal(self) -> Answer:
        """Overloaded."""
        return error(529, "overloaded_error")


class Completions(Wire):
    """Chat completions; `own` is a server that may bill a dearer tier."""

    def __init__(self, *, own: bool) -> None:
        self.own = own

    def limit(self, body: Body) -> int:
        """By either name."""
        return int(body["max_tokens"] if self.own else body["max_completion_tokens"])

    def most(self, body: Body) -> int:
        """64 for all, 16 for each message, 32 for each tool, 64 for a schema."""
        total = 64
        for each in body["messages"]:
            rest = {name: part for name, part in each.items() if name != "content"}
            total += 16 + written(rest) + self._content(each.get("content") or "")
        total += sum(32 + written(tool) for tool in body.get("tools", ()))
        return total + (64 + written(body["response_format"]) if "response_format" in body else 0)

    def _content(self, content: Any) -> int:
        if isinstance(content, str):
            return size(content)
        return sum(50_000 if "image_url" in part else written(part) for part in content)

    def texts(self, body: Body) -> str:
        """The texts in messages, and all else as JSON."""
        return _joined(body["messages"], [body.get(name) for name in ("tools", "response_format") if body.get(name)])

    def may_call(self, body: Body) -> str | None:
        """The first tool."""
        return body["tools"][0]["function"]["name"] if body.get("tool_choice") == "auto" else None

    def has_schema(self, body: Body) -> bool:
        """In `response_format`."""
        return "response_format" in body

    def answer(
        self, body: Body, text: str, billed: Billed, call: tuple[str, str] | None = None, *, is_cut: bool = False
    ) -> Answer:
        """Dear is all written to the cache, and at a server of one's own the dearest tier."""
        said: Body = {"role": "assistant", "content": text}
        if call is not None:
            function = {"name": call[0], "arguments": call[1]}
            said["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
        reason = "length" if is_cut else "stop" if call is None else "tool_calls"
        choice = {"index": 0, "message": said, "finish_reason": reason}
        found = completion_body(text, billed.input_tokens, billed.output_tokens, choices=[choice])
        if billed.dear:
            found["usage"]["prompt_tokens_details"] = {"cache_write_tokens": billed.input_tokens}
            found["usage"]["completion_tokens_details"] = {"reasoning_tokens": billed.output_tokens}
            found["service_tier"] = "priority" if self.own else "default"
        return Answer(200, json.dumps(found).encode())

    def refusal(self) -> Answer:
        """OpenAI's own word, or what anybody may say."""
        status, kind = (404, "invalid_request_error") if self.own else (429, "rate_limit_error")
        own = {"message": "no", "type": kind, "param": None, "code": None}
        return Answer(status, json.dumps({"error": own}).encode())


class OpenAI(Completions):
    """OpenAI itself: Responses, and chat completions for requests that have messages."""

    def __init__(self) -> None:
        super().__init__(own=False)

    def limit(self, body: Body) -> int:
        """By the protocol's name."""
        return int(body["max_output_tokens"]) if "input" in body else super().limit(body)

    def most(self, body: Body) -> int:
        """64 for all, 16 for each item and what it says, 32 for each tool, 64 for a schema."""
        if "input" not in body:
            return super().most(body)
        given = body["input"]
        total = 64 + sum(map(self._item, [given] if isinstance(given, str) else given))
        total += 16 + size(body.get("instructions", ""))
        total += sum(32 + written(tool) for tool in body.get("tools", ()))
        return total + (64 + written(body["text"]) if "text" in body else 0)

    def _item(self, item: Any) -> int:
        if isinstance(item, str):
            return 16 + size(item)
        if "content" not in item:
            return 16 + written(item)
        said = item["content"]
        if isinstance(said, str):
            return 32 + written({"role": item["role"]}) + size(said)
        return 16 + written({"role": item["role"]}) + sum(map(self._part, said))

    def _part(self, part: Body) -> int:
        return 50_000 if part["type"] == "input_image" else 16 + written(part)

    def texts(self, body: Body) -> str:
        """The texts in items, and all else as JSON."""
        if "input" not in body:
            return super().texts(body)
        rest = [body.get(name) for name in ("instructions", "tools", "text") if body.get(name)]
        return _joined(body["input"], rest)

    def may_call(self, body: Body) -> str | None:
        """The first tool."""
        if "input" not in body:
            return super().may_call(body)
        return body["tools"][0]["name"] if body.get("tool_choice") == "auto" else None

    def has_schema(self, body: Body) -> bool:
        """In `text`."""
        return "text" in body or super().has_schema(body)

    def answer(
        self, body: Body, text: str, billed: Billed, call: tuple[str, str] | None = None, *, is_cut: bool = False
    ) -> Answer:
        """Dear is all written to the cache, and all thought."""
        if "input" not in body:
            return super().answer(body, text, billed, call, is_cut=is_cut)
        found = response_body(text, billed.input_tokens, billed.output_tokens)
        if is_cut:
            found |= {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
        if call is not None:
            item = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": call[0], "arguments": call[1]}
            found["output"].append(item)
        if billed.dear:
            found["usage"]["input_tokens_details"] = {"cached_tokens": 0, "cache_write_tokens": billed.input_tokens}
            found["usage"]["output_tokens_details"] = {"reasoning_tokens": billed.output_tokens}
        return Answer(200, json.dumps(found).encode())


class Embeddings(OpenAI):
    """Vectors of texts; `own` is a server that may bill a dearer tier."""

    def __init__(self, *, own: bool) -> None:
        super().__init__()
        self.own = own

    def limit(self, body: Body) -> int:
        """There is no output."""
        return 0

    def most(self, body: Body) -> int:
        """64 for all, and 16 for each text."""
        return 64 + sum(16 + size(text) for text in body["input"])

    def texts(self, body: Body) -> str:
        """All of them."""
        return "\n".join(body["input"])

    def may_call(self, body: Body) -> str | None:
        """Nothing."""
        return None

    def has_schema(self, body: Body) -> bool:
        """There is no answer that could fit one."""
        return False

    def answer(
        self,
        body: Body,
        text: str,
        billed: Billed,
        call: tuple[str, str] | None = None,
        *,
        is_cut: bool = False,
    ) -> Answer:
        """As many vectors as texts."""
        data = [{"object": "embedding", "index": i, "embedding": [0.5, i]} for i in range(len(body["input"]))]
        usage = {"prompt_tokens": billed.input_tokens, "total_tokens": billed.input_tokens}
        tier = {"service_tier": "priority"} if billed.dear and self.own else {}
        found = {"object": "list", "model": body["model"], "data": data, "usage": usage, **tier}
        return Answer(200, json.dumps(found).encode())


def _searching(body: Body) -> list[Body]:
    """The tools that search."""
    return [tool for tool in body.get("tools", ()) if tool.get("type") == "web_search_20250305"]


def _blocks(body: Body) -> list[Body]:
    contents = [each["content"] for each in body["messages"] if not isinstance(each["content"], str)]
    return [block for content in contents for block in content]


def _window(model: str) -> int:
    return get_snapshot().find_provider_model(model, None, "anthropic", None)[1].context_window or 0


def _joined(said: Any, rest: list[Any]) -> str:
    """The texts of messages and the rest, as a count of tokens takes them."""
    parts = [said] if isinstance(said, str) else said
    texts = [each if isinstance(each, str) else _text(each) for each in parts]
    return "\n".join([*texts, *(each if isinstance(each, str) else json.dumps(each) for each in rest)])


def _text(said: Body) -> str:
    content = said.get("content")
    return content if isinstance(content, str) else json.dumps(said, ensure_ascii=False)
