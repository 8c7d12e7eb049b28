"""Control procedures as steps: what programs whose continuations are entered again use in the place of the plain ones.

Importing this module gives library procedures their entries in continuation-passing style. Those of procedures that
call other procedures, such as `map`, are compiled from Omega: see `prelude`.
"""

from __future__ import annotations

from omega_runtime.control.frames import Frame
from omega_runtime.control.machine import (
    back,
    call,
    call_with_current_continuation,
    capture,
    current_machine,
    reentrant,
    run,
    within,
)
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.lib import (
    association,
    conditions,
    continuations,
    control,
    higher_order,
    restarts,
    special_forms,
    tables,
)
from omega_runtime.lib.arguments import ABSENT, callee, elements
from omega_runtime.lib.conditions import Scope, is_past, raisable
from omega_runtime.values.errors import OmegaError, handler_scope, wrong_type
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.parameters import converted
from omega_runtime.values.printing import write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import ContextVar
    from typing import Any

    from omega_runtime.control.frames import State
    from omega_runtime.lib.restarts import Restart
    from omega_runtime.values import Procedure, Value

__all__ = ["back", "call", "call_cc", "guard", "reentrant", "reraise", "run", "within"]


class _Setting(Frame):
    """A frame within which a context variable has a value."""

    __slots__ = ("_before", "_variable", "value")

    def __init__(self, k: Any, variable: ContextVar[Any], value: Any) -> None:
        super().__init__(k)
        self._variable = variable
        self.value = value

    def around(self, outer: Frame | None) -> Frame:
        self._before: tuple[Any, ...] = ()
        return super().around(outer)

    def enter(self) -> None:
        self._before = (self._variable.get(),)
        self._variable.set(self.value)

    def leave(self) -> None:
        for before in self._before:
            self._variable.set(before)
        self._before = ()


class _Scoped(_Setting):
    """A frame within which `value` is the innermost error handler or guard."""

    __slots__ = ()

    def __init__(self, k: Any, scope: Scope | None) -> None:
        super().__init__(k, handler_scope, scope)

    def caught(self, error: Exception) -> State | None:
        # A handler's own error is for the handlers outside of it.
        if not is_past(error, self.value):
            error.__omega_scope__ = self.value  # type: ignore[attr-defined]
        return None


class _Guarded(_Scoped):
    """The body of a guard."""

    __slots__ = ("handler",)

    def __init__(self, k: Any, handler: Procedure) -> None:
        super().__init__(k, Scope(None, handler_scope.get()))
        self.handler = handler

    def caught(self, error: Exception) -> State:
        return self.handler, self.k, condition(error)


def guard(k: Any, body: Procedure, handler: Procedure) -> State:
    """The step of a guard: `body` and `handler` are steps; the handler gets the condition."""
    current_machine().push(_Guarded(k, handler))
    return body, back


def reraise(k: Any, value: Value) -> State:  # noqa: ARG001
    """The step with which a guard without a clause that applies hands on its condition."""
    conditions.raise_(value)


class _Handled(_Scoped):
    """The thunk of `with-exception-handler`."""

    __slots__ = ("handler",)

    def __init__(self, k: Any, handler: Procedure) -> None:
        super().__init__(k, Scope(handler, handler_scope.get()))
        self.handler = handler

    def caught(self, error: Exception) -> State | None:
        assert self.value is not None
        if is_past(error, self.value):
            return None
        return _offered(_returning(error, self.value), self.value, error)


def _offered(k: Any, scope: Scope, error: BaseException) -> State:
    """Call a handler where the handlers outside of it are installed."""
    assert scope.handler is not None
    return within(_Scoped(k, scope.outer), scope.handler, condition(error))


def _returning(error: BaseException, scope: Scope) -> Procedure:
    """The continuation of a handler for an error that cannot be continued."""

    def returned(_: Value) -> State:
        second = OmegaError("the handler returned from an error that cannot be continued:", condition(error))
        second.__cause__ = error
        return _raised(second, scope.outer)

    return returned


def _raised(error: BaseException, scope: Scope | None) -> State:
    """Offer an error to the handlers from a scope on."""

    def declined(scope: Scope | None) -> State:
        if scope is None or scope.handler is None:
            conditions.throw(error, scope)
        return _offered(_returning(error, scope), scope, error)

    return _declined(error, scope, declined)


