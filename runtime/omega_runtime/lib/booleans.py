"""Truth and sameness."""

from __future__ import annotations

from omega_runtime.lib.registry import primitive
from omega_runtime.values import equality
from omega_runtime.values.equality import APART
from omega_runtime.values.errors import wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("not")
def not_(value: Value) -> bool:
    """Whether a value is #f."""
    return value is False


@primitive("boolean?")
def is_boolean(value: Value) -> bool:
    """Whether a value is #t or #f."""
    return value is True or value is False


@primitive("boolean=?")
def booleans_equal(first: Value, second: Value, *rest: Value) -> bool:
    """Whether all the booleans are the same."""
    booleans = (first, second, *rest)
    for i, each in enumerate(booleans):
        if type(each) is not bool:
            raise wrong_type("boolean=?", i + 1, "a boolean", each)
    return all(each is first for each in booleans)


@primitive("eq?", "eqv?")
def is_eqv(a: Value, b: Value) -> bool:
    """Whether two values are the same; numbers, chars and strings by value."""
    return a is b or equality.is_eqv(a, b)


@primitive("equal?")
def is_equal(a: Value, b: Value) -> bool:
    """Whether two values are the same or have equal contents."""
    kind, other = type(a), type(b)
    if kind is other:
        if kind is int:
            return a == b  # type: ignore[no-any-return]
    elif kind in APART and other in APART:
        return False
    return a is b or equality.is_equal(a, b)
