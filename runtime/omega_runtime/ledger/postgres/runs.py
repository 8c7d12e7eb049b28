"""The runs on a server and the answers that they have paid for."""

from __future__ import annotations

import os
import uuid

import psycopg

from omega_runtime.ledger.journal import Recorded, Run, Runs
from omega_runtime.ledger.living import living
from omega_runtime.ledger.postgres.commits import Operation
from omega_runtime.ledger.postgres.leases import machine
from omega_runtime.ledger.postgres.reading import rows, value
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.postgres.connection import Database
    from omega_runtime.ledger.postgres.ledger import ServerLedger


class ServerRuns(Runs):
    """The runs on a server. A run's process is the origin of its lease."""

    def __init__(self, ledger: ServerLedger) -> None:
        super().__init__()
        self._ledger = ledger

    def may_keep_answers(self, resume: bool) -> bool:  # noqa: ARG002
        """Always: the server guards them."""
        return True

    def enter(self, program: str, source_hash: str, account: int) -> int:
        """As `Runs.enter`."""
        entering = Operation("enter_run", uuid.uuid4(), program, source_hash, account, self._process())
        return int(self._ledger.commits.run(entering))

    def latest(self, program: str, account: int) -> Run | None:
        """As `Runs.latest`."""
        (found,) = self._ledger.ask("latest_run", program, account)
        return None if found["id"] is None else Run(**found)

    def claim(self, found: Run, source_hash: str) -> bool:
        """As `Runs.claim`."""
        claiming = Operation("claim_run", found.id, found.process, found.is_complete, source_hash, self._process())
        return bool(self._ledger.commits.run(claiming))

    def _process(self) -> int:
        assert self._ledger.process
        assert self._ledger.lease.origin is not None
        return self._ledger.lease.origin

    def holder(self, run: Run) -> str | None:
        """As `Runs.holder`; a process of this machine that is gone has none, although its lease lasts."""
        if run.process == self._ledger.lease.origin:
            return None  # claimed by this process, which did not hear of it
        (found,) = self._ledger.ask("whereabouts", run.process)
        if not found["is_alive"]:
            return None
        name, _, _ = found["machine"].partition(" ")
        if found["machine"] != machine():
            return f'process {found["pid"]} on "{name}", until its lease has ended'
        is_alive = found["pid"] != os.getpid() and any(living([(found["pid"], found["started"])]))
        return f"process {found['pid']}" if is_alive else None

    def finish(self, run: int) -> None:
        """As `Runs.finish`."""
        self._ledger.commits.run(Operation("finish_run", run))

    def recorded(self, run: int, account: int) -> dict[str, list[Recorded]]:
        """As `Runs.recorded`. Raises OmegaError for a role that may not read answers."""
        recorded: dict[str, list[Recorded]] = {}
        for row in self._ledger.read(lambda db: _answers(db, run, account)):
            answer = bytes(row["text"]).decode("utf-8", "surrogatepass")
            fields = {name: row[name] for name in Recorded._fields if name in row}
            kept = Recorded(**{**fields, "text": answer})
            recorded.setdefault(row["key"], []).append(kept)
        return recorded

    def in_flight(self, run: int, process: int) -> tuple[int, int]:
        """As `Runs.in_flight`."""
        (found,) = self._ledger.ask("in_flight", run, process)
        return found["calls"], found["tokens"]

    def latest_answer(self, run: int, account: int) -> int:
        """As `Runs.latest_answer`. Raises OmegaError for a role that may not read answers."""
        return max((row["number"] for row in self._ledger.read(lambda db: _answers(db, run, account))), default=0)

    def answers_elsewhere(self, run: int) -> int:
        """As `Runs.answers_elsewhere`."""
        return int(self._ledger.read(lambda db: value(db, "answers_elsewhere", run)))


def _answers(db: Database, run: int, account: int) -> list[dict[str, object]]:
    try:
        return rows(db, "answers", run, account)
    except psycopg.errors.InsufficientPrivilege:
        raise OmegaError(
            "this role may not read the answers of earlier runs on the ledger's server, so nothing can be resumed; "
            "its owner allows that with omegac ledger allow URL ROLE --answers"
        ) from None
