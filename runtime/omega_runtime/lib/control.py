"""Multiple values, promises, parameters and dynamic extents."""

from __future__ import annotations

from omega_runtime.control.tail import TAIL, bounce, entry
from omega_runtime.lib.arguments import ABSENT, arity, callee
from omega_runtime.lib.registry import primitive
from omega_runtime.values import promises
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.multiple import MultipleValues, make_values
from omega_runtime.values.parameters import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value
    from omega_runtime.values.promises import Promise


@primitive("procedure?")
def is_procedure(value: Value) -> bool:
    """Whether a value can be called."""
    return callable(value)


@primitive("values")
def values(*items: Value) -> Value:
    """Returns the arguments as that many values."""
    return make_values(*items)


def _tail_call_with_values(producer: Value, consumer: Value) -> Value:
    callee("call-with-values", 2, consumer)
    produced = callee("call-with-values", 1, producer)()
    return (TAIL, consumer, *produced) if type(produced) is MultipleValues else (TAIL, consumer, produced)


@primitive("call-with-values", calls=(0, 1), last=1)
@entry(_tail_call_with_values)
def call_with_values(producer: Value, consumer: Value) -> Value:
    """Calls the consumer with the values that the producer returns."""
    return bounce(_tail_call_with_values(producer, consumer))


@primitive("force", calls=(0,))
def force(promise: Value) -> Value:
    """The value of a promise; anything else is its own value."""
    return promises.force(promise)


@primitive("make-promise")
def make_promise(value: Value) -> Promise:
    """A promise of what a procedure of no arguments gives; of anything else, one that has the value already."""
    takes_nothing = callable(value) and type(value) is not Parameter and arity(value) == (0, 0)
    return promises.make_delayed(value) if takes_nothing else promises.make_promise(value)


@primitive("promise-forced?")
def is_promise_forced(promise: Value) -> bool:
    """Whether the value of a promise is there already."""
    if not promises.is_promise(promise):
        raise wrong_type("promise-forced?", 1, "a promise", promise)
    return bool(promise.done)


@primitive("promise?")
def is_promise(value: Value) -> bool:
    """Whether a value is a promise."""
    return promises.is_promise(value)


@primitive("make-parameter", "make-unsettable-parameter", calls=(1,))
def make_parameter(value: Value, converter: Value = ABSENT) -> Parameter:
    """A parameter for `parameterize`; the converter is applied to every value it gets."""
    return Parameter(value, None if converter is ABSENT else callee("make-parameter", 2, converter))


@primitive("dynamic-wind", calls=(0, 1, 2))
def dynamic_wind(before: Value, thunk: Value, after: Value) -> Value:
    """Calls before, the thunk and after; after also when the thunk is left by an error."""
    for i, procedure in enumerate((before, thunk, after)):
        callee("dynamic-wind", i + 1, procedure)
    before()
    try:
        return thunk()
    finally:
        after()


@primitive("void")
def unspecified(*_ignored: Value) -> None:
    """The unspecified value."""
    return


@primitive("default-object?")
def is_default_object(value: Value) -> bool:
    """Whether a value stands for an optional argument that was not given."""
    return value is ABSENT
