"""One of several processes that share a ledger file; `tests/guarantee/team.py` starts it.

Arguments: the ledger file, the lease in seconds. Standard input: the prompts, as one line of JSON, when it is time to
begin; they come after this has said that it is ready. Standard output: what became of them, as one line of JSON.
"""

from __future__ import annotations

import json
import sys

import anthropic  # noqa: F401 (so that all processes begin at the same time)
import guarantee_program
import omega_runtime

from benchmarks.guarantee import MODEL, TOKENS, Outcome, call_at_once


def main(ledger: str, lease: float) -> None:
    """Spend from the shared account."""
    omega_runtime.configure(model=MODEL, lease=lease, retries=10, retry_wait=0.02)
    outcome = Outcome()
    with omega_runtime.budget(tokens=TOKENS, ledger=ledger, name="team"):
        print("ready", flush=True)
        call_at_once(guarantee_program.ask, json.loads(sys.stdin.readline()), outcome)
    refusals = {prompt: [error.needed, error.available] for prompt, error in outcome.refusals.items()}
    failures = {prompt: str(error) for prompt, error in outcome.failures.items()}
    print(json.dumps({"answers": outcome.answers, "refusals": refusals, "failures": failures}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
