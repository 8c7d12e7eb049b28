"""`python -m benchmarks.conformance [CALLS]`: random calls of every provider, against servers that bill all they may.

A line for each provider says what was billed beyond what was booked, which is nothing, and how close the bounds are:
to the most that a server may bill for the input, and to what a tokenizer counts of it.
"""

from __future__ import annotations

import sys

from tests.support.conformance import EMBEDDING_SUBJECTS, SUBJECTS, Result, random_calls

ALL = (*SUBJECTS, *EMBEDDING_SUBJECTS)
CALLS = 16_200
# Calls on one server.
_ROUND = 100


def main(calls: int) -> int:
    """Print a line for each provider; the number of calls that cost more than was held."""
    beyond = 0
    total = Result("all")
    for subject in ALL:
        result = Result(subject.name)
        for seed in range(-(-calls // len(ALL) // _ROUND)):
            result.add(random_calls(subject, seed, _ROUND))
        print(result, flush=True)
        for each in result.beyond:
            print(f"  {each}", flush=True)
        beyond += len(result.beyond)
        total.add(result)
    print(total)
    return beyond


if __name__ == "__main__":
    sys.exit(min(1, main(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)))
