"""What the compiler knows of the library's procedures."""

from __future__ import annotations

from omegac.library import gives_data, library

# What a program may call in turn: elements, values of procedures that were handed in, parameters.
MAY_GIVE_PROCEDURES = """
    abort-to-prompt andmap any apply apply-generic apply-generic-coerced assoc-ref assq-ref assv-ref attach-tag bind
    caaaar caaadr caaar caadar caaddr caadr caar cadaar cadadr cadar caddar cadddr caddr cadr
    call-with-current-continuation call-with-escape-continuation call-with-input-file call-with-input-string
    call-with-output-file call-with-port call-with-prompt call-with-token-limit call-with-values call/cc call/ec car
    cdaaar cdaadr cdaar cdadar cdaddr cdadr cdar cddaar cddadr cddar cdddar cddddr cdddr cddr cdr coerce-value
    compose const constantly
    contents current-date current-error-port current-input-port current-output-port date-add date-in-zone date-ref
    datum->syntax dist dist-from-list dist-normalize dist-sample dist-topk dist-value-at drop dynamic-wind eighth
    environment eval eval-in every execute extend-evaluator fifth find find-restart first fold fold-left fold-right
    foldl foldr force fourth get-coercion hash-table-equivalence-function hash-table-find hash-table-fold
    hash-table-hash-function hash-table-intern! hash-table-ref hash-table-ref! hash-table-ref/default hash-table/get
    hashtable-equivalence-function hashtable-hash-function hashtable-ref identity interaction-environment interleave
    invoke-restart json-parse json-ref json-ref/default last list->stream list-ref list-tail make-coercion-table
    make-date make-evaluator make-op-table make-parameter make-rule make-rule-where make-unsettable-parameter
    match-pattern monitor-budget-usage mplus mzero ninth omega->python op-table-get ormap pair-fold partial pipe
    python->omega python-ref raise-continuable read reduce reduce-left reduce-right require rewrite-once second
    seconds->date seventh sixth stream stream-append stream-car stream-cdr stream-filter stream-first stream-head
    stream-interleave stream-map stream-ref stream-rest stream-tail string->date string-any string-builder
    string-every string-fold string-fold-right substitute-template syntax->datum take-right tenth third type-tag
    unfold unfold-right values vector-any vector-every vector-first vector-fold vector-fold-right vector-last
    vector-ref with-budget with-exception-handler with-input-from-file with-input-from-string with-output-to-file
    with-task with-tracking
"""


def test_what_may_give_a_procedure() -> None:
    """A new one stands here, or its function says what it gives (`-> List`, `-> int | bool`)."""
    found = {name for name in library() if not name.startswith("%") and not gives_data(name)}
    assert found == set(MAY_GIVE_PROCEDURES.split())
