"""The history of tasks in a ledger file; every function runs within a transaction."""

from __future__ import annotations

from omega_runtime.ledger.stored import storable
from omega_runtime.ledger.tasks import TaskRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def insert(db: Connection, task: TaskRecord) -> None:
    """Enter a task that has ended."""
    picodollars = task.picodollars
    db.execute(
        "INSERT INTO tasks (task, tokens, cost, is_priced, calls, seconds, is_complete, ended) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            storable(task.description),
            task.tokens,
            picodollars or 0,
            picodollars is not None,
            task.calls,
            task.seconds,
            task.is_complete,
            task.ended,
        ),
    )


def tasks(db: Connection) -> list[TaskRecord]:
    """All tasks, oldest first."""
    rows = db.execute(
        "SELECT task, tokens, iif(is_priced, cost, NULL), calls, seconds, is_complete, ended FROM tasks ORDER BY id"
    )
    return [
        TaskRecord(description, tokens, picodollars, calls, seconds, bool(is_complete), ended)
        for description, tokens, picodollars, calls, seconds, is_complete, ended in rows
    ]
