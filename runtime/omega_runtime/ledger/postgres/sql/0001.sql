-- Version 1 of the books. Tokens and picodollars are integers, times are seconds since 1970 by the server's clock.
--
-- Whoever needs several locks takes them in this order: the pulse, a process, calls by key, accounts by id descending.
-- Each statement sees what was committed before it began (READ COMMITTED), so what is read once the accounts are locked
-- is what it will be until the end of the transaction.

CREATE TABLE versions (version integer NOT NULL);

CREATE TABLE accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Chosen by the client, so that opening an account may be repeated.
    key uuid NOT NULL UNIQUE,
    name text NOT NULL,
    parent bigint REFERENCES accounts,
    -- Itself and those around, innermost first, but for the root: ids descend.
    path bigint[] NOT NULL,
    is_named boolean NOT NULL,
    is_open boolean NOT NULL DEFAULT true,
    limit_tokens bigint CHECK (limit_tokens >= 0),
    spent_tokens bigint NOT NULL DEFAULT 0,
    committed_tokens bigint NOT NULL DEFAULT 0,
    overrun_tokens bigint NOT NULL DEFAULT 0,
    limit_picodollars bigint CHECK (limit_picodollars >= 0),
    spent_picodollars bigint NOT NULL DEFAULT 0,
    committed_picodollars bigint NOT NULL DEFAULT 0,
    overrun_picodollars bigint NOT NULL DEFAULT 0,
    is_priced boolean NOT NULL DEFAULT true,
    opened double precision NOT NULL,
    -- Over what it counts its tokens and its dollars (NULL is all time), and on the clocks of which time zone. The
    -- figures here are always those of all time.
    period text CHECK (period IN ('minute', 'hour', 'day', 'week', 'month', 'year')),
    dollar_period text CHECK (dollar_period IN ('minute', 'hour', 'day', 'week', 'month', 'year')),
    timezone text,
    CHECK (0 <= spent_tokens AND spent_tokens <= committed_tokens),
    CHECK (0 <= spent_picodollars AND spent_picodollars <= committed_picodollars)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE UNIQUE INDEX account_names ON accounts (name) WHERE is_named;
CREATE INDEX account_parents ON accounts (parent);

-- A process that has the ledger open. Its lease is that of all its holds; once that has ended (`is_over`), it gets another
-- row, with the same `origin`.
CREATE TABLE processes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin bigint NOT NULL,
    machine text NOT NULL,
    pid bigint NOT NULL,
    started double precision NOT NULL,
    lease double precision NOT NULL,
    lease_end double precision NOT NULL,
    ticket_lease double precision NOT NULL,
    ticket_end double precision NOT NULL,
    is_over boolean NOT NULL DEFAULT false
) WITH (fillfactor = 50);
CREATE INDEX processes_alive ON processes (lease_end) WHERE NOT is_over;
CREATE INDEX processes_origins ON processes (origin);

-- When somebody was last heard, and since when that is so again after nobody could be: no lease ends within its length
-- of that.
CREATE TABLE pulse (seen double precision NOT NULL, resumed double precision NOT NULL) WITH (fillfactor = 20);

CREATE TABLE sites (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file text NOT NULL,
    line bigint NOT NULL,
    "column" bigint NOT NULL,
    operation text NOT NULL,
    procedure text NOT NULL,
    ordinal bigint NOT NULL,
    UNIQUE (file, line, "column", operation, procedure, ordinal)
);

-- One attempt at a call: what was held for it, and what became of it. `number` is given while all its accounts are
-- locked, so that it tells the order on each account; it is 0 for what was voided before it was held. Only functions
-- write here, so there are no foreign keys: each would lock a row that others update.
CREATE SEQUENCE call_numbers;
CREATE TABLE calls (
    key uuid PRIMARY KEY,
    number bigint NOT NULL,
    account bigint NOT NULL,
    process bigint NOT NULL,
    site bigint NOT NULL,
    model text NOT NULL,
    attempt integer NOT NULL,
    state text NOT NULL CHECK (state IN ('held', 'settled', 'unknown', 'voided', 'expired')),
    tokens bigint NOT NULL,
    picodollars bigint NOT NULL,
    is_priced boolean NOT NULL,
    is_clamped boolean NOT NULL,
    started double precision NOT NULL,
    ended double precision,
    run bigint,
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    spent_tokens bigint NOT NULL DEFAULT 0,
    spent_picodollars bigint NOT NULL DEFAULT 0,
    is_overrun boolean NOT NULL DEFAULT false,
    is_truncated boolean NOT NULL DEFAULT false
) WITH (fillfactor = 70);
CREATE INDEX calls_processes ON calls (process);
CREATE INDEX calls_runs ON calls (run) WHERE run IS NOT NULL;

