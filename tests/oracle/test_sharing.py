"""Programs that compute something twice end in the same way whether they are compiled or interpreted."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.agreement import check_agreement

ATOMS = st.sampled_from(["a", "b", "i", "1", "2", "0", "2.0", "-0.0"])
OPERATIONS = st.sampled_from(["+", "-", "*", "modulo"])
VALUES = st.sampled_from(["0", "3", "-7", "2.0", "'s", "'(1)"])


def _applied(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(OPERATIONS, parts, parts).map(lambda each: f"({' '.join(each)})")


ARITHMETIC = _applied(st.one_of(ATOMS, _applied(ATOMS)))
# Each {} is one of a few expressions, so that most of them are there more than once.
USES = st.sampled_from(
    [
        "(list {} {} {})",
        "(list (note 7) {} {})",
        "(list (vector-ref v {}) {} {})",
        "(vector-set! v 0 (list {} (vector-ref v 0) {}))",
        "(note {} (note {} {}))",
        "(list a (begin (set! c {}) c) {} {})",
        "(if (< {} {}) (list {} {}) (note {} {}))",
        "(let loop ((i 0) (sum 0)) (if (= i 3) (list sum {} {}) (loop (+ i 1) (+ sum {} {}))))",
        "(let loop ((i 0)) (if (< i 3) (begin (note {} {}) (loop (+ i 1))) i))",
        "(map (lambda (b) (list {} {})) (list a b 3))",
        "((lambda (b) (note {} {}) (list {} {})) {})",
        "(for-each (lambda (b) (note {} {})) '(1 2))",
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    pool = draw(st.lists(ARITHMETIC, min_size=2, max_size=3))
    uses = draw(st.lists(USES, min_size=1, max_size=3))
    filled = [use.format(*[draw(st.sampled_from(pool)) for _ in range(use.count("{}"))]) for use in uses]
    body = "\n  ".join(f"(note {use})" for use in filled)
    return f"""
(define (note . values) (write values) (newline) (car values))
(define (f a b) (let ((i 4) (c 0) (v (make-vector 2 0)))
  {body}
  (note c v)))
(f {draw(VALUES)} {draw(VALUES)})
"""


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(programs())
def test_what_is_computed_twice(program: str) -> None:
    check_agreement(program)
