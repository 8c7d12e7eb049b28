"""The accelerator: each of its functions does what the Python function of its name does, and nothing is lost by it."""

from __future__ import annotations

import copy
import gc
import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from omega_runtime.acceleration import IS_ACCELERATED
from omega_runtime.lib.registry import PRIMITIVES, load
from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import NIL, Pair, list_from
from omega_runtime.values.printing import write_text
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.tables import EqvHashTable, HashTable
from omega_runtime.values.vectors import Vector

load()
needs_accelerator = pytest.mark.skipif(not IS_ACCELERATED, reason="the accelerator isn't built")


def _accelerated() -> dict[str, Any]:
    found = [each.function for each in PRIMITIVES.values()]
    for module in ("values.pairs", "values.equality", "lib.arguments", "lib.counting", "lib.special_forms"):
        found += vars(import_module(f"omega_runtime.{module}")).values()
    kind = type(PRIMITIVES["car"].function)
    if not IS_ACCELERATED:
        return {}
    return {f"{each.__module__}.{each.__name__}": each for each in found if type(each) is kind}


ACCELERATED = _accelerated()


class Text(str):
    __slots__ = ()


class Count(int):
    __slots__ = ()


class Twin(Pair):
    __slots__ = ()
    __eq__, __hash__, __repr__ = object.__eq__, object.__hash__, lambda _: "twin"


class Row(Vector):
    __slots__ = ()


class Table(HashTable):
    def stored(self, key: Any) -> Any:
        return super().stored(str(key))


class Posing:
    """Says that it is a list."""

    __class__ = list  # type: ignore[assignment]

    def __len__(self) -> int:
        return 0


