"""Whether the books on a server agree with themselves; for roles that may read all tables."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.ledger.postgres.connection import Database

# What the figures of each account are made of: its calls and those inside, less what resets took off, and answers that
# were replayed in budgets of a run.
_ACCOUNTS = """
WITH made AS (
    SELECT x.above AS account, sum(c.spent_tokens) AS tokens, sum(c.spent_picodollars) AS picodollars,
        sum(c.tokens) FILTER (WHERE c.state = 'held') AS held,
        sum(c.picodollars) FILTER (WHERE c.state = 'held') AS held_picodollars
    FROM (SELECT id, unnest(path) AS above FROM omega.accounts) x JOIN omega.calls c ON c.account = x.id
    GROUP BY x.above
), taken AS (
    SELECT account, sum(tokens) AS tokens, sum(picodollars) AS picodollars FROM omega.resets GROUP BY account
), given AS (
    SELECT a.id AS account, sum(r.tokens) AS tokens, sum(r.picodollars) AS picodollars
    FROM omega.replays r JOIN omega.accounts i ON i.id = r.account JOIN omega.accounts a ON a.id = ANY (i.path)
    WHERE NOT EXISTS (
        SELECT 1 FROM omega.accounts n WHERE n.id = ANY (i.path) AND n.is_named AND n.id >= a.id
    )
    GROUP BY a.id
), expected AS (
    SELECT a.id, coalesce(made.tokens, 0) - coalesce(taken.tokens, 0) + coalesce(given.tokens, 0) AS tokens,
        coalesce(made.picodollars, 0) - coalesce(taken.picodollars, 0) + coalesce(given.picodollars, 0) AS picodollars,
        coalesce(held, 0) AS held, coalesce(held_picodollars, 0) AS held_picodollars
    FROM omega.accounts a LEFT JOIN made ON made.account = a.id LEFT JOIN taken ON taken.account = a.id
    LEFT JOIN given ON given.account = a.id
)
SELECT format('the account "%s" does not agree with its calls', name)
FROM omega.accounts a JOIN expected e USING (id)
WHERE a.spent_tokens != e.tokens OR a.committed_tokens != e.tokens + e.held
OR a.spent_picodollars != e.picodollars OR a.committed_picodollars != e.picodollars + e.held_picodollars
UNION ALL
SELECT format('the account "%s" has more than its limit', name) FROM omega.accounts
WHERE (period IS NULL AND committed_tokens > limit_tokens + overrun_tokens)
OR (dollar_period IS NULL AND committed_picodollars > limit_picodollars + overrun_picodollars)
UNION ALL
SELECT format('calls of account %s, which is not there', account) FROM omega.calls
WHERE account NOT IN (SELECT id FROM omega.accounts)
UNION ALL
SELECT format('a call is held by process %s, whose lease has ended', process)
FROM omega.calls JOIN omega.processes ON processes.id = process WHERE state = 'held' AND is_over
UNION ALL
SELECT format('an answer of run %s is of no settled call', run) FROM omega.replies r
WHERE NOT EXISTS (SELECT 1 FROM omega.calls c WHERE c.key = r.call AND c.state IN ('settled', 'unknown'))
"""

_PERIODS = """
WITH sums AS (
    SELECT p.id, sum(c.spent_tokens) AS tokens, sum(c.spent_picodollars) AS picodollars,
        sum(c.tokens) FILTER (WHERE c.state = 'held') AS held,
        sum(c.picodollars) FILTER (WHERE c.state = 'held') AS held_picodollars
    FROM omega.periods p JOIN omega.accounts a ON a.path @> ARRAY[p.account]
    JOIN omega.calls c ON c.account = a.id AND c.number BETWEEN p.first_call AND p.last_call
    GROUP BY p.id
)
SELECT format('a period of the account "%s", from %s, does not agree with its calls', a.name, p.start)
FROM omega.periods p JOIN omega.accounts a ON a.id = p.account LEFT JOIN sums s ON s.id = p.id
WHERE p.spent_tokens != coalesce(s.tokens, 0) + p.replayed_tokens
OR p.committed_tokens != p.spent_tokens + coalesce(s.held, 0)
OR p.spent_picodollars != coalesce(s.picodollars, 0) + p.replayed_picodollars
OR p.committed_picodollars != p.spent_picodollars + coalesce(s.held_picodollars, 0)
"""


def problems(db: Database) -> list[str]:
    """What does not agree, in words; all of it as of one moment."""
    db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return [text for query in (_ACCOUNTS, _PERIODS) for (text,) in db.execute(query.encode())]
    finally:
        db.execute("ROLLBACK")
