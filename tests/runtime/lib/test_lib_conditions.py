"""Raising, handlers, guards and exit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.lib import conditions as c
from omega_runtime.lib.lists import car
from omega_runtime.values.errors import ArgumentError, OmegaError, Raised
from omega_runtime.values.pairs import make_list
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Symbol


def guard(body: Callable[[], Any], clause: Callable[[Any], Any]) -> Any:
    """What `(guard (e clause) body)` compiles to."""
    token = c.enter_guard()
    try:
        return body()
    except Exception as error:
        caught = error
    finally:
        c.leave_guard(token)
    return clause(condition(caught))


def guard_that_declines(body: Callable[[], Any]) -> Any:
    token = c.enter_guard()
    try:
        return body()
    finally:
        c.leave_guard(token)


@contextmanager
def error_of(kind: type[Exception] = OmegaError) -> Any:
    with pytest.raises(kind) as caught:
        yield caught


def test_error_raises_an_error_object() -> None:
    with error_of() as caught:
        c.error("Budget exceeded", 1, "a")
    assert str(caught.value) == 'Budget exceeded 1 "a"'


def test_a_message_that_is_no_string_shows_in_write_form() -> None:
    with error_of() as caught:
        c.error(Symbol("f"), "went wrong", 1)
    assert str(caught.value) == 'f "went wrong" 1'


def test_raise_takes_any_object() -> None:
    with error_of(Raised) as caught:
        c.raise_(Symbol("oops"))
    assert caught.value.payload is Symbol("oops")
    error = ValueError("x")
    with error_of(ValueError) as same:
        c.raise_(error)
    assert same.value is error


def test_a_handler_is_called_where_the_error_is() -> None:
    steps: list[str] = []

    def thunk() -> Any:
        steps.append("before")
        value = c.raise_continuable(5)
        steps.append("after")
        return value + 1

    def handler(value: Any) -> Any:
        steps.append("handler")
        return value * 10

    assert c.with_exception_handler(handler, thunk) == 51
    assert steps == ["before", "handler", "after"]


@pytest.mark.parametrize("fail", [lambda: c.raise_(7), lambda: c.error("x"), lambda: car(5), lambda: {}["x"]])
def test_a_handler_must_not_return_from_an_error(fail: Callable[[], Any]) -> None:
    seen: list[Any] = []
    with error_of() as caught:
        c.with_exception_handler(seen.append, fail)
    assert len(seen) == 1
    assert caught.value.message.startswith("the handler returned")
    assert caught.value.irritants == (seen[0],)


def test_the_second_error_goes_to_the_next_handler_out() -> None:
    outer: list[Any] = []
    with error_of():
        c.with_exception_handler(outer.append, lambda: c.with_exception_handler(lambda e: 1, lambda: c.raise_(7)))
    assert [write_text(each) for each in outer] == [
        "#<error the handler returned from an error that cannot be continued: 7>"
    ]


def test_a_handler_runs_under_the_handlers_outside_of_it() -> None:
    def inner(value: Any) -> Any:
        return c.raise_continuable(make_list("inner", value))

    result = c.with_exception_handler(
        lambda value: make_list("outer", value),
        lambda: c.with_exception_handler(inner, lambda: c.raise_continuable(1)),
    )
    assert write_text(result) == '("outer" ("inner" 1))'


def test_an_error_in_a_handler_is_not_offered_to_it_again() -> None:
    calls: list[Any] = []

    def handler(value: Any) -> Any:
        calls.append(value)
        raise KeyError("from the handler")

    for fail in (lambda: c.raise_(1), lambda: car(5)):
        calls.clear()
        with error_of(KeyError):
            c.with_exception_handler(handler, fail)
        assert len(calls) == 1


def test_an_error_raised_again_by_a_handler_reaches_the_outer_one_once() -> None:
    outer: list[Any] = []

    def collect(value: Any) -> Any:
        outer.append(value)
        raise StopIteration

    with error_of(StopIteration):
        c.with_exception_handler(collect, lambda: c.with_exception_handler(c.raise_, lambda: c.raise_(1)))
    assert outer == [1]


def test_an_error_in_an_inner_handler_goes_to_the_outer_one() -> None:
    seen: list[Any] = []

    def outer(value: Any) -> Any:
        seen.append(value)
        raise StopIteration

    def thunk() -> Any:
        return c.with_exception_handler(lambda e: car(5), lambda: c.raise_(1))

    with error_of(StopIteration):
        c.with_exception_handler(outer, thunk)
    assert [str(each) for each in seen] == ["car: argument 1 must be a pair, but got 5"]


def test_handlers_are_gone_afterwards() -> None:
    seen: list[Any] = []
    assert c.with_exception_handler(seen.append, lambda: 5) == 5
    with error_of(Raised):
        c.raise_(1)
    assert seen == []


@pytest.mark.parametrize("fail", [lambda: c.raise_(1), lambda: car(5), lambda: c.raise_continuable(1)])
def test_a_guard_inside_a_handler_comes_first(fail: Callable[[], Any]) -> None:
    seen: list[Any] = []
    result = c.with_exception_handler(seen.append, lambda: guard(fail, lambda e: "guarded"))
    assert result == "guarded"
    assert seen == []


def test_a_handler_inside_a_guard_comes_first() -> None:
    result = guard(
        lambda: c.with_exception_handler(lambda e: 10, lambda: c.raise_continuable(1) + 1),
        lambda e: "guarded",
    )
    assert result == 11


def test_a_guard_sees_what_a_handler_raises() -> None:
    result = guard(
        lambda: c.with_exception_handler(lambda e: c.raise_(make_list("wrapped", e)), lambda: c.raise_(1)),
        str,
    )
    assert result == "(wrapped 1)"


@pytest.mark.parametrize("fail", [lambda: c.raise_(1), lambda: car(5)])
def test_what_a_guard_declines_goes_to_the_handler_outside(fail: Callable[[], Any]) -> None:
    seen: list[Any] = []

    def handler(value: Any) -> Any:
        seen.append(value)
        raise StopIteration

    with error_of(StopIteration):
        c.with_exception_handler(handler, lambda: guard_that_declines(fail))
    assert len(seen) == 1


def test_exits_are_not_errors() -> None:
    seen: list[Any] = []
    with pytest.raises(SystemExit):
        c.with_exception_handler(seen.append, lambda: c.exit_(3))
    assert seen == []


@pytest.mark.parametrize(("arguments", "status"), [([], 0), ([True], 0), ([False], 1), ([3], 3), ([0], 0)])
def test_exit_status(arguments: list[Any], status: int) -> None:
    with pytest.raises(SystemExit) as caught:
        c.exit_(*arguments)
    assert caught.value.code == status


@pytest.mark.parametrize(
    ("error", "message", "irritants", "report"),
    [
        (OmegaError("m", 1, "a"), "m", '(1 "a")', 'm 1 "a"'),
        (ValueError("bad"), "bad", "()", "bad"),
    ],
)
def test_the_parts_of_an_error_object(error: Exception, message: str, irritants: str, report: str) -> None:
    assert c.is_error(error) is True
    assert c.error_object_message(error) == message
    assert write_text(c.error_object_irritants(error)) == irritants
    assert c.condition_report_string(error) == report


@pytest.mark.parametrize(
    ("predicate", "value", "expected"),
    [
        (c.is_error, "text", False),
        (c.is_error, 5, False),
        (c.is_file_error, FileNotFoundError(), True),
        (c.is_file_error, ValueError(), False),
        (c.is_read_error, SyntaxError(), True),
        (c.is_read_error, OmegaError("x"), False),
    ],
)
def test_kinds_of_errors(predicate: Callable[[Any], bool], value: Any, expected: bool) -> None:
    assert predicate(value) is expected


def test_assert() -> None:
    c.assert_(0)  # noqa: PT009
    with error_of() as caught:
        c.assert_(False, "too small:", 1)  # noqa: PT009
    assert str(caught.value) == "too small: 1"


def test_a_handler_is_a_procedure() -> None:
    with error_of(ArgumentError):
        c.with_exception_handler(5, lambda: 1)
