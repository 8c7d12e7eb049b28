"""The workers of a run: started before it, set up alike, replaced when they are lost, and ended with it."""

from __future__ import annotations

from concurrent.futures import wait
from contextlib import suppress
from itertools import count
from threading import Lock

from omega_runtime import settings
from omega_runtime.concurrent.maps import mapper
from omega_runtime.remote import kinds  # noqa: F401 (what values are made of)
from omega_runtime.remote.code import Home
from omega_runtime.remote.engine import WorkerLost, engine_at
from omega_runtime.remote.setup import setup_for
from omega_runtime.remote.wire import decoded, encoded
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future
    from contextvars import Token
    from types import TracebackType
    from typing import Any

    from omega_runtime.remote.engine import Engine, Handle
    from omega_runtime.values import Value

COUNT = 4
"""Workers of a run that doesn't say how many."""

AHEAD = 2
"""Calls that wait at each worker, so that it goes on when one has ended."""

# For so long (seconds) a new worker may take to come up.
_START_SECONDS = 120.0
# For so long (seconds) one may take to close its ledgers.
_END_SECONDS = 5.0


class Member:
    """One of the workers."""

    def __init__(self, handle: Handle, home: Home) -> None:
        self.handle = handle
        self._home = home

    def send(self, kind: str, told: dict[str, Any]) -> Future[bytes]:
        """The answer to come to a message. Raises CannotTravel."""
        return self.handle.send(encoded({"kind": kind, **told}, self._home))

    def answer(self, future: Future[bytes]) -> dict[str, Any]:
        """What is in an answer. Raises WorkerLost, and the error of a message that failed as a whole."""
        found: dict[str, Any] = decoded(future.result(), self._home)
        return found


class Team:
    """So many workers at a place; each makes up to `jobs` calls at once."""

    def __init__(self, engine: Engine, size: int, jobs: int) -> None:
        self.size = size
        self.jobs = jobs
        self.home = Home()
        self.maps = count(1)
        self._engine = engine
        self._setup = encoded(setup_for(size, jobs), self.home)
        self._members: list[Member] = []
        self._lock = Lock()

    def members(self) -> list[Member]:
        """The workers; those that are missing are started. Raises OmegaError when they cannot be set up."""
        with self._lock:
            new = [self._started() for _ in range(self.size - len(self._members))]
            greetings = [each.send("hello", {}) for each in new]
            try:
                _, late = wait(greetings, _START_SECONDS)
                if late:
                    raise OmegaError(f"workers: one has not come up within {_START_SECONDS:g} s; is there room for it?")
                for member, greeting in zip(new, greetings, strict=True):
                    raise_in(member.answer(greeting))
            except WorkerLost as error:
                raise OmegaError(f"workers: one has ended as soon as it was started: {error}") from None
            except BaseException:
                for each in new:
                    each.handle.kill()
                raise
            self._members += new
            return list(self._members)

    def _started(self) -> Member:
        # Beginnings and ends of maps need no turn.
        return Member(self._engine.start(self._setup, self.jobs + AHEAD + 1), self.home)

    def dismiss(self, member: Member) -> None:
        """End a worker at once; it is missing from then on."""
        with self._lock, suppress(ValueError):
            self._members.remove(member)
        member.handle.kill()

    def map(self, procedure: Value, items: list[tuple[Value, ...]]) -> list[Value]:
        """The results of the procedure for the items, in order, made by the workers."""
        from omega_runtime.remote.mapping import Mapping

        return Mapping(self, procedure, items).results()

    def close(self) -> None:
        """End the workers, which close their ledgers before."""
        with self._lock:
            members, self._members = self._members, []
        with suppress(Exception):
            wait([each.send("bye", {}) for each in members], _END_SECONDS)
        for each in members:
            each.handle.kill()
        self._engine.close()


def raise_in(answer: dict[str, Any]) -> None:
    """Raise the error of a message that failed as a whole."""
    if "error" in answer:
        raise answer["error"]


class Workers:
    """What `workers` gives: the context manager of a team."""

    def __init__(self, where: str, size: int, jobs: int | None) -> None:
        self._where = where
        self._size = size
        self._jobs = jobs
        self._team: Team | None = None

    def __enter__(self) -> None:
        if self._team is not None:
            raise OmegaError("workers: this can be entered once only")
        engine = engine_at(self._where)
        try:
            self._team = Team(engine, self._size, self._jobs or settings.active.jobs)
            self._team.members()
        except BaseException:
            engine.close()
            raise
        self._before: Token[Any] = mapper.set(self._team.map)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        mapper.reset(self._before)
        if self._team is not None:
            self._team.close()


def workers(where: str = "ray", count: int = COUNT, *, jobs: int | None = None) -> Workers:
    """`with workers("ray"):` has `parallel-map` make its calls in `count` worker processes, `jobs` at once in each.

    `where` is "ray", for a Ray of this process's own on this machine, or the "ray://HOST:PORT" of a cluster, whose
    machines have the same omegac and read keys from their own environment; `jobs` is the setting unless it is given.
    Calls pay from the budgets around, which must be in a ledger that the workers reach. Raises OmegaError for workers
    that cannot be started, or are of another version.
    """
    if type(count) is not int or count < 1:
        raise OmegaError(f"workers: count must be an integer >= 1, but got {count!r}")
    if jobs is not None and (type(jobs) is not int or jobs < 1):
        raise OmegaError(f"workers: jobs must be an integer >= 1, but got {jobs!r}")
    return Workers(where, count, jobs)
