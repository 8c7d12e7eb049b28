"""Reports in files: each call, a page that stands alone, a profile; and the line that tells how far a run is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pexpect
import pytest
from omega_runtime.concurrent.watching import MapUnderWay

from tests.support.command import environment, omegac
from tests.support.messages_api import Answer, Behaviour, Handler, Server, error, message

PROGRAM = """
(define (summarize text) (effect infer.op (list "Sum up: " text) max-tokens: 100))
(define (title text) (effect infer.op (list "<b>Title & more</b>: " text) max-tokens: 40))
(define (digest texts) (map (lambda (text) (title (summarize text))) texts))
(digest '("one" "two"))
(guard (_ (#t #f)) (summarize "failing"))
(enable-caching!)
(summarize "again")
(summarize "again")
(guard (_ (#t #f)) (with-budget 10 (lambda () (summarize "refused"))))
"""


@pytest.fixture
def server() -> Iterator[Server]:
    def answer(body: dict[str, Any]) -> Answer:
        text = str(body["messages"])
        if "failing" in text:
            return error(400, "invalid_request_error")
        return message("An answer.", 20, 30 if "Sum" in text else 5)

    with Server() as server:
        server.answer_by = answer
        yield server


def run(folder: Path, server: Server, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "p.omega").write_text(PROGRAM)
    key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url}
    done = omegac("run", "p.omega", "--model", "claude-sonnet-4-5", "--budget", "5000", *options, cwd=folder, **key)
    assert (done.returncode, done.stdout) == (0, "")
    return done


def test_each_call_is_in_the_report_as_data(tmp_path: Path, server: Server) -> None:
    assert run(tmp_path, server, "--report=out.json").stderr == ""
    data = json.loads((tmp_path / "out.json").read_text())
    calls = data["calls"]
    assert sorted(call["outcome"] for call in calls) == ["hits", "refused", *["settled"] * 5, "voided"]
    for name in ("input_tokens", "output_tokens"):
        assert sum(call[name] for call in calls) == data["totals"][name]
    deepest = next(call for call in calls if call["line"] == 3)
    assert deepest["stack"] == ["the top level", "digest", "digest.<lambda>", "title"]
    assert (deepest["held"], deepest["granted"], deepest["input_tokens"]) == (deepest["prompt"] + 40, 40, 20)
    assert all(call["seconds"] >= 0 and call["began"] >= 0 for call in calls)
    assert [call["caching"] for call in calls if call["outcome"] == "settled"] == ["", "", "", "", "exact"]
    assert "text" not in deepest
    assert "again" not in (tmp_path / "out.json").read_text()


def test_prompts_are_told_when_that_is_asked_for(tmp_path: Path, server: Server) -> None:
    run(tmp_path, server, "--report=out.json", "--report-prompts")
    calls = json.loads((tmp_path / "out.json").read_text())["calls"]
    assert "Sum up: again" in [call["text"] for call in calls]
    done = omegac("run", "p.omega", "--report-prompts", cwd=tmp_path)
    assert done.stderr == "omegac: --report-prompts needs a file to tell them in: --report=FILE\n"


class Page(HTMLParser):
    """What a page holds: its text, and the attributes of its elements; each must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.names: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_stands_alone_and_quotes_what_it_shows(tmp_path: Path, server: Server) -> None:
    run(tmp_path, server, "--report=out.html", "--report-prompts")
    page = Page((tmp_path / "out.html").read_text())
    assert {"svg", "table", "style"} <= page.names
    assert page.names.isdisjoint({"script", "link", "img", "iframe", "b"})
    assert {"src", "href", "onclick"}.isdisjoint(name for name, _ in page.attributes)
    for text in (
        "Spend over time",
        "Tokens by call stack",
        "budget: 5,000 tokens",
        "digest.<lambda>",
        "from the cache",
    ):
        assert text in page.texts
    assert "<b>Title & more</b>: An answer." in page.texts


def test_a_run_without_calls_has_a_page_as_well(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    assert omegac("run", "p.omega", "--report=out.html", cwd=tmp_path).stdout == "1"
    assert "0 tokens in 0 calls" in Page((tmp_path / "out.html").read_text()).texts


def test_the_profile_has_the_tokens_by_call_stack(tmp_path: Path, server: Server) -> None:
    run(tmp_path, server, "--profile=out.speedscope.json", "--report=out.json")
    data = json.loads((tmp_path / "out.speedscope.json").read_text())
    (profile,), frames = data["profiles"], data["shared"]["frames"]
    total = json.loads((tmp_path / "out.json").read_text())["totals"]["tokens"]
    assert (profile["type"], profile["endValue"], sum(profile["weights"])) == ("sampled", total, total)
    stacks = {tuple(frames[i]["name"] for i in sample) for sample in profile["samples"]}
    place = "p.omega:2 claude-sonnet-4-5"
    assert ("the top level", "digest", "digest.<lambda>", "summarize", place) in stacks
    assert {"name": place, "file": "p.omega", "line": 2, "col": 26} in frames


def test_what_happened_besides_has_columns_in_the_table(tmp_path: Path, server: Server) -> None:
    lines = run(tmp_path, server, "--report").stderr.splitlines()
    head = next(line for line in lines if line.startswith("site"))
    assert head.split() == ["site", "procedure", "model", "calls", "input", "output", "dollars", "cached"]


@pytest.mark.parametrize("option", ["--report=nowhere/out.html", "--profile=nowhere/out.json", "--profile=."])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_spent(option: str, tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display "ran")')
    done = omegac("run", "p.omega", option, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give a file in a folder that is there" in done.stderr


class Slowly(Behaviour):
    """Answers after some seconds."""

    def __init__(self, seconds: float, answer: Answer) -> None:
        self.seconds = seconds
        self.whole = answer

    def answer(self, handler: Handler) -> None:
        time.sleep(self.seconds)
        self.whole.answer(handler)


def test_on_a_terminal_a_line_tells_how_far_the_run_is_and_nothing_of_it_stays(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display (effect infer.op "One?")) (newline) (display (effect infer.op "Two?"))')
    with Server(message("First.", 20, 30), Slowly(3, message("Second.", 20, 30))) as server:
        key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url, "TERM": "xterm"}
        command = f"{sys.executable} -m omegac run p.omega --model claude-sonnet-4-5 --budget 9000"
        process = pexpect.spawn(
            "/bin/sh",
            ["-c", f"{command} > out.txt"],
            cwd=str(tmp_path),
            env=environment(**key),
            encoding="utf-8",
            timeout=60,
        )
        process.expect_exact("1 call done, 1 under way · 50 of 9,000 tokens")
        process.expect(pexpect.EOF)
        process.close()
    assert process.exitstatus == 0
    assert process.before.rstrip().endswith("\r\x1b[K")
    assert (tmp_path / "out.txt").read_text() == "First.\nSecond."


def test_in_a_pipe_there_is_no_such_line(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(effect infer.op "One?")')
    with Server(Slowly(1.5, message())) as server:
        key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url, "TERM": "xterm"}
        done = omegac("run", "p.omega", "--model", "claude-sonnet-4-5", cwd=tmp_path, **key)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


MAP = """
(define (ask text) (effect infer.op text max-tokens: 20))
(display (length (parallel-map ask '("1" "2" "3" "4" "5" "6" "7" "8"))))
"""


def test_of_a_map_the_line_tells_how_much_is_done_and_when_it_ends(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(MAP)
    with Server() as server:
        server.answer_by = lambda body: Slowly(1.2, message("Done.", 10, 5))  # type: ignore[assignment, return-value]
        key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url, "TERM": "xterm"}
        command = f"{sys.executable} -m omegac run p.omega --model claude-sonnet-4-5 --jobs 2"
        process = pexpect.spawn(
            "/bin/sh",
            ["-c", f"{command} > out.txt"],
            cwd=str(tmp_path),
            env=environment(**key),
            encoding="utf-8",
            timeout=60,
        )
        process.expect(r"0 of 8 done · 0 calls done, 2 under way · 0 tokens · 0:0\d[^·]")
        process.expect(r"4 of 8 done · 4 calls done, 2 under way · 60 tokens · \$\S+ · 0:0\d · about 0:0[1-4] left")
        process.expect(pexpect.EOF)
        process.close()
    assert process.exitstatus == 0
    assert (tmp_path / "out.txt").read_text() == "8"


def test_a_narrow_terminal_is_told_what_says_most(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(MAP)
    with Server() as server:
        server.answer_by = lambda body: Slowly(1.2, message("Done.", 10, 5))  # type: ignore[assignment, return-value]
        process = _on_a_terminal(tmp_path, server.url, "--jobs 2 --budget 9000 > out.txt", COLUMNS="60")
        process.expect(r"4 of 8 done · 60 of 9,000 tokens · about 0:0[1-4] left")
        process.expect(pexpect.EOF)
        process.close()
    assert process.exitstatus == 0


def test_an_error_takes_the_place_of_the_line(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(effect infer.op "One?")')
    with Server(Slowly(2, error(400, "invalid_request_error", "no"))) as server:
        process = _on_a_terminal(tmp_path, server.url, "> out.txt", COLUMNS="60")
        process.expect_exact("1 under way")
        process.expect_exact("p.omega:1:1: error:")
        assert process.before.endswith("\r\x1b[K")
        process.expect(pexpect.EOF)
        process.close()


def _on_a_terminal(folder: Path, url: str, rest: str, **given: str) -> Any:
    command = f"{sys.executable} -m omegac run p.omega --model claude-sonnet-4-5 {rest}"
    variables = environment(ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=url, TERM="xterm", **given)
    return pexpect.spawn("/bin/sh", ["-c", command], cwd=str(folder), env=variables, encoding="utf-8", timeout=60)


@pytest.mark.parametrize(
    ("total", "begun", "done", "left"),
    [(40, 0, 0, None), (40, 8, 1, None), (40, 12, 4, 40.0), (40, 40, 36, 10 / 19), (2, 2, 2, None)],
)
def test_how_long_a_map_goes_on(
    total: int, begun: int, done: int, left: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omega_runtime.concurrent.watching.monotonic", lambda: 110.0)
    here = MapUnderWay(total)
    here.since, here.begun, here.done = 100.0, begun, done
    assert here.seconds_left() == (None if left is None else pytest.approx(left))


def test_verbose_says_what_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display (effect infer.op "One?"))')
    options = ("run", "p.omega", "--model", "claude-sonnet-4-5")
    told = []
    for more in ((), ("--verbose",)):
        failures = [error(529, "overloaded_error"), error(429, "rate_limit_error", **{"retry-after": "0"})]
        with Server(*failures, message("First.", 20, 30)) as server:
            key = {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": server.url}
            done = omegac(*options, *more, cwd=tmp_path, **key)
        assert (done.returncode, done.stdout) == (0, "First.")
        told.append(done.stderr)
    assert told[0] == ""
    first, second = told[1].splitlines()
    assert re.fullmatch(r"omegac: p\.omega:1:10: .*529.*; attempt 2 of 4 begins in 0\.\d s", first)
    assert re.fullmatch(r"omegac: p\.omega:1:10: .*429.*; attempt 2 begins in 0\.0 s", second)
