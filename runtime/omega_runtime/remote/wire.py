"""Values as bytes, for another process that is to get the same ones. Nothing here recurses.

A text of JSON: the list of all parts, the whole one first; an atom as it is, everything else as
`[tag, payload, numbers of its parts]`. So what is shared stays shared, and cycles close.
"""

from __future__ import annotations

import json

from omega_runtime.values.errors import OmegaError
from omega_runtime.values.printing import short_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from omega_runtime.values import Value

    Described = tuple[str, Any, Sequence[Any]]

# Larger integers are no atoms, as Python bounds the digits that it reads.
_PLAIN_BITS = 10_000
_ATOMS = frozenset({str, float, bool, type(None)})


class CannotTravel(OmegaError):
    """A value has no meaning in another process."""


class Kind:
    """How values of a kind are made again.

    `make(home, payload, parts)` gives one; `needs` says how many of its parts, at least, must be there by then (all,
    for None). `fill(made, payload, parts)` puts in the others, once everything is made; with `is_last`, when that too
    is done, as keys of tables are looked at when they are stored.
    """

    __slots__ = ("fill", "is_last", "make", "needs")

    def __init__(
        self,
        make: Callable[[Any, Any, list[Any]], Any],
        fill: Callable[[Any, Any, list[Any]], None] | None = None,
        needs: Callable[[Any], int] | int | None = 0,
        is_last: bool = False,
    ) -> None:
        self.make = make
        self.fill = fill
        self.needs = needs
        self.is_last = is_last


KINDS: dict[str, Kind] = {}
"""The kinds by their tags."""

DESCRIBERS: dict[type, Callable[[Encoder, Any], Described]] = {}
"""What describes values of exactly this type: their tag, their payload and their parts."""

GENERAL: list[tuple[Callable[[Any], bool], Callable[[Encoder, Any], Described]]] = []
"""The same for all others, by the first test that holds."""


class Encoder:
    """One value on its way into bytes; `home` knows the code and the classes of this process."""

    def __init__(self, home: Any) -> None:
        self.home = home
        self._nodes: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._values: list[Value] = []  # all are kept, so that each has an id of its own
        self._names: dict[int, str] = {}
        # What those that describe parts note about this value.
        self.notes: dict[Any, Any] = {}

    def encode(self, value: Value) -> bytes:
        """The bytes. Raises CannotTravel."""
        self.number(value)
        done = 0
        while done < len(self._values):
            self._nodes[done] = self._node(self._values[done])
            done += 1
        return json.dumps(self._nodes, separators=(",", ":")).encode()

    def number(self, value: Value, name: str | None = None) -> int:
        """The number of a part, which is described in its turn; `name` is that of the variable that has it."""
        found = self._numbers.get(id(value))
        if found is None:
            found = self._numbers[id(value)] = len(self._values)
            self._values.append(value)
            self._nodes.append(None)
            if name is not None:
                self._names[found] = name
        return found

    def _node(self, value: Value) -> Any:
        kind = type(value)
        if kind in _ATOMS or (kind is int and value.bit_length() < _PLAIN_BITS):
            return value
        describe = DESCRIBERS.get(kind)
        if describe is None:
            describe = next((each for test, each in GENERAL if test(value)), self._refuse)
        tag, payload, parts = describe(self, value)
        return [tag, payload, parts if type(parts) is Numbers else [self.number(each) for each in parts]]

    def _refuse(self, _: Encoder, value: Value) -> Described:
        name = self._names.get(self._numbers[id(value)])
        what = short_text(value) if name is None else f"{name}, which is {short_text(value)},"
        raise CannotTravel(f"{what} cannot travel to another process")


class Numbers(list[int]):
    """Numbers of parts that were given already, and may still become more."""

    __slots__ = ()


def encoded(value: Value, home: Any) -> bytes:
    """The bytes for a value. Raises CannotTravel for one that has a part without a meaning elsewhere."""
    return Encoder(home).encode(value)


def decoded(data: bytes, home: Any) -> Value:
    """The value of bytes. Raises OmegaError for what is not there in this process, or another version of it."""
    nodes = json.loads(data)
    made: list[Any] = [None] * len(nodes)
    is_made = [type(node) is not list for node in nodes]
    for number, node in enumerate(nodes):
        if is_made[number]:
            made[number] = node
    for number in range(len(nodes)):
        _make(number, nodes, made, is_made, home)
    for is_last in (False, True):
        # Those inside stand behind those around.
        for number in range(len(nodes) - 1, -1, -1):
            node = nodes[number]
            if type(node) is list:
                kind = KINDS[node[0]]
                if kind.fill is not None and kind.is_last is is_last:
                    kind.fill(made[number], node[1], [made[each] for each in node[2]])
    return made[0]


def _make(number: int, nodes: list[Any], made: list[Any], is_made: list[bool], home: Any) -> None:
    """Make a part, after those that it needs."""
    stack = [] if is_made[number] else [number]
    while stack:
        number = stack[-1]
        tag, payload, parts = nodes[number]
        kind = KINDS[tag]
        needs = kind.needs(payload) if callable(kind.needs) else kind.needs
        missing = [each for each in parts[:needs] if not is_made[each]]
        if missing:
            stack += missing
            continue
        stack.pop()
        if not is_made[number]:
            made[number] = kind.make(home, payload, [made[each] for each in parts[:needs]])
            is_made[number] = True
