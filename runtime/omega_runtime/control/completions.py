"""Procedures that are called when a task, or the budget around, has ended."""

from __future__ import annotations

from _thread import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from omega_runtime.values import Procedure


class Completion:
    """A procedure given to on-completion, by a thread: others that run within the same budget leave it alone."""

    __slots__ = ("procedure", "thread")

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.thread = get_ident()

    def __call__(self) -> None:
        self.procedure()


def run_completions(procedures: Sequence[Procedure], quiet: bool = False) -> None:
    """Call each of them; then raise the first error, unless `quiet`, when there is an error on its way already."""
    first: Exception | None = None
    for procedure in procedures:
        try:
            procedure()
        except Exception as error:
            first = first or error
    if first is not None and not quiet:
        raise first
