"""The examples that show the language, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.command import omegac

PRINTED = {
    "queens": "(first: (2 4 6 1 3 5))\n(solutions: 4)\n",
    "generator": "(1 2 3 4 done)\n(#t #f)\n",
    "derivative": """\
(d/dx (+ x 3) = 1)
(d/dx (* x y) = y)
(d/dx (^ x 3) = (* 3 (^ x 2)))
(d/dx (* (* x y) (+ x 3)) = (+ (* x y) (* y (+ x 3))))
""",
    "logic": """\
(parents of bart: (homer marge))
(ancestors of lisa: (homer marge abe mona))
(descendants of abe: (homer bart lisa))
""",
    "primes": """(2 3 5 7 11 13 17 19 23 29 31 37 41 43 47)
((3 . 5) (5 . 7) (11 . 13) (17 . 19) (29 . 31))
""",
}


@pytest.mark.parametrize(("name", "printed"), PRINTED.items(), ids=PRINTED)
def test_an_example(name: str, printed: str) -> None:
    done = omegac("run", ROOT / "examples" / f"{name}.omega")
    assert (done.stdout, done.stderr) == (printed, "")


def test_an_agent_with_tools() -> None:
    texts = sorted((ROOT / "examples" / "texts").glob("*.txt"))
    done = omegac("run", ROOT / "examples" / "agent.omega", "What is said of the sea?", *texts, "--model", "offline")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_chat_ends_with_its_lines_or_its_budget() -> None:
    chat = ROOT / "examples" / "chat.omega"
    done = omegac("run", chat, "--model", "offline", "--budget", "4000", input="Who are you?\nAnd the sea?\n")
    assert done.stdout.splitlines() == ["Who are you?", "And the sea?"]
    done = omegac("run", chat, "--model", "offline", "--budget", "30", input="Who are you?\n" * 9)
    assert done.stdout.splitlines()[-2:] == ["Who are you?", "The budget is spent."]


def test_pictures_are_described(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    done = omegac("run", ROOT / "examples" / "pictures.omega", tmp_path / "a.gif", "--model", "offline")
    assert done.stdout.startswith(f"{tmp_path / 'a.gif'}: ")
