"""`omegac doctest`: what it says of transcripts that hold and of those that don't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import omegac

SPECIFICATION = """
```lisp
Ω> (with-budget 10000  ; 10k token budget
     (lambda ()
       (expensive-operation)))
;; Throws error if exceeds budget
```

```lisp
;; Example
Ω> (allocate-budget 100000
     '((research priority: 3)
       (writing priority: 2)
       (editing priority: 1)))

=> ((research: 50000)   ; 3/6 of budget
    (writing: 33333)    ; 2/6 of budget
    (editing: 16667))   ; 1/6 of budget
```

```lisp
Ω> (forecast-budget-needs '(summarize 100 documents))
=> 15000  ; Based on historical data
```
"""

SURROUNDINGS = """
(define (expensive-operation) (effect infer.op "Think hard." max-tokens: 50))
(define (forecast-budget-needs task)
  (let ((costs '(9000 11000 10000)))
    (* 1.5 (average costs))))
"""


def test_the_transcripts_of_the_specification_hold(tmp_path: Path) -> None:
    (tmp_path / "chapter.md").write_text(SPECIFICATION)
    (tmp_path / "surroundings.omega").write_text(SURROUNDINGS)
    done = omegac("doctest", "--load", "surroundings.omega", "chapter.md", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 transcripts in 1 file hold\n", "")


@pytest.mark.parametrize(
    ("transcript", "said"),
    [
        ("Ω> (+ 1 2)\n=> 4", ["a.md:2: this does not hold", "  (+ 1 2)", "  expected: 4", "  got: 3"]),
        ("Ω> (if #f #f)\n=> 4", ["a.md:2: this does not hold", "  (if #f #f)", "  expected: 4", "  got: none"]),
        (
            "Ω> (begin (display 1) 2)\n3\n=> 2",
            ["a.md:2: this does not hold", "  (begin (display 1) 2)", "  should display: 3", "  displayed: 1"],
        ),
        (
            "Ω> (car '())",
            [
                "a.md:2: this does not hold",
                "  (car '())",
                "  expected: no error",
                "  got: error: car: argument 1 must be a pair, but got ()",
            ],
        ),
        (
            "Ω> (car '())\n=> error: cdr: ...",
            [
                "a.md:2: this does not hold",
                "  (car '())",
                "  expected: error: cdr: ...",
                "  got: error: car: argument 1 must be a pair, but got ()",
            ],
        ),
        (
            "Ω> (exit 3)",
            [
                "a.md:2: this does not hold",
                "  (exit 3)",
                "  expected: no error",
                "  got: error: the program exits with 3",
            ],
        ),
    ],
)
def test_what_is_said_of_a_transcript_that_does_not_hold(transcript: str, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"```lisp\n{transcript}\n```\n")
    done = omegac("doctest", "a.md", cwd=tmp_path)
    assert done.stdout.splitlines() == [*said, "1 of 1 transcript in 1 file does not hold"]
    assert (done.returncode, done.stderr) == (1, "")


def test_a_file_of_omega_is_evaluated_before_its_comments(tmp_path: Path) -> None:
    (tmp_path / "twice.omega").write_text('; Ω> (twice 2)\n; => 4\n(define (twice x) (* 2 x))\n(display "unseen")\n')
    (tmp_path / "broken.omega").write_text("; Ω> (f)\n(define (f) 1\n")
    assert omegac("doctest", "twice.omega", cwd=tmp_path).stdout == "1 transcript in 1 file holds\n"
    done = omegac("doctest", "broken.omega", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "broken.omega: error: unbalanced parentheses: this ( is never closed"


@pytest.mark.parametrize("answers", ['["Ada!", "Bob!"]', '{"Greet Ada": "Ada!", "Greet Bob": "Bob!"}'])
def test_the_model_may_be_scripted_anew_for_each_file(answers: str, tmp_path: Path) -> None:
    (tmp_path / "answers.json").write_text(answers)
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(
            '```lisp\n(define (greet name) (effect infer.op (string-append "Greet " name)))\n'
            'Ω> (list (greet "Ada") (greet "Bob"))\n=> ("Ada!" "Bob!")\n```\n'
        )
    done = omegac("doctest", "--answers", "answers.json", "a.md", "b.md", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "2 transcripts in 2 files hold\n")


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("")
    (tmp_path / "answers.json").write_text("[1]")
    for arguments, said in (
        (["b.md"], "omegac: cannot read b.md: No such file or directory\n"),
        (["--load", "b.omega", "a.md"], "omegac: cannot read b.omega: No such file or directory\n"),
        (
            ["--answers", "answers.json", "a.md"],
            "omegac: answers.json must hold a list of texts, or an object of texts by prompt\n",
        ),
    ):
        done = omegac("doctest", *arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (2, said)
