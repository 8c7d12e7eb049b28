"""Bytevectors."""

from __future__ import annotations


class Bytevector(bytearray):
    """A bytevector: a Python bytearray that shows as Omega shows it.

    Equal to bytes and bytearrays of the same content, and hashable by it: do not change a bytevector while it is a key.
    """

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(bytes(self))

    def __str__(self) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"#u8({' '.join(map(str, self))})"

    def __copy__(self) -> Bytevector:
        return Bytevector(self)

    def __deepcopy__(self, memo: object) -> Bytevector:
        return Bytevector(self)
