"""`omegac repl` in pipes and on a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.support.command import environment, omegac
from tests.support.messages_api import Hang, Server, message


def repl(text: str, *options: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The finished command, with a text as its standard input."""
    return omegac("repl", "--model", "offline", *options, input=text, cwd=cwd)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("(+ 1 2)\n", "=> 3\n"),
        ("(+ 1\n   2)\n", "=> 3\n"),
        ("(define x 4)\n(* x x)\n", "=> 16\n"),
        ("1 2 (if #f #f) 3\n", "=> 1\n=> 2\n=> 3\n"),
        ("(+ 1 2)", "=> 3\n"),
        ('"two\nlines"\n', '=> "two\\nlines"\n'),
        ("; nothing but a comment\n\n", ""),
        ('(display "no line end")\n5\n', "no line end\n=> 5\n"),
        ('(display "no line end") 5\n', "no line end\n=> 5\n"),
        ("(read-line)\nwhat comes next\n", '=> "what comes next"\n'),
    ],
)
def test_in_a_pipe_there_are_answers_and_nothing_else(text: str, printed: str) -> None:
    done = repl(text)
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(car 5)\n", "<input 1>:1:1: error: car: argument 1 must be a pair, but got 5"),
        ("(undefined-one)\n", "<input 1>:1:2: error: unbound variable: undefined-one"),
        ("(define (square-it x) x)\n(squareit 1)\n", "help: did you mean square-it?"),
        ("(if)\n", "<input 1>:1:1: error: malformed if"),
        ("(raise 'no)\n", "<input 1>:1:1: error: uncaught raise: no"),
        ("(+ 1\n", "unbalanced parentheses: this ( is never closed"),
        (",hlp\n", "omegac: there is no command ,hlp; did you mean ,help?"),
        (",\n", "omegac: there is no command ,; ,help tells them all"),
        (",load\tnowhere.omega\n", "omegac: cannot read nowhere.omega: No such file or directory"),
        (",time\n", "omegac: ,time needs an expression behind it, as in ,time (+ 1 2)"),
        (",load nowhere.omega\n", "omegac: cannot read nowhere.omega: No such file or directory"),
        (",help no-such-thing-at-all\n", "omegac: nothing is called no-such-thing-at-all"),
    ],
)
def test_errors_leave_the_session_alive_and_are_told_at_its_end(text: str, said: str) -> None:
    done = repl(text + ("" if text == "(+ 1\n" else "'alive\n"))
    assert said in done.stderr
    assert done.stdout == ("" if text == "(+ 1\n" else "=> alive\n")
    assert done.returncode == 1


def test_an_error_in_an_earlier_input_shows_its_line() -> None:
    done = repl("(define (first-of x)\n  (car x))\n(+ 1 (first-of 5))\n")
    assert done.stderr.splitlines() == [
        "Traceback (most recent call last):",
        '  File "<input 2>", line 1, in the top level',
        "    (+ 1 (first-of 5))",
        "         ^^^^^^^^^^^^",
        "<input 1>:2:3: error: car: argument 1 must be a pair, but got 5",
        "  2 |   (car x))",
        "    |   ^^^^^^^",
    ]


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (",help string-upcase", "(string-upcase"),
        (",help if", "(if test then [otherwise])"),
        (",help f", "(f x)\nTwice as much."),
        (",help answer", "answer is 42"),
        (",time (f 4)", "=> 8"),
        (",dis f", "def f(x):\n"),
        (",dis (car answer)", "session.answer"),
        (",expand (when answer 1 2)", "(if answer (begin 1 2)"),
        (",budget", "0 of 500 tokens spent"),
    ],
)
def test_commands(command: str, printed: str) -> None:
    definitions = '(define answer 42)\n(define (f x) "Twice as much." (* 2 x))\n'
    done = repl(f"{definitions}{command}\n", "--budget", "500")
    assert printed in done.stdout
    assert done.returncode == 0


def test_the_session_ends_by_a_command_an_exit_or_the_end_of_its_input() -> None:
    assert [repl(text).returncode for text in ("", ",quit\n(car 1)\n", "(exit 7)\n(car 1)\n")] == [0, 0, 7]


