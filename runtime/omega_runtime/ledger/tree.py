"""The accounts of a stored ledger as a tree: each open or named one, and the ended scopes of one name as one."""

from __future__ import annotations

from omega_runtime.ledger.calendar import moment, span
from omega_runtime.ledger.totals import Finished, line_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from omega_runtime.ledger.contents import TreeLine
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.stored import AccountRow


class _Node:
    __slots__ = ("current", "ended", "inner", "name", "scopes", "stored")

    def __init__(self, name: str) -> None:
        self.name = name
        self.stored: AccountRow | None = None
        self.current: AccountRow | None = None
        self.scopes = Finished()
        self.ended: dict[str, _Node] = {}
        self.inner: list[_Node] = []


def tree(rows: Iterable[tuple[AccountRow, AccountRow]]) -> list[TreeLine]:
    """The lines of all accounts, each before those inside; named accounts stand before others, both by name.

    `rows` has each account as stored and with the figures of its current periods, those around before those inside.
    """
    nodes: dict[int, _Node] = {}
    top = _Node("")
    for stored, current in rows:
        around = top if stored.parent is None else nodes.get(stored.parent, top)
        nodes[stored.id] = _placed(around, stored, current)
    lines = []
    waiting = [(node, 0) for node in _inside(top)]
    while waiting:
        node, depth = waiting.pop()
        lines.append(_line(node, depth))
        waiting += [(each, depth + 1) for each in _inside(node)]
    return lines


def _placed(around: _Node, stored: AccountRow, current: AccountRow) -> _Node:
    if stored.is_open or stored.spent_tokens != stored.committed_tokens:
        node = _Node(stored.name)
        node.stored, node.current = stored, current
        around.inner.append(node)
        return node
    node = around.ended.setdefault(stored.name, _Node(stored.name))
    node.scopes.add(stored, stored.periods)
    return node


def _inside(node: _Node) -> list[_Node]:
    """What is inside, the last first."""

    def place(each: _Node) -> tuple[bool, bool, str]:
        return each.stored is None, not (each.stored and each.stored.is_named), each.name

    return sorted([*node.inner, *node.ended.values()], key=place, reverse=True)


def _line(node: _Node, depth: int) -> TreeLine:
    if node.stored is None or node.current is None:
        line = node.scopes.line(node.name)
        return {**line, "depth": depth, "named": False, "start": None, "dollar_start": None}
    line = line_of(node.name, node.current, node.stored.periods)
    return {
        **line,
        "depth": depth,
        "named": bool(node.stored.is_named),
        "start": _start(line, line["period"], node.current.stop),
        "dollar_start": _start(line, line["dollar_period"], node.current.dollar_stop),
    }


def _start(line: AccountLine, unit: str | None, stop: int | None) -> str | None:
    """When a period began that ends then."""
    if unit is None or stop is None or line["timezone"] is None:
        return None
    return moment(span(unit, line["timezone"], stop - 1)[0], line["timezone"]).isoformat()
