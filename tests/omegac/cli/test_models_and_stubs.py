"""`omegac models` and `omegac stubs`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.command import omegac

TOOLS = """
(define (shout text . more) text)
(define limit 3)
(define (class x) x)
(define-record-type point (make-point x y) point? (x px) (y py))
(define-syntax twice (syntax-rules () ((_ a) (begin a a))))
"""


def test_models_are_told_with_prices_context_and_keys(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.omegac]\nprices = { "claude-opus-5-5" = ["100", "500"] }\n')
    done = omegac("models", cwd=tmp_path, ANTHROPIC_API_KEY="secret-4711")
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert rows["model"] == ["model", "tier", "answers", "key", "input", "output", "context"]
    assert rows["claude-opus-5-5"][:6] == [
        "claude-opus-5-5",
        "high",
        "anthropic",
        "ANTHROPIC_API_KEY",
        "$100.00",
        "$500.00",
    ]
    assert rows["gpt-4o"][1:3] == ["medium", "claude-sonnet-5-5"]
    assert rows["claude-haiku-5-5"][-1] == "1,000,000"
    assert rows["offline"][1:] == ["this", "machine", "none", "$0.00", "$0.00"]
    assert "secret" not in done.stdout + done.stderr
    other = omegac("models", cwd=tmp_path, OPENAI_API_KEY="secret-4711")
    rows = {line.split()[0]: line.split() for line in other.stdout.splitlines() if line}
    assert rows["gpt-4o"][1:] == ["medium", "openai", "OPENAI_API_KEY", "$2.50", "$10.00", "128,000"]
    without = omegac("models", cwd=tmp_path)
    assert "ANTHROPIC_API_KEY (not set)" in without.stdout
    assert without.stdout.endswith("Calls that name no model go to offline.\n")


def test_type_checkers_know_modules_with_stubs(tmp_path: Path) -> None:
    (tmp_path / "text-tools.omega").write_text(TOOLS)
    done = omegac("stubs", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "text_tools.pyi").read_text().splitlines()[2:] == [
        "",
        "def shout(text: Any, *more: Any) -> Any: ...",
        "limit: Any",
        "def class_(x: Any) -> Any: ...",
        "class Point:",
        "    x: Any",
        "    y: Any",
        "def make_point(x: Any, y: Any) -> Any: ...",
        "def is_point(value: Any) -> Any: ...",
        "def px(record: Any) -> Any: ...",
        "def py(record: Any) -> Any: ...",
    ]
    (tmp_path / "use.py").write_text(
        "import text_tools\n\ntext_tools.shout('a', text_tools.limit)\ntext_tools.shout()\n"
    )
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", "--cache-dir=cache", "use.py"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = 'use.py:4: error: Missing positional argument "text" in call to "shout"  [call-arg]'
    assert checked.stdout.splitlines()[0] == said
    assert "Found 1 error" in checked.stdout


def test_what_is_no_omega_file_has_no_stub(tmp_path: Path) -> None:
    (tmp_path / "broken.omega").write_text("(define (f)")
    for name, said in (
        ("a.txt", "omegac: a.txt is no Omega file"),
        ("broken.omega", "broken.omega:1:1: error: unbalanced"),
    ):
        done = omegac("stubs", name, cwd=tmp_path)
        assert (done.returncode, done.stderr.startswith(said)) == (2, True)