def _declined(error: BaseException, scope: Scope | None, then: Procedure) -> State:
    """Ask the handlers of the `handler-bind`s that come first, and go on with the scope around those."""
    if scope is None or not scope.bindings:
        state: State = then(scope)
        return state
    return _asked(error, scope, lambda: _declined(error, scope.outer, then))


def _asked(error: BaseException, scope: Scope, then: Procedure, i: int = 0) -> State:
    """Ask the handlers of one `handler-bind` whose predicates hold, from number `i` on, and go on."""
    if i == len(scope.bindings):
        state: State = then()
        return state
    predicate, handler = scope.bindings[i]

    def decided(holds: Value) -> State:
        if holds is False:
            return _asked(error, scope, then, i + 1)
        return within(_Scoped(lambda _: _asked(error, scope, then, i + 1), scope.outer), handler, condition(error))

    return within(_Scoped(decided, scope.outer), predicate, condition(error))


class _Bound(_Scoped):
    """The body of a `handler-bind`."""

    __slots__ = ()

    def caught(self, error: Exception) -> State | None:
        return None if is_past(error, self.value) else _raised(error, self.value)


def _handler_bind(k: Any, *operands: Value) -> State:
    *procedures, thunk = operands
    return within(_Bound(k, conditions.bound_scope(procedures)), thunk) if procedures else call(k, thunk)


def _signal(k: Any, value: Value) -> State:
    error = raisable(value)

    def shown(scope: Scope | None) -> State:
        while scope is not None and not scope.bindings:
            scope = scope.outer
        if scope is None:
            return k, False
        outer = scope.outer
        return _asked(error, scope, lambda: shown(outer))

    return shown(handler_scope.get())


class _Restarting(_Setting):
    """The body of a form that establishes restarts, `value` the innermost one."""

    __slots__ = ()

    def __init__(self, k: Any, restart: Restart | None) -> None:
        super().__init__(k, restarts.innermost, restart)

    def caught(self, error: Exception) -> State | None:
        scope = handler_scope.get()
        if is_past(error, scope):
            return None
        # Handlers see it with the restarts in effect.
        current_machine().push(_Restarting(self.k, self.value))
        return _raised(error, scope)


def _restart_bind(k: Any, *operands: Value) -> State:
    *named, thunk = operands
    return within(_Restarting(k, restarts.bound(named)), thunk)


def _restart_case(k: Any, *operands: Value) -> State:
    *named, thunk = operands
    clauses = [capture(_clause(k, procedure)) for procedure in named[1::2]]
    return within(_Restarting(k, restarts.established(named[::2], clauses)), thunk)


def _clause(k: Any, procedure: Procedure) -> Procedure:
    """The continuation that calls the procedure of a clause of `restart-case`."""
    return lambda given: call(k, procedure, *(given if type(given) is MultipleValues else (given,)))


def _invoke_restart(k: Any, restart: Value, *arguments: Value) -> State:
    return call(k, restarts.in_effect(restart).procedure, *arguments)


def _with_exception_handler(k: Any, handler: Value, thunk: Value) -> State:
    callee("with-exception-handler", 1, handler)
    callee("with-exception-handler", 2, thunk)
    return within(_Handled(k, handler), thunk)


def _raise(k: Any, value: Value) -> State:  # noqa: ARG001
    return _raised(raisable(value), handler_scope.get())


def _raise_continuable(k: Any, value: Value) -> State:
    error = raisable(value)

    def declined(scope: Scope | None) -> State:
        if scope is None or scope.handler is None:
            conditions.throw(error, scope)
        return _offered(k, scope, error)

    return _declined(error, handler_scope.get(), declined)


def _error(k: Any, message: Value, *irritants: Value) -> State:
    return _raise(k, OmegaError(message if isinstance(message, str) else write_text(message), *irritants))


class _Wind(Frame):
    """The thunk of `dynamic-wind`."""

    __slots__ = ("after", "before")

    def __init__(self, k: Any, before: Procedure, after: Procedure) -> None:
        super().__init__(k)
        self.before = before
        self.after = after

    def returned(self, value: Value) -> State:
        k = self.k
        return call, lambda _: (k, value), self.after


