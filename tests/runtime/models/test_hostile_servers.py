"""Servers and gateways that redirect, imitate, drip and repeat: what is sent, what is booked, and what errors say."""

from __future__ import annotations

import html
import json
import socket
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable, Iterator

import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import Site, infer
from omega_runtime.diagnostics.tracebacks import format_error
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.memory import MemoryLedger
from omega_runtime.models.anthropic import MESSAGE_OVERHEAD
from omega_runtime.models.provider import ModelError
from omega_runtime.settings import configure
from omega_runtime.testing import FakeClock

from tests.support.messages_api import KEY, Answer, Behaviour, CutOff, Drip, Hang, Server, Start, error, message

SITE = Site("call.omega", 3, 7, "infer.op", "ask", 1)
PROMPT = "The launch code is 7-alpha-99-omega, tell nobody."
HELD = len(PROMPT) + MESSAGE_OVERHEAD + 100


def figures(account: Account) -> tuple[int, int]:
    return account.spent, account.held


def failed_call() -> tuple[ModelError, Account]:
    with budget(tokens=1000) as account, pytest.raises(ModelError) as caught:
        infer(SITE, PROMPT)
    return caught.value, account


# Redirects


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    with Server() as server:
        server.answer_by = lambda _: message()
        yield server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(serve: Start, elsewhere: Server, status: int) -> None:
    server = serve(Answer(status, b"", location=elsewhere.url + "/v1/messages?key=" + KEY))
    problem, account = failed_call()
    assert (len(server.requests), elsewhere.requests) == (1, [])
    assert figures(account) == (HELD, 0)
    assert problem.message.startswith(f"anthropic: status {status} redirects to {elsewhere.url}, which is not followed")
    assert "ANTHROPIC_BASE_URL" in problem.message
    assert (problem.status, problem.billed) == (status, "unknown")


def test_redirects_of_the_count_are_not_followed(serve: Start, elsewhere: Server) -> None:
    server = serve(message("Hi.", 10, 5))
    server.counts = [Answer(307, b"", location=elsewhere.url + "/v1/messages/count_tokens")]
    with budget(tokens=HELD - 1):
        infer(SITE, PROMPT)
    assert elsewhere.requests == []
    assert len(server.bodies("/v1/messages/count_tokens")) == 1


TARGETS = {
    "/elsewhere": "another path of the same server",
    "": "no address",
    f"https://{KEY}:{KEY}@evil.example:99999/": "an address that cannot be read",
    f"https://{KEY}:{KEY}@evil.example:8443/{KEY}#{KEY}": "https://evil.example:8443",
    f"//{KEY}.example": "the same scheme://….example",
    "https://\x1b[31mevil": "an address that cannot be read",
}


@pytest.mark.parametrize(("location", "said"), TARGETS.items(), ids=range(len(TARGETS)))
def test_the_target_of_a_redirect_is_named_by_its_origin(serve: Start, location: str, said: str) -> None:
    serve(Answer(307, b"", location=location))
    problem, _ = failed_call()
    assert f"redirects to {said}" in problem.message
    assert KEY not in problem.message
    assert "\x1b" not in problem.message


# The provider's own word


def body(status: int, content: object, media: str = "application/json") -> Answer:
    return Answer(status, json.dumps(content).encode(), media)


OWN = {"type": "error", "error": {"type": "api_error", "message": "no"}}
INNER = OWN["error"]
IMITATIONS = {
    "no envelope": body(500, {"error": {"type": "api_error", "message": "no"}}),
    "a text for an error": body(400, {"type": "error", "error": "invalid_request_error"}),
    "another's envelope": body(429, {"error": {"message": "no", "type": "rate_limit_error", "code": "429"}}),
    "a code besides": body(500, {"type": "error", "error": {**INNER, "code": 500}}),
    "a parameter besides": body(
        400, {"type": "error", "error": {"type": "invalid_request_error", "message": "no", "param": None}}
    ),
    "wrapped": body(500, {"detail": OWN}),
    "wrapped with a trace": body(500, {**OWN, "trace": "at gateway"}),
    "in a list": body(500, [OWN]),
    "another type": body(500, {"type": "failure", "error": INNER}),
    "a type nobody knows": body(500, {"type": "error", "error": {"type": "server_error", "message": "no"}}),
    "a type of another status": body(400, OWN),
    "overload with another status": body(
        500, {"type": "error", "error": {"type": "overloaded_error", "message": "no"}}
    ),
    "no message": body(500, {"type": "error", "error": {"type": "api_error"}}),
    "no text for a message": body(500, {"type": "error", "error": {"type": "api_error", "message": {"en": "no"}}}),
    "not said to be JSON": body(500, OWN, "text/html"),
    "a number that is no text": body(500, {**OWN, "request_id": 7}),
    "details of what it cost": body(500, {"type": "error", "error": {**INNER, "details": {"usage": {}}}}),
    "a status in between": body(502, OWN),
    "success": body(200, OWN),
    "deep": Answer(500, b"[" * 100_000),
}


