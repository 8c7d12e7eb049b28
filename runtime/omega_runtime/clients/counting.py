"""What Anthropic itself counts of a request, which costs nothing."""

from __future__ import annotations

from httpx2 import Client, HTTPError

from omega_runtime.models.sdk import COUNT_MARGIN, COUNT_MARGIN_SHARE, COUNT_SECONDS
from omega_runtime.models.usage import UnreadableAnswer
from omega_runtime.models.usage import count as count_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from httpx2 import Request

    from omega_runtime.clients.asked import Asked, Body

_COUNTED = ("model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "output_format")


def count(request: Request, client: Client | None, body: Body, asked: Asked) -> int | None:
    """The input tokens of a request, at most; None when that can't be had. `client`, or a new one, asks."""
    path = f"{request.url.path.rstrip('/')}/count_tokens"
    headers = {
        name: value for name, value in request.headers.items() if name not in ("content-length", "accept-encoding")
    }
    question = {name: body[name] for name in _COUNTED if body.get(name) is not None}
    try:
        if client is None:
            with Client(follow_redirects=False) as own:
                return _count(own, request, path, headers, question, asked)
        return _count(client, request, path, headers, question, asked)
    except (HTTPError, UnreadableAnswer, ValueError):
        return None


def _count(
    client: Client, request: Request, path: str, headers: dict[str, str], question: Body, asked: Asked
) -> int | None:
    url = request.url.copy_with(path=path)
    answer = client.post(url, json=question, headers=headers, timeout=COUNT_SECONDS, follow_redirects=False)
    if not answer.is_success:
        return None
    counted = count_in(answer.json(), "input_tokens")
    return min(counted + COUNT_MARGIN + counted // COUNT_MARGIN_SHARE, max(asked.input_tokens, counted))
