"""Parameters: values that a dynamic extent can replace."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Procedure, Value


_NAME = "omega_parameter"


class Parameter:
    """A procedure of no arguments that gives the current value; each thread and context has its own."""

    __slots__ = ("_variable", "converter")

    def __init__(self, value: Value, converter: Procedure | None = None) -> None:
        self.converter = converter
        self._variable = ContextVar(_NAME, default=value if converter is None else converter(value))

    def __call__(self) -> Value:
        return self._variable.get()

    def __repr__(self) -> str:
        return "#<parameter>"


def is_any_replaced(besides: Parameter) -> bool:
    """Whether code around has replaced the value of a parameter other than this one."""
    from contextvars import copy_context

    return any(each.name == _NAME and each is not besides._variable for each in copy_context())


def converted(bindings: tuple[tuple[Parameter, Value], ...]) -> list[tuple[ContextVar[Value], Value]]:
    """What is behind parameters, with what they are bound to as their converters give it.

    Raises ArgumentError when something bound is no parameter.
    """
    found = []
    for parameter, value in bindings:
        if type(parameter) is not Parameter:
            from omega_runtime.values.errors import wrong_type

            raise wrong_type("parameterize", 1, "a parameter", parameter)
        converter = parameter.converter
        found.append((parameter._variable, value if converter is None else converter(value)))
    return found


def parameterize(bindings: tuple[tuple[Parameter, Value], ...], thunk: Procedure) -> Value:
    """Calls the thunk while every parameter has the value bound to it, as its converter gives it.

    Raises ArgumentError when something bound is no parameter.
    """
    tokens = [(variable, variable.set(value)) for variable, value in converted(bindings)]
    try:
        return thunk()
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)
