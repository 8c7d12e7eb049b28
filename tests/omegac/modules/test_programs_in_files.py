"""Programs in several files: include, import, define-library and require-omega; run, imported, and compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import omegac

TOOLS = """\
;;; Tools for texts.
;;; They are loud.

(define-library (text tools)
  (export limit loud (rename quiet soft) swap! twice)
  (import (scheme base))
  (begin
    (define limit 3)
    (define (add s mark) (string-append s mark))
    (define (loud s) "Say it loudly." (add (string-upcase s) "!"))
    (define (quiet s) (add (string-downcase s) "…"))
    (define-syntax swap! (syntax-rules () ((_ a b) (let ((t a)) (set! a b) (set! b t)))))
    (define-syntax twice (syntax-rules () ((_ s) (add s s))))))
"""
WORDS = """\
(import (only (text tools) loud))
(define count 0)
(define (loud-words text) (set! count (+ count 1)) (map loud (string-split text " ")))
(define-macro (sum . terms) `(+ ,@terms))
"""
MAIN = """\
; The program.

(import (text tools))
(require-omega "words.omega")
(include "parts/shown.omega")
(define a 1)
(define b 2)
(swap! a b)
(define (main) (shown (list a b (sum a b) limit (soft "X") (twice "y") (loud-words "p q") count)))
(main)
"""
SHOWN = "(define (shown value) (write value) (newline) value)\n"
OUTPUT = '(2 1 3 3 "x…" "yy" ("P!" "Q!") 1)\n'


def folder_with(folder: Path, **texts: str) -> Path:
    """A folder with files; __ in a name stands for / and _ for a dot."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with the program."""
    return folder_with(
        tmp_path / "program", text__tools_sld=TOOLS, words_omega=WORDS, main_omega=MAIN, parts__shown_omega=SHOWN
    )


def python(folder: Path, code: str) -> str:
    """What Python code prints, run in a folder."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, encoding="utf-8", env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(folder: Path, text: str, *options: str) -> str:
    """What a program prints that stands in a folder; or what the command says of it."""
    (folder / "p.omega").write_text(text, encoding="utf-8")
    done = omegac("run", "p.omega", *options, cwd=folder)
    return done.stdout if done.returncode == 0 else done.stderr


def test_it_runs(program: Path, tmp_path: Path) -> None:
    done = omegac("run", program / "main.omega", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (OUTPUT, "")


def test_it_is_imported(program: Path) -> None:
    code = "import omegac.importer, main; import text.tools as t; print(main.main.__doc__, t.loud('x'), t.soft('Y'))"
    assert python(program, code) == OUTPUT + "None X! y…\n"


def test_compiled_modules_are_imported_without_the_compiler(program: Path) -> None:
    done = omegac("compile", "main.omega", "-d", "out", cwd=program)
    assert sorted(p.relative_to(program / "out").as_posix() for p in program.glob("out/**/*.py")) == [
        "main.py",
        "text/tools.py",
        "words.py",
    ]
    assert done.returncode == 0
    code = (
        "import sys, main; from text.tools import loud, __doc__ as d; "
        "print(main.__doc__, d, loud.__doc__, loud('x'), 'omegac' in sys.modules, sep='|')"
    )
    said = "The program.|Tools for texts.\nThey are loud.|Say it loudly.|X!|False\n"
    assert python(program / "out", code) == OUTPUT + said


def test_modules_go_beside_their_sources(program: Path) -> None:
    assert omegac("compile", "main.omega", cwd=program).returncode == 0
    assert python(program, "import main") == OUTPUT
    assert (program / "text" / "tools.py").exists()


def test_a_change_of_a_macro_or_an_included_file_is_seen(program: Path) -> None:
    assert python(program, "import omegac.importer, main") == OUTPUT
    (program / "words.omega").write_text(WORDS.replace("(+ ,@terms)", "(* 10 ,@terms)"))
    assert python(program, "import omegac.importer, main") == OUTPUT.replace("(2 1 3", "(2 1 20")
    (program / "parts" / "shown.omega").write_text('(define (shown value) (display "new") value)')
    assert python(program, "import omegac.importer, main") == "new"


def test_compiling_again_sees_what_changed(program: Path) -> None:
    def compile_() -> str:
        return omegac("compile", "main.omega", cwd=program).stderr

    assert compile_().count("wrote") == 3
    assert "up to date" in compile_()
    (program / "text" / "tools.sld").write_text(TOOLS.replace("(add s s)", '(add s "2")'))
    assert "wrote main.py" in compile_()
    assert python(program, "import main") == OUTPUT.replace('"yy"', '"y2"')


def test_a_library_whose_source_is_gone_is_imported_from_its_python(program: Path) -> None:
    assert omegac("compile", "text/tools.sld", cwd=program).returncode == 0
    (program / "text" / "tools.sld").unlink()
    text = '(import (only (text tools) loud limit)) (display (list (loud "a") limit))'
    assert "importing text.tools from Python is off" in run(program, text)
    assert run(program, text, "--allow", "python=text.tools") == "(A! 3)"
    found = run(program, '(import (text tools)) (display (twice "a"))')
    assert "twice" in found
    assert "error" in found


def test_macros_see_the_names_of_their_module(tmp_path: Path) -> None:
    folder_with(
        tmp_path,
        m_omega="(define hidden 7)\n(define (inc x) (+ x hidden))\n"
        "(define-syntax plus (syntax-rules () ((_ x) (inc x))))\n"
        "(define-syntax both (syntax-rules () ((_ x) (list (plus x) (plus x)))))\n"
        "(define-syntax er (er-macro-transformer (lambda (form rename compare) (list (rename 'inc) (cadr form)))))\n",
    )
    text = (
        '(import (only (m) plus both er))\n(define (inc x) "mine")\n(define hidden 0)\n(write (list (both 1) (er 2)))'
    )
    assert run(tmp_path, text) == "((8 8) 9)"


def test_errors_name_the_file_that_they_are_in(program: Path) -> None:
    (program / "parts" / "shown.omega").write_text("(define (shown x)\n  (car x))\n(shown 5)")
    assert "parts/shown.omega:2:3: error: car: argument 1 must be a pair, but got 5" in run(program, MAIN)
    (program / "parts" / "shown.omega").write_text("(define (shown x)\n  (if))")
    assert "parts/shown.omega:2:3: error: malformed if" in run(program, MAIN)
    (program / "words.omega").write_text("(define (loud-words x)\n  (nope))")
    assert "words.omega:2:4: error: unbound variable: nope" in run(program, MAIN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(import (no such))", "there is no library (no such)"),
        ("(import (text tolls))", "did you mean (text tools)?"),
        ("(import (only (text tools) lod))", "(text tools) doesn't export lod\n"),
        ('(require-omega "wrds.omega")', "did you mean words.omega?"),
        ('(include "nowhere.omega")', '"nowhere.omega" can\'t be included: No such file'),
        ("(import (text tools)) (set! limit 4)", "set! of limit, which is a variable of another module"),
        ("(import (text tools)) (define limit 4)", "duplicate definition of limit"),
        ("(import (text tools)) (loud 1 2)", "loud takes 1 argument, but gets 2"),
        ("(import words)", "words is an Omega file here"),
        ("(define (f) (import (text tools)) 1)", "import stands at the top level"),
        ("(import (text tools) (rename (only (text tools) soft) (soft loud)))", "loud comes from"),
        ('(require-omega "p.omega")', "import"),
    ],
)
def test_mistakes(program: Path, text: str, said: str) -> None:
    assert said in run(program, text)


def test_files_that_import_each_other(tmp_path: Path) -> None:
    folder_with(tmp_path, a_omega='(require-omega "b.omega")', b_omega='(require-omega "a.omega")')
    assert "a.omega" in run(tmp_path, '(require-omega "a.omega")')
    assert "Traceback" not in run(tmp_path, '(require-omega "a.omega")')


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("(import (scheme base) (scheme write) (srfi 1)) (display (fold + 0 (iota 4)))", "6"),
        ('(import (prefix (srfi 13) s:)) (display (s:string-index "abc" #\\c))', "2"),
        ("(import (prefix (only (text tools) limit) t.)) (display t.limit)", "3"),
        ("(import (except (text tools) loud)) (define loud 1) (display loud)", "1"),
        ("(import (rename (text tools) (loud shout))) (display (shout 'a))", None),
        ("(cond-expand ((library (text tools)) (display 1)) (else (display 2)))", "1"),
        ("(cond-expand ((and r7rs (not (library (no such)))) (display 1)) (else (display 2)))", "1"),
        (
            (
                "(define-library (in here) (export f) (import (scheme base)) (begin (define (f) (g)) (define (g) 1)))"
                "(import (in here)) (define (g) 2) (display (list (f) (g)))"
            ),
            "(1 2)",
        ),
    ],
)
def test_ways_to_import(program: Path, text: str, output: str | None) -> None:
    found = run(program, text)
    assert found == output if output else "string" in found


def test_model_calls_of_other_files_are_booked_at_their_place(tmp_path: Path) -> None:
    folder_with(tmp_path, ask_omega="(define (ask q)\n  (effect infer.op q max-tokens: 5))")
    (tmp_path / "p.omega").write_text('(require-omega "ask.omega")\n(ask "x")')
    done = omegac("run", "p.omega", "--model", "offline", "--budget", "1k", "--report", cwd=tmp_path)
    assert "ask.omega:2:3" in done.stderr