class Unequal:
    """Can't be compared."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("not to be compared")

    def __hash__(self) -> int:
        return hash("a")

    def __repr__(self) -> str:
        return "unequal"


def _broken(*_: Any) -> Pair:
    pair = Pair(1, NIL)
    del pair.car
    return pair


def _endless(*items: Any) -> Pair:
    last = Pair(0, NIL)
    last.cdr = list_from(items, last)
    return last


def _table_maker(kind: Any) -> Any:
    return lambda *items: kind(dict(zip(items, items, strict=True)))


# Values are made anew from recipes, (class, parts…), so that both functions get their own.
ATOMS: list[Any] = [
    *(0, 1, 2, 3, -1, 255, 2**30, 2**62, 2**63 - 1, 2**63, -(2**63), 10**30, Count(1), True, False, None),
    *(0.0, -0.0, 1.0, 2.5, -3.0, 1e308, float("inf"), float("nan")),
    *("", "a", "ab", "é", "日本", "\ud800", "a\0b", "x" * 300, Text("a"), b"a"),
    *(Char("a"), Char("b"), Char("日"), Char("\ud800"), Symbol("a"), Symbol("b"), Symbol.uninterned("a"), NIL, len),
]
atoms = st.sampled_from([(lambda value: value, each) for each in ATOMS])
MAKERS: list[Any] = [
    *(Pair, Twin, _broken, _endless),
    *(lambda *items: list_from(items), lambda *items: list_from(items, 5)),
    *(lambda *items: list(items), lambda *items: tuple(items)),
    *(lambda *items: Vector(items), lambda *items: Row(items)),
    *(_table_maker(kind) for kind in (HashTable, EqvHashTable, Table)),
    *(lambda *_: {"a": 1}, lambda *_: Posing(), lambda *_: Unequal(), lambda *_: HashTable({Unequal(): 1})),
]


def _made_of(parts: Any) -> Any:
    several = st.lists(parts, max_size=4).map(tuple)
    made = st.sampled_from(MAKERS[2:]).flatmap(lambda make: several.map(lambda items: (make, *items)))
    return st.one_of(made, st.tuples(st.sampled_from(MAKERS[:2]), parts, parts))


recipes = st.recursive(atoms, _made_of, max_leaves=8)


def _make(recipe: Any) -> Any:
    maker, *parts = recipe
    if parts and not isinstance(parts[0], tuple):
        return maker(*parts)
    return maker(*[_make(part) for part in parts])


def _text(value: Any) -> str:
    kind = type(value).__name__
    try:
        return f"{kind} {value!r}" if isinstance(value, float) else f"{kind} {write_text(value)}"
    except Exception as error:  # such as of a pair without a car
        return f"{kind} {type(error).__name__}: {error}"


def _said_by(error: Exception) -> str:
    try:
        return str(error)
    except AttributeError as second:  # about a pair without a car
        return str(second)


def _is_endless(recipe: Any) -> bool:
    return isinstance(recipe, tuple) and (recipe[0] is _endless or any(map(_is_endless, recipe)))


def _is_large(value: Any) -> bool:
    return type(value) is int and value > 1000


def _outcome(function: Any, recipe: Any, names: tuple[str, ...]) -> Any:
    """What a call gives, or its error; which argument that is; and the arguments after it."""
    try:
        arguments = [_make(each) for each in recipe]
    except Exception:  # such as of a key that can't be one
        return None
    plain = len(arguments) - len(names)
    result: Any = None
    try:
        result = function(*arguments[:plain], **dict(zip(names, arguments[plain:], strict=True)))
        said = _text(result)
    except Exception as error:
        said = f"{type(error).__name__}: {_said_by(error)}"
    return said.split(" at 0x")[0], [result is each for each in arguments], list(map(_text, arguments))


@needs_accelerator
@pytest.mark.parametrize("name", sorted(ACCELERATED))
@settings(max_examples=25)
@given(st.data())
def test_it_does_what_python_does(name: str, data: st.DataObject) -> None:
    fast = ACCELERATED[name]
    count = fast.__code__.co_argcount
    recipe = data.draw(st.one_of(st.lists(recipes, min_size=count, max_size=count), st.lists(recipes, max_size=4)))
    # What takes for ever, or all memory, isn't compared.
    is_endless, is_large = any(map(_is_endless, recipe)), any(_is_large(each[-1]) for each in recipe)
    goes_on_and_on = is_large or ".association." in name or name.endswith("list_copy")
    assume(not (is_endless and goes_on_and_on) and not (is_large and "iota" in name))
    python = fast.__wrapped__
    assert _outcome(fast, recipe, ()) == _outcome(python, recipe, ())
    names = fast.__code__.co_varnames[:count]
    if len(recipe) == count:
        assert _outcome(fast, recipe, names[-1:]) == _outcome(python, recipe, names[-1:])


LIST, TEXTS = list_from([1, 2, 3, 4, 5]), list_from(["a", "b"])
ENTRIES = list_from([Pair("a", 1), Pair(Symbol("b"), 2)])
DEEP: Any = Pair(Pair(Pair(Pair(1, 2), Pair(3, 4)), Pair(5, Pair(6, 7))), list_from([LIST, LIST, LIST, LIST]))
USUAL: dict[str, list[tuple[Any, ...]]] = {
    "one list": [(LIST,), (TEXTS,), (DEEP,), ("map", 2, LIST), ("map", 2, [1, 2]), (Vector([1, 2]),)],
    "lists": [(LIST, TEXTS), (TEXTS, LIST, TEXTS)],
    "index": [(LIST, 2), (Vector([1, 2, 3]), 1), ("abc", 1), ("abc", 0, 2)],
    "search": [("b", TEXTS), ("a", ENTRIES), (Symbol("b"), ENTRIES), (9, LIST)],
    "change": [(Pair(1, 2), 3), (Vector([1, 2, 3]), 1, 4), (HashTable({"a": 1}), "a", 1000)],
    "table": [(HashTable({"a": 1}), "a"), (HashTable({"a": 1}), "b", 3)],
    "numbers": [(7,), (7, 2), (7.5, 2.5), (1000,)],
    "counts": [(0, 10), (0, 10, 5), (30, 10, -5), (3, 4, 1)],
    "text": [("ab", "cd"), ("ab",), (Char("a"),), (Char("a"), Char("b")), (list_from([Char("a"), Char("日")]),)],
    "more text": [("日b",), ([Char("a"), Char("日")],), ("a b",), ("a b", " "), ("a b", Char(" ")), ("a b", "")],
    "atoms": [(None,), (Symbol("a"),), (NIL,), (True, True), ([1, 2],), ((1, 2), NIL)],
}


@pytest.fixture
def small_heap() -> Iterator[None]:
    """Collections look at nothing that is there already, which is much when many tests ran before."""
    gc.freeze()
    yield
    gc.unfreeze()


@needs_accelerator
@pytest.mark.usefixtures("small_heap")
@pytest.mark.parametrize("name", sorted(ACCELERATED))
def test_nothing_is_leaked(name: str) -> None:
    fast = ACCELERATED[name]

    def repeat(times: int) -> None:
        for arguments in [each for some in USUAL.values() for each in some]:
            try:
                for _ in range(times):
                    fast(*arguments)
            except Exception:  # what the function doesn't take
                continue

    def grown() -> tuple[int, int]:
        """What 500 rounds leave behind: memory blocks, and references to the atom that gained most."""
        gc.collect()
        held, before = [sys.getrefcount(each) for each in ATOMS], sys.getallocatedblocks()
        repeat(500)
        gc.collect()
        blocks = sys.getallocatedblocks() - before
        return blocks, max(abs(now - then) for now, then in zip(map(sys.getrefcount, ATOMS), held, strict=True))

    repeat(50)
    rounds = [grown() for _ in range(3)]  # a leak is there each time, what other threads leave behind is not
    assert min(blocks for blocks, _ in rounds) < 200
    assert min(references for _, references in rounds) < 100


@needs_accelerator
def test_to_everybody_who_asks_it_is_the_python_function() -> None:
    car = ACCELERATED["omega_runtime.lib.lists.car"]
    python = car.__wrapped__
    for name in ("__name__", "__qualname__", "__module__", "__doc__", "__code__", "__defaults__", "__globals__"):
        assert getattr(car, name) is getattr(python, name)
    assert vars(car) is vars(python)
    assert inspect.signature(car) == inspect.signature(python)
    assert inspect.getsource(car) == inspect.getsource(python)
    assert repr(car) == repr(python)
    assert write_text(car) == write_text(python) == "#<procedure car>"
    assert (type(car).__module__, type(car).__name__) == (type(python).__module__, type(python).__name__)
    assert copy.deepcopy(car) is copy.copy(car) is pickle.loads(pickle.dumps(car)) is car
    assert type("Holder", (), {"first": car})().first is not car  # bound, as functions are
    with pytest.raises(TypeError, match="cannot create"):
        type(car)()


@needs_accelerator
def test_code_run_by_a_collection_may_change_the_list_that_is_copied() -> None:
    """Finalizers run while pairs are made, on Python 3.11."""

    class Cutting:
        def __del__(self) -> None:
            shared.cdr = NIL

    append, reverse = ACCELERATED["omega_runtime.lib.lists.append"], ACCELERATED["omega_runtime.lib.lists.reverse"]
    for copied in (lambda items: append(items, NIL), reverse, ACCELERATED["omega_runtime.values.pairs.unlist"]):
        for size in (2, 10, 1000, 5000):
            shared = list_from(list(range(size)))
            cycle = [Cutting()]
            cycle.append(cycle)  # type: ignore[arg-type]
            del cycle
            copied(shared)
            gc.collect()


PAIRS = """
import pickle, copy, sys
from omega_runtime.values.pairs import NIL, Pair
class Sub(Pair): pass
class Slotted(Pair):
    __slots__ = ("more",)