-- Calls that wait for room, first come, first served on each account.
CREATE TABLE tickets (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    account bigint NOT NULL,
    process bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX ticket_accounts ON tickets (account, number);

-- A period of an account: the calls in the account, and in those inside, from `first_call` to `last_call`, which is the
-- largest number while the period is open. `replayed` is what replayed answers count for among what is spent.
CREATE TABLE periods (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bigint NOT NULL,
    unit text NOT NULL,
    start bigint NOT NULL,
    stop bigint NOT NULL,
    first_call bigint NOT NULL,
    last_call bigint NOT NULL DEFAULT 9223372036854775807,
    spent_tokens bigint NOT NULL DEFAULT 0,
    committed_tokens bigint NOT NULL DEFAULT 0,
    overrun_tokens bigint NOT NULL DEFAULT 0,
    spent_picodollars bigint NOT NULL DEFAULT 0,
    committed_picodollars bigint NOT NULL DEFAULT 0,
    overrun_picodollars bigint NOT NULL DEFAULT 0,
    is_priced boolean NOT NULL DEFAULT true,
    replayed_tokens bigint NOT NULL DEFAULT 0 CHECK (replayed_tokens >= 0),
    replayed_picodollars bigint NOT NULL DEFAULT 0 CHECK (replayed_picodollars >= 0)
) WITH (fillfactor = 20);
CREATE INDEX periods_calls ON periods (account, last_call);
CREATE UNIQUE INDEX periods_open ON periods (account, unit) WHERE last_call = 9223372036854775807;

-- What a reset took off an account's spending.
CREATE TABLE resets (
    account bigint NOT NULL,
    time double precision NOT NULL,
    tokens bigint NOT NULL,
    picodollars bigint NOT NULL
);

-- One execution of a program, with all its resumptions; `process` is the origin of the one that has it.
CREATE TABLE runs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    program text NOT NULL,
    source_hash text NOT NULL,
    account bigint NOT NULL,
    process bigint NOT NULL,
    started double precision NOT NULL,
    is_complete boolean NOT NULL DEFAULT false
);
CREATE INDEX runs_programs ON runs (program, account);

-- Answers that were paid for, as UTF-8 in which lone surrogates pass.
CREATE TABLE replies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run bigint NOT NULL,
    call uuid NOT NULL UNIQUE,
    key text NOT NULL,
    path text NOT NULL,
    text bytea NOT NULL,
    stop_reason text,
    -- What else an answer came with, as the JSON text of an object.
    details text
);
CREATE INDEX replies_runs ON replies (run);

-- Answers that a resumed run got again, for nothing, and what they count for in the budgets opened within it.
CREATE TABLE replays (
    key uuid PRIMARY KEY,
    reply bigint NOT NULL,
    process bigint NOT NULL,
    account bigint NOT NULL,
    tokens bigint NOT NULL,
    picodollars bigint NOT NULL
);

-- What tasks have cost, for forecasts.
CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    task text NOT NULL,
    tokens bigint NOT NULL,
    picodollars bigint,
    calls bigint NOT NULL,
    seconds double precision NOT NULL,
    is_complete boolean NOT NULL,
    ended double precision NOT NULL
);

-- An account with the figures of its open periods beside its own.
CREATE VIEW standings AS
SELECT
    a.id, a.name, a.parent, a.is_named, a.is_open,
    a.limit_tokens, a.spent_tokens, a.committed_tokens, a.overrun_tokens,
    a.limit_picodollars, a.spent_picodollars, a.committed_picodollars, a.overrun_picodollars,
    a.is_priced, a.period, a.dollar_period, a.timezone,
    t.stop AS token_stop, t.first_call AS token_first_call, t.spent_tokens AS period_spent_tokens,
    t.committed_tokens AS period_committed_tokens, t.overrun_tokens AS period_overrun_tokens,
    d.stop AS dollar_stop, d.first_call AS dollar_first_call, d.spent_picodollars AS period_spent_picodollars,
    d.committed_picodollars AS period_committed_picodollars, d.overrun_picodollars AS period_overrun_picodollars,
    d.is_priced AS period_is_priced
FROM accounts a
LEFT JOIN periods t ON t.account = a.id AND t.unit = a.period AND t.last_call = 9223372036854775807
LEFT JOIN periods d ON d.account = a.id AND d.unit = a.dollar_period AND d.last_call = 9223372036854775807;
