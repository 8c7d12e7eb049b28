"""What the compiler knows of the run-time library: which procedures there are and how they're called."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import Any

import attrs
from omega_runtime.lib.registry import PRIMITIVES, Primitive, load
from omega_runtime.values.pairs import NIL

# The procedures that need the compiler when a program runs.
EVALUATION = "omegac.evaluate"
# Modules outside of omega_runtime.lib that register procedures.
_MORE_MODULES = (
    "omega_runtime.calls.deferring",
    "omega_runtime.calls.embedding",
    "omega_runtime.calls.stopping",
    "omega_runtime.calls.tools",
    "omega_runtime.chapter.allocation",
    "omega_runtime.chapter.emergency",
    "omega_runtime.chapter.forecast",
    "omega_runtime.chapter.history",
    "omega_runtime.chapter.monitoring",
    "omega_runtime.chapter.scopes",
    "omega_runtime.chapter.quality",
    "omega_runtime.concurrent.library",
    "omega_runtime.lib.backtracking",
    "omega_runtime.lib.continuations",
    "omega_runtime.lib.prompts",
    "omega_runtime.lib.special_forms",
    EVALUATION,
)

# Procedures that keep a procedure argument after they return.
RETAINING = frozenset({"%delay", "%delay-force", "make-parameter", "stream-map", "stream-filter"})

# Procedures behind special forms that call those of their operands that are procedures, however many.
CALLING_ALL = frozenset({"%handler-bind", "%restart-bind", "%restart-case"})

# Procedures that call and keep those of their operands that are procedures, and capture whether or not any are.
CHOOSING = frozenset({"mplus"})

# Names that stand for data.
CONSTANTS = {"the-empty-stream": NIL, "stream-nil": NIL}


@attrs.frozen
class Arity:
    """How many arguments a procedure takes; `most` is None when there's no limit."""

    least: int
    most: int | None

    def accepts(self, count: int) -> bool:
        """Whether a call with `count` arguments fits."""
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {_arguments(self.least)}"
        if self.least == self.most:
            return _arguments(self.least)
        return f"{self.least} to {_arguments(self.most)}"


def _arguments(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


@cache
def library() -> dict[str, Primitive]:
    """Every library procedure by its Omega name; `%…` names belong to the compiler."""
    load()
    for name in _MORE_MODULES:
        importlib.import_module(name)
    return dict(PRIMITIVES)


@cache
def has_entry(name: str) -> bool:
    """Whether a library procedure has an entry in continuation-passing style, for continuations entered again."""
    import omega_runtime.entries  # noqa: F401 - gives them their entries

    return hasattr(library()[name].function, "cps")


# Types of results that no program can call.
_DATA = """
    Attachment BinaryInputPort BinaryOutputPort bool bytes Bytevector Char dict Eof float HashTable InputPort int
    Keyword List Message MultipleValues None NoReturn Number OutputPort Pair Promise ServerTool str Symbol Table Vector
"""


@cache
def gives_data(name: str) -> bool:
    """Whether the result of a library procedure is surely no procedure, as its Python signature says."""
    kinds = str(inspect.signature(library()[name].function).return_annotation).split(" | ")
    return set(_DATA.split()).issuperset(kind.partition("[")[0] for kind in kinds)


@cache
def arity(name: str) -> Arity:
    """The arity of a library procedure, read off its Python signature."""
    return arity_of(library()[name].function)


def arity_of(function: Any) -> Arity:
    """The arity of a Python callable that takes positional arguments."""
    least, most = 0, 0
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.VAR_POSITIONAL:
            return Arity(least, None)
        most += 1
        least += parameter.default is parameter.empty
    return Arity(least, most)
