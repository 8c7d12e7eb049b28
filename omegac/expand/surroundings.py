"""What a source may ask of the files around it. Whoever compiles files hands it in; a text alone has nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import attrs
from hy.models import Object

from omegac.expand.environment import Binding, Toplevel
from omegac.source import Source


class Missing(Exception):
    """Something that a source asks for isn't there, or isn't fit; `help` says how to mend it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


@attrs.frozen(eq=False)
class Module:
    """Another file as its importers see it: its Python name, and what each name that it exports means.

    `is_python` says that its Omega source isn't at hand, `captures` that it may capture continuations that are entered
    again.
    """

    name: str
    bindings: Mapping[str, Binding]
    is_python: bool = False
    captures: bool = False


class Sandbox(Protocol):
    """Runs transformers of macros at compile time: without effects, and for so many steps only."""

    def procedure(self, form: Object) -> Callable[..., Any]:
        """The procedure that an expression of the scope gives. Raises Malformed."""

    def call(self, procedure: Callable[..., Any], arguments: Sequence[Any], macro: str, use: Object) -> Any:
        """What a procedure gives for a use of a macro. Raises Malformed for an error, and when it takes too long."""


MakeSandbox = Callable[[Toplevel], Sandbox]


class Surroundings:
    """A text without files around it."""

    def included(self, path: str, source: Source) -> Source:  # noqa: ARG002 - here and below: for those who have some
        """The source in a file, whose path is as seen from the source that includes it. Raises Missing."""
        raise Missing(f'"{path}" can\'t be included here')

    def library(self, name: tuple[str, ...]) -> Module:
        """The library of that name. Raises Missing."""
        raise Missing(f"({' '.join(name)}) can't be imported here")

    def file(self, path: str, source: Source) -> Module:  # noqa: ARG002
        """The file, whose path is as seen from the source that asks for it, as a module. Raises Missing."""
        raise Missing(f'"{path}" can\'t be imported here')

    def omega_file_of(self, module: str) -> str | None:  # noqa: ARG002
        """The Omega file beside the source whose name is that of a Python module, for a word about it."""
        return None
