"""Vectors."""

from __future__ import annotations

from omega_runtime.acceleration import introduce

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


class Vector(list["Value"]):
    """A vector: a Python list that no Omega list procedure takes for a list.

    Equal (as `equal?`) to vectors with equal elements only, and hashable by its elements: do not change
    a vector while it is a key.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vector):
            return False
        from omega_runtime.values.equality import is_equal

        return is_equal(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        from omega_runtime.values.equality import structural_hash

        return structural_hash(self)

    def __str__(self) -> str:
        from omega_runtime.values.printing import display_text

        return display_text(self)

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return write_text(self)

    def __copy__(self) -> Vector:
        return Vector(self)

    def __deepcopy__(self, memo: dict[int, Value]) -> Vector:
        from omega_runtime.values.copying import deep_copy

        return deep_copy(self, memo)  # type: ignore[no-any-return]


introduce("Vector", Vector)
