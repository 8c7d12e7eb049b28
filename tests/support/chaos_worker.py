"""A process that makes calls from a shared account on a server until its time is over, and logs what it was told.

Its argument is JSON: url, seconds, lease, threads, seed, log. Each line of the log was written when what it says was
certain: R (held), A (answered, at this cost), S (booked), V (given back), each with the number of the call, and tokens.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from omega_runtime.ledger.errors import BudgetExceeded, LedgerFileError
from omega_runtime.ledger.postgres.ledger import ServerLedger
from omega_runtime.models.reply import Reply

from tests.support.ledgers import hold, settle

LIMIT = 400_000
NAME = "team"


def main(options: dict[str, Any]) -> None:
    ledger = ServerLedger(options["url"], lease=options["lease"])
    whole = ledger.open_named(NAME, LIMIT, None, ledger.root, False)
    account = ledger.open_account("part", 1000 * options["threads"], ledger.root if options.get("apart") else whole)
    end = time.monotonic() + options["seconds"]
    with Path(options["log"]).open("w", buffering=1) as log:

        def call(chance: random.Random) -> None:
            held = hold(account if chance.random() < 0.3 else whole, 10, chance.randint(20, 90), max_wait=5)
            print("R", held.call, held.tokens, file=log)
            time.sleep(chance.random() * 0.004)
            if not ledger.confirm(held) or chance.random() < 0.1:
                ledger.void(held)
                print("V", held.call, 0, file=log)
                return
            tokens = chance.randint(10, held.tokens)
            print("A", held.call, tokens, file=log)
            settle(held, Reply("", 10, tokens - 10))
            if held.call not in ledger.holds:
                print("S", held.call, tokens, file=log)

        def work(number: int) -> None:
            chance = random.Random(f"{options['seed']} {number}")
            while time.monotonic() < end:
                try:
                    call(chance)
                except BudgetExceeded:
                    time.sleep(0.05)
                except LedgerFileError as error:
                    print("E", 0, 0, error, file=log)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(options["threads"])]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        ledger.close()
        print("done", 0, 0, file=log)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
