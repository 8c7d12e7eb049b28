"""Effect sites: where in a program an effect is performed."""

from __future__ import annotations


class Site:
    """The place of one effect in a source file; lines and columns count from 1.

    `procedure` is the enclosing procedure ("" at top level), `ordinal` the effect's number within it.
    """

    __slots__ = ("column", "file", "line", "operation", "ordinal", "procedure")

    def __init__(self, file: str, line: int, column: int, operation: str, procedure: str, ordinal: int) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.operation = operation
        self.procedure = procedure
        self.ordinal = ordinal

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def __repr__(self) -> str:
        return f"<site {self} {self.operation}>"
