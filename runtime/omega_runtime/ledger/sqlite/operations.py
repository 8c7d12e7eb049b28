"""The operations of a ledger on the tables of its file; every function runs within a transaction."""

from __future__ import annotations

from omega_runtime.ledger.limits import Limits
from omega_runtime.ledger.outcomes import CLOSED, OVERRUN, SETTLED, UNKNOWN, VOIDED
from omega_runtime.ledger.sqlite import periods, queries
from omega_runtime.ledger.sqlite.queries import CallRow
from omega_runtime.ledger.stored import ROOT, check_not_too_low, misplaced, new_limits, storable
from omega_runtime.ledger.totals import Finished, line_of
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from omega_runtime.ledger.claim import Beside, Claim
    from omega_runtime.ledger.hold import Hold
    from omega_runtime.ledger.report_types import AccountLine
    from omega_runtime.ledger.shared import SharedAccount
    from omega_runtime.ledger.stored import AccountRow
    from omega_runtime.ledger.wish import Bill


def enter_process(db: Connection, pid: int, now: float) -> int:
    """Enter a process that has opened the file; its number."""
    done = db.execute("INSERT INTO processes (pid, started) VALUES (?, ?)", (pid, now))
    return int(done.lastrowid or 0)


def open_named(db: Connection, name: str, wanted: Limits, above: int, raise_limit: bool, now: float) -> AccountRow:
    """The account of this name, made when there is none; see `SharedLedger.open_named`."""
    name = storable(name)
    row = queries.find_named(db, name)
    if row is None:
        new = wanted.completed_by(Limits(None, None, None))
        account = queries.insert_account(db, name, new.tokens, new.picodollars, above, True, now, new.periods)
        return queries.account_row(db, account)
    if row.parent != above:
        parent, around = queries.account_row(db, row.parent or ROOT), queries.account_row(db, above)
        raise misplaced(row, parent, around, queries.chain(db, above))
    limits = new_limits(row, wanted, raise_limit)
    return row if limits is None else _replace_limits(db, row, limits, now)


def _replace_limits(db: Connection, row: AccountRow, limits: Limits, now: float) -> AccountRow:
    db.execute(
        'UPDATE accounts SET "limit" = ?, dollar_limit = ?, period = ?, dollar_period = ?, timezone = ? WHERE id = ?',
        (limits.tokens, limits.picodollars, *(limits.periods or (None, None, None)), row.id),
    )
    if limits.periods != row.periods:
        periods.restart(db, row.id, limits.periods, now)
    changed = queries.account_row(db, row.id)
    check_not_too_low(row, changed, periods.figures_at(db, changed, now))
    return changed


def is_queued_before(db: Connection, account: int, number: int | None) -> bool:
    """Whether an earlier call than that of the ticket (any call, for None) waits for this account."""
    found = db.execute(
        "SELECT 1 FROM tickets WHERE account = ? AND (? IS NULL OR number < ?) LIMIT 1", (account, number, number)
    )
    return found.fetchone() is not None


def queue(db: Connection, account: int, number: int | None, process: int, lease: float) -> int:
    """Stand in the queue of an account, with the ticket's number if that is still valid; the ticket's number.

    Nothing is written for who stands there already: others would take it for news, and look again in their turn.
    """
    found = db.execute("SELECT account, number FROM tickets WHERE number = ?", (number,)).fetchone()
    if found is not None:
        if found[0] != account:
            db.execute("UPDATE tickets SET account = ? WHERE number = ?", (account, number))
        return int(found[1])
    done = db.execute("INSERT INTO tickets (account, process, lease) VALUES (?, ?, ?)", (account, process, lease))
    return int(done.lastrowid or 0)


def leave(db: Connection, number: int | None) -> None:
    """Leave the queue."""
    db.execute("DELETE FROM tickets WHERE number = ?", (number,))


def grant(
    db: Connection,
    claim: Claim[SharedAccount],
    output: int,
    rows: list[AccountRow],
    process: int,
    now: float,
    lease: float,
) -> int:
    """Hold a claim with so much output on all its accounts, whose rows are given; the id of the call."""
    request, accounts = claim.request, claim.account.chain
    tokens, picodollars = claim.prompt + output, claim.picodollars(output)
    journal = accounts[0].journal
    done = db.execute(
        "INSERT INTO calls (account, process, site, model, attempt, state, tokens, cost, is_priced, is_clamped, lease, "
        "started, run) VALUES (?, ?, ?, ?, ?, 'held', ?, ?, ?, ?, ?, ?, ?)",
        (
            accounts[0].id,
            process,
            queries.site_id(db, request.site),
            storable(request.model),
            claim.hold.attempt,
            tokens,
            picodollars,
            request.price is not None,
            output < request.wanted,
            lease,
            now,
            journal.run if journal is not None else None,
        ),
    )
    call = int(done.lastrowid or 0)
    for row in rows:
        periods.enter(db, row, call, now)
    queries.change(db, [row.id for row in rows], committed_tokens=tokens, committed_picodollars=picodollars, call=call)
    return call


def is_held(db: Connection, call: int) -> bool:
    """Whether nothing has ended a hold."""
    return queries.find_call(db, call).state == "held"


def cut_down(db: Connection, beside: Beside[SharedAccount], now: float) -> None:
    """Release what is cut off from a hold; all of it ends the hold."""
    call = queries.find_call(db, beside.hold.call)
    queries.change(
        db,
        queries.chain(db, call.account),
        committed_tokens=beside.tokens - call.tokens,
        committed_picodollars=beside.picodollars - call.picodollars,
        call=call.id,
    )
    db.execute("UPDATE calls SET tokens = ?, cost = ? WHERE id = ?", (beside.tokens, beside.picodollars, call.id))
    if not beside.tokens:
        db.execute("UPDATE calls SET state = 'voided', ended = ? WHERE id = ?", (now, call.id))