def _dynamic_wind(k: Any, before: Value, thunk: Value, after: Value) -> State:
    for i, procedure in enumerate((before, thunk, after)):
        callee("dynamic-wind", i + 1, procedure)
    return call(lambda _: within(_Wind(k, before, after), thunk), before)


class _Parameterized(Frame):
    """The body of `parameterize`."""

    __slots__ = ("_before", "values")

    def __init__(self, k: Any, values: list[tuple[ContextVar[Value], Value]]) -> None:
        super().__init__(k)
        self.values = values

    def around(self, outer: Frame | None) -> Frame:
        self._before: list[tuple[ContextVar[Value], Value]] = []
        return super().around(outer)

    def enter(self) -> None:
        self._before = [(variable, variable.get()) for variable, _ in self.values]
        for variable, value in self.values:
            variable.set(value)

    def leave(self) -> None:
        for variable, value in reversed(self._before):
            variable.set(value)
        self._before = []


def _parameterize(k: Any, *operands: Any) -> State:
    *pairs, thunk = operands
    return within(_Parameterized(k, converted(tuple(zip(pairs[::2], pairs[1::2], strict=True)))), thunk)


def _apply(k: Any, procedure: Value, first: Value, *rest: Value) -> State:
    *arguments, last = first, *rest
    return call(k, procedure, *arguments, *elements("apply", len(rest) + 2, last))


def _call_with_values(k: Any, producer: Value, consumer: Value) -> State:
    callee("call-with-values", 2, consumer)

    def consume(produced: Value) -> State:
        values = produced if type(produced) is MultipleValues else (produced,)
        return call(k, consumer, *values)

    return call(consume, callee("call-with-values", 1, producer))


def _member(k: Any, key: Value, items: Value, same: Value = ABSENT) -> State:
    if same is ABSENT:
        return k, association.member(key, items)
    callee("member", 3, same)

    def search(rest: Value) -> State:
        rest = special_forms.as_list(rest)
        if rest is NIL:
            return k, False
        if type(rest) is not Pair:
            raise wrong_type("member", 2, "a list", items)
        return call(lambda found: search(rest.cdr) if found is False else (k, rest), same, key, rest.car)

    return search(items)


def _assoc(k: Any, key: Value, entries: Value, same: Value = ABSENT) -> State:
    if same is ABSENT:
        return k, association.assoc(key, entries)
    callee("assoc", 3, same)

    def search(rest: Value) -> State:
        rest = special_forms.as_list(rest)
        if rest is NIL:
            return k, False
        entry = special_forms.as_list(rest.car) if type(rest) is Pair else None
        if type(entry) is not Pair:
            raise wrong_type("assoc", 2, "a list of pairs", entries)
        return call(lambda found: search(rest.cdr) if found is False else (k, rest.car), same, key, entry.car)

    return search(entries)


def _hash_table_ref(k: Any, table: Value, key: Value, fail: Value = ABSENT, succeed: Value = ABSENT) -> State:
    value = tables.find("hash-table-ref", table, key)
    if value is not ABSENT:
        return (k, value) if succeed is ABSENT else call(k, callee("hash-table-ref", 4, succeed), value)
    if fail is ABSENT or fail is False:
        return k, tables.hash_table_ref(table, key)
    return call(k, callee("hash-table-ref", 3, fail))


def call_cc(k: Any, procedure: Value) -> State:
    """`call/cc` as a step."""
    return call_with_current_continuation(k, callee("call/cc", 1, procedure))


_ENTRIES = (
    (association.assoc, _assoc),
    (association.member, _member),
    (conditions.with_exception_handler, _with_exception_handler),
    (conditions.raise_, _raise),
    (conditions.raise_continuable, _raise_continuable),
    (conditions.error, _error),
    (conditions.signal, _signal),
    (conditions.handler_bind, _handler_bind),
    (restarts.restart_bind, _restart_bind),
    (restarts.restart_case, _restart_case),
    (restarts.invoke_restart, _invoke_restart),
    (continuations.call_with_current_continuation, call_cc),
    (control.call_with_values, _call_with_values),
    (control.dynamic_wind, _dynamic_wind),
    (higher_order.apply, _apply),
    (special_forms.parameterize, _parameterize),
    (tables.hash_table_ref, _hash_table_ref),
)
for _procedure, _entry in _ENTRIES:
    reentrant(_entry)(_procedure)
