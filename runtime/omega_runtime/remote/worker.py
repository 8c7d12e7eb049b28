"""What a worker does: it answers messages, each a dict as bytes, by what they ask for."""

from __future__ import annotations

from collections import deque
from contextvars import Context as Variables
from threading import RLock, Semaphore

from omega_runtime.remote.wire import CannotTravel, decoded, encoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.ledger.journal import Recorded
    from omega_runtime.values import Value


class Worker:
    """One worker; `answer` may be called by several threads at once.

    Messages are `hello`, which sets it up, `begin` and `end` of a map, `call` for one of its elements, `fail` when one
    has failed, behind which none is to begin, and `bye`. Calls that come while `jobs` others go on wait for their turn.
    """

    def __init__(self, setup: bytes) -> None:
        from omega_runtime.remote import code, kinds  # noqa: F401 (what values are made of)

        self._home = code.Home()
        self._setup = setup
        self._maps: dict[int, Map] = {}
        self._lock = RLock()
        self._turns = Semaphore(0)

    def answer(self, message: bytes) -> bytes:
        """The answer to a message: a dict with what it asks for, or with the `error` that came of it."""
        try:
            found = self._found(decoded(message, self._home))
        except BaseException as error:
            found = {"error": error}
        try:
            return encoded(found, self._home)
        except CannotTravel as error:
            return encoded(_without_value(found, error), self._home)

    def _found(self, told: dict[str, Any]) -> dict[str, Any]:
        kind = told["kind"]
        if kind == "call":
            with self._turns:
                return self._maps[told["map"]].call(told["number"], told["arguments"])
        with self._lock:
            if kind == "hello":
                return self._hello()
            if kind == "begin":
                begun = self._maps[told["map"]] = Map(told)
                return {"process": begun.ledger.number}
            if kind == "fail":
                self._maps[told["map"]].last = told["number"]
                return {}
            if kind == "end":
                self._maps.pop(told["map"], None)
                return {}
            for each in {id(each.ledger): each.ledger for each in self._maps.values()}.values():
                each.close()
            return {}

    def _hello(self) -> dict[str, Any]:
        from omega_runtime.remote.setup import check_version, take_up

        told = decoded(self._setup, self._home)
        check_version(told["version"])
        take_up(told)
        self._turns.release(told["settings"]["jobs"])
        return {}


def _without_value(found: dict[str, Any], problem: CannotTravel) -> dict[str, Any]:
    """The answer without the value or error in it, of which a part cannot travel."""
    from omega_runtime.values.errors import OmegaError, condition_text

    error = found.pop("error", None)
    found.pop("value", None)
    if isinstance(error, BaseException):
        told = OmegaError(condition_text(error))
        told.raised_at = getattr(error, "raised_at", None) or _place(error)
        return {**found, "error": told}
    return {**found, "error": CannotTravel(f"the result of a call cannot be sent back: {problem.message}")}


def _place(error: BaseException) -> str | None:
    from omega_runtime.places.frames import place

    return place(error)


class Map:
    """A map that the program has begun: what its calls pay from, and what was answered before."""

    def __init__(self, told: dict[str, Any]) -> None:
        from omega_runtime.ledger.journal import Journal
        from omega_runtime.ledger.stores import shared_ledger
        from omega_runtime.remote.setup import check_file

        # The number of an element that has failed.
        self.last: int | None = None
        self._procedure = told["procedure"]
        self._place: tuple[tuple[int, ...], tuple[str, ...]] = told["indices"], told["around"]
        self._tracks: bool = told["tracks"]
        self._is_deep: bool = told["deep"]
        if told["file"] is not None:
            check_file(told["ledger"], told["file"])
        ledger = self.ledger = shared_ledger(told["ledger"], told["lease"])
        self._row = ledger.stored_row(told["account"])
        self._around = ledger.attached(self._row.parent or ledger.root.id)
        self._journal: Journal | None = None
        if told["run"] is not None:
            self._journal = Journal(ledger.runs, self._around, told["run"])
            for key, *fields in told["recorded"]:
                self._journal.recorded.setdefault(key, []).append(_recorded(fields))

    def call(self, number: int, arguments: tuple[Value, ...]) -> dict[str, Any]:
        """What became of a call: its value or error, and what the program has to know of its calls to models."""
        if self.last is not None and number > self.last:
            return {"value": None}
        return Variables().run(self._report, number, arguments)

    def _report(self, number: int, arguments: tuple[Value, ...]) -> dict[str, Any]:
        from omega_runtime.calls.context import Context, current
        from omega_runtime.control.deep import deep
        from omega_runtime.control.positions import Position, position
        from omega_runtime.diagnostics.blame import translated
        from omega_runtime.ledger.shared import SharedAccount
        from omega_runtime.lib.ports import current_output_port
        from omega_runtime.remote.element import ElementJournal
        from omega_runtime.values.errors import OmegaError
        from omega_runtime.values.parameters import parameterize
        from omega_runtime.values.ports import OutputPort

        account = SharedAccount(self.ledger, self._row, self._around)
        account.answers = deque()
        journal = None if self._journal is None else ElementJournal(self._journal, account)
        account.journal = journal
        tokens: list[int] = []
        output = OutputPort()
        context = Context(account, (tokens.append,) if self._tracks else (), None)
        current.set(context)
        position.set(Position.elsewhere((*self._place[0], number), self._place[1]))
        report: dict[str, Any] = {}

        def run() -> Value:
            return parameterize(((current_output_port, output),), lambda: self._procedure(*arguments))

        try:
            report["value"] = deep(run) if self._is_deep else run()
            if context.policy.completions:
                raise OmegaError("on-completion: there is no end of a task in a worker's call; use it around the map")
        except BaseException as error:
            known = error if isinstance(error, OmegaError) or not isinstance(error, Exception) else translated(error)
            report["error"] = known if isinstance(known, BaseException) else error
        report |= {"answers": list(account.answers), "tokens": tokens, "text": output.text() or ""}
        if journal is not None:
            report |= {"performed": journal.performed, "replayed": journal.taken}
        return report


def _recorded(fields: list[Any]) -> Recorded:
    from omega_runtime.ledger.journal import Recorded

    return Recorded._make(fields)
