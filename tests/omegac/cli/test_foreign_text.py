"""Names, messages and answers of others cannot act upon the terminal; markup in them is text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.support.command import omegac
from tests.support.messages_api import Answer, Server

HOSTILE = "a\x1b[31m[/red]\x9b2J\u202e\r\n:smile:"
SHOWN = "a\\x1b[31m[/red]\\x9b2J\\u202e\\r\\n:smile:"


def assert_harmless(*texts: str) -> None:
    for text in texts:
        bad = {
            c
            for c in text
            if c != "\n" and (unicodedata.category(c) in ("Cc", "Zl", "Zp") or "\u202a" <= c <= "\u202e")
        }
        assert not bad, (bad, text)


@pytest.mark.parametrize("name", ["[/red]", "[bold]x[/bold]", HOSTILE])
def test_an_account_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "p.omega").write_text('(effect infer.op "hello" max-tokens: 20)')
    options = ("--model", "offline", "--ledger", "l.db", "--account", name, "--budget", "40")
    shown = SHOWN if name is HOSTILE else name
    first = omegac("run", "p.omega", *options, "--report", cwd=tmp_path)
    assert (first.returncode, f'account "{shown}" have spent' in first.stderr) == (0, True), first.stderr
    table = omegac("ledger", "show", "l.db", cwd=tmp_path)
    assert (table.returncode, shown in table.stdout) == (0, True), table.stderr
    asked = omegac("ledger", "reset", "l.db", "--account", name, cwd=tmp_path)
    reset = omegac("ledger", "reset", "l.db", "--account", name, "--yes", cwd=tmp_path)
    assert reset.stdout == f"reset: {shown}\n"
    wrong = omegac("ledger", "reset", "l.db", "--account", f"{name}!", "--yes", cwd=tmp_path)
    other = omegac("run", "p.omega", *options, "--budget", "$1", cwd=tmp_path)
    (tmp_path / "q.omega").write_text('(effect infer.op "hello, this is longer than what is left" clamp: #f)')
    refused = omegac("run", "q.omega", *options, cwd=tmp_path)
    assert (wrong.returncode, other.returncode, refused.returncode) == (2, 2, 3)
    for done in (first, table, asked, reset, wrong, other, refused):
        assert_harmless(done.stdout, done.stderr)


def test_messages_of_servers_and_programs(tmp_path: Path) -> None:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": f"no {HOSTILE}"}}
    (tmp_path / "p.omega").write_text('(effect infer.op "x")')
    with Server(Answer(400, json.dumps(body).encode())) as server:
        done = omegac("run", "p.omega", cwd=tmp_path, ANTHROPIC_API_KEY="k", ANTHROPIC_BASE_URL=server.url)
    assert done.returncode == 1
    assert "\\x1b[31m" in done.stderr
    assert_harmless(done.stderr)
    (tmp_path / "q.omega").write_text(f'(error "first\nomegac: second \x1b]0;title\a" "{HOSTILE}")')
    done = omegac("run", "q.omega", cwd=tmp_path)
    assert "error: first\n  omegac: second \\x1b]0;title\\x07" in done.stderr
    assert_harmless(done.stderr)


def test_file_names_and_lines_of_sources(tmp_path: Path) -> None:
    name = "p\x1b[2J.omega"
    (tmp_path / name).write_text('(define x "\x1b[31m") (car 1 2)\n(displya\x1b 1)')
    for command in ("compile", "run"):
        done = omegac(command, name, cwd=tmp_path)
        assert done.returncode == 2
        assert "p\\x1b[2J.omega:1:" in done.stderr
        # The carets stand below the marked form all the same.
        line, carets = re.search(r"  1 \| (.*)\n    \| (.*)\n", done.stderr).groups()  # type: ignore[union-attr]
        assert line.index("(car 1 2)") == carets.index("^")
        assert_harmless(done.stderr)
    missing = omegac("run", "no\x1b[2J.omega", "--\x1b[2J", cwd=tmp_path)
    assert missing.returncode == 2
    assert_harmless(missing.stderr)
    missing = omegac("run", "no\x1b[2J.omega", cwd=tmp_path)
    assert_harmless(missing.stderr)


def test_what_a_program_displays_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display "\x1b[31mred\x1b[0m")')
    assert omegac("run", "p.omega", cwd=tmp_path).stdout == "\x1b[31mred\x1b[0m"


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], "a\\x1b[31mred\\x07\\x9b0m\tb\r\nאב\u200f.\r\n"),
        (["--allow", "terminal"], "a\x1b[31mred\x07\x9b0m\tb\r\nאב\u200f.\r\n"),
    ],
)
def test_what_a_program_displays_does_not_control_a_terminal(tmp_path: Path, options: list[str], shown: str) -> None:
    """An answer, or a file of others, may hold anything; in a pipe it stays as it is."""
    program = '(display "a\\x1b;[31mred\\x7;\\x9b;0m\tb\\nאב\\x200f;.\\n")'
    (tmp_path / "p.omega").write_text(program, encoding="utf-8")
    main, terminal = os.openpty()
    command = [sys.executable, "-m", "omegac", "run", "p.omega", *options]
    done = subprocess.run(command, cwd=tmp_path, stdout=terminal, env={**os.environ, "PYTHONUTF8": "1"}, timeout=60)
    os.close(terminal)
    assert done.returncode == 0
    assert os.read(main, 10_000).decode() == shown
    os.close(main)
