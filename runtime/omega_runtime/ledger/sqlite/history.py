"""The history of tasks in a ledger file; every function runs within a transaction."""

from __future__ import annotations

from omega_runtime.ledger.sqlite.queries import storable
from omega_runtime.ledger.tasks import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def insert(db: Connection, task: Task) -> None:
    """Enter a task that has ended."""
    units = task.dollar_units
    db.execute(
        "INSERT INTO tasks (task, tokens, cost, is_priced, calls, seconds, is_complete, ended) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            storable(task.description),
            task.tokens,
            units or 0,
            units is not None,
            task.calls,
            task.seconds,
            task.is_complete,
            task.ended,
        ),
    )


def tasks(db: Connection) -> list[Task]:
    """All tasks, oldest first."""
    rows = db.execute(
        "SELECT task, tokens, iif(is_priced, cost, NULL), calls, seconds, is_complete, ended FROM tasks ORDER BY id"
    )
    return [
        Task(description, tokens, units, calls, seconds, bool(is_complete), ended)
        for description, tokens, units, calls, seconds, is_complete, ended in rows
    ]