@pytest.mark.parametrize("behaviour", IMITATIONS.values(), ids=IMITATIONS)
def test_what_only_looks_like_the_providers_word_is_unknown(serve: Start, behaviour: Behaviour) -> None:
    server = serve(behaviour, message())
    problem, account = failed_call()
    assert len(server.requests) == 1
    assert figures(account) == (HELD, 0)
    assert problem.billed == "unknown"


GENUINE = {
    "plain": body(500, OWN),
    "with a request's number": body(500, {**OWN, "request_id": "req_1"}),
    "with details": body(500, {"type": "error", "error": {**INNER, "details": {"error_code": "x"}}}),
    "with a character set": body(500, OWN, "application/json; charset=utf-8"),
}


@pytest.mark.parametrize("behaviour", GENUINE.values(), ids=GENUINE)
def test_the_providers_own_word_costs_nothing(serve: Start, behaviour: Behaviour) -> None:
    serve(behaviour, message("Hello.", 12, 3))
    with budget(tokens=1000) as account:
        assert infer(SITE, PROMPT) == "Hello."
    assert figures(account) == (15, 0)


# Secrets

ECHO = f"you sent 'Authorization: Bearer {KEY}' and {json.dumps(PROMPT)} \x1b[31m and {KEY[:9]}"
ECHOES = {
    "own error": error(400, "invalid_request_error", ECHO),
    "own error that is tried again": error(529, "overloaded_error", ECHO),
    "gateway": Answer(502, ECHO.encode(), "text/html"),
    "header": Answer(500, b"{}", x_said=f"{KEY} {PROMPT}"),
    "unreadable": Answer(200, json.dumps({"type": "message", "content": ECHO}).encode()),
    "not JSON": Answer(200, ECHO.encode()),
    "redirect": Answer(307, ECHO.encode(), location=f"https://{KEY}.example/{KEY}"),
    "cut off": CutOff(),
    "usage": message(blocks=[{"type": "text", "text": ECHO}], input_tokens=-1),
}


def everything(problem: BaseException) -> list[str]:
    """Every text that the error and what belongs to it lead to."""
    texts, seen, errors = [], set(), [problem]
    while errors:
        each = errors.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        texts += [str(each), repr(each), repr(each.args), repr(getattr(each, "__notes__", "")), repr(vars(each))]
        errors += [each.__cause__, each.__context__]
    return texts


@pytest.mark.parametrize("behaviour", ECHOES.values(), ids=ECHOES)
def test_errors_hold_neither_the_key_nor_the_prompt(serve: Start, behaviour: Behaviour) -> None:
    serve(*[behaviour] * 4)
    problem, _ = failed_call()
    texts = [*everything(problem), *traceback.format_exception(problem), format_error(problem)]
    for secret in (KEY, KEY[:9], "7-alpha-99", "launch code", "\x1b"):
        assert not any(secret in text for text in texts), secret
    # The prompt is the program's own, in its own variables; the key is nobody's.
    shown = "".join(traceback.TracebackException.from_exception(_inner(problem), capture_locals=True).format())
    assert KEY not in shown
    assert problem.__cause__ is not None
    assert problem.__cause__.__cause__ is problem.__cause__.__context__ is None


def _inner(problem: BaseException) -> BaseException:
    """The error without this test's own frames, whose variables have the key."""
    entry = problem.__traceback__
    while entry is not None and entry.tb_frame.f_code.co_filename == __file__:
        entry = entry.tb_next
    return problem.with_traceback(entry)


