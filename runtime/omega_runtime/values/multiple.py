"""Several values returned at once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class MultipleValues(tuple["Value", ...]):
    """What `(values a b)` returns: a tuple for Python, but no list for Omega."""

    __slots__ = ()

    def __str__(self) -> str:
        from omega_runtime.values.printing import display_text

        return display_text(self)

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return write_text(self)


def make_values(*items: Value) -> Value:
    """The one item itself, or a `MultipleValues` of none or several."""
    return items[0] if len(items) == 1 else MultipleValues(items)
