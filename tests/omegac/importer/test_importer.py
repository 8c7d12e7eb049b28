"""Importing `.omega` files: finding, caching, errors, and Python's other ways to load a module."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HELLO = '(define (greet name)\n  "Say hello."\n  (string-append "hello " name))\n(define count 3)\n'
BAD = '(define (f x)\n  (let ((é "é")) (+ x \'a)))\n(define (g x) (* 2 (f x)))\n'


def python(tmp_path: Path, code: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python code in a folder, with the import hook installed first."""
    return subprocess.run(
        [sys.executable, *options, "-c", "import omegac.importer\n" + code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", **environment},
        check=False,
        timeout=60,
    )


def printed(tmp_path: Path, code: str, *options: str, **environment: str) -> str:
    done = python(tmp_path, code, *options, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_file_is_a_module(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    code = "import hello; print(hello.greet('you'), hello.count, hello.__all__, hello.greet.__doc__, hello.__file__)"
    assert printed(tmp_path, code) == f"hello you 3 ['greet', 'count'] Say hello. {tmp_path / 'hello.omega'}"


def test_names_are_mapped_as_everywhere(tmp_path: Path) -> None:
    (tmp_path / "valid-name?.omega").write_text("(define x 1)")
    (tmp_path / "two-words.omega").write_text("(define x 2)")
    assert printed(tmp_path, "import two_words, is_valid_name; print(two_words.x, is_valid_name.x)") == "2 1"


def test_packages_and_their_modules(tmp_path: Path) -> None:
    package = tmp_path / "pack"
    package.mkdir()
    (package / "__init__.omega").write_text("(define here 'package)")
    (package / "inner.omega").write_text("(define here 'module)")
    (package / "plain.py").write_text("from . import inner\nhere = inner.here\n")
    assert printed(tmp_path, "import pack.inner, pack.plain; print(pack.here, pack.inner.here, pack.plain.here)") == (
        "package module module"
    )


def test_an_omega_module_in_a_python_package(tmp_path: Path) -> None:
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "__init__.py").write_text("import omegac.importer\n")
    (tmp_path / "mixed" / "tool.omega").write_text("(define (run) 7)\n(display (list (run) (command-line)))")
    assert printed(tmp_path, "from mixed.tool import run") == "(7 ())"
    done = subprocess.run(
        [sys.executable, "-m", "mixed.tool", "an argument"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(7 (an argument))"


def test_the_earlier_place_on_the_path_wins(tmp_path: Path) -> None:
    for folder, suffix, text in (("one", "py", "x = 'python'"), ("two", "omega", "(define x 'omega)")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"twice.{suffix}").write_text(text)
    code = "import sys; sys.path[:0] = {}; import twice; print(twice.x)"
    assert printed(tmp_path, code.format(["one", "two"])) == "python"
    assert printed(tmp_path, code.format(["two", "one"])) == "omega"


def test_a_missing_module_is_missing_as_ever(tmp_path: Path) -> None:
    assert "ModuleNotFoundError: No module named 'nowhere'" in python(tmp_path, "import nowhere").stderr


def test_the_code_is_cached_and_the_cache_follows_the_source(tmp_path: Path) -> None:
    source = tmp_path / "hello.omega"
    source.write_text(HELLO)
    code = "import hello, sys; print(hello.count, 'hy' in sys.modules, 'omegac.pipeline' in sys.modules)"
    assert printed(tmp_path, code) == "3 True True"
    (entry,) = (tmp_path / "__pycache__").iterdir()
    assert entry.name == f"hello.{sys.implementation.cache_tag}.omegac"
    before = entry.read_bytes()
    assert printed(tmp_path, code).endswith("False False")
    source.write_text(HELLO.replace("3", "4"))
    assert printed(tmp_path, code) == "4 True True"
    assert entry.read_bytes() != before


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: b"x" + data[1:],
        lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
        lambda data: data[:45] + b"\x00" * (len(data) - 45),
        lambda data: data + b"more",
    ],
)
def test_a_damaged_entry_is_a_miss(tmp_path: Path, damage: object) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    assert printed(tmp_path, "import hello; print(hello.count)") == "3"
    (entry,) = (tmp_path / "__pycache__").iterdir()
    good = entry.read_bytes()
    entry.write_bytes(damage(good))  # type: ignore[operator]
    assert printed(tmp_path, "import hello; print(hello.count)") == "3"
    assert entry.read_bytes() == good


def test_no_cache_where_none_is_wanted_or_possible(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    assert printed(tmp_path, "import hello; print(hello.count)", "-B") == "3"
    assert not (tmp_path / "__pycache__").exists()
    (tmp_path / "__pycache__").write_text("a file in the way")
    assert printed(tmp_path, "import hello; print(hello.count)") == "3"
    assert printed(tmp_path, "import hello; print(hello.count)", PYTHONPYCACHEPREFIX=str(tmp_path / "else")) == "3"
    assert len(list((tmp_path / "else").rglob("hello.*.omegac"))) == 1


def test_a_bad_source_is_a_syntax_error_with_everything_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "bad.omega").write_text("(define (f) (if))\n(define (g) #z)\n")
    done = python(tmp_path, "import bad")
    assert done.returncode == 1
    assert f'File "{tmp_path / "bad.omega"}", line 1' in done.stderr
    assert "OmegaSyntaxError: malformed if: expected (if test then [otherwise])" in done.stderr
    assert f"{tmp_path / 'bad.omega'}:2:13: error: unknown reader syntax #z" in done.stderr
    assert not (tmp_path / "__pycache__").exists()


def test_a_bad_source_shows_no_frames_of_the_compiler(tmp_path: Path) -> None:
    (tmp_path / "bad.omega").write_text("(define (f) (if))\n")
    (tmp_path / "user.py").write_text("import bad\n")
    lines = [line for line in python(tmp_path, "import user").stderr.splitlines() if "^" not in line]
    assert [line for line in lines if line.strip() not in ("import user", "import bad")] == [
        "Traceback (most recent call last):",
        '  File "<string>", line 2, in <module>',
        f'  File "{tmp_path / "user.py"}", line 1, in <module>',
        f'  File "{tmp_path / "bad.omega"}", line 1',
        "    (define (f) (if))",
        "omegac.errors.OmegaSyntaxError: malformed if: expected (if test then [otherwise])",
    ]
    caught = "import traceback\ntry: import bad\nexcept SyntaxError: traceback.print_exc()"
    files = [line.split('"')[1] for line in python(tmp_path, caught).stderr.splitlines() if line.startswith("  File ")]
    assert files == ["<string>", str(tmp_path / "bad.omega")]


@pytest.mark.parametrize("name", ["json", "queue", "sqlite3/__init__", "xml"])
def test_a_module_of_python_is_never_shadowed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / f"{name}.omega").write_text("(define here 'omega)")
    module = name.partition("/")[0]
    # Some of them were imported before.
    code = f"import sys; sys.modules.pop({module!r}, None)\nimport {module}, {module}; print"
    done = python(tmp_path, code + f"(hasattr({module}, 'here'))")
    assert done.stdout == "False\n"
    assert done.stderr.count("OmegaWarning") == 1
    told = f"{name}.omega:1: OmegaWarning: import {module} gives Python's own module, not this file; rename it"
    assert told in done.stderr


def test_a_name_of_python_is_fine_within_a_package(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("")
    (tmp_path / "pack" / "json.omega").write_text("(define here 'omega)")
    assert printed(tmp_path, "import pack.json, json; print(pack.json.here, hasattr(json, 'here'))") == "omega False"


def test_warnings_of_the_compiler_are_python_warnings(tmp_path: Path) -> None:
    (tmp_path / "odd.omega").write_text("(define (f) 1) (define (f!) 2)")
    assert python(tmp_path, "import odd", "-W", "error").returncode == 1
    warned = python(tmp_path, "import odd").stderr
    assert "odd.omega:1: OmegaWarning: f! and f have the same Python name" in warned
    assert python(tmp_path, "import odd").stderr == "", "as in Python, a cached module was warned about before"


def test_tracebacks_show_omega_lines_and_no_frames_of_the_runtime(tmp_path: Path) -> None:
    (tmp_path / "bad.omega").write_text(BAD + "(define (h) (map g (list 1)))\n")
    (tmp_path / "user.py").write_text("import bad\n\ndef work():\n    return bad.h()\n")
    lines = python(tmp_path, "import user\nuser.work()").stderr.splitlines()
    if sys.version_info >= (3, 13):  # it shows the lines of -c, too
        assert lines.pop(2) == "    user.work()"
    path = tmp_path / "bad.omega"
    assert lines == [
        "Traceback (most recent call last):",
        '  File "<string>", line 3, in the top level',
        f'  File "{tmp_path / "user.py"}", line 4, in work',
        "    return bad.h()",
        f'  File "{path}", line 4, in h',
        "    (define (h) (map g (list 1)))",
        "                ^^^^^^^^^^^^^^^^",
        f'  File "{path}", line 3, in g',
        "    (define (g x) (* 2 (f x)))",
        "                       ^^^^^",
        f"{path}:2:18: error: +: argument 2 must be a number, but got a",
        '  2 |   (let ((é "é")) (+ x \'a)))',
        "    |                  ^^^^^^^^",
    ]


def test_python_shows_the_same_places_by_itself(tmp_path: Path) -> None:
    (tmp_path / "bad.omega").write_text(BAD)
    code = "import bad, traceback\ntry: bad.g(1)\nexcept Exception: traceback.print_exc(limit=-1)"
    lines = python(tmp_path, code).stderr.splitlines()
    assert f'  File "{tmp_path / "bad.omega"}", line 2, in f' in lines
    at = lines.index('    (let ((é "é")) (+ x \'a)))')
    assert lines[at + 1].strip("~^ ") == ""
    assert lines[at + 1].index("^") == lines[at].index("(+ x")


def test_code_from_a_macro_is_placed_at_its_use(tmp_path: Path) -> None:
    (tmp_path / "m.omega").write_text(
        "(define-syntax twice (syntax-rules () ((_ e) (* 2 e))))\n(define (f x)\n  (twice x))\n"
    )
    assert f"{tmp_path / 'm.omega'}:3:3: error: *: argument 2" in python(tmp_path, "import m\nm.f('x'.join)").stderr


def test_reloading(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    code = (
        "import hello, importlib, pathlib\n"
        "pathlib.Path('hello.omega').write_text('(define count 5)')\n"
        "importlib.reload(hello); print(hello.count)"
    )
    assert printed(tmp_path, code) == "5"


def test_the_source_is_there_for_tools(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    code = "import hello, inspect; print(inspect.getsource(hello)); print(inspect.signature(hello.greet))"
    assert printed(tmp_path, code) == HELLO + "\n(name)"


def test_zip_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        archive.writestr("hello.omega", HELLO)
        archive.writestr("pack/__init__.omega", "(define here 'zipped)")
        archive.writestr("bad.omega", BAD)
    path = "import sys; sys.path.insert(0, 'library.zip')\n"
    assert printed(tmp_path, path + "import hello, pack; print(hello.greet('zip'), pack.here)") == "hello zip zipped"
    lines = python(tmp_path, path + "import bad\nbad.f(1)").stderr.splitlines()
    assert lines[-2:] == ['  2 |   (let ((é "é")) (+ x \'a)))', "    |                  ^^^^^^^^"]


def test_pytest_imports_omega_modules(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    (tmp_path / "conftest.py").write_text("import omegac.importer\n")
    (tmp_path / "test_it.py").write_text("import hello\n\ndef test_it():\n    assert hello.greet('x') == 'hello x'\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_debugger_lists_and_breaks_in_omega_sources(tmp_path: Path) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    (tmp_path / "main.py").write_text("import omegac.importer, hello\nhello.greet('you')\n")
    commands = "next\nbreak hello.greet\ncontinue\np name\nlist\ncontinue\nquit\n"
    done = subprocess.run(
        [sys.executable, "-m", "pdb", "main.py"],
        input=commands,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "'you'" in done.stdout, done.stdout
    assert '->\t  (string-append "hello " name))' in done.stdout


@pytest.mark.parametrize("entry", ["None", "5", "b'x'", "[]", "pathlib.Path()"])
def test_entries_of_the_path_that_are_no_strings_are_passed_over(tmp_path: Path, entry: str) -> None:
    (tmp_path / "hello.omega").write_text(HELLO)
    code = f"import pathlib, sys; sys.path.insert(0, {entry}); import hello, tabnanny; print(hello.count)"
    assert printed(tmp_path, code) == "3"


def test_the_current_folder_may_be_gone(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "hello.omega").write_text(HELLO)
    code = "import os, sys; sys.path[0] = ''; sys.path.append(f'{os.getcwd()}/lib'); os.mkdir('gone'); os.chdir('gone')"
    code += "; os.rmdir(os.getcwd()); import hello, tabnanny; print(hello.count)"
    assert printed(tmp_path, code) == "3"


def test_an_error_that_is_caught_prints_without_the_lines_of_importing(tmp_path: Path) -> None:
    (tmp_path / "bad.omega").write_text("(define (f x)\n  (car x))\n(f 5)\n")
    code = "import traceback\ntry: import bad\nexcept Exception: print(traceback.format_exc())"
    files = [line.split('"')[1] for line in printed(tmp_path, code).splitlines() if line.startswith("  File ")]
    assert files[:3] == ["<string>", str(tmp_path / "bad.omega"), str(tmp_path / "bad.omega")]
