"""omegac serve: programs that nobody rewrites keep to a budget, by the official clients of their providers."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from tests.support.command import omegac
from tests.support.completions_api import completion, completion_stream
from tests.support.counting_server import CountingServer
from tests.support.messages_api import Answer, Server, gateway, message

ASKED: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "Hello?"}],
}
KEY = "sk-ant-the-providers-own-key"


class Proxy:
    """A running proxy: where it listens, and what it said at its end."""

    url = ""
    warned = ""
    said = ""


@contextmanager
def proxy(server: Server, *options: str, cwd: Path) -> Iterator[Proxy]:
    """`omegac serve` in front of a server."""
    command = [sys.executable, "-m", "omegac", "serve", "--port", "0", *options]
    command += ["--anthropic-url", server.url, "--openai-url", server.url]
    environment = {"ANTHROPIC_API_KEY": KEY, "OPENAI_API_KEY": KEY, "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        running = Proxy()
        first = process.stderr.readline()
        running.warned = first if "there is no limit" in first else ""
        found = re.search(r"ANTHROPIC_BASE_URL=(\S+)", process.stderr.readline() if running.warned else first)
        assert found, process.stderr.read()
        running.url = found[1]
        try:
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            running.said = process.communicate(timeout=30)[1]


def test_many_calls_at_once(tmp_path: Path) -> None:
    with CountingServer(5) as server, proxy(server, "--budget", "10000", cwd=tmp_path) as running:
        with anthropic.Anthropic(api_key="k", base_url=running.url, max_retries=0) as client:

            def ask(number: int) -> None:
                messages: list[Any] = [{"role": "user", "content": f"question {number} " * 10}]
                client.messages.create(model="claude-sonnet-5-5", max_tokens=400, messages=messages)

            with ThreadPoolExecutor(64) as threads:
                calls = [threads.submit(ask, number) for number in range(64)]
        errors = [call.exception() for call in calls]
        assert {getattr(error, "status_code", 0) for error in errors if error is not None} == {402}
        billed = sum(each.tokens for each in server.bill)
        assert 9_500 <= billed <= 10_000
    assert running.said == f"omegac: all: {billed:,} tokens spent of 10,000\n"


def test_streams_pass_through_and_are_settled(tmp_path: Path) -> None:
    openai = pytest.importorskip("openai")
    script = completion_stream("He", "llo.", prompt=12, output=7), completion("Hi.", 3, 4), gateway()
    with Server(*script) as server, proxy(server, "--budget", "1000", cwd=tmp_path) as running:
        asked = {"model": "gpt-4o", "max_completion_tokens": 100, "messages": ASKED["messages"]}
        with openai.OpenAI(api_key="k", base_url=f"{running.url}/v1", max_retries=0) as client:
            chunks = list(client.chat.completions.create(**asked, stream=True))
            assert [chunk.choices[0].delta.content for chunk in chunks] == ["He", "llo.", None]
            client.chat.completions.create(**asked)
            with pytest.raises(openai.BadRequestError, match="max_completion_tokens"):
                client.chat.completions.create(model="gpt-4o", messages=ASKED["messages"])
            with pytest.raises(openai.InternalServerError):
                client.chat.completions.create(**asked)
        assert len(server.requests) == 3
    assert "26 tokens spent" not in running.said
    assert re.fullmatch(r"omegac: all: 2\d\d tokens spent of 1,000\n", running.said), "the lost one counts whole"


def test_accounts_by_path_and_by_key(tmp_path: Path) -> None:
    script = [message("", 20, 10)] * 4
    options = "--budget", "1000", "--account", "bot=60", "--account", "team=500,$1"
    with Server(*script) as server, proxy(server, *options, cwd=tmp_path) as running:
        by_path = anthropic.Anthropic(api_key="mine", base_url=f"{running.url}/bot", max_retries=0)
        by_key = anthropic.Anthropic(api_key="omega:team", base_url=running.url, max_retries=0)
        with by_path, by_key:
            by_path.messages.create(**ASKED)
            with pytest.raises(anthropic.APIStatusError, match='left of the account "bot"'):
                by_path.messages.create(**ASKED)
            by_key.messages.create(**ASKED)
        keys = [headers.get("authorization") or headers["x-api-key"] for headers in server.headers]
        assert {key.removeprefix("Bearer ") for key in keys} == {"mine", KEY}
        assert [path for path, _ in server.requests if path != "/v1/messages/count_tokens"] == ["/v1/messages"] * 2
        with anthropic.Anthropic(api_key="omega:nobody", base_url=running.url) as unknown:
            with pytest.raises(anthropic.NotFoundError, match='no account "nobody" here; there are: bot, team'):
                unknown.messages.create(**ASKED)
    said = running.said.splitlines()
    assert said == [
        "omegac: all: 60 tokens spent of 1,000",
        "omegac: bot: 30 tokens spent of 60",
        "omegac: team: 30 tokens spent of 500",
    ]
    assert KEY not in running.said


def test_a_provider_that_cannot_be_reached(tmp_path: Path) -> None:
    with Server() as server:
        gone = server
    with proxy(gone, cwd=tmp_path) as running:
        answer = httpx2.post(f"{running.url}/v1/messages", json=ASKED)
    mend = "127.0.0.1 can't be reached: ConnectError; check the network and --anthropic-url of omegac serve"
    assert (answer.status_code, answer.json()["error"]["message"]) == (502, mend)


def test_a_ledger_file_keeps_the_accounts(tmp_path: Path) -> None:
    options = "--budget", "100", "--ledger", "l.ledger", "--account", "bot=90"
    with Server(message("", 20, 10), message("", 20, 10)) as server:
        for left in (True, False):
            with proxy(server, *options, cwd=tmp_path) as running:
                with anthropic.Anthropic(api_key="k", base_url=f"{running.url}/bot", max_retries=0) as client:
                    client.messages.create(**{**ASKED, "max_tokens": 20})
            assert f"default: {30 if left else 60} tokens spent of 100" in running.said
    shown = omegac("ledger", "show", "l.ledger", cwd=tmp_path).stdout
    assert "bot" in shown


@pytest.mark.parametrize(
    ("options", "is_warned"), [([], True), (["--budget", "10k"], False), (["--account", "a=10k"], False)]
)
def test_without_a_limit_that_is_said(tmp_path: Path, options: list[str], is_warned: bool) -> None:
    with Server() as server, proxy(server, *options, cwd=tmp_path) as running:
        assert bool(running.warned) is is_warned


def test_what_is_no_programs_business(tmp_path: Path) -> None:
    with Server(Answer(200, b"{}")) as server, proxy(server, cwd=tmp_path) as running:
        post = f"{running.url}/v1/messages"
        assert httpx2.post(post, json=ASKED, headers={"origin": "https://evil.example"}).status_code == 403
        assert httpx2.post(post, content=b"not json").status_code == 400
        assert httpx2.post(f"{running.url}/v1/images/generations", json={}).status_code == 400
        assert httpx2.put(post, json={}).status_code == 405
        assert server.requests == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--account", "a b=3"], "no NAME=LIMIT"),
        (["--account", "a=lots"], "lots"),
        (["--budget", "lots"], "lots"),
        (["--port", "70000"], "70000"),
    ],
)
def test_usage(tmp_path: Path, options: list[str], message: str) -> None:
    done = omegac("serve", *options, cwd=tmp_path)
    assert (done.returncode, message in done.stderr) == (2, True)
