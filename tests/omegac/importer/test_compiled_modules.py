"""Modules that `omegac compile` wrote: what they import, which runtimes they agree with, and what their errors show."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from omega_runtime import compiled
from omega_runtime.version import INTERFACE, __version__

from omegac.library import EVALUATION, library
from tests.support.omega import python_of

PROGRAM = """\
(define (shout text) (string-upcase text))
(define (ask question) (effect infer.op (list "Q: " question) max-tokens: 20))
(define (ping n k) (if (= n 0) (raise 'oops) (k (- n 1) ping)))
(define (sum a b) (+ a b))
"""


def python(folder: Path, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs Python code in a folder, in a new process without any import hook."""
    return subprocess.run(
        [sys.executable, *options, "-c", code], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the compiled module `program`."""
    (tmp_path / "program.omega").write_text(PROGRAM)
    (tmp_path / "program.py").write_text(python_of(PROGRAM, "program.omega"))
    return tmp_path


def rewrite(folder: Path, pattern: str, replacement: str) -> None:
    """Change the compiled module as another version of the compiler might have written it."""
    path = folder / "program.py"
    text, count = re.subn(pattern, replacement, path.read_text())
    assert count, f"nothing matches {pattern}"
    path.write_text(text)


def test_generated_code_imports_from_one_module_of_the_runtime(folder: Path) -> None:
    tree = ast.parse((folder / "program.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", None) for node in imports} <= {"omega_runtime.compiled", "builtins"}


def test_the_check_comes_before_everything_else() -> None:
    for program in ("", PROGRAM, "(define (compiled-by x) (isinstance x))\n(define isinstance pair?)"):
        _docstring, first, check, *_ = ast.parse(python_of(program)).body
        assert isinstance(first, ast.ImportFrom)
        assert [alias.name for alias in first.names] == ["compiled_by"]
        assert isinstance(check, ast.Expr)
        assert isinstance(check.value, ast.Call)
        assert [ast.literal_eval(check.value.args[i]) for i in (0, 1, 3)] == [__version__, INTERFACE, "test.omega"]


@pytest.mark.parametrize("interface", [INTERFACE - 1, INTERFACE + 1])
def test_a_module_for_another_interface_says_compile_it_again(folder: Path, interface: int) -> None:
    rewrite(folder, r'compiled_by\("[^"]+", \d+', f'compiled_by("9.8.7", {interface}')
    rewrite(folder, r"\bTAIL\b", "GONE")
    done = python(folder, "import program")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: program was compiled by omegac 9.8.7 (interface {interface}), "
        f"this is {__version__} (interface {INTERFACE}); compile it again: omegac compile program.omega"
    )


def test_a_name_that_this_runtime_lacks_says_so_too(folder: Path) -> None:
    rewrite(folder, r'compiled_by\("[^"]+"', 'compiled_by("9.8.7"')
    rewrite(folder, r"\bTAIL\b", "GONE")
    done = python(folder, "import program")
    assert done.stderr.splitlines()[-1] == (
        f"ImportError: program was compiled by omegac 9.8.7, this is {__version__}, which has no GONE; "
        "compile it again: omegac compile program.omega"
    )


def test_the_command_names_the_target_where_it_isn_t_beside_the_source(tmp_path: Path) -> None:
    (tmp_path / "my build").mkdir()
    (tmp_path / "program.omega").write_text(PROGRAM)
    text = python_of(PROGRAM, "../program.omega").replace(f", {INTERFACE},", ", 0,")
    (tmp_path / "my build" / "program.py").write_text(text)
    done = python(tmp_path, "import sys; sys.path.insert(0, 'my build'); import program")
    assert done.stderr.rstrip().endswith("omegac compile program.omega -o 'my build/program.py'")


def test_another_version_with_the_same_interface_is_fine(folder: Path) -> None:
    rewrite(folder, r'compiled_by\("[^"]+"', 'compiled_by("9.8.7"')
    done = python(folder, "import program; print(program.shout('a'))", "-W", "error")
    assert (done.stdout, done.stderr) == ("A\n", "")


def test_arguments_that_later_compilers_add_do_not_hide_the_message(folder: Path) -> None:
    rewrite(folder, r'compiled_by\("[^"]+", \d+, (.*)\)', r'compiled_by("9.8.7", 99, \1, "more")')
    assert "compile it again" in python(folder, "import program").stderr


def test_the_facade_has_every_library_procedure() -> None:
    seen: dict[str, str] = {}
    for primitive in library().values():
        if primitive.module == EVALUATION:
            continue
        home = primitive.module.removeprefix("omega_runtime.")
        assert seen.setdefault(primitive.python_name, home) == home, f"two things are called {primitive.python_name}"
    missing = sorted((home, name) for name, home in seen.items() if compiled.HOMES.get(name) != home)
    assert not missing, f"add these to the table in omega_runtime/compiled.py: {missing}"
    assert not set(compiled.HOMES) & set(dir(builtins)), "these would be taken for Python's"


def test_every_name_of_the_facade_is_there() -> None:
    for name, home in compiled.HOMES.items():
        assert getattr(compiled, name) is getattr(importlib.import_module(f"omega_runtime.{home}"), name)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = compiled.nonsense


def test_only_what_is_used_is_imported(folder: Path) -> None:
    code = "import sys, omega_runtime.compiled; print(sorted(n for n in sys.modules if n.startswith('omega_runtime')))"
    loaded = ast.literal_eval(python(folder, code).stdout)
    assert loaded == [
        "omega_runtime",
        *(
            f"omega_runtime.{name}"
            for name in ("compiled", "control", "control.limit", "diagnostics", "diagnostics.uncaught", "version")
        ),
    ]
    code = "import sys, program; print([n for n in ('hy', 'omegac', 'anthropic', 'sqlite3') if n in sys.modules])"
    assert python(folder, code).stdout == "[]\n"


# Modules of the standard library whose import takes a good part of a millisecond each.
SLOW = {"collections", "contextlib", "enum", "functools", "json", "random", "re", "threading", "typing"}


def test_nothing_slow_is_imported(folder: Path) -> None:
    # What site.py imports doesn't count; that differs between environments.
    code = f"import sys; there = set(sys.modules); import program; print({SLOW} & set(sys.modules) - there)"
    assert python(folder, code).stdout == "set()\n"


@pytest.mark.parametrize(
    ("call", "last"),
    [
        ("ping(0, 5)", "3:32: error: uncaught raise: oops"),
        ("ping(1, 5)", "3:46: error: not a procedure: 5"),
        ("sum(1, 'a')", '4:19: error: +: argument 2 must be a number, but got "a"'),
    ],
)
def test_uncaught_errors_show_omega_lines_without_any_hook(folder: Path, call: str, last: str) -> None:
    done = python(folder, f"import program; program.{call}")
    assert done.stdout == ""
    assert f"program.omega:{last}" in done.stderr
    assert "omega_runtime" not in done.stderr
    assert f"| {PROGRAM.splitlines()[int(last[0]) - 1]}" in done.stderr


def test_errors_of_python_keep_their_causes_and_other_hooks_their_place(folder: Path) -> None:
    (folder / "user.py").write_text(
        "import program\n"
        "def fail(n, k):\n"
        "    try: {}['key']\n"
        "    except KeyError as e: raise ValueError('no key') from e\n"
        "program.ping(1, fail)\n"
    )
    shown = python(folder, "import user").stderr
    assert "KeyError: 'key'" in shown
    assert "The above exception was the direct cause" in shown
    hook = "import sys; sys.excepthook = lambda *_: print('mine')\n"
    assert python(folder, hook + "import program; program.ping(0, 5)").stdout == "mine\n"
    later = "import program, omegac.importer, program; {}['key']"
    assert python(folder, later).stderr.splitlines()[-1] == "KeyError: 'key'"
