-- Reports, and what is for who looks after the books.

-- What was counted for each site and model, by one process (its origin) or by all.
CREATE FUNCTION entries(origin_ bigint) RETURNS TABLE (
    file_ text, line_ bigint, column_ bigint, operation_ text, procedure_ text, ordinal_ bigint, model_ text,
    counters_ bigint[]
) LANGUAGE sql AS $$
    SELECT
        s.file, s.line, s."column", s.operation, s.procedure, s.ordinal, c.model,
        ARRAY[
            count(*) FILTER (WHERE state = 'settled'),
            coalesce(sum(input_tokens) FILTER (WHERE state = 'settled'), 0),
            coalesce(sum(output_tokens) FILTER (WHERE state = 'settled'), 0),
            count(*) FILTER (WHERE state IN ('unknown', 'expired')),
            coalesce(sum(tokens) FILTER (WHERE state IN ('unknown', 'expired')), 0),
            count(*) FILTER (WHERE state = 'voided' AND attempt > 0),
            count(*) FILTER (WHERE is_overrun),
            count(*) FILTER (WHERE is_truncated),
            count(*) FILTER (WHERE is_truncated AND is_clamped),
            count(*) FILTER (WHERE is_clamped),
            coalesce(sum(spent_picodollars), 0),
            count(*) FILTER (WHERE state IN ('settled', 'unknown', 'expired') AND NOT is_priced)
        ]::bigint[]
    FROM omega.calls c JOIN omega.sites s ON s.id = c.site
    WHERE origin_ IS NULL OR c.process IN (SELECT id FROM omega.processes WHERE origin = origin_)
    GROUP BY s.id, c.model
$$;

-- What was booked for each model on each day, in UTC: of settled calls, and apart what may have been billed besides.
CREATE FUNCTION bookings() RETURNS TABLE (
    day_ text, model_ text, input_tokens_ bigint, output_tokens_ bigint, picodollars_ bigint, is_priced_ boolean,
    unknown_tokens_ bigint, unknown_picodollars_ bigint
) LANGUAGE sql AS $$
    SELECT
        to_char(to_timestamp(started) AT TIME ZONE 'UTC', 'YYYY-MM-DD'), model, sum(input_tokens)::bigint,
        sum(output_tokens)::bigint, coalesce(sum(spent_picodollars) FILTER (WHERE state = 'settled'), 0)::bigint,
        bool_and(is_priced), coalesce(sum(spent_tokens) FILTER (WHERE state != 'settled'), 0)::bigint,
        coalesce(sum(spent_picodollars) FILTER (WHERE state != 'settled'), 0)::bigint
    FROM omega.calls WHERE state IN ('settled', 'unknown', 'expired') GROUP BY 1, 2 ORDER BY 1, 2
$$;

-- What the calls cost that were held since then, in pieces of time of so many seconds.
CREATE FUNCTION spending(seconds_ bigint, since_ double precision) RETURNS TABLE (
    start_ bigint, calls_ bigint, tokens_ bigint, picodollars_ bigint, is_priced_ boolean
) LANGUAGE sql AS $$
    SELECT
        floor(started / seconds_)::bigint * seconds_, count(*), sum(spent_tokens)::bigint,
        sum(spent_picodollars)::bigint, bool_and(is_priced)
    FROM omega.calls WHERE started >= since_ AND state IN ('settled', 'unknown', 'expired') GROUP BY 1 ORDER BY 1
$$;

-- The calls that are under way: processes that are over have none.
CREATE FUNCTION held_calls() RETURNS SETOF call_lines LANGUAGE sql AS
    'SELECT * FROM omega.call_lines WHERE state = ''held'' AND NOT is_over ORDER BY number';

-- Those that cost more than was held.
CREATE FUNCTION overruns() RETURNS SETOF call_lines LANGUAGE sql AS
    'SELECT * FROM omega.call_lines WHERE is_overrun ORDER BY number';

-- All periods in which calls were held, oldest first.
CREATE FUNCTION all_periods() RETURNS TABLE (
    account_ text, unit_ text, start_ bigint, stop_ bigint, timezone_ text, spent_ bigint, overrun_ bigint,
    picodollars_ bigint, overrun_picodollars_ bigint, is_priced_ boolean
) LANGUAGE sql AS $$
    SELECT
        a.name, p.unit, p.start, p.stop, coalesce(a.timezone, 'UTC'), p.spent_tokens, p.overrun_tokens,
        p.spent_picodollars, p.overrun_picodollars, p.is_priced
    FROM omega.periods p JOIN omega.accounts a ON a.id = p.account ORDER BY p.id
$$;

CREATE FUNCTION record_task(
    key_ uuid, task_ text, tokens_ bigint, picodollars_ bigint, calls_ bigint, seconds_ double precision,
    is_complete_ boolean, ended_ double precision
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO omega.tasks (key, task, tokens, picodollars, calls, seconds, is_complete, ended)
    VALUES (key_, task_, tokens_, picodollars_, calls_, seconds_, is_complete_, ended_) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION all_tasks() RETURNS SETOF tasks LANGUAGE sql AS 'SELECT * FROM omega.tasks ORDER BY id';

-- For who looks after the books

-- Take what was spent off a named account, so that its whole limit is there again; the calls stay in the books. False
-- while calls are under way.
CREATE FUNCTION reset(account_ bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    next_ bigint;
    row_ accounts;
BEGIN
    -- A late answer must not take back what no longer counts.
    PERFORM 1 FROM calls WHERE state = 'expired' AND account IN (SELECT inside(account_)) ORDER BY key FOR NO KEY UPDATE;
    PERFORM lock_accounts((SELECT path FROM accounts WHERE id = account_));
    SELECT * INTO row_ FROM accounts WHERE id = account_;
    IF row_.committed_tokens != row_.spent_tokens OR row_.committed_picodollars != row_.spent_picodollars THEN
        RETURN false;
    END IF;
    UPDATE calls SET state = 'unknown' WHERE state = 'expired' AND account IN (SELECT inside(account_));
    INSERT INTO resets (account, time, tokens, picodollars)
    VALUES (account_, server_time(), row_.spent_tokens, row_.spent_picodollars);
    next_ := nextval('call_numbers');
    UPDATE periods SET last_call = next_ - 1 WHERE account = account_ AND last_call = 9223372036854775807;
    UPDATE accounts SET
        spent_tokens = 0, committed_tokens = 0, overrun_tokens = 0, spent_picodollars = 0, committed_picodollars = 0,
        overrun_picodollars = 0, is_priced = true
    WHERE id = account_;
    PERFORM wake(row_.path);
    RETURN true;
END $$;
