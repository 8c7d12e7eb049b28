"""The journal of a run: the answers that were paid for, so that a resumed run does not pay for them again."""

from __future__ import annotations

import os
from _thread import allocate_lock
from typing import NamedTuple

from omega_runtime import forks
from omega_runtime.ledger.stored import storable
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from omega_runtime.ledger.shared import SharedAccount


class JournalEntry(NamedTuple):
    """What the journal keeps of an answer: what was asked, the procedures around, the text, and why it ended.

    `details` are what else it came with, as JSON.
    """

    key: str
    path: str
    text: bytes
    stop_reason: str | None
    details: str | None = None


def journal_entry(key: str, path: str, text: str, stop_reason: str | None, details: str | None = None) -> JournalEntry:
    """An entry as it is stored; made before anything is locked."""
    reason = None if stop_reason is None else storable(stop_reason)
    return JournalEntry(key, path, text.encode("utf-8", "surrogatepass"), reason, details)


class Recorded(NamedTuple):
    """An answer in the journal: its number, the procedures around its call, its text, and what it cost.

    `is_counted` is whether the run's account has that cost, in picodollars as well, among what is spent: a reset
    takes it off. `call` is the number of the call that paid for it. `within` is the account that paid in this very
    execution, 0 for an answer of an earlier one.
    """

    number: int
    path: str
    text: str
    input_tokens: int
    output_tokens: int
    stop_reason: str | None
    model: str
    picodollars: int
    is_counted: int = True
    call: int = 0
    details: str | None = None
    within: int = 0

    @property
    def tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens


class Run(NamedTuple):
    """A run as it is stored."""

    id: int
    source_hash: str
    process: int
    is_complete: bool


class Runs:
    """The runs in a ledger. A backend offers the operations that raise NotImplementedError here."""

    def __init__(self) -> None:
        # Those whose scopes this process has open, and what only one thread at a time may do with them.
        self.open: set[int] = set()
        self.opening = allocate_lock()

    def forked(self) -> None:
        """Called in a forked child: open runs are the parent's."""
        self.open.clear()
        self.opening = allocate_lock()

    def may_keep_answers(self, resume: bool) -> bool:
        """Whether answers are safe from others here. Where not: a warning, or OmegaError to resume."""
        raise NotImplementedError

    def enter(self, program: str, source_hash: str, account: int) -> int:
        """Make a new run of this process's; its id."""
        raise NotImplementedError

    def latest(self, program: str, account: int) -> Run | None:
        """The latest run of a program that has answers: a later one without any, refused at once, hides nothing.

        Where none has answers it's the latest of all, for the calls that it may have sent.
        """
        raise NotImplementedError

    def claim(self, found: Run, source_hash: str) -> bool:
        """Make a run this process's, unless another process was faster."""
        raise NotImplementedError

    def check_collected(self, run: Run) -> None:
        """Raise OmegaError for a run with calls that are under way elsewhere, and would be paid for again."""

    def holder(self, run: Run) -> str | None:
        """Which other process that still lives has the run, in words."""
        raise NotImplementedError

    def finish(self, run: int) -> None:
        """Note that an execution of it has ended."""
        raise NotImplementedError

    def recorded(self, run: int, account: int) -> dict[str, list[Recorded]]:
        """The answers of a run, by what was asked, oldest first."""
        raise NotImplementedError

    def in_flight(self, run: int, process: int) -> tuple[int, int]:
        """Calls that the earlier process sent without getting an answer, and the tokens that count for them."""
        raise NotImplementedError

    def latest_answer(self, run: int, account: int) -> int:
        """The number of the latest answer of a run; 0 when there is none."""
        raise NotImplementedError

    def answers_elsewhere(self, run: int) -> int:
        """How many answers the latest run has that would be resumed rather than this one, which has none."""
        raise NotImplementedError