def test_files_are_evaluated_first_and_their_values_not_shown(tmp_path: Path) -> None:
    (tmp_path / "tools.omega").write_text('(define (shout text) (string-upcase text))\n(shout "unseen")\n')
    (tmp_path / "more.omega").write_text("(define-library (more) (export ten) (begin (define ten 10)))")
    done = repl('(import (more))\n(list (shout "a") ten)\n', "tools.omega", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ('=> ("A" 10)\n', "", 0)


def test_what_is_spent_is_told_when_little_is_left() -> None:
    ask = '(effect infer.op "Say what you see, in not more than ten words, please." max-tokens: 16)\n'
    done = repl(ask, "--budget", "34")
    assert done.stderr == "omegac: budget: 6 tokens of 34 tokens left\n"
    done = repl(ask, "--budget", "20")
    assert "Budget exceeded: the call needs" in done.stderr
    assert "of the session" in done.stderr


def test_the_account_may_be_one_in_a_ledger_file(tmp_path: Path) -> None:
    ask = '(effect infer.op "Say one word." max-tokens: 16)\n'
    for _ in range(2):
        assert repl(ask, "--ledger", "books.ledger", "--budget", "1000", cwd=tmp_path).returncode == 0
    shown = omegac("ledger", "show", "books.ledger", cwd=tmp_path).stdout
    assert "default" in shown


class Terminal:
    """A session on a terminal, and what a person does with it."""

    def __init__(self, folder: Path, *options: str, **more: str) -> None:
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "omegac", "repl", *options],
            cwd=str(folder),
            env={**environment(), "TERM": "xterm", "XDG_STATE_HOME": str(folder), "PROMPT_TOOLKIT_NO_CPR": "1", **more},
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 120),
        )

    def __enter__(self) -> Terminal:
        self.sees("Ω>")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    def sees(self, text: str) -> None:
        """Wait until a text is there."""
        self.process.expect_exact(text)

    def types(self, text: str) -> None:
        """Press keys."""
        self.process.send(text)

    def ends(self) -> int | None:
        """Wait for the end, and give the exit status."""
        self.process.expect(pexpect.EOF)
        self.process.close()
        return self.process.exitstatus


def test_a_session_on_a_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--model", "offline") as terminal:
        terminal.types("(define (f x)\r(* x 2))\r")
        terminal.sees("Ω>")
        terminal.types("(f 21)\r")
        terminal.sees("=> 42")
        terminal.types("(car 5)\r")
        terminal.sees("car: argument 1 must be a pair")
        terminal.types("(string-upc\t")
        terminal.sees("ase")
        terminal.types(' "a")\r')
        terminal.sees('=> "A"')
        terminal.types("(abandoned\x03")
        terminal.sees("Ω>")
        terminal.types("(+ 1 1)\r")
        terminal.sees("=> 2")
        terminal.types("\x04")
        assert terminal.ends() == 0
    with Terminal(tmp_path, "--model", "offline") as terminal:
        terminal.types("\x1b[A\r")
        terminal.sees("=> 2")
        terminal.types(",quit\r")
        assert terminal.ends() == 0
    assert (tmp_path / "omegac" / "repl-history").stat().st_mode & 0o077 == 0


def test_a_dumb_terminal_has_prompts_and_no_editing(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--model", "offline", TERM="dumb") as terminal:
        terminal.types("(+ 1\r")
        terminal.sees("   ")
        terminal.types("2)\r")
        terminal.sees("=> 3")
        terminal.types("\x04")
        assert terminal.ends() == 0


def test_ctrl_c_ends_a_loop_and_not_the_session(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--model", "offline") as terminal:
        terminal.types("(begin (display 'begun) (let loop () (loop)))\r")
        terminal.sees("begun")
        terminal.types("\x03")
        terminal.sees("interrupted")
        terminal.sees("Ω>")
        terminal.types("(+ 1 1)\r")
        terminal.sees("=> 2")


def test_ctrl_c_ends_a_call_at_once_and_its_hold_counts_as_spent(tmp_path: Path) -> None:
    with Server(Hang(), message("Here.", 10, 5)) as server:
        options = ("--model", "claude-sonnet-4-5", "--budget", "1000")
        environment = {"ANTHROPIC_API_KEY": "test-key-0815", "ANTHROPIC_BASE_URL": server.url}
        with Terminal(tmp_path, *options, **environment) as terminal:
            terminal.types('(effect infer.op "Are you there?" max-tokens: 100)\r')
            assert server.asked.wait(30)
            terminal.types("\x03")
            terminal.sees("interrupted; what may have been billed counts as spent")
            terminal.types(",budget\r")
            terminal.process.expect(r"1\d\d of 1,000 tokens")
            terminal.types('(effect infer.op "And now?" max-tokens: 100)\r')
            terminal.sees('=> "Here."')
            terminal.types(",spend\r")
            terminal.sees("1 call may have been billed and count in full")


def test_an_input_that_is_not_utf8_fails_alone() -> None:
    command = [sys.executable, "-m", "omegac", "repl"]
    variables = environment(PYTHONIOENCODING="")
    done = subprocess.run(command, input=b"\xff\n'alive\n", env=variables, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, b"=> alive\n")
    assert "unbound variable: \N{REPLACEMENT CHARACTER}".encode() in done.stderr
