"""Continuations that are entered again pass through procedures of other files, which stay the same for all others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.omegac.modules.test_programs_in_files import folder_with, python
from tests.support.command import omegac

EACH = """\
(define (each f xs) (if (null? xs) 'end (begin (f (car xs)) (each f (cdr xs)))))
(define table (list (lambda (f) (+ 1 (f)))))
"""
# What walks, and what stands between it and the program.
THROUGH = "(import (each)) (define (twice f xs) (each f xs) (each f xs))\n"
GENERATORS = """\
(define (generator walk)
  (define return #f)
  (define resume #f)
  (lambda ()
    (call/cc (lambda (k)
      (set! return k)
      (if resume
          (resume #f)
          (begin (walk (lambda (x) (call/cc (lambda (rest) (set! resume rest) (return x)))))
                 (return 'done)))))))
"""
CHOICES = "(define (digit) (amb 1 2 3 4 5 6 7 8 9))\n"

PROGRAMS = {
    "a generator over a procedure of another file": (
        """\
(import (twice) (each))
(define return #f)
(define resume #f)
(define (next)
  (call/cc (lambda (k)
    (set! return k)
    (if resume (resume #f) (begin (twice (lambda (x) (call/cc (lambda (rest) (set! resume rest) (return x)))) '(1 2))
                                  (return 'done))))))
(define answers (list (next) (next) (next) (next) (next)))
(display answers)
(display ((car table) (lambda () (amb-collect (amb 1 2)) 3)))
""",
        "(1 2 1 2 done)4",
    ),
    "a generator that another file makes": (
        """\
(import (generators) (each))
(define next (generator (lambda (yield) (each yield '(a b)))))
(display (list (next) (next) (next)))
""",
        "(a b done)",
    ),
    "choices that another file offers": (
        """\
(import (choices) (each))
(define (pythagorean)
  (let* ((a (digit)) (b (digit)) (c (digit)))
    (require (and (< a b) (= (* c c) (+ (* a a) (* b b)))))
    (list a b c)))
(display (pythagorean))
(display (amb-collect (let ((seen '())) (each (lambda (x) (set! seen (cons (+ x (amb 0 10)) seen))) '(1)) (car seen))))
""",
        "(3 4 5)(1 11)",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the libraries."""
    return folder_with(
        tmp_path / "p", each_omega=EACH, twice_omega=THROUGH, generators_omega=GENERATORS, choices_omega=CHOICES
    )


@pytest.mark.parametrize(("text", "output"), PROGRAMS.values(), ids=PROGRAMS)
def test_a_program(folder: Path, text: str, output: str) -> None:
    (folder / "main.omega").write_text(text)
    done = omegac("run", "main.omega", cwd=folder)
    assert (done.stdout, done.stderr) == (output, "")
    again = omegac("run", "main.omega", cwd=folder)
    assert (again.stdout, again.stderr) == (output, "")
    assert python(folder, "import omegac.importer, main") == output
    assert omegac("compile", "main.omega", cwd=folder).returncode == 0
    assert python(folder, "import main, sys; assert 'omegac' not in sys.modules") == output


def test_a_file_has_entries_only_for_importers_that_need_them(folder: Path) -> None:
    def compiled(*files: str) -> tuple[str, str]:
        done = omegac("compile", *files, cwd=folder)
        assert done.returncode == 0
        return (folder / "each.py").read_text(), done.stderr

    folder_with(folder, plain_omega="(import (each)) (each display '(1))")
    folder_with(folder, captures_omega="(import (each)) (display (amb-collect (amb 1 2)))")
    plain, _ = compiled("plain.omega")
    assert "each.cps" not in plain
    entered, said = compiled("captures.omega")
    assert "each.cps" in entered
    assert said == "omegac: wrote captures.py\nomegac: wrote each.py, which captures.py imports\n"
    start = plain.index("def each")
    assert plain[start : plain.index("\n\n\n", start)] in entered
    assert compiled("plain.omega")[0] == entered
    assert compiled("each.omega")[0] == entered
    assert compiled("captures.omega", "each.omega") == (
        entered,
        "omegac: all 2 modules are up to date; nothing was written\n",
    )
    (folder / "each.py").unlink()
    assert compiled("each.omega", "captures.omega")[0] == entered


def test_what_is_kept_is_made_again_for_an_importer_that_captures(folder: Path) -> None:
    (folder / "plain.omega").write_text("(import (twice)) (twice display '(1))")
    (folder / "main.omega").write_text(next(iter(PROGRAMS.values()))[0])
    keeping = "import sys; sys.dont_write_bytecode = False; import omegac.importer"
    assert python(folder, f"{keeping}, plain") == "11"
    assert python(folder, f"{keeping}, main") == "(1 2 1 2 done)4"
    assert python(folder, f"{keeping}, plain, main") == "11(1 2 1 2 done)4"


def test_what_runs_already_stays_as_it_is(folder: Path) -> None:
    (folder / "plain.omega").write_text("(import (twice)) (twice display '(1))")
    (folder / "main.omega").write_text(next(iter(PROGRAMS.values()))[0])
    code = """\
import omegac.importer, plain
try:
    import main
except Exception as error:
    print(error)
"""
    assert "not compiled to be entered again" in python(folder, code)


def test_warnings_are_told_once(folder: Path) -> None:
    (folder / "each.omega").write_text(EACH + "(define (first x) (match x (y y) (0 'never)))\n")
    (folder / "main.omega").write_text("(import (each)) (display (amb-collect (each display (list (amb 1 2)))))")
    for command in ("run", "compile"):
        done = omegac(command, "main.omega", cwd=folder)
        assert (done.returncode, done.stderr.count("never reached")) == (0, 1), done.stderr


def test_a_file_that_has_entries_keeps_them_when_it_is_compiled_again(folder: Path) -> None:
    text, output = next(iter(PROGRAMS.values()))
    (folder / "main.omega").write_text(text)
    assert omegac("compile", "main.omega", cwd=folder).returncode == 0
    (folder / "each.omega").write_text(EACH + "(define more 1)\n")
    assert omegac("compile", "each.omega", cwd=folder).returncode == 0
    assert python(folder, "import main") == output
