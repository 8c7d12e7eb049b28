"""How long a call waits for room that another process gives back on a server, and how often a call goes there."""

from __future__ import annotations

import subprocess
import sys
from statistics import quantiles
from time import monotonic, sleep

from omega_runtime.ledger.account import Account
from omega_runtime.ledger.postgres.ledger import ServerLedger

from tests.support.counting_proxy import CountingProxy
from tests.support.ledgers import cost, hold, settle
from tests.support.servers import Server

# One call at a time fits.
LIMIT = 10**9
WORST_CASE = LIMIT // 2 + 10**6

# Longer than any wait here.
SECONDS_TO_WAIT = 60

# Seconds that answers take while round trips are counted.
AWAY = 0.02

# Told to, waits for room, says when it got it, and gives it back.
_WAITER = """
import sys
from time import monotonic
from benchmarks.ledgerwaits import SECONDS_TO_WAIT, WORST_CASE, account_on
from tests.support.ledgers import cost, hold, settle
account = account_on(sys.argv[1])
print("ready", flush=True)
for _ in sys.stdin:
    held = hold(account, 0, WORST_CASE, clamp=False, max_wait=SECONDS_TO_WAIT)
    got = monotonic()
    settle(held, cost(0, 1))
    print(got, flush=True)
account.ledger.close()
"""


def account_on(url: str) -> Account:
    """The account that all share, the innermost of three."""
    ledger = ServerLedger(url)
    outer: Account = ledger.root
    for name in ("outer", "middle", "inner"):
        outer = ledger.open_named(name, LIMIT, None, outer, False)  # type: ignore[arg-type]
    return outer


def wake_ups(server: Server, rounds: int) -> list[float]:
    """Milliseconds from the moment at which one process begins to settle until another, which waits, has its hold."""
    url = server.books()
    account = account_on(url)
    waiter = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _WAITER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert waiter.stdin is not None
    assert waiter.stdout is not None
    assert waiter.stdout.readline() == "ready\n"
    waits = []
    for _ in range(rounds):
        held = hold(account, 0, WORST_CASE, clamp=False)
        waiter.stdin.write("go\n")
        waiter.stdin.flush()
        while server.execute("SELECT 1 FROM omega.tickets", url.rpartition("/")[2]) == []:
            sleep(0.002)
        sleep(0.02)  # until it sleeps
        begun = monotonic()
        settle(held, cost(0, 1))
        waits.append((float(waiter.stdout.readline()) - begun) * 1000)
    waiter.communicate(timeout=60)
    account.ledger.close()  # type: ignore[attr-defined]
    return waits


def percentiles(values: list[float]) -> tuple[float, float]:
    """The median, and what 95 % of at least two values don't exceed."""
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def round_trips(server: Server, calls: int) -> tuple[float, float]:
    """How many it takes to hold and to settle a call that fits, on the average; a call was made before."""
    proxy = CountingProxy(server.port, AWAY)
    account = account_on(server.books().replace(f":{server.port}/", f":{proxy.port}/"))
    settle(hold(account, 0, 10), cost(0, 5))
    held, settled = 0, 0
    for _ in range(calls):
        before = proxy.count
        call = hold(account, 0, 10)
        between = proxy.count
        settle(call, cost(0, 5))
        held, settled = held + between - before, settled + proxy.count - between
    account.ledger.close()  # type: ignore[attr-defined]
    proxy.close()
    return held / calls, settled / calls