def attempt(function):
    try:
        print(repr(function()))
    except Exception as error:
        print(type(error).__name__, error)
def deleted():
    pair = Pair(1, 2)
    del pair.car
    return pair.car
def assigned():
    pair = Pair(1, 2)
    pair.more = 1
sub, slotted = Sub(1, NIL), Slotted(1, NIL)
sub.more = slotted.more = 5
for function in (
    lambda: Pair(), lambda: Pair(1), lambda: Pair(1, 2, 3), lambda: Pair(1, c=2), lambda: Pair(cdr=1, car=2),
    lambda: Pair(*(1, 2)), lambda: Pair(1, cdr=2), deleted, assigned, lambda: Pair.__new__(Pair).car,
    lambda: Pair.__new__(Pair, 1, 2, 3).cdr, lambda: (sub, type(sub), sub.more, slotted.more, slotted == Pair(1, NIL)),
    lambda: [pickle.loads(pickle.dumps(Pair(1, Pair(2, NIL)), n)) for n in range(2, 6)],
    lambda: pickle.dumps(Pair(1, 2), 0), lambda: pickle.dumps(Pair(1, 2), 1),
    lambda: pickle.loads(pickle.dumps(sub)).more,
    lambda: copy.copy(Pair(1, 2)), lambda: copy.deepcopy(Pair(Pair(1, 2), NIL)), lambda: Pair(1, 2) < Pair(1, 3),
    lambda: Pair(1, NIL) == [1], lambda: Pair(1, NIL) != (1,), lambda: hash(Pair(1, NIL)) == hash(Pair(1, NIL)),
    lambda: list(Pair(1, [2])), lambda: len(Pair(1, 2)), lambda: Pair(1, NIL)[-1], lambda: list(reversed(Pair(1, [2]))),
    lambda: (Pair.__name__, Pair.__qualname__, Pair.__module__, Pair.__slots__, Pair.__doc__),
    lambda: bool(Pair(0, NIL)),
    lambda: sys.getsizeof(Pair(1, 2)), lambda: Pair(1, 2).__dict__, lambda: isinstance(sub, Pair),
    lambda: vars(Pair)["car"].__get__(Pair(1, 2)), lambda: Pair(1, 2)(3), lambda: [Pair(1, 2)].index(Pair(1, 2)),
    lambda: sorted(name for name in vars(Pair) if name != "__slotnames__"),
):
    attempt(function)
"""


@needs_accelerator
def test_pairs_are_those_of_python() -> None:
    def said(pure: str) -> str:
        environment = {**os.environ, "OMEGAC_PURE": pure}
        return subprocess.run([sys.executable, "-c", PAIRS], env=environment, capture_output=True, text=True).stdout

    assert said("") == said("1") != ""


def test_a_million_pairs_take_48_bytes_each_and_are_freed_without_recursion() -> None:
    import tracemalloc

    tracemalloc.start()
    try:
        along_cdr: Any = NIL
        for _ in range(1_000_000):
            along_cdr = Pair(None, along_cdr)
        assert tracemalloc.get_traced_memory()[0] < 64e6
        del along_cdr
        along_car: Any = NIL
        for _ in range(300_000):
            along_car = Pair(along_car, NIL)
        del along_car
        assert tracemalloc.get_traced_memory()[0] < 1e6
    finally:
        tracemalloc.stop()


def test_circles_of_pairs_are_collected() -> None:
    freed = []

    class Watched:
        def __del__(self) -> None:
            freed.append(True)

    pair = Pair(Watched(), NIL)
    pair.cdr = Pair(1, pair)
    del pair
    gc.collect()
    assert freed == [True]
