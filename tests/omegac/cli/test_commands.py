"""What the commands do when all is well: outputs, arguments, exit statuses, reports."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from omega_runtime.version import INTERFACE

from omegac.names import module_name
from omegac.pipeline import PASSES
from tests.support import ROOT
from tests.support.command import omegac

PASS_NAMES = [each.name for each in PASSES]

PROGRAM = """
(define (greet name) (string-append "hello " name))
(define (shout name) (string-upcase (greet name)))
"""


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("(+ 1 2)", "3\n"),
        ('(list "a" #\\b 2.0 #t)', '("a" #\\b 2 #t)\n'),
        ("(define x 4) (* x x)", "16\n"),
        ("(if #f #f)", ""),
        ('(display "shown")', "shown"),
        ("'(research priority: 3)", "(research priority: 3)\n"),
    ],
)
def test_eval_prints_the_value_in_write_form(expression: str, printed: str) -> None:
    done = omegac("eval", expression)
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")


def test_a_program_on_standard_input_is_run_with_its_arguments() -> None:
    done = omegac("run", "-", "a", "b", input="(write (command-line)) (newline) (car '())")
    assert (done.returncode, done.stdout) == (1, '("a" "b")\n')
    assert done.stderr.splitlines()[0] == "<stdin>:1:34: error: car: argument 1 must be a pair, but got ()"


def test_the_shell_completes_commands_and_options() -> None:
    for words, completed in (("omegac re", "repl"), ("omegac run --bud", "--budget")):
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        done = omegac(_OMEGAC_COMPLETE="bash_complete", **asked)
        assert done.stdout == f"plain,{completed}\n"


def test_a_compiled_module_is_imported_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "hello-world.omega").write_text(PROGRAM)
    assert omegac("compile", "hello-world.omega", cwd=tmp_path).returncode == 0
    code = "import hello_world as h; print(h.shout('you'), h.__all__, h.__doc__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "HELLO YOU ['greet', 'shout'] Compiled from hello-world.omega.\n"


def test_compile_writes_where_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.omega").write_text(PROGRAM)
    (tmp_path / "b.omega").write_text("(define b 1)")
    assert omegac("compile", "a.omega", "b.omega", "-d", "out", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.py", "b.py"]
    assert omegac("compile", "a.omega", "-o", "named.py", cwd=tmp_path).returncode == 0
    printed = omegac("compile", "a.omega", "-o", "-", cwd=tmp_path)
    assert (printed.stdout, printed.stderr) == ((tmp_path / "named.py").read_text(), "")
    assert '__omega_source__ = "../a.omega"' in (tmp_path / "out" / "a.py").read_text()


def test_folders_are_compiled_with_their_structure(tmp_path: Path) -> None:
    for name in ("a.omega", "deep/b-c.omega", "deep/er/d.omega"):
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_text(f"(define name '{name[0]})")
    assert omegac("compile", "src", "-d", "out", cwd=tmp_path).returncode == 0
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.py"))
    assert written == ["a.py", "deep/b_c.py", "deep/er/d.py"]
    (tmp_path / "empty").mkdir()
    done = omegac("compile", "empty", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "omegac: there is no .omega file in empty\n")


def test_a_package_is_compiled_to_one(tmp_path: Path) -> None:
    (tmp_path / "src" / "pack").mkdir(parents=True)
    (tmp_path / "src" / "pack" / "__init__.omega").write_text("(define here 'package)")
    (tmp_path / "src" / "pack" / "__main__.omega").write_text("(display 'main)")
    assert omegac("compile", "src", "-d", "out", cwd=tmp_path).returncode == 0
    assert sorted(each.name for each in (tmp_path / "out" / "pack").iterdir()) == ["__init__.py", "__main__.py"]
    for command, printed in ((["-c", "import pack; print(pack.here)"], "package\n"), (["-m", "pack"], "main")):
        done = subprocess.run([sys.executable, *command], cwd=tmp_path / "out", capture_output=True, text=True)
        assert (done.stdout, done.stderr) == (printed, "")


@pytest.mark.parametrize(
    ("stem", "module"),
    [
        ("__init__", "__init__"),
        ("__main__", "__main__"),
        ("_", "_"),
        ("a-b", "a_b"),
        ("ok?", "is_ok"),
        ("class", "class_"),
    ],
)
def test_the_names_of_modules(stem: str, module: str) -> None:
    assert module_name(stem) == module


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.omega").write_text(f"(define {name} 1)")

    def compiled() -> dict[str, int]:
        assert omegac("compile", ".", cwd=tmp_path).returncode == 0
        return {path.stem: path.stat().st_ino for path in tmp_path.glob("*.py")}

    first = compiled()
    assert compiled() == first
    (tmp_path / "b.omega").write_text("(define b 2)")
    (tmp_path / "c.py").write_text((tmp_path / "c.py").read_text().replace("c = 1", "c = 7"))
    told = omegac("compile", ".", cwd=tmp_path).stderr.splitlines()
    assert told == ["omegac: wrote b.py", "omegac: wrote c.py"]
    assert omegac("compile", ".", cwd=tmp_path).stderr == "omegac: all 3 modules are up to date; nothing was written\n"
    assert omegac("compile", "a.omega", cwd=tmp_path).stderr == "omegac: a.py is up to date; nothing was written\n"
    second = compiled()
    assert sorted(name for name in first if first[name] != second[name]) == ["b", "c"]
    assert "c = 1" in (tmp_path / "c.py").read_text()


def test_a_module_for_another_interface_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "old.omega").write_text("(define x 1)")
    assert omegac("compile", "old.omega", cwd=tmp_path).returncode == 0
    text = (tmp_path / "old.py").read_text()
    (tmp_path / "old.py").write_text(text.replace(f", {INTERFACE},", ", 0,"))
    done = subprocess.run([sys.executable, "-c", "import old"], cwd=tmp_path, capture_output=True, text=True)
    command = done.stderr.rstrip().rpartition("compile it again: ")[2]
    assert command == "omegac compile old.omega"
    assert omegac(*command.split()[1:], cwd=tmp_path).returncode == 0
    assert (tmp_path / "old.py").read_text() == text


def test_the_output_is_the_same_in_every_process(tmp_path: Path) -> None:
    example = ROOT / "examples" / "chapter48.omega"
    outputs = {omegac("compile", example, "-o", "-", PYTHONHASHSEED=seed).stdout for seed in ("0", "1", "77")}
    assert len(outputs) == 1
    ast.parse(outputs.pop())


@pytest.mark.parametrize("pass_name", PASS_NAMES)
def test_every_pass_can_be_printed(pass_name: str) -> None:
    done = omegac("compile", ROOT / "examples" / "summarize.omega", "--dump", pass_name)
    assert done.returncode == 0, done.stderr
    assert "summarize" in done.stdout


def test_dumps_show_what_each_pass_does(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(define (f n) (if (> n 0) (f (- n 1)) (effect infer.op "x")))')
    seen = {name: omegac("compile", "p.omega", "--dump", name, cwd=tmp_path).stdout for name in PASS_NAMES}
    assert "(global >)" in seen["expand"]
    assert "(builtin >)" in seen["resolve"]
    assert "1:1 f: infer" in seen["analyse"]
    assert "(loop f" in seen["optimise"]
    assert "(jump f " in seen["optimise"]
    assert "(effect infer.op" in seen["simplify"]
    assert "(woven infer.op p.omega:1:39 (reserve " in seen["weave"]
    assert "FunctionDef" in seen["lower"]
    assert "hold = reserve(SITE_1, " in seen["emit"]


def test_run_gives_the_program_its_arguments(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(write (command-line))")
    done = omegac(
        "run", "--model", "offline", "p.omega", "a", "b c", "--budget", "10", "--", "--model", "x", cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, '("a" "b c" "--model" "x")')


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("(exit)", 0),
        ("(exit 7)", 7),
        ("(exit #f)", 1),
        ('(error "bad" 1)', 1),
        ("(raise 'x)", 1),
        ('(with-budget 1 (lambda () (effect infer.op "hello world")))', 3),
    ],
)
def test_exit_statuses(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "p.omega").write_text(text)
    assert omegac("run", "p.omega", "--model", "offline", cwd=tmp_path).returncode == status


def test_an_uncaught_error_shows_the_omega_line_and_who_called(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text("(define (f x)\n  (* 2 (+ x 'a)))\n(define (g x) (- (f x) 1))\n(g 1)\n")
    done = omegac("run", "p.omega", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Traceback (most recent call last):",
        '  File "p.omega", line 4, in the top level',
        "    (g 1)",
        "    ^^^^^",
        '  File "p.omega", line 3, in g',
        "    (define (g x) (- (f x) 1))",
        "                     ^^^^^",
        "p.omega:2:8: error: +: argument 2 must be a number, but got a",
        "  2 |   (* 2 (+ x 'a)))",
        "    |        ^^^^^^^^",
    ]


def test_a_call_that_caught_and_raised_again_is_shown_once(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(
        '(define (ask) (effect infer.op "x" model: \'claude-x))\n(guard (e (#f 1)) (let ((n 1)) (+ n (ask))))\n'
    )
    done = omegac("run", "p.omega", cwd=tmp_path)
    assert [line for line in done.stderr.splitlines() if line.startswith("  File")] == [
        '  File "p.omega", line 2, in the top level'
    ]
    code = """
