"""Every bad input gets a message that names the place and the mend, and the right exit status."""

from __future__ import annotations

import os
import shlex
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, omegac

COMPILE_ERRORS = [
    ("(display (+ 1 2)", "bad.omega:1:1: error: unbalanced parentheses: this ( is never closed", "^"),
    ("(display 1))", "bad.omega:1:12: error: unbalanced parentheses: this ) closes nothing", "           ^"),
    ("(display #z)", "bad.omega:1:10: error: unknown reader syntax #z", "         ^^"),
    ('(display "abc', "bad.omega:1:10: error: this string is never closed", "         ^"),
    (
        "(define (f) 1)\n(define (f) 2)",
        "bad.omega:2:10: error: duplicate definition of f",
        "it is defined on line 1 already",
    ),
    ("(define (f x) x)\n(f 1 2)", "bad.omega:2:1: error: f takes 1 argument, but gets 2", "(f x)"),
    ("(car)", "bad.omega:1:1: error: car takes 1 argument, but gets 0", "^^^^^"),
    ("(if)", "bad.omega:1:1: error: malformed if: expected (if test then [otherwise])", "^^^^"),
    (
        '(effect infer.op "x" max-token: 5)',
        "bad.omega:1:22: error: unknown option max-token: of infer.op",
        "did you mean max-tokens?",
    ),
]