def settle(db: Connection, hold: Hold[SharedAccount], bill: Bill, picodollars: int, now: float) -> str:
    """Book what a call really cost; a hold whose lease has ended is corrected, once."""
    call = queries.find_call(db, hold.call)
    if call.state == "unknown":  # by a reset, which came before the answer: that is good all the same
        return SETTLED
    if call.state not in ("held", "expired"):
        return CLOSED
    tokens = bill.input_tokens + bill.output_tokens
    over_tokens, over_picodollars = max(0, tokens - call.tokens), max(0, picodollars - call.picodollars)
    _book(db, call, tokens, picodollars, over_tokens, over_picodollars, is_priced=hold.request.price is not None)
    db.execute(
        "UPDATE calls SET state = 'settled', ended = ?, input_tokens = ?, output_tokens = ?, spent_tokens = ?, "
        "spent_cost = ?, is_overrun = ?, is_truncated = ? WHERE id = ?",
        (
            now,
            bill.input_tokens,
            bill.output_tokens,
            tokens,
            picodollars,
            bool(over_tokens or over_picodollars),
            bill.stop_reason == "max_tokens",
            call.id,
        ),
    )
    return OVERRUN if over_tokens or over_picodollars else SETTLED


def mark_unknown(db: Connection, hold: Hold[SharedAccount], now: float) -> str:
    """Book the whole hold of a call that may have been billed."""
    call = queries.find_call(db, hold.call)
    if call.state not in ("held", "expired"):
        return CLOSED
    _book(db, call, call.tokens, call.picodollars, is_priced=hold.request.price is not None)
    db.execute(
        "UPDATE calls SET state = 'unknown', ended = ?, spent_tokens = tokens, spent_cost = cost WHERE id = ?",
        (now, call.id),
    )
    return UNKNOWN


def void(db: Connection, hold: Hold[SharedAccount], now: float) -> str:
    """Release the whole hold of a call that was not billed."""
    call = queries.find_call(db, hold.call)
    if call.state not in ("held", "expired"):
        return CLOSED
    _book(db, call, 0, 0)
    db.execute(
        "UPDATE calls SET state = 'voided', ended = ?, spent_tokens = 0, spent_cost = 0 WHERE id = ?", (now, call.id)
    )
    return VOIDED


def _book(
    db: Connection,
    call: CallRow,
    tokens: int,
    picodollars: int,
    over_tokens: int = 0,
    over_picodollars: int = 0,
    is_priced: bool = True,
) -> None:
    """Turn what is held into what was spent; what counted as spent since the lease ended is taken back."""
    tokens_before, picodollars_before = (call.tokens, call.picodollars) if call.state == "expired" else (0, 0)
    queries.change(
        db,
        queries.chain(db, call.account),
        spent_tokens=tokens - tokens_before,
        committed_tokens=tokens - call.tokens,
        spent_picodollars=picodollars - picodollars_before,
        committed_picodollars=picodollars - call.picodollars,
        overrun_tokens=over_tokens,
        overrun_picodollars=over_picodollars,
        is_priced=is_priced,
        call=call.id,
    )


def renew(db: Connection, calls: list[int], tickets: list[int], lease: float, ticket_lease: float) -> list[int]:
    """Put off the end of these leases; the calls that are still held."""
    # One that was left to a batch meanwhile has a longer lease.
    sql = "UPDATE calls SET lease = max(lease, ?) WHERE id = ? AND state = 'held'"
    held = [each for each in calls if db.execute(sql, (lease, each)).rowcount]
    db.executemany("UPDATE tickets SET lease = ? WHERE number = ?", [(ticket_lease, each) for each in tickets])
    return held


def reset(db: Connection, account: int, now: float) -> None:
    """Take what was spent off an account, so that its whole limit is there again; the calls stay in the books.

    Raises OmegaError while calls are under way.
    """
    queries.expire(db, now)
    row = queries.account_row(db, account)
    if row.committed_tokens != row.spent_tokens or row.committed_picodollars != row.spent_picodollars:
        raise OmegaError(
            f'the account "{row.name}" has calls under way; wait until they have ended or, where their process is '
            "gone, until their leases have (omegac ledger show says when)"
        )
    # A late answer must not take back what no longer counts.
    db.execute(
        "WITH RECURSIVE inside (id) AS (SELECT ? UNION ALL SELECT accounts.id FROM accounts JOIN inside "
        "ON accounts.parent = inside.id) "
        "UPDATE calls SET state = 'unknown' WHERE state = 'expired' AND account IN (SELECT id FROM inside)",
        (account,),
    )
    db.execute("INSERT INTO resets VALUES (?, ?, ?, ?)", (account, now, row.spent_tokens, row.spent_picodollars))
    periods.close_all(db, account)
    db.execute(
        "UPDATE accounts SET used = 0, committed = 0, dollars_used = 0, dollars_committed = 0, tokens_overrun = 0, "
        "dollars_overrun = 0, is_priced = 1 WHERE id = ?",
        (account,),
    )


def summary(db: Connection, now: float) -> list[AccountLine]:
    """Lines of a report: the root first, open and named accounts one by one, ended scopes summed by name."""
    ended: dict[str, Finished] = {}
    lines = []
    for row in [queries.account_row(db, ROOT), *queries.account_rows(db)]:
        if row.is_open or row.spent_tokens != row.committed_tokens:
            lines.append(line_of(row.name, periods.figures_at(db, row, now), row.periods))
        else:
            ended.setdefault(row.name, Finished()).add(row, row.periods)
    return lines + [each.line(name) for name, each in ended.items()]
