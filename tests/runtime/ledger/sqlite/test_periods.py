"""Limits per period in ledger files: stored, shared, replaced, reset, resumed; past periods stay in the books."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.errors import BudgetExceeded, LedgerFileError
from omega_runtime.ledger.limits import Periods
from omega_runtime.ledger.sqlite import show
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.ledger.sqlite.schema import MIGRATIONS, VERSION
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.values.errors import OmegaError

from tests.support import ROOT
from tests.support.ledger_files import audit, change, query
from tests.support.ledgers import SITE, cost, hold, settle, spend
from tests.support.periods import DAY, HOUR, Clock, figures, opened


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(2026, 7, 5, 12)
    monkeypatch.setattr(show, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "ledger"
    yield path
    if path.exists():
        assert audit(path) == []


@pytest.fixture
def ledger(path: Path, clock: Clock) -> Iterator[FileLedger]:
    with closing(FileLedger(str(path), clock, lease=60, keep=False)) as ledger:
        yield ledger


def test_two_ledgers_of_one_file_share_the_periods(ledger: FileLedger, path: Path, clock: Clock) -> None:
    here = opened(ledger, "100/day", timezone="Europe/Berlin")
    with closing(FileLedger(str(path), clock, keep=False)) as other:
        there = opened(other)
        assert there.periods == here.periods == Periods("day", "day", "Europe/Berlin")
        first = hold(there, 0, 60)
        assert figures(here) == (0, 60)
        clock.set(2026, 7, 5, 22)
        second = hold(here, 0, 100)
        assert figures(there) == (0, 100)
        settle(first, cost(0, 60))
        assert figures(there) == (0, 100)
        ledger.void(second)


OTHER = 'the account "job" has another limit, '

# What was stored -> what is asked for, and what is said
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "the same": ({"tokens": "100/day"}, {"tokens": "100/day"}, None),
    "the stored one": ({"tokens": "100/day", "timezone": "Asia/Tokyo"}, {}, None),
    "the stored zone": ({"tokens": "100/day", "timezone": "Asia/Tokyo"}, {"tokens": "100/day"}, None),
    "another unit": (
        {"tokens": "100/day"},
        {"tokens": "100/hour"},
        OTHER + r"100 tokens/day \(UTC\); leave the limit out",
    ),
    "a total": ({"tokens": "100/day"}, {"tokens": 100}, OTHER),
    "of a total": ({"dollars": 1}, {"dollars": "1/day"}, OTHER + r"\$1.00;"),
    "another zone": (
        {"tokens": "100/day", "dollars": "$1/week", "timezone": "Asia/Tokyo"},
        {"timezone": "UTC"},
        OTHER + r"100 tokens/day and \$1.00/week \(Asia/Tokyo\)",
    ),
    "one more": ({"tokens": "100/day"}, {"dollars": "1/day"}, OTHER),
}


@pytest.mark.parametrize(("first", "second", "message"), CHANGES.values(), ids=CHANGES)
def test_limits_are_stored(
    ledger: FileLedger, first: dict[str, Any], second: dict[str, Any], message: str | None
) -> None:
    stored = opened(ledger, **first)
    if message is None:
        again = opened(ledger, **second)
        assert (again.limit, again.periods) == (stored.limit, stored.periods)
        return
    with pytest.raises(OmegaError, match=message):
        opened(ledger, **second)
    changed = opened(ledger, **second, raise_limit=True)
    assert (changed.limit, changed.limit_picodollars, changed.periods) != (
        stored.limit,
        stored.limit_picodollars,
        stored.periods,
    )
    spend(changed, 10) if changed.limit_picodollars is None else None


def test_another_period_counts_what_began_in_it(ledger: FileLedger, clock: Clock) -> None:
    account = opened(ledger, "100/hour")
    clock.set(2026, 6, 30, 12)
    spend(account, 50)
    clock.set(2026, 7, 1, 12)
    spend(account, 60)
    clock.set(2026, 7, 5, 10)
    spend(account, 70)
    late = hold(account, 0, 25)
    clock.set(2026, 7, 5, 12)
    with pytest.raises(OmegaError, match="cannot be limited to less than what is spent and held: 155 tokens/month"):
        opened(ledger, "150/month", raise_limit=True)
    assert account.remaining == 100
    account = opened(ledger, "200/month", raise_limit=True)
    assert figures(account) == (130, 25)
    settle(late, cost(0, 5))
    assert figures(account) == (135, 0)
    account = opened(ledger, "100/hour", raise_limit=True)
    assert figures(account) == (0, 0)
    account = opened(ledger, 500, raise_limit=True)
    assert figures(account) == (185, 0)


def test_raising_within_a_period_keeps_what_was_spent_in_it(ledger: FileLedger, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 90)
    with pytest.raises(OmegaError, match="cannot be limited to less"):
        opened(ledger, "80/day", raise_limit=True)
    assert opened(ledger, "120/day", raise_limit=True).remaining == 30
    assert opened(ledger, "120/day", timezone="Europe/Berlin", raise_limit=True).remaining == 30
    clock.set(2026, 7, 5, 22)
    # Another zone is no way to a second limit.
    assert opened(ledger, "120/day", raise_limit=True).remaining == 120
    assert opened(ledger, "120/day", timezone="UTC", raise_limit=True).remaining == 30


def test_a_hold_whose_process_is_gone_counts_where_it_began(ledger: FileLedger, clock: Clock) -> None:
    clock.set(2026, 7, 5, 23, 59, 30)
    account = opened(ledger, "100/day")
    lost = hold(account, 0, 70)
    clock.advance(120)
    spend(account, 90)
    assert figures(account) == (90, 0)
    assert account.all_time.spent_tokens == 160
    # A late answer corrects the day of its call, and no other.
    settle(lost, cost(0, 20))
    assert figures(account) == (90, 0)
    assert account.all_time.spent_tokens == 110
    assert query(Path(ledger.path), "SELECT used FROM periods ORDER BY id") == [(20,), (90,)]


def test_past_periods_stay_in_the_books(ledger: FileLedger, path: Path, clock: Clock) -> None:
    account = opened(ledger, "100/day", timezone="Europe/Berlin")
    for tokens in (10, 20, 0, 30):
        spend(account, tokens)
        clock.advance(DAY)
    told = show.contents(path)["periods"]
    assert [(each["start"], each["spent"]) for each in told] == [
        ("2026-07-05T00:00:00+02:00", 10),
        ("2026-07-06T00:00:00+02:00", 20),
        ("2026-07-08T00:00:00+02:00", 30),
    ]
    assert {(each["account"], each["unit"]) for each in told} == {("job", "day")}


def test_reset_begins_the_period_anew(ledger: FileLedger, path: Path, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    spend(account, 100)
    show.reset(path)
    assert (figures(account), account.remaining) == ((0, 0), 100)
    spend(account, 40)
    assert account.spent == account.all_time.spent_tokens == 40
    # What was taken off doesn't come back with another period of the same time.
    clock.advance(1)
    show.reset(path)
    clock.advance(1)
    spend(account, 10)
    assert opened(ledger, "100/week", raise_limit=True).spent == 10


def test_reset_mends_a_clock_that_was_ahead(ledger: FileLedger, path: Path, clock: Clock) -> None:
    account = opened(ledger, "100/day")
    clock.set(2199, 1, 1)
    spend(account, 100)
    clock.set(2026, 7, 5, 12)
    with pytest.raises(BudgetExceeded):
        hold(account, 0, 20)
    show.reset(path)
    spend(account, 100)
    clock.advance(DAY)
    assert account.remaining == 100


def test_reset_waits_for_calls_of_earlier_periods(ledger: FileLedger, path: Path, clock: Clock) -> None:
    account = opened(ledger, "100/hour")
    first = hold(account, 0, 10)
    clock.advance(HOUR)
    ledger.renew()
    with pytest.raises(OmegaError, match="has calls under way"):
        show.reset(path)
    ledger.void(first)


def test_a_figure_that_is_wrong_is_found(ledger: FileLedger, path: Path, clock: Clock) -> None:
    spend(opened(ledger, "100/day"), 50)
    change(path, "UPDATE periods SET used = 0, committed = 0")
    start = int(clock.time() - 12 * HOUR)
    with pytest.raises(LedgerFileError, match=f'a period of the account "job", from {start}, does not agree'):
        audit(path)
    change(path, "UPDATE periods SET used = 50, committed = 50")


def test_files_from_before_there_were_periods(tmp_path: Path, clock: Clock) -> None:
    from omega_runtime.ledger.sqlite.opening import connect

    path = tmp_path / "old"
    before = next(i for i, script in enumerate(MIGRATIONS) if "CREATE TABLE periods" in script)
    path.touch(0o600)
    with closing(connect(str(path))) as db:
        from omega_runtime.ledger.sqlite.schema import APPLICATION_ID

        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for script in MIGRATIONS[:before]:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {before}")
        db.execute("INSERT INTO accounts (name, parent, is_named, \"limit\", opened) VALUES ('job', 1, 1, 100, 0)")
    with closing(FileLedger(str(path), clock, keep=False)) as ledger:
        account = opened(ledger)
        assert (account.limit, account.period, account.periods) == (100, None, None)
        spend(account, 60)
        assert opened(ledger, "90/day", raise_limit=True).remaining == 30
    assert query(path, "PRAGMA user_version") == [(VERSION,)]
    assert audit(path) == []


def test_a_stored_zone_that_this_machine_does_not_know(ledger: FileLedger, path: Path) -> None:
    account = opened(ledger, "100/day", timezone="Europe/Berlin")
    change(path, "UPDATE accounts SET timezone = 'Europe/Nowhere' WHERE is_named")
    with pytest.raises(OmegaError, match='there is no time zone "Europe/Nowhere"'):
        hold(account, 0, 20)


def test_a_resumed_run_counts_what_it_paid_in_this_period(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set(2026, 7, 5, 23)
    monkeypatch.setattr("omega_runtime.ledger.ledger.SystemClock", lambda: clock)
    asked: list[str] = []

    def model(prompt: str) -> Reply:
        asked.append(prompt)
        return Reply(prompt, 5, 35)

    def run(resume: bool, *prompts: str) -> list[tuple[int | float, int]]:
        told = []
        limits: dict[str, Any] = {} if resume else {"tokens": "100/day"}
        with use_model(model), budget(**limits, ledger=path, run="r", resume=resume) as account:
            for prompt in prompts:
                told.append((account.outlook, account.spent))
                infer(SITE, prompt, max_tokens=50)
            told.append((account.outlook, account.spent))
        account.ledger.close()  # type: ignore[attr-defined]
        return told

    assert run(False, "a", "b") == [(100, 0), (60, 40), (20, 80)]
    # On the same day the program sees what it saw before.
    assert run(True, "a", "b") == [(100, 80), (60, 80), (20, 80)]
    clock.advance(2 * HOUR)
    # On the next day yesterday's answers take nothing from the limit, and give nothing back.
    assert run(True, "a", "b", "c") == [(100, 0), (100, 0), (100, 0), (60, 40)]
    assert run(True, "a", "b", "c") == [(100, 40), (100, 40), (100, 40), (60, 40)]
    assert asked == ["a", "b", "c"]


def test_replayed_answers_count_in_the_periods_of_budgets_inside(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omega_runtime.ledger.ledger.SystemClock", lambda: clock)

    def run(limit: str, resume: bool) -> list[int]:
        told = []
        with use_model(lambda prompt: Reply(prompt, 5, 35)), budget(ledger=path, run="r", resume=resume) as account:
            with budget(tokens=limit) as inner:
                for prompt in ("a", "b"):
                    infer(SITE, prompt, max_tokens=50)
                    told.append(inner.spent)
                told.append(inner.overrun)
                clock.advance(HOUR)
                told.append(inner.spent)
        account.ledger.close()  # type: ignore[attr-defined]
        assert audit(path) == []
        return told

    assert run("100/hour", False) == [40, 80, 0, 0]
    assert run("100/hour", True) == [40, 80, 0, 0]
    assert run("70/hour", True) == [40, 80, 10, 0]


WORKER = """
import sys
from omega_runtime import BudgetExceeded, Reply, budget, configure
from omega_runtime.calls import infer
from omega_runtime.places import Site
from omega_runtime.ledger import ledger
from tests.support.periods import Clock

