"""The operations of effects that the run time performs itself; every other operation is the program's own."""

from __future__ import annotations

import inspect
from functools import cache

import attrs
from omega_runtime.calls.asking import RARE_OPTIONS, build_request
from omega_runtime.calls.effects import OPERATIONS
from omega_runtime.calls.embedding import OPERATION


@attrs.frozen
class Operation:
    """What the compiler knows of an operation: its kind in effect rows, and what it takes."""

    name: str
    kind: str
    operands: int
    options: tuple[str, ...] = ()


EMBEDDING = OPERATION
"""The operation that asks for vectors, not for an answer to a prompt."""

SYNONYMS = {"int.op": "infer.op"}
"""Operations that are others by another name."""


@cache
def operations() -> dict[str, Operation]:
    """All of them by name, as the run time has them; the options of calls to models are those of `build_request`."""
    parameters = inspect.signature(build_request).parameters.values()
    names = [*(each.name for each in parameters if each.kind is each.KEYWORD_ONLY), *RARE_OPTIONS]
    common = [name.replace("_", "-") for name in names]
    return {
        name: Operation(
            name, each.kind, each.operands, tuple(sorted([*common, *each.options])) if each.is_prompt else each.options
        )
        for name, each in OPERATIONS.items()
    }


def kind_of(operation: str) -> str:
    """What performing an operation does: infer, io, or control when only a handler answers it."""
    return operations()[operation].kind if operation in operations() else "control"


def is_model_call(operation: str) -> bool:
    """Whether an operation asks a language model, and so is woven with ledger calls."""
    return kind_of(operation) == "infer"


def performed_by(procedure: str) -> str:
    """The operation that a library procedure performs which calls models."""
    return EMBEDDING if procedure == "embed" else "infer.op"


def options_of(operation: str) -> tuple[str, ...]:
    """The options that an operation takes."""
    return operations()[operation].options if operation in operations() else ()
