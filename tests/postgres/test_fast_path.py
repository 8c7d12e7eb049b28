"""What a function on the server grants in one round trip is exactly what `decide` grants as it was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omega_runtime.ledger.claim import GRANTED, Claim, decide
from omega_runtime.ledger.limits import Limits, Periods
from omega_runtime.ledger.postgres import ledger as module
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.reading import value
from omega_runtime.ledger.postgres.rows import current_row, new_spans
from omega_runtime.testing import FakeClock

from tests.support.auditor import FlatPrice, Rates
from tests.support.ledgers import Asked, Figures, cost, hold, request, settle
from tests.support.servers import Server, SteeredLedger

PRICE = FlatPrice(Rates(10, 12, 1, 50))

limits = st.none() | st.integers(0, 400)
accounts = st.tuples(limits, st.none() | st.integers(0, 12_000), st.sampled_from((None, "minute", "day")))
wishes = st.tuples(st.integers(0, 120), st.integers(1, 200), st.booleans(), st.booleans())


@pytest.fixture(scope="module")
def ledger() -> Iterator[SteeredLedger]:
    from tests.support.servers import shared_server

    made = SteeredLedger(shared_server().books(is_steered=True), FakeClock(), lease=1e9)
    yield made
    made.close()


def opened(ledger: SteeredLedger, described: Any) -> Any:
    """Nested accounts, the outermost first."""
    around = ledger.root
    for tokens, dollars, period in described:
        periods = Limits(tokens, dollars, Periods(period, None, "UTC") if period else None)
        whole = periods.completed_by(Limits(None, None, None))
        around = ledger.open_account("a", tokens, around, dollars, whole.periods)
    return around


def decided(ledger: SteeredLedger, claim: Claim[Any], key: uuid.UUID) -> tuple[bool, bool]:
    """Whether `decide` grants all that is wished for, and whether a period has to begin; nothing is changed."""

    def work(db: Any) -> tuple[bool, bool]:
        found = value(db, "look", key, ledger.process, claim.account.id, None)
        standings = {each["id"]: each for each in found["accounts"]}
        figures = [(each, current_row(standings[each.id], found["time"])) for each in claim.account.chain]
        decision = decide(claim, figures, lambda each: standings[each.id]["first"] is not None)
        is_whole = decision.outcome == GRANTED and decision.output == claim.request.wanted
        return is_whole, bool(new_spans(found["accounts"], found["time"]))

    return ledger.transact(work)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(accounts, min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(1, 150), st.booleans()), max_size=3),
    wishes,
    st.booleans(),
)
def test_if_and_only_if(ledger: SteeredLedger, described: Any, earlier: Any, wish: Any, waits: bool) -> None:
    account = opened(ledger, described)
    held = []
    for tokens, is_settled in earlier:
        try:
            one = hold(account, 0, tokens, price=PRICE, clamp=True, floor=1, max_wait=0)
        except Exception:
            continue
        held.append(one)
        if is_settled:
            settle(one, cost(0, tokens // 2))
    if waits:
        ledger.commits.run(module.Operation("queue", uuid.uuid4(), ledger.process, account.id))
    prompt, wanted, is_priced, clamp = wish
    claim = Claim(Asked(account, request(wanted, Figures(prompt), clamp, PRICE if is_priced else None)), prompt, 16)
    claim.counted = True
    key = uuid.uuid4()
    expected, must_begin = decided(ledger, claim, key)
    state = ledger.commits.run(module._reserve(claim, key.int, ledger.process, ledger._site_of(claim.request.site)))
    assert state in ("granted", "no")
    if state == "granted":
        assert expected
    else:
        assert not expected or must_begin
    if state == "granted":
        ledger.commits.run(module._void(key.int, ledger.process, account))
    for one in held:
        ledger.void(one)


def test_a_call_that_fits_is_one_round_trip(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = module.ServerLedger(server.books(), keep=False)
    account = ledger.open_account("a", 1000, ledger.root)
    settle(hold(account, 0, 10), cost(0, 5))  # the site is known from here on
    trips: list[int] = []
    connection_run = Connection.run_locked

    def counted(self: Any, work: Any) -> Any:
        trips.append(1)
        return connection_run(self, work)

    monkeypatch.setattr(Connection, "run_locked", counted)
    one = hold(account, 0, 10)
    assert trips == [1]
    settle(one, cost(0, 5))
    assert trips == [1, 1]
    ledger.close()