class Racing(Clock):
    # A minute takes a tenth of a second, for all processes alike.
    def time(self):
        import time
        return 1.8e9 + (time.time() - float(sys.argv[2])) * 600
    def wait(self, condition, seconds):
        condition.wait(0.005)

ledger.SystemClock = lambda: Racing(2026, 7, 5)
site = Site("w.omega", 1, 1, "infer.op", "main", 1)
configure(lease=1e9)
with budget(tokens="200/minute", ledger=sys.argv[1], name="job"):
    from omega_runtime import use_model
    with use_model(lambda prompt: Reply("answer", 1, 19)):
        for _ in range(40):
            try:
                infer(site, "p", max_tokens=30)
            except BudgetExceeded as error:
                assert error.next_period is not None
"""


def test_processes_over_many_boundaries(path: Path) -> None:
    """For each minute: no more than its limit, whoever held and settled."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    began = str(time.time())
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, path, began], env=environment, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], said
    most, count = query(path, "SELECT max(used), count(*) FROM periods")[0]
    assert most <= 200
    assert count > 1
    assert query(path, "SELECT sum(used) FROM periods") == query(path, "SELECT used FROM accounts WHERE is_named")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.integers(1, 60)),
        st.tuples(st.sampled_from(["settle", "void", "unknown"]), st.integers(0, 5)),
        st.tuples(st.just("pass"), st.sampled_from([1, 61, 1800, 3600, 43_200, 86_400, 7 * 86_400])),
        st.tuples(st.just("back"), st.sampled_from([1, 61, 3600, 86_400])),
        st.tuples(st.just("raise"), st.sampled_from(["100/minute", "110/hour", "130/day", "150/week", "900/year"])),
    ),
    max_size=30,
)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_histories_with_changing_limits(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]) -> None:
    """Holds end long after their periods, clocks are put back, limits get other periods: the books balance."""
    clock = Clock(2026, 10, 24, 21, 30)
    path = tmp_path_factory.mktemp("history") / "ledger"
    with closing(FileLedger(str(path), clock, lease=1e9, keep=False)) as ledger:
        account = opened(ledger, "100/day", timezone="Europe/Berlin")
        holds: list[Any] = []
        for step, value in steps:
            if step == "hold":
                try:
                    holds.append(hold(account, 0, value, max_wait=0))
                except OmegaError:
                    continue
            elif step in ("pass", "back"):
                clock.advance(value) if step == "pass" else setattr(clock, "shift", clock.shift - value)
            elif step == "raise":
                with suppress(OmegaError):  # less than what is spent and held
                    opened(ledger, value, raise_limit=True)
            elif holds:
                ended = holds.pop(value % len(holds))
                if step == "settle":
                    settle(ended, cost(0, ended.tokens // 2))
                else:
                    (ledger.void if step == "void" else ledger.mark_unknown)(ended)
            row = account.figures
            assert row.limit_tokens is not None
            assert row.spent_tokens <= row.committed_tokens <= row.limit_tokens
            assert audit(path) == []
        for each in holds:
            ledger.void(each)
