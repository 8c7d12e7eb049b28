"""Whatever error leaves a budget has the answers that were paid for in it."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from omega_runtime import (
    BudgetExceeded,
    BudgetTimeout,
    LedgerFileError,
    ModelError,
    OmegaError,
    Reply,
    budget,
    testing,
    use_model,
)
from omega_runtime.budgets.scope import Scope
from omega_runtime.calls import infer
from omega_runtime.chapter.monitoring import on_completion
from omega_runtime.chapter.scopes import partial_results
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.ledger.sqlite.opened import file_ledger
from omega_runtime.values.errors import Raised

from tests.support.ledger_files import change
from tests.support.ledgers import SITE


def ask(prompt: str = "p") -> str:
    return infer(SITE, prompt, max_tokens=10)  # type: ignore[no-any-return]


def model(prompt: str) -> Reply:
    if prompt == "fail":
        raise ConnectionError("gone")
    return Reply("paid", 1, 1)


def raising(error: BaseException) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


def left_with(scope: Scope, *steps: Callable[[], object]) -> BaseException:
    """The error that leaves a scope in which these steps are taken."""
    try:
        with scope:
            for step in steps:
                step()
    except BaseException as error:
        return error
    raise AssertionError("no error left the scope")


def answers(error: BaseException) -> object:
    return getattr(error, "partial", None)


LEAVING: dict[str, tuple[type[BaseException], Callable[[], object]]] = {
    "a refusal": (BudgetExceeded, lambda: infer(SITE, "p" * 5000, max_tokens=10)),
    "a model's failure": (ModelError, lambda: ask("fail")),
    "an error object": (OmegaError, raising(OmegaError("mine"))),
    "any object": (Raised, raising(Raised("mine"))),
    "an error of Python": (ZeroDivisionError, lambda: 1 // 0),
    "an interrupt": (KeyboardInterrupt, raising(KeyboardInterrupt())),
    "an exit": (SystemExit, raising(SystemExit(3))),
}


@pytest.fixture
def answering() -> Iterator[None]:
    with testing.fresh_ledger(), use_model(model):
        yield


def inner() -> None:
    with budget(tokens=900):
        ask()


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(("kind", "fail"), LEAVING.values(), ids=LEAVING)
def test_every_error_has_them(kind: type[BaseException], fail: Callable[[], object]) -> None:
    error = left_with(budget(tokens=1000), inner, ask, fail)
    assert (type(error), answers(error)) == (kind, ("paid", "paid"))


@pytest.mark.usefixtures("answering")
def test_every_error_of_a_group_has_them() -> None:
    deepest, one = OmegaError("two"), ValueError("one")
    group = BaseExceptionGroup("some", [one, ExceptionGroup("more", [deepest])])
    assert left_with(budget(tokens=1000), ask, raising(group)) is group
    assert [answers(each) for each in (group, one, deepest)] == [("paid",)] * 3


@dataclass(frozen=True)
class Frozen(Exception):
    number: int


@pytest.mark.usefixtures("answering")
@pytest.mark.parametrize(("error", "partial"), [(asyncio.IncompleteReadError(b"half", 8), b"half"), (Frozen(1), None)])
def test_errors_that_cannot_have_them_stay_as_they_are(error: Exception, partial: object) -> None:
    assert left_with(budget(tokens=1000), ask, raising(error)) is error
    assert answers(error) == partial


@pytest.mark.usefixtures("answering")
def test_programs_see_them() -> None:
    error = left_with(budget(tokens=1000), ask, lambda: 1 // 0)
    assert list(partial_results(condition(error))) == ["paid"]


@pytest.mark.parametrize("other", ["x", OmegaError("x"), asyncio.IncompleteReadError(b"", 1)])
def test_other_objects_have_none(other: object) -> None:
    assert list(partial_results(other)) == []


@pytest.mark.usefixtures("answering")
def test_a_completion_that_fails() -> None:
    error = left_with(budget(tokens=1000), lambda: on_completion(raising(OmegaError("mine"))), ask)
    assert (str(error), answers(error)) == ("mine", ("paid",))


@pytest.mark.usefixtures("answering")
def test_a_budget_that_is_left_in_the_wrong_order() -> None:
    outer, inside = budget(tokens=1000), budget(tokens=900)
    outer.__enter__()
    ask()
    inside.__enter__()
    with pytest.raises(OmegaError, match="cannot be left here") as caught:
        outer.__exit__(None, None, None)
    inside.__exit__(None, None, None)
    outer.__exit__(None, None, None)
    assert answers(caught.value) == ("paid",)


FAILING_ENDS = {"the run's end": "UPDATE OF is_complete ON runs", "the account's": "UPDATE OF is_open ON accounts"}


@pytest.mark.parametrize("event", FAILING_ENDS.values(), ids=FAILING_ENDS)
@pytest.mark.parametrize("own", [None, ValueError("mine")])
def test_a_ledger_file_that_fails_at_the_end(tmp_path: Path, event: str, own: Exception | None) -> None:
    path = tmp_path / "ledger"

    def work() -> None:
        with budget(tokens=900):
            ask()
            change(path, f"CREATE TRIGGER stop BEFORE {event} BEGIN SELECT raise(ABORT, 'full'); END")
            if own is not None:
                raise own

    with use_model(model):
        scope = budget(tokens=1000, ledger=path, name="job", run="it")
        error = left_with(scope, work)
    assert answers(error) == ("paid",)
    if own is None:
        assert isinstance(error, LedgerFileError)
    else:
        assert error is own
        assert "could not be written: full" in error.__notes__[0]
    file_ledger(path).close()


@pytest.mark.parametrize(
    "error", [BudgetExceeded(SITE, 1, 2, "a"), BudgetTimeout(SITE, 1, "a", 2.0), LedgerFileError("x"), Raised(5)]
)
def test_they_reach_other_processes(error: OmegaError) -> None:
    error.partial = ("paid",)
    assert pickle.loads(pickle.dumps(error)).partial == ("paid",)
