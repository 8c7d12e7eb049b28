"""The programs of SERVERS.md, THREADS.md and FASTAPI.md do what these say: threads, processes, a server on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.support import ROOT
from tests.support.command import omegac

PAGES = [(ROOT / "docs" / name).read_text() for name in ("SERVERS.md", "THREADS.md", "FASTAPI.md")]
PAGE = "".join(PAGES)
PROGRAMS = {match[1]: match[0] for match in re.findall(r"```python\n(# (\w+\.py).*?)```", PAGE, re.DOTALL)}
TEXTS = ["The sea is wide.", "The tide is late.", "The ships wait."]

# Handlers that go wrong, or do without what the page shows.
MORE = """
import asyncio
import omega_runtime
from fastapi import Depends
from server import app, summaries

@app.post("/lost")
def lost():
    try:
        return summaries.summarize("The sea.")
    except omega_runtime.OmegaError as error:
        return error.message

async def paid():
    async with app.state.account:
        yield

@app.get("/dependency", dependencies=[Depends(paid)])
def dependency():
    return omega_runtime.current_account().name

def plain():
    with app.state.account:
        yield

@app.get("/dependency_plain", dependencies=[Depends(plain)])
async def dependency_plain():
    return omega_runtime.current_account().name

@app.get("/dependency_async", dependencies=[Depends(paid)])
async def dependency_async():
    return [omega_runtime.current_account().name, await asyncio.to_thread(lambda: omega_runtime.current_account().name)]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's files, in a folder of their own."""
    (module,) = {text for page in PAGES for text in re.findall(r"```lisp\n(.*?)```", page, re.DOTALL)}
    for name, text in {**PROGRAMS, "summaries.omega": module, "more.py": MORE}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(("ANTHROPIC_", "OMEGAC_"))}


@pytest.mark.parametrize(("name", "answers"), [("threads.py", 4), ("processes.py", 3)])
def test_programs(folder: Path, name: str, answers: int) -> None:
    command = [sys.executable, "-W", "error", name]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = re.fullmatch(r"(\d) answers for (\d+) of 2000 tokens\n", done.stdout)
    assert said is not None, done.stdout
    assert int(said[1]) == answers
    assert 30 < int(said[2]) < 2000


@contextmanager
def served(folder: Path, app: str, *options: str) -> Iterator[str]:
    """A server of its own process; gives its address."""
    command = [sys.executable, "-m", "uvicorn", app, "--port", "0", *options]
    server = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        said = ""
        for line in server.stderr:
            said += line
            address = re.search(r"running on (http://[\d.:]+)", line)
            if address is not None:
                break
        else:
            raise AssertionError(said)
        with ThreadPoolExecutor(1) as pool:
            # What it logs is read, so that it never waits for that.
            pool.submit(server.stderr.read)
            try:
                yield address[1]
            finally:
                server.terminate()
    finally:
        server.wait(30)
        server.stderr.close()


def ask(url: str, body: object = None) -> tuple[int, object]:
    """Status and answer of a request, a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.loads(error.read() if error.code == 429 else b"null")


def spent(folder: Path) -> tuple[int, int]:
    """Spent and held of the requests' account, as the ledger file says."""
    shown = json.loads(omegac("ledger", "show", "server.ledger", "--json", cwd=folder).stdout)
    (row,) = [each for each in shown["accounts"] if each["name"] == "requests"]
    return row["spent"], row["held"]


def test_a_server_uses_its_budget_up_and_never_exceeds_it(folder: Path) -> None:
    with served(folder, "server:app") as address, ThreadPoolExecutor(8) as pool:
        assert ask(f"{address}/summary", TEXTS[0])[0] == 200
        status, answers = ask(f"{address}/summaries", TEXTS)
        assert (status, len(answers)) == (200, 3)  # type: ignore[arg-type]
        statuses: set[int] = set()
        for _ in range(20):
            statuses |= set(pool.map(lambda n: ask(f"{address}/summary", f"{TEXTS[n % 3]} {n}")[0], range(8)))
            if 429 in statuses:
                break
        assert statuses == {200, 429}
        assert ask(f"{address}/summary", "A long text. " * 100) == (429, {"error": "Budget exceeded"})
    used, held = spent(folder)
    assert 850 < used <= 1000
    assert held == 0


def test_a_handler_without_its_budget_is_an_error_and_ways_to_enter_it(folder: Path) -> None:
    with served(folder, "more:app") as address:
        status, message = ask(f"{address}/lost", {})
        assert status == 200
        assert (
            'outside every budget, while this process has one open elsewhere; pay from that one with "with account:"'
            in str(message)
        )
        assert ask(f"{address}/dependency") == (200, "requests")
        assert "requests" not in ask(f"{address}/dependency_plain")
        assert ask(f"{address}/dependency_async") == (200, ["requests", "requests"])
    assert spent(folder) == (0, 0)


def test_a_middleware_enters_it_for_all(folder: Path) -> None:
    with served(folder, "middleware:app") as address:
        assert ask(f"{address}/left") == (200, 1000)
        assert ask(f"{address}/summary", TEXTS[0])[0] == 200
        assert ask(f"{address}/left") == (200, 1000 - spent(folder)[0])
