"""What Schemes have and Omega lacks: names that deserve a better word than "unbound"."""

from __future__ import annotations

_SYNTAX = """
    and-let* define-integrable define-structure fluid-let let/cc named-lambda rec rsc-macro-transformer
    sc-macro-transformer syntax-case the-environment
"""
_PROCEDURES = """
    assertion-violation load make-polar make-rectangular pp string-copy! string-fill! string-set! within-continuation
"""
SYNTAX = frozenset(_SYNTAX.split())
PROCEDURES = frozenset(_PROCEDURES.split())
_MENDS = {
    "fluid-let": "a parameter and parameterize do this",
    "let/cc": "(call/cc (lambda (k) …)) does this",
    "named-lambda": "(letrec ((name (lambda (parameter …) body …))) name) does this",
    "rsc-macro-transformer": "(make-transformer procedure) does this, without the environment",
    "sc-macro-transformer": "(er-macro-transformer procedure) does this",
    "string-copy!": "make a new string with string-append and substring",
    "string-fill!": "make a new string with make-string",
    "string-set!": "make a new string with string-append and substring, or collect it with a string-builder",
}
_REASONS = {
    "make-polar": "all numbers are real",
    "make-rectangular": "all numbers are real",
    "string-copy!": "strings don't change",
    "string-fill!": "strings don't change",
    "string-set!": "strings don't change",
}


def is_lacking(name: str) -> bool:
    """Whether Schemes have a name that Omega lacks."""
    return name in SYNTAX or name in PROCEDURES


def lack_of(name: str) -> tuple[str, str | None]:
    """The message for such a name, and how to do without, where that is known."""
    if name in _REASONS:
        return f"there is no {name}: {_REASONS[name]}", _MENDS.get(name)
    return f"omegac doesn't have {name} yet", _MENDS.get(name)