@pytest.mark.parametrize(("text", "message", "mend"), COMPILE_ERRORS)
@pytest.mark.parametrize("command", ["compile", "run"])
def test_a_bad_source_is_reported_with_its_place(
    tmp_path: Path, command: str, text: str, message: str, mend: str
) -> None:
    (tmp_path / "bad.omega").write_text(text)
    done = omegac(command, "bad.omega", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert mend in done.stderr
    assert text.split("\n")[int(message.split(":")[1]) - 1] in done.stderr
    assert not (tmp_path / "bad.py").exists()


def test_three_independent_errors_are_three_reports(tmp_path: Path) -> None:
    text = "(define (f x) (if))\n(define y #z)\n(define (g) (f 1 2))\n(display (f 1)\n(define (h) 1)\n"
    (tmp_path / "bad.omega").write_text(text)
    done = omegac("compile", "bad.omega", cwd=tmp_path)
    assert done.returncode == 2
    places = [line.split(": error:")[0] for line in done.stderr.splitlines() if ": error:" in line]
    assert places == ["bad.omega:1:15", "bad.omega:2:11", "bad.omega:3:13", "bad.omega:4:1"]


@pytest.mark.parametrize("command", ["compile", "run"])
def test_many_errors_on_a_long_line_stay_readable(tmp_path: Path, command: str) -> None:
    (tmp_path / "bad.omega").write_text("(car) " * 5000)
    done = omegac(command, "bad.omega", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("error:")) == (2, 100)
    assert done.stderr.endswith("… and 4,900 more errors\n")
    assert max(map(len, done.stderr.splitlines())) < 200


def test_an_error_at_run_time_shows_a_part_of_a_long_line(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(f"{'(list 1) ' * 5000}(define (f x) (+ 1 (car x))) (f 2)")
    done = omegac("run", "p.omega", cwd=tmp_path)
    assert done.returncode == 1
    assert "p.omega:1:45020: error: car: argument 1 must be a pair, but got 2" in done.stderr
    source, carets = done.stderr.splitlines()[-2:]
    assert source.endswith("(list 1) (define (f x) (+ 1 (car x))) (f 2)")
    assert source[carets.index("^") :][: carets.count("^")] == "(car x)"
    assert max(map(len, done.stderr.splitlines())) < 200


UNCLOSED = {
    "a list": ("(define (f x)\n  (display x)\n\n(define (g y) (f y))\n(g 1)\n(f 1 2)\n", ["1:1"]),
    "what stands before": ("(h 1)\n(if)\n(define (f x\n(car)\n(f 2)\n", ["2:1", "3:1"]),
    "its own parentheses": ("(define (f x\n(let ((a 1)\n(b 2)))\n(display a))\n", ["1:1"]),
    "a string": ('(define a "x)\n(define (f) [)\n(f 1)\n(car)\n', ["1:11"]),
}


@pytest.mark.parametrize(("text", "places"), UNCLOSED.values(), ids=UNCLOSED)
def test_nothing_that_only_follows_from_an_unclosed_form(tmp_path: Path, text: str, places: list[str]) -> None:
    (tmp_path / "bad.omega").write_text(text)
    done = omegac("compile", "bad.omega", cwd=tmp_path)
    found = [line.split(": ")[0] for line in done.stderr.splitlines() if line.startswith("bad.omega")]
    assert found == [f"bad.omega:{place}" for place in places]


@pytest.mark.parametrize("command", ["compile", "run"])
def test_an_unbound_variable_is_an_error_before_anything_runs(tmp_path: Path, command: str) -> None:
    (tmp_path / "bad.omega").write_text('(display "first")\n(dsplay "second")\n')
    done = omegac(command, "bad.omega", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad.omega:2:2: error: unbound variable: dsplay" in done.stderr
    assert "did you mean display?" in done.stderr


@pytest.mark.parametrize("command", ["compile", "run"])
def test_a_missing_file(tmp_path: Path, command: str) -> None:
    done = omegac(command, "nowhere.omega", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "omegac: cannot read nowhere.omega: No such file or directory\n"


@pytest.mark.parametrize("command", ["compile", "run"])
def test_a_file_that_is_not_utf8(tmp_path: Path, command: str) -> None:
    (tmp_path / "latin.omega").write_bytes(b'(display "ok")\n(display "caf\xe9")\n')
    done = omegac(command, "latin.omega", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "latin.omega:2:14: error: this file isn't UTF-8: byte 0xe9" in done.stderr
    assert "save it as UTF-8" in done.stderr


def test_an_output_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "good.omega").write_text("(display 1)")
    done = omegac("compile", "good.omega", "-o", "no/such/folder/good.py", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot write no/such/folder/good.py: No such file or directory" in done.stderr
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "keep.txt").write_text("kept")
    done = omegac("compile", "good.omega", "-o", "folder", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot write folder" in done.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "good.omega", "keep.txt"]


def test_a_file_of_somebody_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.omega").write_text("(display 1)")
    (tmp_path / "mine.py").write_text("print('precious')\n")
    done = omegac("compile", "mine.omega", cwd=tmp_path)
    assert done.returncode == 2
    assert "mine.py was not written by omegac" in done.stderr
    assert (tmp_path / "mine.py").read_text() == "print('precious')\n"
    assert omegac("compile", "mine.omega", "-o", "mine.py", cwd=tmp_path).returncode == 0
    assert (tmp_path / "mine.py").read_text().startswith("# Compiled by omegac ")


def test_nothing_is_written_when_one_of_several_files_is_bad(tmp_path: Path) -> None:
    (tmp_path / "good.omega").write_text("(display 1)")
    (tmp_path / "bad.omega").write_text("(display")
    done = omegac("compile", "good.omega", "bad.omega", "-d", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "No such command 'frobnicate'; omegac --help tells them all"),
        (["chek", "."], "No such command 'chek'; did you mean check?"),
        (["run", "x.omega", "--frob"], "No such option"),
        (["run", "x.omega", "-n", "3"], "stands last, behind --, as in: python -m omegac run FILE -- -n"),
        (["run", "x.omega", "--buget", "3"], "--budget"),
        (
            ["run", "x.omega", "--budget", "many"],
            "'many' is neither a whole number of tokens (10000, 10k) nor an amount of US dollars ('$0.50')",
        ),
        (["run", "x.omega", "--budget", "$many"], "'$many' is neither a whole number of tokens"),
        (["run", "x.omega", "--budget", "-5"], "'-5' is below 0"),
        (["run", "x.omega", "--budget", ".50"], "did you mean '$0.50'?"),
        (["run", "x.omega", "--budget", ""], "needs quotes, as in '$0.50', because of the shell"),
        (["run", "x.omega", "--budget", "5", "--budget", "6"], "there are two limits in tokens"),
        (["run", "x.omega", "--budget", "$0,50"], "'$0,50' is neither a whole number of tokens"),
        (["run", "x.omega", "--on-low", "panic"], "'panic' is not 'degrade'"),
        (["ledger", "frobnicate"], "No such command 'frobnicate'"),
        (
            ["run", "x.omega", "--allow", "fly"],
            "there is no 'fly'; it takes env, env=NAME, python, python=MODULE, read, read=DIR",
        ),
        (["run", "x.omega", "--allow", "env=MY_API_KEY"], "MY_API_KEY looks like a key or a password"),
        (["run", "x.omega", "--allow", "read="], "read= needs a folder behind it"),
        (["run", "x.omega", "--model", ""], "model must be a model's name or None, but got ''"),
        (["eval", "1", "--model", ""], "model must be a model's name or None, but got ''"),
        (["compile"], "Missing argument 'FILE...'"),
        (["compile", "a.omega", "b.omega", "-o", "c.py"], "-o goes with one FILE"),
        (["compile", "x.omega", "--dump", "nothing"], "'nothing' is not one of"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "x.omega").write_text("(display 1)")
    done = omegac(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_an_unknown_model_is_refused_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display "ran")')
    done = omegac("run", "p.omega", "--model", "gpt-9", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'unknown model "gpt-9"' in done.stderr


def test_a_claude_model_without_a_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display (effect infer.op "hello"))')
    done = omegac("run", "p.omega", "--model", "claude-sonnet-4-5", cwd=tmp_path)
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert "ANTHROPIC_API_KEY" in done.stderr


def test_the_mode_of_an_existing_output_is_kept(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    assert omegac("compile", "p.omega", cwd=tmp_path).returncode == 0
    (tmp_path / "p.py").chmod(0o640)
    assert omegac("compile", "p.omega", cwd=tmp_path).returncode == 0
    assert stat.S_IMODE((tmp_path / "p.py").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("arguments", "status", "output"),
    [
        (["eval", "(+ 1 2)"], 0, "3\n"),
        (["run", "p.omega"], 2, "cannot read p.omega"),
        (["compile", "p.omega"], 2, "cannot read p.omega"),
        (["eval", "1", "--ledger", "l"], 2, 'cannot use the ledger file "l": the current folder is gone'),
        (["eval", "1", "--report=r.json"], 0, "cannot write the report to r.json"),
    ],
)
def test_the_current_folder_may_be_gone(tmp_path: Path, arguments: list[str], status: int, output: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = shlex.join(["omegac", *arguments])
    done = subprocess.run(
        ["/bin/sh", "-c", f'rmdir "$PWD"; {command}'],
        cwd=gone,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert output in done.stdout + done.stderr


@pytest.mark.parametrize("limit", ["0", "5", "0/hour"])
def test_a_limit_that_a_shell_may_have_made_of_dollars_says_so(limit: str) -> None:
    done = omegac("eval", '(effect infer.op "hello")', "--model", "offline", "--budget", limit)
    assert done.returncode == 3
    assert f"quote them, as in --budget '$1{limit[0]}': of $1{limit[0]} a shell makes {limit[0]}" in done.stderr


def test_any_other_limit_says_nothing_of_shells() -> None:
    done = omegac("eval", '(effect infer.op "hello")', "--model", "offline", "--budget", "10")
    assert (done.returncode, "shell" in done.stderr) == (3, False)


def test_a_device_as_output_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    done = omegac("compile", "p.omega", "-o", "/dev/stdout", cwd=tmp_path)
    assert (done.returncode, done.stdout.startswith("# Compiled by omegac")) == (0, True)
    full = omegac("compile", "p.omega", "-o", "/dev/full", cwd=tmp_path)
    assert (full.returncode, full.stderr) == (2, "omegac: cannot write /dev/full: No space left on device\n")


def test_a_pipe_in_the_place_of_a_module_stays(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(display 1)")
    os.mkfifo(tmp_path / "p.py")
    done = omegac("compile", "p.omega", cwd=tmp_path)
    assert (done.returncode, "p.py was not written by omegac" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("run program.omega >&-", 0, ""),
        ("run program.omega 2>&-", 0, "3"),
        ("run - <&-", 0, ""),
        ("repl <&-", 0, ""),
        ("eval '(+ 1 2)' <&- 2>&-", 0, "3\n"),
    ],
)
def test_streams_that_the_shell_closed(command: str, status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "program.omega").write_text("(display (+ 1 2))")
    done = _shell(command, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (status, said, "")


@pytest.mark.parametrize("command", ["eval 1", "models", "repl program.omega"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written(command: str, tmp_path: Path) -> None:
    (tmp_path / "program.omega").write_text("(display (+ 1 2))")
    done = _shell(f"{command} </dev/null >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (2, "omegac: standard output: No space left on device\n")


def test_a_procedure_without_a_name_is_told_as_such(tmp_path: Path) -> None:
    text = '(define (say x) (effect infer.op x))\n(for-each (lambda (x) (display (list (say x)))) (list "Say a"))'
    (tmp_path / "p.omega").write_text(text)
    done = omegac("run", "p.omega", "--budget", "10", "--model", "offline", cwd=tmp_path)
    assert "called by <lambda> at p.omega:2:38" in done.stderr


def test_a_current_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "program.omega").write_text("1")
    (tmp_path / "gone").mkdir()
    done = _shell("run ../program.omega", tmp_path / "gone", before="rmdir ../gone; ")
    assert (done.returncode, done.stderr) == (2, "omegac: the current folder is no longer there; cd to one that is\n")


def test_ctrl_c_while_the_compiler_works(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slow.omega")
    command = [sys.executable, "-m", "omegac", "check", "slow.omega"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        with (tmp_path / "slow.omega").open("w"):  # which waits until the command reads it
            process.send_signal(signal.SIGINT)
            assert (process.communicate(timeout=60)[1], process.returncode) == ("omegac: interrupted\n", 130)


def _shell(command: str, folder: Path, *, before: str = "") -> subprocess.CompletedProcess[str]:
    line = f"{before}{shlex.quote(sys.executable)} -m omegac {command}"
    return subprocess.run(
        ["sh", "-c", line], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