import omega_runtime, omegac.importer
def model(prompt): raise omega_runtime.OmegaError("no")
omega_runtime.use_model(model)
import p
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.count("in ask") == 1, done.stderr


def test_the_report_says_what_was_spent(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(define (ask q) (effect infer.op q max-tokens: 30))\n(ask "one")\n(ask "two")\n')
    done = omegac("run", "p.omega", "--model", "offline", "--budget", "5_000", "--report", "ignored", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "of 5,000 tokens in 2 calls" in done.stderr
    assert "p.omega:1:17" in done.stderr
    done = omegac("run", "p.omega", "--model", "offline", "--report=spent.json", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    data = json.loads((tmp_path / "spent.json").read_text())
    (site,) = data["sites"]
    assert (site["file"], site["line"], site["procedure"], site["calls"]) == ("p.omega", 1, "ask", 2)
    root = data["accounts"][0]
    assert root["spent"] == site["input_tokens"] + site["output_tokens"] > 0
    assert root["held"] == 0


def test_answers_without_an_end_are_told_by_site_and_cause(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(
        """(define text "Every sale was written down once as money received and once as goods given away, in two
columns that had to agree at the end of the day.")
(define (short) (effect infer.op text max-tokens: 5))
(define (long) (effect infer.op text max-tokens: 500))
(short) (short) (long)
"""
    )
    for options in ((), ("--ledger", "l.db")):
        done = omegac("run", "p.omega", "--model", "offline", "--budget", "120", "--report", *options, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if "answer" in line] == [
            "2 answers at p.omega:3:17 ran into max-tokens; a larger max-tokens: gives them room",
            "1 answer at p.omega:4:16 was cut short by what was left of the budget",
        ]
    site = json.loads(omegac("ledger", "show", "l.db", "--json", cwd=tmp_path).stdout)["sites"][1]
    assert (site["truncated"], site["truncated_by_budget"], site["clamped"]) == (1, 1, 1)


def test_a_run_over_budget_says_so_and_still_reports(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(define (f) (effect infer.op "hello"))\n(f)\n')
    done = omegac("run", "p.omega", "--model", "offline", "--budget", "5", "--report", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "p.omega:1:13: error: Budget exceeded" in done.stderr
    assert "spent 0 of 5 tokens in 0 calls" in done.stderr


def test_without_a_key_the_offline_model_answers_and_says_so_once(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(effect infer.op "a") (effect infer.op "b")')
    done = omegac("run", "p.omega", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("the offline model answers") == 1
    assert len(done.stderr.splitlines()) == 1


def test_writing_files_needs_permission(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(effect file.write.op "out.txt" "text")')
    refused = omegac("run", "p.omega", cwd=tmp_path)
    assert refused.returncode == 1
    assert "--allow" in refused.stderr
    assert not (tmp_path / "out.txt").exists()
    assert omegac("run", "p.omega", "--allow", "write", cwd=tmp_path).returncode == 0
    assert (tmp_path / "out.txt").read_text() == "text"
