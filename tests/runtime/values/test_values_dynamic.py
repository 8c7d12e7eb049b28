"""Promises, parameters, multiple values, records and ports."""

from __future__ import annotations

import contextvars
import io
import threading
from typing import Any

import pytest
from omega_runtime.values.errors import ArgumentError, OmegaError
from omega_runtime.values.multiple import MultipleValues, make_values
from omega_runtime.values.parameters import Parameter, parameterize
from omega_runtime.values.ports import InputPort, OutputPort, console_input, console_output
from omega_runtime.values.promises import Promise, force, is_promise, make_delayed, make_lazy, make_promise
from omega_runtime.values.records import Record


def test_a_promise_is_computed_once() -> None:
    calls: list[int] = []
    promise = make_delayed(lambda: calls.append(1) or len(calls))
    assert not promise.done
    with pytest.raises(OmegaError):
        _ = promise.value
    assert force(promise) == force(promise) == 1
    assert promise.done
    assert promise.value == 1


def test_delay_force_runs_in_constant_space() -> None:
    def loop(n: int) -> Promise:
        return make_lazy(lambda: make_promise("end") if n == 0 else loop(n - 1))

    assert force(loop(100_000)) == "end"


def test_the_first_value_of_a_promise_that_forces_itself_stays() -> None:
    count = 0

    def thunk() -> Any:
        nonlocal count
        count += 1
        return count if count > 5 else force(promise)

    promise = make_delayed(thunk)
    assert force(promise) == 6
    assert force(promise) == 6


def test_a_failed_promise_can_be_forced_again() -> None:
    results = iter([ZeroDivisionError(), 7])

    def thunk() -> Any:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    promise = make_delayed(thunk)
    with pytest.raises(ZeroDivisionError):
        force(promise)
    assert force(promise) == 7


def test_a_delayed_promise_is_a_value() -> None:
    inner = make_promise(1)
    assert force(make_delayed(lambda: inner)) is inner
    assert force(make_lazy(lambda: inner)) == 1
    assert force(make_lazy(lambda: 5)) == 5


def test_what_is_no_promise_is_its_own_value() -> None:
    assert force(5) == 5
    assert not is_promise(5)
    promise = make_promise(5)
    assert is_promise(promise)
    assert make_promise(promise) is promise


def test_parameters_convert_and_restore() -> None:
    radix = Parameter("10", int)
    assert radix() == 10
    assert parameterize(((radix, "2"),), radix) == 2
    assert radix() == 10
    with pytest.raises(KeyError):
        parameterize(((radix, "2"),), lambda: {}["x"])
    assert radix() == 10


def test_all_values_are_converted_before_any_is_installed() -> None:
    first = Parameter(1)
    second = Parameter(0, lambda value: value + first())
    assert parameterize(((first, 10), (second, 5)), second) == 6
    with pytest.raises(TypeError):
        parameterize(((first, 10), (second, "x")), second)
    assert first() == 1


def test_only_parameters_can_be_parameterized() -> None:
    with pytest.raises(ArgumentError, match="must be a parameter, but got 5"):
        parameterize(((5, 1),), lambda: 1)  # type: ignore[arg-type]


def test_a_parameter_belongs_to_its_context() -> None:
    place = Parameter("outside")
    seen: list[Any] = []

    def inside() -> None:
        threads = [
            threading.Thread(target=lambda: seen.append(place())),
            threading.Thread(target=contextvars.copy_context().run, args=(lambda: seen.append(place()),)),
        ]
        for thread in threads:
            thread.start()
            thread.join()

    parameterize(((place, "inside"),), inside)
    assert seen == ["outside", "inside"]


def test_one_value_is_itself() -> None:
    assert make_values(1) == 1
    assert make_values(1, 2) == (1, 2)
    assert type(make_values()) is MultipleValues


def test_a_record_is_equal_to_itself_only() -> None:
    class Box(Record):
        __slots__ = ("content",)
        __omega_name__ = "box"
        __omega_fields__ = ("content",)

    one, other = Box(), Box()
    assert one == one
    assert one != other
    assert len({one, other}) == 2
    assert one.omega_fields() == [("content", None)]
    assert repr(one) == "#<box content: #<unspecified>>"


def test_string_ports() -> None:
    out = OutputPort()
    out.write("a")
    assert out.text() == "a"
    out.write("b")
    assert out.text() == "ab"


def test_the_console_is_looked_up_at_each_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, source = console_output(), console_input()
    out.write("x")
    out.flush()
    assert out.text() is None
    assert capsys.readouterr().out == "x"
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo"))
    assert not source.is_ready()
    assert source.peek() == "o"
    assert source.is_ready()
    assert source.read(6) == "one\ntw"
    assert source.read_line() == "o"
    assert source.read_line() is None
    assert source.peek() == source.read(1) == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", []), ("a", ["a"]), ("a\nb", ["a", "b"]), ("\n\n", ["", ""]), ("a\r\nb\rc", ["a", "b", "c"])],
)
def test_reading_lines(text: str, lines: list[str]) -> None:
    port = InputPort(text)
    assert list(iter(port.read_line, None)) == lines
