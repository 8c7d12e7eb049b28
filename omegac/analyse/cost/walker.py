"""What the rules for library procedures and for recursion need of the walk over a program."""

from __future__ import annotations

from typing import Protocol

from omegac.analyse.cost.amounts import Ways
from omegac.analyse.cost.asking import Assumptions
from omegac.analyse.cost.sizes import Cause, Closure, Size
from omegac.core import Lambda, Node


class Walker(Protocol):
    """Follows calls.

    `active` are the procedures that are being looked at for all their calls at once, `several` those that call
    themselves more than once, `marks` those of the continuations that lead out of what is being looked at.
    """

    active: list[Lambda]
    several: set[Lambda]
    marks: list[object]
    assumptions: Assumptions

    def call(self, callee: Size, arguments: tuple[Size, ...], node: Node) -> Ways:
        """All ways through a call."""
        ...

    def inside(self, callee: Closure, arguments: tuple[Size, ...], node: Node) -> Ways:
        """All ways through a procedure's body."""
        ...

    def cause(self, reason: str, node: Node) -> Cause:
        """A reason that something at a node isn't known."""
        ...
