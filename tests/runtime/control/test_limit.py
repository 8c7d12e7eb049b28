"""How deep programs that Python imports may recurse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from omega_runtime.control import limit

from tests.support.omega import python_of

PROGRAM = """
(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1)))))
(define (worst n) (if (= n 0) 0 (vector-ref (vector-map (lambda (k) (worst (- n 1))) #(1)) 0)))
"""
IN_THREAD = "import threading; t = threading.Thread(target={}); t.start(); t.join()"


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "program.py").write_text(python_of(PROGRAM, "program.omega"))
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the stacks of threads aren't known")
@pytest.mark.parametrize("run", ["{}()", IN_THREAD])
def test_a_list_of_two_thousand_is_no_deep_recursion(tmp_path: Path, run: str) -> None:
    call = run.format("(lambda: print(program.sum(2_000)))")
    assert python(tmp_path, f"import program; {call}").stdout == "2001000\n"


@pytest.mark.parametrize("run", ["{}()", IN_THREAD])
@pytest.mark.parametrize(
    "endless",
    [
        "def go(n=0): return go(n + 1)",
        "def go(n=0): return sorted([1], key=lambda _: go(n + 1))",
        "def go(n=0): return program.worst(10**9)",
    ],
)
def test_endless_recursion_is_an_error_and_no_crash(tmp_path: Path, run: str, endless: str) -> None:
    caught = "def caught():\n    try: go()\n    except RecursionError: print('caught')"
    done = python(tmp_path, f"import program\n{endless}\n{caught}\n{run.format('caught')}")
    assert (done.stdout, done.returncode) == ("caught\n", 0)


def test_a_limit_that_somebody_has_set_stays(tmp_path: Path) -> None:
    own = "import sys; sys.setrecursionlimit(1_500); import program; print(sys.getrecursionlimit())"
    assert python(tmp_path, own).stdout == "1500\n"


@pytest.mark.skipif(limit._BOUNDS_C_STACK, reason="calls take no C stack")
def test_threads_with_small_stacks_bound_the_limit(tmp_path: Path) -> None:
    small = "import threading; threading.stack_size(256 * 1024); import program, sys; print(sys.getrecursionlimit())"
    assert python(tmp_path, small).stdout == "1000\n"
