"""Python from Omega, and Omega from Python."""

# ruff: noqa: E501 - a case stands on one line
from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import omegac
from tests.support.omega import findings_of, table, value_of


@pytest.mark.parametrize(
    ("program", "value"),
    table(r"""
;; modules and their attributes
(import math) (list math.pi (math.sqrt 16))                          ⇒ (3.141592653589793 4)
(import (python os.path)) (os.path.join "a" "b")                     ⇒ "a/b"
(import (python os.path as: p)) (p.join "a" "b")                     ⇒ "a/b"
(import (only (python math) floor)) (map floor '(1.5 2.5))           ⇒ (1 2)
(import (prefix (only (python math) floor) m.)) (m.floor 1.5)        ⇒ 1
(import (python builtins)) (builtins.sorted '(3 1 2) reverse: #t)    ⇒ (3 2 1)
;; methods, attributes, keyword arguments
(.upper "abc")                                                       ⇒ "ABC"
(.replace "abc" "b" "x")                                             ⇒ "axc"
(import (python datetime)) (define d (datetime.date 2024 2 1)) (list d.year (. d (replace day: 5) day) (.isoformat d))
                                                                     ⇒ (2024 5 "2024-02-01")
(import (python json)) (json.dumps (omega->python '(1 (a "b"))))     ⇒ "[1, [\"a\", \"b\"]]"
(import (python types)) (define n (types.SimpleNamespace a: 1)) (set! n.a 5) (set! (. n b) 6) (list n.a n.b)
                                                                     ⇒ (5 6)
;; data on their way
(import (python json)) (python->omega (json.loads "[1, [2, null], {\"a\": true}]"))
                                                                     ⇒ (1 (2 #<unspecified>) #hash(("a" . #t)))
(import (python collections)) (define c (collections.Counter "abca")) (python-set! c "z" 9) (list (python-ref c "a") (python-ref c "z"))
                                                                     ⇒ (2 9)
(import (python re)) (map (lambda (m) (.group m)) (python->omega (re.finditer "[0-9]+" "a1b22")))
                                                                     ⇒ ("1" "22")
;; procedures are functions
(import (python functools)) (functools.reduce (lambda (a b) (+ a b)) '(1 2 3))
                                                                     ⇒ 6
;; exceptions
(import (python json)) (guard (e ((python-exception? e 'ValueError) 'caught)) (json.loads "{"))
                                                                     ⇒ caught
(import (python json)) (guard (e ((python-exception? e json.JSONDecodeError) (list e.pos))) (json.loads "{"))
                                                                     ⇒ (1)
(import (python builtins)) (guard (e ((python-exception? e "KeyError") (condition/report-string e))) (raise (builtins.KeyError "k")))
                                                                     ⇒ "'k'"
(guard (e ((python-exception? e) 'python) (else 'omega)) (error "x"))
                                                                     ⇒ omega
"""),
)
def test_python_from_omega(program: str, value: str) -> None:
    assert value_of(program) == value


@pytest.mark.parametrize(
    ("program", "finding"),
    table(r"""
(import (python json)) (json.dumps 1 indent: 2 3)      ⇒ 1:48: error: keyword arguments come after all others
(import (python json)) (json.dumps 1 indent:)          ⇒ 1:38: error: the keyword argument indent: has no value
(import (python json)) (json.dumps 1 a: 1 a: 2)        ⇒ 1:43: error: the keyword argument a: is given twice
(.upper)                                               ⇒ 1:1: error: .upper needs the object whose method it is
(import (except (python math) pi))                     ⇒ 1:9: error: the names of a Python module aren't known to except
"""),
)
def test_findings(program: str, finding: str) -> None:
    assert findings_of(program)[0] == finding


@pytest.mark.parametrize(
    ("program", "allowed", "denied"),
    [
        ("(import math) (display (math.sqrt 4))", ("python", "python=math"), ("", "python=json")),
        ("(import (python os.path)) (display (os.path.join 'a))", (), ("python=json",)),
        ('(display (.upper "a"))', ("python",), ("",)),
    ],
)
def test_python_needs_permission(
    tmp_path: Path, program: str, allowed: tuple[str, ...], denied: tuple[str, ...]
) -> None:
    (tmp_path / "p.omega").write_text(program)
    for each in (*allowed, *denied):
        done = omegac("run", "p.omega", *(["--allow", each] if each else []), cwd=tmp_path)
        assert ("is off; allow it with --allow python" in done.stderr) == (each in denied)
        assert (done.returncode == 0) == (each in allowed)
