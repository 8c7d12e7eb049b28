"""The table of library procedures, which the compiler reads and `load` fills."""

from __future__ import annotations

from omega_runtime.acceleration import accelerated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from omega_runtime.values import Procedure

    F = TypeVar("F", bound=Procedure)

THEMES = (
    "association",
    "association_lists",
    "attachments",
    "binary_ports",
    "bitwise",
    "booleans",
    "bytevectors",
    "chars",
    "coercions",
    "conditions",
    "control",
    "conversations",
    "csv",
    "dates",
    "dispatch",
    "distributions",
    "evidence",
    "files",
    "folders",
    "formatting",
    "functions",
    "hashing",
    "hashtables",
    "higher_order",
    "json",
    "list_sets",
    "lists",
    "matching",
    "numbers",
    "overlaps",
    "patterns",
    "ports",
    "python",
    "rationals",
    "regexps",
    "restarts",
    "rewriting",
    "sorting",
    "streams",
    "string_search",
    "strings",
    "sublists",
    "symbols",
    "system",
    "table_operations",
    "tables",
    "transcendental",
    "vectors",
)
EFFECTS = frozenset({"infer", "io", "state", "control"})


class Primitive:
    """What the compiler knows of a library procedure.

    `module` and `python_name` are where `function` can be imported from. `calls` holds the positions (from 0)
    of the arguments that it may call, `row` its own effects out of "io", "state" and "control"; those of the
    procedures it calls are not repeated there. `last` is the position of the argument that it calls in tail
    position, or None.
    """

    __slots__ = ("calls", "function", "last", "module", "name", "python_name", "row")

    def __init__(
        self,
        name: str,
        function: Procedure,
        module: str,
        python_name: str,
        calls: tuple[int, ...],
        row: frozenset[str],
        last: int | None,
    ) -> None:
        self.name = name
        self.function = function
        self.module = module
        self.python_name = python_name
        self.calls = calls
        self.row = row
        self.last = last

    def __repr__(self) -> str:
        return f"<primitive {self.name}: {self.module}.{self.python_name}>"


PRIMITIVES: dict[str, Primitive] = {}


def primitive(
    name: str, *aliases: str, calls: tuple[int, ...] = (), row: str = "", last: int | None = None
) -> Callable[[F], F]:
    """Registers a function as the Omega procedure `name`, and as each of the aliases.

    What the name stands for is what does the function's work, in C where that is built. Raises ValueError for a name
    that is taken or an effect that does not exist.
    """

    def decorate(function: F) -> F:
        function.__omega_name__ = name  # type: ignore[attr-defined]
        worker = accelerated(function)
        for each in (name, *aliases):
            register(each, worker, function.__module__, function.__name__, calls, row, last)
        return worker

    return decorate


def register(
    name: str,
    function: Procedure,
    module: str,
    python_name: str,
    calls: tuple[int, ...] = (),
    row: str = "",
    last: int | None = None,
) -> None:
    """Enters one name into the table; `primitive` is the convenient form for functions."""
    effects = frozenset(row.split())
    if not effects <= EFFECTS:
        raise ValueError(f"{name}: unknown effects {sorted(effects - EFFECTS)}")
    if name in PRIMITIVES:
        raise ValueError(f"{name}: defined twice")
    PRIMITIVES[name] = Primitive(name, function, module, python_name, calls, effects, last)


def load() -> dict[str, Primitive]:
    """Imports every theme and returns the table, by Omega name; aliases have entries of their own."""
    from importlib import import_module

    for theme in THEMES:
        import_module(f"omega_runtime.lib.{theme}")
    return PRIMITIVES
