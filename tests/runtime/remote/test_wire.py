"""Values on their way to another process and back: what comes out is what went in, of any size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omega_runtime import BudgetExceeded
from omega_runtime.places import Site
from omega_runtime.remote import kinds  # noqa: F401 (what values are made of)
from omega_runtime.remote.code import Home
from omega_runtime.remote.wire import CannotTravel, decoded, encoded
from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError, Raised
from omega_runtime.values.multiple import make_values
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.ports import EOF, OutputPort
from omega_runtime.values.printing import shared_text, write_text
from omega_runtime.values.promises import make_delayed, make_promise
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.tables import EqvHashTable, HashTable
from omega_runtime.values.tagged import Tagged
from omega_runtime.values.vectors import Vector


def sent(value: Any) -> Any:
    return decoded(encoded(value, Home()), Home())


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, 2**64, 1.5, 2.0, -0.0, float("inf"), "", "ä\ud800\0", Symbol("a b"),
        Keyword("key"), Char("λ"), NIL, EOF, Bytevector(b"\0\xff"), b"bytes", list_from([1, Pair(2, 3)]),
        Vector([1, Vector()]), [1, [2]], (1, (2, (3,))), frozenset({"read"}), make_values(1, 2), Tagged("tag", NIL),
        HashTable([(list_from([1]), Vector([2])), (True, 1), (1, True), (float("nan"), 0)]), {"a": [1]},
        Decimal("1.50"), datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo("Europe/Berlin")),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_values_come_out_as_they_went_in(value: Any) -> None:
    again = sent(value)
    assert type(again) is type(value)
    assert write_text(again) == write_text(value)


_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.builds(Symbol, st.text()),
    lambda parts: st.builds(Pair, parts, parts) | st.builds(Vector, st.lists(parts)) | st.lists(parts).map(list_from),
)


@given(_DATA)
def test_any_datum_comes_out_as_it_went_in(datum: Any) -> None:
    assert write_text(sent(datum)) == write_text(datum)


def test_integers_of_any_size_travel() -> None:
    assert sent(-(10**5000)) == -(10**5000)


def test_nothing_is_too_long_or_too_deep() -> None:
    deep: Any = NIL
    for _ in range(20_000):
        deep = Pair(Vector([deep]), NIL)
    again = sent(deep)
    for _ in range(20_000):
        again = again.car[0]
    assert again is NIL
    assert list(sent(list_from(range(20_000)))) == list(range(20_000))


def test_what_is_shared_stays_shared_and_cycles_close() -> None:
    part = list_from([1])
    circle = Pair(part, Vector([part]))
    circle.cdr.append(circle)
    assert shared_text(sent(circle)) == shared_text(circle)
    table = EqvHashTable([(part, "by identity")])
    key, again = sent(list_from([part, table]))
    assert again.get(key) == "by identity"
    assert again.get(list_from([1])) is None


def test_names_that_nobody_else_has_stay_so() -> None:
    own = Symbol.uninterned("x")
    one, two = sent((own, own))
    assert one is two
    assert one is not Symbol("x")


def test_errors_keep_what_they_say_and_where() -> None:
    error = OmegaError("it is gone", 1, Symbol("a"))
    error.raised_at = "there.omega:1:2"
    again = sent(error)
    assert (type(again), str(again)) == (OmegaError, "it is gone 1 a (there.omega:1:2)")
    assert sent(Raised(list_from([1]))).payload == list_from([1])
    assert str(sent(ZeroDivisionError("division by zero"))) == "division by zero"
    refusal = BudgetExceeded(Site("a.omega", 1, 2, "infer.op", "f", 1), 10, Decimal("0.5"), "team")
    refusal.limit, refusal.partial = 5, ("one",)
    again = sent(refusal)
    assert (again.args, again.needed, again.available) == (refusal.args, 10, Decimal("0.5"))
    assert (again.account, again.limit, again.partial, str(again.site)) == ("team", 5, ("one",), "a.omega:1:2")


def test_promises_travel_once_they_are_kept() -> None:
    assert sent(make_promise(3)).value == 3
    with pytest.raises(CannotTravel, match="not been forced yet"):
        sent(make_delayed(lambda: 3))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (OutputPort, "#<output-port> cannot travel"),
        (lambda: list_from([1, OutputPort()]), "#<output-port> cannot travel"),
        (lambda: lambda: 1, "cannot travel; define it at the top level of a module"),
        (object, "cannot travel"),
    ],
)
def test_what_means_nothing_elsewhere_is_refused(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(CannotTravel, match=says):
        sent(make())
