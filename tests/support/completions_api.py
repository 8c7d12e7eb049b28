"""What servers that speak OpenAI's protocols answer, for `messages_api.Server`."""

from __future__ import annotations

import json
from typing import Any

from tests.support.messages_api import Answer


def completion(text: str = "Hello.", prompt: int = 10, output: int = 5, **more: Any) -> Answer:
    """A chat completion with this usage."""
    return Answer(200, json.dumps(completion_body(text, prompt, output, **more)).encode())


def completion_body(text: str = "Hello.", prompt: int = 10, output: int = 5, **more: Any) -> dict[str, Any]:
    """The same as data."""
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-test",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output},
        **more,
    }


def completion_stream(*texts: str, prompt: int = 10, output: int = 5, usage: bool = True) -> Answer:
    """A chat completion in events, with a last one for the usage."""
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if usage:
        chunks.append({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": output}})
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "gpt-test"}
    events = [f"data: {json.dumps({**head, **chunk})}\n\n" for chunk in chunks]
    return Answer(200, "".join([*events, "data: [DONE]\n\n"]).encode(), "text/event-stream")


def response_body(text: str = "Hello.", of_input: int = 10, output: int = 5, **more: Any) -> dict[str, Any]:
    """A response of the Responses API as data."""
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": "gpt-test",
        "status": "completed",
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "output": [
            {
                "type": "message",
                "id": "m",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}],
            }
        ],
        "usage": {
            "input_tokens": of_input,
            "output_tokens": output,
            "total_tokens": of_input + output,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
        **more,
    }


def response(**more: Any) -> Answer:
    """A response."""
    return Answer(200, json.dumps(response_body(**more)).encode())


def response_stream(**more: Any) -> Answer:
    """A response in events."""
    parts = [
        {"type": "response.created", "sequence_number": 0, "response": {**response_body(**more), "usage": None}},
        {"type": "response.completed", "sequence_number": 1, "response": response_body(**more)},
    ]
    body = "".join(f"event: {part['type']}\ndata: {json.dumps(part)}\n\n" for part in parts)
    return Answer(200, body.encode(), "text/event-stream")
