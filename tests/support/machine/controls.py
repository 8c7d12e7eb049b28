"""Procedures that deal with continuations, errors, extents and choices, as the machine calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omega_runtime.lib.arguments import callee, elements
from omega_runtime.lib.conditions import raisable
from omega_runtime.values.equality import is_eqv
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.multiple import MultipleValues, make_values
from omega_runtime.values.pairs import NIL, list_from
from omega_runtime.values.parameters import Parameter
from omega_runtime.values.printing import short_text, write_text

from tests.support.machine import frames
from tests.support.machine.evaluate import GONE, Applicable, Closure, Machine, Resumption
from tests.support.machine.frames import Frame, Root, State, Then, Value

Step = Callable[..., State]
"""Takes the machine, the continuation, and the operands."""
CONTROLS: dict[str, Step] = {}


class Control(Applicable):
    """A control procedure of the library."""

    def __init__(self, machine: Machine, name: str, step: Step) -> None:
        self.machine, self.step, self.__omega_name__ = machine, step, name

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        if self.machine.tracer is not None:
            k = self.machine.tracer.called(self, self.__omega_name__, k)
        return self.step(self.machine, k, *operands)


def control(*names: str) -> Callable[[Step], Step]:
    """Registers a step under the names of a library procedure."""

    def register(step: Step) -> Step:
        CONTROLS.update(dict.fromkeys(names, step))
        return step

    return register


class Continuation(Applicable):
    """A place to go on at, any number of times; an escape only while the call is under way that it leads out of."""

    __module__ = "omega_runtime.control"  # as which it is written

    def __init__(self, machine: Machine, k: Frame, escape: frames.Escape | None = None) -> None:
        self.machine, self.k, self.escape = machine, k, escape

    def __repr__(self) -> str:
        return "#<continuation>"

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        if frames.root_of(self.k).is_over:
            raise OmegaError(GONE)
        if self.escape is not None and self.escape not in frames.walk(k):
            message = "this continuation's call/cc has returned; continuations can only escape, not re-enter"
            raise OmegaError(message)
        if self.machine.tracer is not None:
            self.machine.tracer.entered(self, k)
        return self.machine.travel(k, self.k, lambda: (None, make_values(*operands), self.k))


@control("call/cc", "call-with-current-continuation")
def _call_cc(machine: Machine, k: Frame, procedure: Value) -> State:
    return machine.apply(callee("call/cc", 1, procedure), (Continuation(machine, k),), k)


@control("call/ec", "call-with-escape-continuation")
def _call_ec(machine: Machine, k: Frame, procedure: Value) -> State:
    escape = frames.Escape(k)
    return machine.apply(callee("call/cc", 1, procedure), (Continuation(machine, k, escape),), escape)


@control("apply")
def _apply(machine: Machine, k: Frame, procedure: Value, first: Value, *rest: Value) -> State:
    callee("apply", 1, procedure)
    *operands, last = first, *rest
    return machine.apply(procedure, (*operands, *elements("apply", len(rest) + 2, last)), k)


class CaseLambda(Applicable):
    """A procedure with a clause for each number of arguments."""

    def __init__(self, machine: Machine, name: str, clauses: Sequence[Closure]) -> None:
        self.machine, self.__omega_name__, self.clauses = machine, name, clauses

    def enter(self, k: Frame, operands: Sequence[Value]) -> State:
        count = len(operands)
        clause = next((each for each in self.clauses if each.takes(count)), None)
        if clause is None:
            name = self.__omega_name__.replace("<lambda>", "case-lambda")
            raise OmegaError(f"{name}: no clause takes {count} argument{'' if count == 1 else 's'}")
        return self.machine.apply(clause, operands, k)


@control("%case-lambda")
def _case_lambda(machine: Machine, k: Frame, name: Value, *clauses: Closure) -> State:
    return None, CaseLambda(machine, name or "<lambda>", clauses), k


@control("call-with-values")
def _call_with_values(machine: Machine, k: Frame, producer: Value, consumer: Value) -> State:
    callee("call-with-values", 2, consumer)
    callee("call-with-values", 1, producer)

    def consume(value: Value, k: Frame) -> State:
        return machine.apply(consumer, tuple(value) if type(value) is MultipleValues else (value,), k)

    return machine.apply(producer, (), Then(k, consume))


@control("dynamic-wind")
def _dynamic_wind(machine: Machine, k: Frame, before: Value, thunk: Value, after: Value) -> State:
    for i, procedure in enumerate((before, thunk, after)):
        callee("dynamic-wind", i + 1, procedure)

    def inside(_: Value, k: Frame) -> State:
        return machine.apply(thunk, (), frames.Wind(k, before, after))

    return machine.apply(before, (), Then(k, inside))


@control("%parameterize")
def _parameterize(machine: Machine, k: Frame, *operands: Value) -> State:
    *pairs, thunk = operands
    values: dict[Value, Value] = {}
    for parameter, value in zip(pairs[::2], pairs[1::2], strict=True):
        if type(parameter) is not Parameter:
            raise wrong_type("parameterize", 1, "a parameter", parameter)
        converter = parameter.converter
        values[parameter] = value if converter is None else machine.call_python(converter, (value,), k)
    return machine.apply(thunk, (), frames.Parameterized(k, values))


# Errors


@control("with-exception-handler")
def _with_exception_handler(machine: Machine, k: Frame, handler: Value, thunk: Value) -> State:
    callee("with-exception-handler", 1, handler)
    callee("with-exception-handler", 2, thunk)
    return machine.apply(thunk, (), frames.Handler(k, handler))


@control("raise")
def _raise(machine: Machine, k: Frame, value: Value) -> State:
    return machine.signal(raisable(value), k)


@control("raise-continuable")
def _raise_continuable(machine: Machine, k: Frame, value: Value) -> State:
    return machine.signal(raisable(value), k, continuable=True)


@control("error")
def _error(machine: Machine, k: Frame, message: Value, *irritants: Value) -> State:
    text = message if isinstance(message, str) else write_text(message)
    return machine.signal(OmegaError(text, *irritants), k)


# Choices


class Choice:
    """A place with alternatives that are left."""

    def __init__(self, k: Frame, thunks: list[Value]) -> None:
        self.k, self.thunks = k, thunks


class Collection(frames.Frame):
    """The thunk of amb-collect; `found` and `choices` are shared by all who come back to it."""

    def __init__(self, below: Frame, most: int | None) -> None:
        super().__init__(below)
        self.most = most
        self.found: list[Value] = []
        self.choices: list[Choice] = []

    def proceed(self, machine: Machine, value: Value) -> State:
        self.found.append(value)
        assert self.below is not None
        if len(self.found) == self.most:
            return None, list_from(self.found), self.below
        return _fail(machine, self)


def _collection(k: Frame) -> Collection | None:
    return next((each for each in frames.walk(k) if isinstance(each, Collection)), None)


@control("amb.choose")
def _choose(machine: Machine, k: Frame, thunks: Value) -> State:
    first, *others = elements("amb.choose", 1, thunks) or [None]
    if first is None:
        return _fail(machine, k)
    if others:
        collection = _collection(k)
        (machine.choices if collection is None else collection.choices).append(Choice(k, others))
    return machine.apply(callee("amb.choose", 1, first), (), k)


@control("amb.fail")
def _fail(machine: Machine, k: Frame) -> State:
    collection = _collection(k)
    choices = machine.choices if collection is None else collection.choices
    if choices and frames.root_of(choices[-1].k).is_over:
        root = frames.root_of(choices[-1].k)
        while choices and frames.root_of(choices[-1].k) is root:
            choices.pop()
        raise OmegaError(
            "a choice was made in a call that has returned to Python, or to a procedure that is not compiled to be "
            "entered again; nothing can go back to it"
        )
    if choices:
        choice = choices[-1]
        thunk = choice.thunks.pop(0)
        if not choice.thunks:
            choices.pop()

        def again() -> State:
            return machine.apply(callee("amb.choose", 1, thunk), (), choice.k)

        return machine.travel(k, choice.k, again)
    if collection is None:
        raise OmegaError("amb: no choice is left that could be made otherwise")
    below = collection.below
    assert below is not None
    return machine.travel(k, below, lambda: (None, list_from(collection.found), below))


@control("%amb-collect")
def _amb_collect(machine: Machine, k: Frame, thunk: Value) -> State:
    return machine.apply(thunk, (), Collection(k, None))


@control("%amb-collect-n")
def _amb_collect_n(machine: Machine, k: Frame, most: Value, thunk: Value) -> State:
    if type(most) is not int or most < 0:
        raise wrong_type("amb-collect-n", 1, "an exact integer >= 0", most)
    return machine.apply(thunk, (), Collection(k, most)) if most else (None, NIL, k)


@control("require")
def _require(machine: Machine, k: Frame, condition: Value) -> State:
    return _fail(machine, k) if condition is False else (None, None, k)


@control("mzero")
def _mzero(machine: Machine, k: Frame) -> State:
    return _fail(machine, k)


@control("mplus")
def _mplus(machine: Machine, k: Frame, *items: Value) -> State:
    thunks = [item if callable(item) else lambda item=item: item for item in items]
    return _choose(machine, k, list_from(thunks))


@control("bind")
def _bind(machine: Machine, k: Frame, value: Value, procedure: Value) -> State:
    callee("bind", 2, procedure)
    if not callable(value):
        return machine.apply(procedure, (value,), k)
    return machine.apply(value, (), Then(k, lambda item, k: machine.apply(procedure, (item,), k)))


# Prompts


@control("call-with-prompt")
def _call_with_prompt(machine: Machine, k: Frame, tag: Value, thunk: Value, handler: Value) -> State:
    callee("call-with-prompt", 2, thunk)
    callee("call-with-prompt", 3, handler)
    return machine.apply(thunk, (), frames.Prompt(k, tag, handler))


@control("abort-to-prompt")
def _abort_to_prompt(machine: Machine, k: Frame, tag: Value, *values: Value) -> State:
    prompt = next((each for each in frames.walk(k) if isinstance(each, frames.Prompt) and is_eqv(each.tag, tag)), None)
    if prompt is None:
        raise OmegaError(f"abort-to-prompt: no prompt around has the tag {short_text(tag)}")
    below = prompt.below
    assert below is not None
    kept = frames.segment(k, prompt)
    if any(isinstance(each, Root) for each in kept):
        raise OmegaError(
            "abort-to-prompt: the prompt lies beyond a call of Python, or of a procedure that is not compiled to be "
            f"entered again: {short_text(tag)}"
        )
    operands = (Resumption(machine, kept), *values)
    return machine.travel(k, below, lambda: machine.apply(prompt.handler, operands, below))
