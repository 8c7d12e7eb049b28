"""What calls cost in a large file: no statement of theirs reads through all calls or accounts."""

from __future__ import annotations

from pathlib import Path

from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply

from tests.support.ledger_files import ledger_of, opened
from tests.support.ledgers import SITE, cost, hold, settle

CHANGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


def test_calls_read_by_index_only(tmp_path: Path) -> None:
    with use_model(lambda prompt: Reply("a", 1, 1)), opened(tmp_path / "ledger", 100) as account:
        database = ledger_of(account)._commits.connection.database
        statements: list[str] = []
        database.set_trace_callback(statements.append)
        with budget(tokens=50):
            infer(SITE, "p", max_tokens=10)
        ledger = ledger_of(account)
        ledger.mark_unknown(hold(account, 0, 5))
        kept = hold(account, 0, 5)
        ledger.renew()
        settle(kept, cost(0, 5))
        database.set_trace_callback(None)
        plans = {
            statement: [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}")]
            for statement in statements
            if statement.startswith(CHANGES)
        }
    assert len(plans) > 20
    read_through = [
        (statement, step)
        for statement, steps in plans.items()
        for step in steps
        if step.startswith("SCAN") and step not in ("SCAN tickets", "SCAN chain")
    ]
    assert read_through == []