class Journal:
    """The answers of one run of a program, kept under an account.

    A call is known again by who is asked (a provider at its address, the offline model, a function), its procedure,
    its prompt, its model and its options; of several like it, those with the same number there and the same procedures
    around come first, in the order in which they were answered. `replayed` and `performed` count the calls of this
    process; what is left in `recorded` was not asked for again. With a `batch`, calls without an answer go into that;
    `open_batch` makes one where a run may have it.
    """

    def __init__(self, runs: Runs, account: SharedAccount, run: int) -> None:
        self.runs = runs
        self.account = account
        self.run = run
        self.recorded: dict[str, list[Recorded]] = {}
        self.batch: Any = None
        self.open_batch: Callable[[], Any] | None = None
        # The elements of a map may be the first to defer something at the same time.
        self.opening = forks.fresh_lock()
        self.is_changed = False
        self.in_flight = (0, 0)
        self.replayed = 0
        self.performed = 0
        # Of answers that wait to be replayed, what those from a call on have cost, for the calls that were asked for.
        self._credits: dict[int, tuple[int, int]] = {}
        self._pid = os.getpid()
        self._lock = forks.fresh_lock()

    def expect(self, recorded: dict[str, list[Recorded]], in_flight: tuple[int, int], *, is_changed: bool) -> None:
        """Take up what an earlier execution has left: its answers, and the calls that it got none for."""
        self.recorded = recorded
        self.in_flight = in_flight
        self.is_changed = is_changed
        self._credits.clear()

    @property
    def dropped(self) -> int:
        """How many recorded answers were not asked for again."""
        return sum(map(len, self.recorded.values()))

    def earlier(self) -> int:
        """How many answers the run has that a resumption goes on with, while this one has none."""
        return self.runs.answers_elsewhere(self.run)

    def credit_since(self, call: int) -> tuple[int, int]:
        """What answers that wait to be replayed have cost from this call on: for the program it's not spent yet.

        Tokens and picodollars.
        """
        with self._lock:
            if call not in self._credits:
                waiting = [each for replies in self.recorded.values() for each in replies]
                counted = [each for each in waiting if each.is_counted and each.call >= call]
                self._credits[call] = sum(each.tokens for each in counted), sum(each.picodollars for each in counted)
            return self._credits[call]

    def take(self, key: str, path: Callable[[], str]) -> Recorded | None:
        """The recorded answer to what was asked, which is used up by this; None when it has to be paid for.

        `path` tells the procedures around; it is asked for only when there are answers.
        """
        with self._lock:
            candidates = self.recorded.get(key)
            if not candidates:
                return None
            around = path()
            found = next((each for each in candidates if each.path == around), candidates[0])
            candidates.remove(found)
            self.replayed += 1
            for call, (tokens, picodollars) in self._credits.items() if found.is_counted else ():
                if found.call >= call:
                    self._credits[call] = tokens - found.tokens, picodollars - found.picodollars
        return found

    def note_performed(self, calls: int = 1) -> None:
        """Count calls that were paid for, in this process or for it."""
        self.performed += calls

    def waiting(self) -> list[tuple[str, Recorded]]:
        """The answers that wait to be replayed, each with what was asked."""
        with self._lock:
            return [(key, each) for key, replies in self.recorded.items() for each in replies]

    def note_replayed(self, numbers: set[int]) -> None:
        """Use up answers that another process has replayed for this one."""
        with self._lock:
            for replies in self.recorded.values():
                replies[:] = [each for each in replies if each.number not in numbers]
            self.replayed += len(numbers)
            self._credits.clear()

    def finish(self) -> None:
        """Note that this execution has ended, well or not, so that another one may go on with the run."""
        if self._pid != os.getpid():
            return  # a forked child leaves its copy of the scope; the run is its parent's
        try:
            self.runs.finish(self.run)
        finally:
            self.runs.open.discard(self.run)


def inner_accounts(account: SharedAccount) -> list[int]:
    """The accounts around a call that this execution has opened: those inside the first one with a stored name."""
    inner: list[int] = []
    for each in account.chain:
        if each.is_named:
            break
        inner.append(each.id)
    return inner


def open_journal(runs: Runs, account: SharedAccount, program: str, source_hash: str, resume: bool) -> Journal | None:
    """A journal for a run of a program on an account: a new one, or with `resume` that of its latest run.

    None when others could read the answers. Raises OmegaError when the run to be resumed is still going on.
    """
    if not runs.may_keep_answers(resume):
        return None
    with runs.opening:
        run, found = _begin(runs, account, storable(program), source_hash, resume)
        journal = Journal(runs, account, run)
        if found is not None:
            journal.expect(
                runs.recorded(run, account.id),
                runs.in_flight(run, found.process),
                is_changed=found.source_hash != source_hash,
            )
        runs.open.add(run)
    return journal


def _begin(runs: Runs, account: SharedAccount, program: str, source_hash: str, resume: bool) -> tuple[int, Run | None]:
    """Make a new run, or an earlier one, this process's: its id, and the earlier one as it was."""
    while True:
        found = runs.latest(program, account.id) if resume else None
        if found is None:
            return runs.enter(program, source_hash, account.id), None
        _check_ended(runs, found)
        runs.check_collected(found)
        if runs.claim(found, source_hash):
            return found.id, found


def _check_ended(runs: Runs, run: Run) -> None:
    """Raise OmegaError while the scope that has the run, in this process or another, is open."""
    if run.is_complete:
        return
    if run.id in runs.open:
        raise OmegaError(
            f"run {run.id} is still going on in this process; it can be resumed once its budget has been left"
        )
    holder = runs.holder(run)
    if holder is not None:
        raise OmegaError(f"run {run.id} is still going on in {holder}; it can be resumed once that has ended")
