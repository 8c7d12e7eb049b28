"""Procedures made from procedures, and values that stand for none."""

from __future__ import annotations

from omega_runtime.control.machine import call, reentrant
from omega_runtime.control.tail import TAIL, bounce, entry
from omega_runtime.lib.arguments import arity, callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.control.frames import State
    from omega_runtime.values import Procedure, Value


@primitive("identity")
def identity(value: Value) -> Value:
    """The argument itself."""
    return value


@primitive("constantly", "const")
def constantly(value: Value) -> Procedure:
    """A procedure of any arguments that always gives the value."""

    def constant(*_ignored: Value) -> Value:
        return value

    return constant


@primitive("compose")
def compose(*procedures: Value) -> Procedure:
    """The procedure that calls the last one with its arguments, the one before with the result, and so on."""
    return _chained("compose", procedures[::-1], len(procedures), -1)


@primitive("pipe")
def pipe(*procedures: Value) -> Procedure:
    """The procedure that calls the first one with its arguments, the next one with the result, and so on."""
    return _chained("pipe", procedures, 1, 1)


def _chained(name: str, procedures: tuple[Value, ...], position: int, step: int) -> Procedure:
    """One procedure of several, given in the order in which they're called; `position` is that of the first."""
    for i, procedure in enumerate(procedures):
        callee(name, position + i * step, procedure)
    if not procedures:
        return identity
    *before, last = procedures

    def tail(*arguments: Value) -> Value:
        for procedure in before:
            arguments = (procedure(*arguments),)
        return (TAIL, last, *arguments)

    def cps(k: Value, *arguments: Value, i: int = 0) -> State:
        if i == len(before):
            return call(k, last, *arguments)
        return call(lambda value: cps(k, value, i=i + 1), before[i], *arguments)

    return _with_entries(tail, cps)


@primitive("partial")
def partial(procedure: Value, *first: Value) -> Procedure:
    """The procedure that calls the given one with the arguments given here, and then with its own."""
    callee("partial", 1, procedure)
    return _with_entries(
        lambda *rest: (TAIL, procedure, *first, *rest), lambda k, *rest: call(k, procedure, *first, *rest)
    )


def _with_entries(tail: Procedure, cps: Procedure) -> Procedure:
    """The procedure with these entries, for tail calls and for continuations that are entered again."""

    @reentrant(cps)
    @entry(tail)
    def procedure(*arguments: Value) -> Value:
        return bounce(tail(*arguments))

    return procedure  # type: ignore[no-any-return]


@primitive("%case-lambda")
def case_lambda(name: Value, *clauses: Value) -> Procedure:
    """The procedure that calls the first clause that takes as many arguments as it gets; `name` may be #f."""
    arities = [arity(clause) for clause in clauses]

    def fitting(count: int) -> Procedure:
        for clause, (least, most) in zip(clauses, arities, strict=True):
            if least <= count <= most:
                return clause  # type: ignore[no-any-return]
        raise OmegaError(f"{name or 'case-lambda'}: no clause takes {count} argument{'' if count == 1 else 's'}")

    made = _with_entries(
        lambda *arguments: (TAIL, fitting(len(arguments)), *arguments),
        lambda k, *arguments: call(k, fitting(len(arguments)), *arguments),
    )
    if name is not False:
        made.__omega_name__ = name  # type: ignore[attr-defined]
    return made


@primitive("unit", "*uninit*")
def unit() -> None:
    """The unspecified value."""
    return
