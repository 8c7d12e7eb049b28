"""How the forms of the language are indented: which have a body, and how many of their parts stand before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from hy.models import Expression, Object, Symbol

from omegac.forms import Dotted, is_symbol

BODIES = {
    "case": 1,
    "case-lambda": 0,
    "cond-expand": 0,
    "deferred": 0,
    "do": 2,
    "effect": 0,
    "guard": 1,
    "handle": 1,
    "handler-bind": 1,
    "lambda": 1,
    "let": 1,
    "let*": 1,
    "let*-values": 1,
    "let-syntax": 1,
    "let-values": 1,
    "letrec": 1,
    "letrec*": 1,
    "letrec-syntax": 1,
    "match": 1,
    "oracle-lambda": 1,
    "parameterize": 1,
    "receive": 2,
    "restart-bind": 1,
    "restart-case": 1,
    "sequential": 0,
    "set!": 1,
    "syntax-rules": 1,
    "unless": 1,
    "when": 1,
    "λ": 1,
}
"""By name, how many parts stand before the body of a form."""

PREFIXES = ("define", "with-", "call-with-")
"""What names begin with whose last argument is like a body."""

CLAUSES = {"case": 2, "case-lambda": 1, "cond": 1, "cond-expand": 1, "match": 2, "syntax-rules": 2}
"""By name, which part of a form is its first clause: a list that is no call."""

CLAUSE_BODIES: Mapping[str, Mapping[str, int]] = {"handle": {"on": 2, "return": 1, "finally": 0}}
"""By the name of a form, how many parts stand before the body of its clauses, by the name that these begin with."""

FORMALS = ("lambda", "λ")
"""Forms whose first part is a list of names."""


def body_of(name: str, bodies: Mapping[str, int]) -> int | None:
    """How many parts stand before the body of a form; None when it's a call like any other."""
    return bodies.get(name, 0 if name.startswith(PREFIXES) else None)


def own_bodies(forms: Iterable[Object]) -> dict[str, int]:
    """What `BODIES` would say of the macros that a file defines at its top level, of those that have a body."""
    found: dict[str, int] = {}
    for form in forms:
        if isinstance(form, Expression) and len(form) > 2 and isinstance(form[0], Symbol):
            for name, count in _bodies(form):
                found[name] = min(count, found.get(name, count))
    return found


def _bodies(form: Expression) -> Iterator[tuple[str, int]]:
    head, target, value = str(form[0]), form[1], form[2]
    if head == "define-macro" and isinstance(target, Dotted) and is_symbol(target[-1], "body"):
        yield str(target[0]), len(target) - 2
    elif head == "define-syntax" and isinstance(target, Symbol) and isinstance(value, Expression):
        for rule in value[2:] if value and is_symbol(value[0], "syntax-rules") else ():
            pattern = rule[0] if isinstance(rule, Expression) and rule else None
            if isinstance(pattern, Expression) and [str(each) for each in pattern[1:][-2:]] == ["body", "..."]:
                yield str(target), len(pattern) - 3
