"""The history of tasks: recording what they cost, and finding similar ones."""

from __future__ import annotations

from itertools import count

from omega_runtime import settings
from omega_runtime.budgets.scope import Scope, set_partial
from omega_runtime.calls.context import Context, current
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.tasks import TaskRecord
from omega_runtime.lib.arguments import callee
from omega_runtime.lib.numbers import divide
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_type
from omega_runtime.values.pairs import list_from, unlist
from omega_runtime.values.printing import display_text
from omega_runtime.values.symbols import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fractions import Fraction
    from types import TracebackType

    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.ledger import Ledger
    from omega_runtime.values import List, Procedure, Value

THRESHOLD = 75
"""How similar two descriptions must be, from 0 to 100.

Added, left out or inflected words stay above it ("write the report", "write reports"); another verb or object in a
short description does not ("translate documents" is 68 to "summarize documents").
"""

# A number by itself, thousands with commas; no part of a name (gpt-4, v1.2), of a date, or an identifier's digits.
_NUMBER = (
    r"(?<![\w.,:/+-])"
    r"((?:[0-9]{1,3}(?:,[0-9]{3}){1,4}|[0-9]{1,15})(?:\.[0-9]{1,15})?)"
    r"(?!\w|[-.,:/][0-9])"
)


class TaskScope(Scope):
    """The context manager that `task` returns; entering it gives the account that counts what the task costs."""

    __slots__ = ("_calls", "_description", "_history", "_journal", "_start")

    def __init__(self, description: str) -> None:
        super().__init__(None, None, description)
        self._description = description
        self._calls = count()

    def __enter__(self) -> Account:
        # First of all: a history that cannot be opened is an error before anything is spent.
        self._history = history()
        account = super().__enter__()
        inside = current.get()
        trackers = (self._count, *inside.trackers)
        current.set(Context(account, trackers, inside.handlers, inside.policy))
        self._start = account.ledger.clock.now()
        self._journal = account.journal_counts
        return account

    def _count(self, _: int) -> None:
        next(self._calls)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        account = self._account
        super().__exit__(kind, error, traceback)
        if account is None or self._is_replayed(account):
            return
        try:
            self._history.record_task(self._ended(account, is_complete=error is None))
        except LedgerFileError as problem:
            if error is None:
                set_partial(problem, account)
                raise
            error.add_note(str(problem))

    def _is_replayed(self, account: Account) -> bool:
        """Whether a resumed run only got the task's answers again, which was recorded when they were paid for."""
        (replayed, performed), (replayed_before, performed_before) = account.journal_counts, self._journal
        return replayed > replayed_before and performed == performed_before

    def _ended(self, account: Account, is_complete: bool) -> TaskRecord:
        figures, clock = account.figures, account.ledger.clock
        picodollars = figures.spent_picodollars if figures.is_priced else None
        seconds = clock.now() - self._start
        return TaskRecord(
            self._description, figures.spent_tokens, picodollars, next(self._calls), seconds, is_complete, clock.time()
        )


def task(description: Value) -> TaskScope:
    """`with task("summarize 100 documents"):` records what the calls inside cost, for forecasts.

    The record goes to the ledger in use, or to the file that configure(history=FILE) names; in memory it lasts as long
    as the process. What an error ended is recorded as incomplete, and isn't used for forecasts.
    """
    return TaskScope(describe("task", description))


@primitive("with-task", calls=(1,), row="state")
def with_task(task: Value, thunk: Procedure) -> Value:
    """The value of `(thunk)`; what it costs is recorded as that of the task, such as (summarize 100 documents)."""
    with TaskScope(describe("with-task", task)):
        return callee("with-task", 2, thunk)()


class SimilarTask:
    """A recorded task, how similar it is to the one asked about (to 100), and its cost `scale`d to the size asked."""

    __slots__ = ("scale", "similarity", "task")

    def __init__(self, task: TaskRecord, similarity: float, scale: Fraction) -> None:
        self.task = task
        self.similarity = similarity
        self.scale = scale

    @property
    def cost(self) -> int | float:
        """The task's tokens, in proportion to the size that was asked about."""
        return divide(self.task.tokens * self.scale.numerator, self.scale.denominator)

    def __repr__(self) -> str:
        task = self.task
        return f"#<task {task.description}: {task.tokens} tokens, {round(self.similarity)} % similar>"


@primitive("find-similar-historical-tasks", row="state")
def find_similar_historical_tasks(task: Value) -> List:
    """The list of recorded tasks that are described as this one, whatever their sizes; the most similar first.

    `get-cost` says what each would have cost at this task's size.
    """
    return list_from(similar_tasks(describe("find-similar-historical-tasks", task)))


@primitive("get-cost")
def get_cost(entry: Value) -> int | float:
    """What a task found by find-similar-historical-tasks cost, in tokens, scaled to the size that was asked about.

    Twice the size counts as twice the cost. `forecast` doesn't suppose that; it looks at how costs have grown.
    """
    if type(entry) is not SimilarTask:
        raise wrong_type("get-cost", 1, "a task found by find-similar-historical-tasks", entry)
    return entry.cost


def history() -> Ledger:
    """The ledger that keeps the history: that of configure(history=FILE), or the one in use."""
    active = settings.active
    if active.history is None:
        return current.get().account.ledger
    from omega_runtime.ledger.stores import shared_ledger

    return shared_ledger(active.history, active.lease)


def describe(procedure: str, task: Value) -> str:
    """A task in words: its text, or what a list displays between its parentheses."""
    parts = unlist(task)
    if not isinstance(task, (str, Symbol)) and not parts:
        raise wrong_type(procedure, 1, "a task: a list such as (summarize 100 documents), or a string", task)
    text = display_text(task) if parts is None else " ".join(map(display_text, parts))
    words = " ".join(text.split()).encode("utf-8", "replace").decode()
    if not words:
        raise wrong_type(procedure, 1, "a task with a description", task)
    return words


def size(description: str) -> Fraction:
    """How big a task is: the product of the numbers in its description; 1 without any, and a 0 counts as 1."""
    import re
    from fractions import Fraction

    product = Fraction(1)
    for number in re.findall(_NUMBER, description):
        product *= Fraction(number.replace(",", "")) or 1
    return product


def similar_tasks(description: str) -> list[SimilarTask]:
    """The complete tasks on record that are at least THRESHOLD similar, the most similar first.

    Compared are the words, without the numbers, in any order and case, by Levenshtein's distance without
    substitutions (rapidfuzz's token_sort_ratio).
    """
    from rapidfuzz import fuzz, process

    tasks = [each for each in history().tasks() if each.is_complete]
    found = process.extract(
        _words(description),
        [_words(each.description) for each in tasks],
        scorer=fuzz.token_sort_ratio,
        score_cutoff=THRESHOLD,
        limit=None,
    )
    wanted = size(description)
    return [SimilarTask(tasks[i], score, wanted / size(tasks[i].description)) for _, score, i in found]


def _words(description: str) -> str:
    import re

    from rapidfuzz.utils import default_process

    text = re.sub(_NUMBER, " ", description)
    # A description of nothing but signs, such as (+ 1 2), is compared by those.
    return default_process(text) or text.strip() or "#"
