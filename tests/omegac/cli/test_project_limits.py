"""Limits of runs in the project's file, and alerts when so much of a limit is spent."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.command import omegac

ASK = '(effect infer.op "Say what you see, in not more than ten words, please." max-tokens: 16)'


def project(folder: Path, table: str, program: str = ASK) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.omegac.run]\n{table}\n")
    (folder / "p.omega").write_text(program)


@pytest.mark.parametrize(
    ("table", "options", "status"),
    [
        ('budget = "1k"', (), 0),
        ("budget = 10", (), 3),
        ('budget = ["10", "$1"]', (), 3),
        ("budget = 10", ("--budget", "1000"), 0),
        ("budget = 10", ("--ledger", "books.ledger"), 0),
    ],
)
def test_a_run_has_the_projects_budget_unless_another_is_given(
    table: str, options: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    project(tmp_path, table)
    assert omegac("run", "p.omega", "--model", "offline", *options, cwd=tmp_path).returncode == status


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('budget = "much"', "run: budget: "),
        ("ledger = 'x'", "run has budget and on-low, and no ledger"),
        ('budget = 100\non-low = "panic"', "run: on-low must be \"degrade\", but is 'panic'"),
    ],
)
def test_limits_that_are_none_end_the_command(table: str, said: str, tmp_path: Path) -> None:
    project(tmp_path, table)
    done = omegac("run", "p.omega", "--model", "offline", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_command_is_run_once_when_so_much_is_spent(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(f"{ASK} {ASK} {ASK}")
    (tmp_path / "note.sh").write_text('echo "$1 $OMEGA_TOKENS of $OMEGA_TOKEN_LIMIT" >> told.txt\necho noise\n')
    alerts = ("--alert", "50%=sh note.sh half", "--alert", "99%=sh note.sh all", "--alert", "10%=sh note.sh begun")
    done = omegac("run", "p.omega", "--model", "offline", "--budget", "100", *alerts, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert sorted((tmp_path / "told.txt").read_text().splitlines()) == ["begun 28 of 100", "half 56 of 100"]


def test_figures_are_posted_to_a_url(tmp_path: Path) -> None:
    posted: list[object] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "p.omega").write_text(ASK)
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"20%=http://127.0.0.1:{server.server_port}/hook"
        done = omegac("run", "p.omega", "--model", "offline", "--budget", "100", "--alert", url, cwd=tmp_path)
        server.shutdown()
    assert (done.returncode, done.stderr) == (0, "")
    (figures,) = posted
    assert isinstance(figures, dict)
    assert [figures[name] for name in ("account", "share", "tokens", "token_limit")] == ["run", "0.2800", "28", "100"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--alert", "80%=true"), "--alert needs a limit: --budget N"),
        (("--budget", "10", "--alert", "often=true"), "is no alert; it may be 80%=COMMAND or 80%=https://…"),
        (
            ("--budget", "100", "--alert", "10%=no-such-command"),
            "there is no command no-such-command; what a shell does needs sh -c",
        ),
        (("--budget", "100", "--alert", "10%=false"), "the alert false ended with status 1"),
    ],
)
def test_alerts_that_cannot_be(options: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(ASK)
    assert said in omegac("run", "p.omega", "--model", "offline", *options, cwd=tmp_path).stderr