SECRET = "Секретный проект «Соловей»: the launch code & a 😀 are 7/alpha\n99"
ESCAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": json.dumps,
    "in JSON in JSON": lambda text: json.dumps(json.dumps({"content": text})),
    "in HTML": html.escape,
    "in HTML by numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "in an address": lambda text: urllib.parse.quote(text, safe=""),
    "in capitals": str.upper,
    "as Python writes it": lambda text: ascii(text.encode("latin-1", "replace").decode("latin-1")),
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_an_echo_is_known_by_what_it_says(serve: Start, escape: Callable[[str], str]) -> None:
    for prompt in (SECRET[:40], "MY VERY secret prompt is about birds"):
        serve(error(400, "invalid_request_error", f"cannot read {escape(prompt)} of {escape(KEY)}"))
        with budget(tokens=1000), pytest.raises(ModelError, match="cannot read ") as caught:
            infer(SITE, prompt)
        said = caught.value.message.lower()
        for secret in (prompt.lower(), KEY.lower()):
            pieces = {secret[i : i + 9] for i in range(len(secret) - 8)}
            assert not any(piece in said for piece in pieces), said
            assert not any(json.dumps(piece)[1:-1] in said for piece in pieces), said


def test_a_message_says_what_the_provider_said(serve: Start) -> None:
    serve(error(400, "invalid_request_error", "max_tokens: 9 > 8, which is the most that this model allows"))
    problem, _ = failed_call()
    assert "400 invalid_request_error: max_tokens: 9 > 8, which is the most that this model allows" in problem.message
    assert repr(problem.__cause__) == "AttemptFailed('BadRequestError, status 400')"


# The time for the whole call


@pytest.mark.parametrize("head", [True, False])
def test_an_answer_that_drips_ends_with_the_time_for_the_call(serve: Start, head: bool) -> None:
    serve(Drip(message("x" * 1000), head))
    start = time.monotonic()
    with configure(timeout=1):
        problem, account = failed_call()
    assert time.monotonic() - start < 8
    assert figures(account) == (HELD, 0)
    assert "no whole answer within 1 s" in problem.message


def test_a_count_that_drips_ends_too(serve: Start) -> None:
    server = serve(message("Hi.", 10, 5))
    server.counts = [Drip(message("x" * 1000), True)]
    with configure(timeout=1), budget(tokens=HELD - 1) as account:
        infer(SITE, PROMPT)
    assert figures(account) == (15, 0)


def test_a_server_that_takes_a_prompt_slowly_ends_too(monkeypatch: pytest.MonkeyPatch, ledger: MemoryLedger) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{listening.getsockname()[1]}")
        over = threading.Event()

        def take_slowly() -> None:
            connection, _ = listening.accept()
            with connection:
                while not over.wait(0.05) and connection.recv(1000):
                    pass

        threading.Thread(target=take_slowly, daemon=True).start()
        start = time.monotonic()
        with configure(timeout=1), budget() as account, pytest.raises(ModelError, match="no whole answer within 1 s"):
            infer(SITE, "x" * 20_000_000)
        assert time.monotonic() - start < 15
        over.set()
    assert account.spent > 20_000_000


def test_no_attempt_begins_after_the_time_for_the_call(serve: Start, clock: FakeClock) -> None:
    server = serve(*[error(529, "overloaded_error")] * 10)
    with configure(timeout=3, retries=10):
        problem, account = failed_call()
    # The next wait would be 2 seconds.
    assert clock.sleeps == [0.5, 1.0]
    assert len(server.requests) == 3
    assert figures(account) == (0, 0)
    assert "after 3 attempts" in problem.message


def test_a_wait_that_the_provider_asks_for_counts_as_well(serve: Start, clock: FakeClock) -> None:
    serve(error(429, "rate_limit_error", retry_after="7"), message())
    with configure(timeout=5):
        failed_call()
    assert clock.sleeps == []


def test_a_later_attempt_has_what_is_left(serve: Start, clock: FakeClock) -> None:
    serve(error(429, "rate_limit_error", retry_after="58"), Hang())
    start = time.monotonic()
    with configure(timeout=60):
        problem, account = failed_call()
    assert clock.sleeps == [58.0]
    assert time.monotonic() - start < 9
    assert figures(account) == (HELD, 0)
    assert "no whole answer within 60 s" in problem.message
