"""Procedures of interpreted programs, and calls in constant space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Any

from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import list_from
from omega_runtime.values.printing import short_text

from omegac.library import arity_of

Value = Any
Environment = list[Any]
"""The values of one scope's variables from index 1 on; the scope around it at index 0."""
Code = Callable[[Environment], Value]
"""A node, ready to be evaluated."""


class Procedure:
    """A procedure and the environment that it was made in; Python code can call it like a function."""

    __slots__ = ("__omega_name__", "body", "count", "environment", "has_rest")

    def __init__(self, body: Code, environment: Environment, count: int, has_rest: bool, name: str) -> None:
        self.body = body
        self.environment = environment
        self.count = count
        self.has_rest = has_rest
        self.__omega_name__ = name

    def __call__(self, *arguments: Value) -> Value:
        return call(self, arguments)

    @property
    def __signature__(self) -> Signature:
        """What Python shows of the parameters."""
        parameters = [Parameter(f"parameter_{i}", Parameter.POSITIONAL_ONLY) for i in range(self.count)]
        rest = [Parameter("rest", Parameter.VAR_POSITIONAL)] if self.has_rest else []
        return Signature([*parameters, *rest])

    def scope(self, arguments: Sequence[Value]) -> Environment:
        """The environment of a call's body. Raises OmegaError when the number of arguments doesn't fit."""
        given = len(arguments)
        if given == self.count and not self.has_rest:
            return [self.environment, *arguments]
        if given > self.count and not self.has_rest:
            raise self._wrong_count(f"takes {_arguments(self.count)} but {given} were given")
        if given < self.count:
            raise self._wrong_count(f"missing {_arguments(self.count - given, 'required ')}")
        return [self.environment, *arguments[: self.count], list_from(arguments[self.count :])]

    def _wrong_count(self, problem: str) -> OmegaError:
        return OmegaError(f"{self.__omega_name__.strip('<>')}: wrong number of arguments ({problem})")


def _arguments(count: int, kind: str = "") -> str:
    return f"{count} {kind}argument{'' if count == 1 else 's'}"


class TailCall:
    """What a body gives in place of its value when a call is the last thing it does."""

    __slots__ = ("arguments", "callee")

    def __init__(self, callee: Value, arguments: Sequence[Value]) -> None:
        self.callee = callee
        self.arguments = arguments


def call(callee: Value, arguments: Sequence[Value]) -> Value:
    """The value of a call. It makes the tail calls that bodies ask for, one after the other, on the same stack."""
    while callee.__class__ is Procedure:
        result = callee.body(callee.scope(arguments))
        if result.__class__ is not TailCall:
            return result
        callee, arguments = result.callee, result.arguments
    try:
        return callee(*arguments)
    except TypeError as error:
        # Errors of the call itself come from here, not from deeper inside.
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            raise (_wrong_call(callee, len(arguments)) or error) from None
        raise


def _wrong_call(callee: Value, given: int) -> OmegaError | None:
    if not callable(callee):
        return OmegaError(f"not a procedure: {short_text(callee)}")
    arity = arity_of(callee)
    if arity.accepts(given):
        return None
    name = getattr(callee, "__omega_name__", type(callee).__name__)
    return OmegaError(f"{name}: wrong number of arguments (takes {arity} but {given} were given)")
