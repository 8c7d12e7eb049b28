"""Calls with few operands have closures of their own, which spares a list and a loop for each call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.interpreter.procedures import Code, Environment, Value, call


def known_call(operator: Code, operands: Sequence[Code]) -> Code:
    """The code for a call that isn't in tail position: the operator first, then the operands."""
    if not operands:
        return lambda environment: call(operator(environment), ())
    if len(operands) == 1:
        first = operands[0]
        return lambda environment: call(operator(environment), (first(environment),))
    if len(operands) == 2:
        first, second = operands
        return lambda environment: call(operator(environment), (first(environment), second(environment)))
    return lambda environment: call(operator(environment), [code(environment) for code in operands])


def builtin_call(function: Callable[..., Value], operands: Sequence[Code]) -> Code:
    """The code for a call of a library procedure whose number of operands was checked."""
    if not operands:
        return lambda _: function()
    if len(operands) == 1:
        first = operands[0]
        return lambda environment: function(first(environment))
    if len(operands) == 2:
        first, second = operands
        return lambda environment: function(first(environment), second(environment))
    if len(operands) == 3:
        first, second, third = operands
        return lambda environment: function(first(environment), second(environment), third(environment))

    def builtin(environment: Environment) -> Value:
        return function(*[code(environment) for code in operands])

    return builtin
