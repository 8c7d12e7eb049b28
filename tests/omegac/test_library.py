"""What the compiler knows of the library's procedures."""

from __future__ import annotations

from omegac.library import gives_data, library

# What a program may call in turn: elements, values of procedures that were handed in, parameters.
MAY_GIVE_PROCEDURES = """
    abort-to-prompt any apply bind call-with-current-continuation call-with-escape-continuation call-with-prompt
    call-with-values call/cc call/ec
    car cdr current-error-port current-input-port current-output-port drop dynamic-wind every execute fifth find
    first fold fold-left fold-right force fourth hash-table-fold hash-table-ref hash-table-ref/default
    hash-table/get last list-ref list-tail make-parameter make-unsettable-parameter monitor-budget-usage mplus
    mzero raise-continuable reduce reduce-left reduce-right require second third unfold values vector-first
    vector-last vector-ref with-budget with-exception-handler with-task with-tracking
    caar cadr cdar cddr caaar caadr cadar caddr cdaar cdadr cddar cdddr caaaar caaadr caadar caaddr cadaar cadadr
    caddar cadddr cdaaar cdaadr cdadar cdaddr cddaar cddadr cdddar cddddr
"""


def test_what_may_give_a_procedure() -> None:
    """A new one stands here, or its function says what it gives (`-> List`, `-> int | bool`)."""
    found = {name for name in library() if not name.startswith("%") and not gives_data(name)}
    assert found == set(MAY_GIVE_PROCEDURES.split())
