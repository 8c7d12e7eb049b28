"""Records."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from omega_runtime.values import Value


class Record:
    """The base of the classes that `define-record-type` makes; equal to itself only.

    A subclass names its Python fields in `__slots__`, in the same order its Omega fields in
    `__omega_fields__`, and its type in `__omega_name__`.
    """

    __slots__ = ()
    __omega_name__: ClassVar[str] = "record"
    __omega_fields__: ClassVar[tuple[str, ...]] = ()

    def omega_fields(self) -> list[tuple[str, Value]]:
        """The Omega names and values of the fields; a field never set is None."""
        slots: tuple[str, ...] = type(self).__slots__
        return [(name, getattr(self, slot, None)) for name, slot in zip(self.__omega_fields__, slots, strict=True)]

    def __str__(self) -> str:
        from omega_runtime.values.printing import display_text

        return display_text(self)

    def __repr__(self) -> str:
        from omega_runtime.values.printing import write_text

        return write_text(self)
