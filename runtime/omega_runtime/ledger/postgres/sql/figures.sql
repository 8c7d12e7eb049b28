-- The functions of the books: all that a worker's role may do. They are made anew with each version.

CREATE FUNCTION version() RETURNS integer LANGUAGE sql AS 'SELECT version FROM omega.versions';

CREATE FUNCTION server_time() RETURNS double precision LANGUAGE sql AS
    $$SELECT date_part('epoch', clock_timestamp())$$;

-- Since when leases could be renewed without a break: the server's start, or the end of its latest standstill.
CREATE FUNCTION awake_since() RETURNS double precision LANGUAGE sql AS
    'SELECT greatest(extract(epoch FROM pg_postmaster_start_time())::double precision, (SELECT resumed FROM omega.pulse))';

-- Note that somebody was heard; `gap_` is how long there may be silence while all is well.
CREATE FUNCTION note_pulse(gap_ double precision) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    time_ double precision := server_time();
BEGIN
    UPDATE pulse SET seen = greatest(seen, time_), resumed = CASE WHEN time_ - seen > gap_ THEN time_ ELSE resumed END
    WHERE seen < time_ - gap_ / 8;
END $$;

-- Locks

-- Whether a process is there and its lease lasts; that stays so until the end of the transaction.
CREATE FUNCTION is_entered(process_ bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1332569953, process_::integer);
    RETURN EXISTS (SELECT 1 FROM processes WHERE id = process_ AND NOT is_over AND lease_end >= server_time());
END $$;

CREATE FUNCTION lock_accounts(accounts_ bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts WHERE id = ANY (accounts_) ORDER BY id DESC FOR NO KEY UPDATE;
END $$;

-- Take all locks that a batch of operations needs, in their order.
CREATE FUNCTION lock_batch(processes_ bigint[], keys_ uuid[], accounts_ bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1332569953, each_::integer) FROM unnest(processes_) each_;
    PERFORM 1 FROM calls WHERE key = ANY (keys_) ORDER BY key FOR NO KEY UPDATE;
    PERFORM lock_accounts(ARRAY(SELECT DISTINCT unnest(path) FROM accounts WHERE id = ANY (accounts_)));
END $$;

-- Figures

-- Add to the figures of the periods of locked accounts to which the call of this number belongs.
CREATE FUNCTION change_periods(
    path_ bigint[], number_ bigint, spent_tokens_ bigint, committed_tokens_ bigint, spent_picodollars_ bigint,
    committed_picodollars_ bigint, overrun_tokens_ bigint, overrun_picodollars_ bigint, is_priced_ boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE periods SET
        spent_tokens = spent_tokens + spent_tokens_,
        committed_tokens = committed_tokens + committed_tokens_,
        spent_picodollars = spent_picodollars + spent_picodollars_,
        committed_picodollars = committed_picodollars + committed_picodollars_,
        overrun_tokens = overrun_tokens + overrun_tokens_,
        overrun_picodollars = overrun_picodollars + overrun_picodollars_,
        is_priced = is_priced AND is_priced_
    WHERE account = ANY (path_) AND last_call >= number_ AND first_call <= number_;
END $$;

-- Add to the figures of locked accounts, and to those of their periods.
CREATE FUNCTION change(
    path_ bigint[], number_ bigint, spent_tokens_ bigint, committed_tokens_ bigint, spent_picodollars_ bigint,
    committed_picodollars_ bigint, overrun_tokens_ bigint, overrun_picodollars_ bigint, is_priced_ boolean
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET
        spent_tokens = spent_tokens + spent_tokens_,
        committed_tokens = committed_tokens + committed_tokens_,
        spent_picodollars = spent_picodollars + spent_picodollars_,
        committed_picodollars = committed_picodollars + committed_picodollars_,
        overrun_tokens = overrun_tokens + overrun_tokens_,
        overrun_picodollars = overrun_picodollars + overrun_picodollars_,
        is_priced = is_priced AND is_priced_
    WHERE id = ANY (path_);
    PERFORM change_periods(
        path_, number_, spent_tokens_, committed_tokens_, spent_picodollars_, committed_picodollars_, overrun_tokens_,
        overrun_picodollars_, is_priced_
    );
END $$;

-- Whether all locked accounts have room beside what is spent and held now; not where a period must begin at `time_`.
CREATE FUNCTION has_room(
    path_ bigint[], tokens_ bigint, picodollars_ bigint, is_priced_ boolean, time_ double precision
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1 FROM standings WHERE id = ANY (path_) AND (
            (limit_picodollars IS NOT NULL AND NOT is_priced_)
            OR (period IS NOT NULL AND (token_stop IS NULL OR time_ >= token_stop))
            OR (dollar_period IS NOT NULL AND (dollar_stop IS NULL OR time_ >= dollar_stop))
            OR CASE WHEN period IS NULL THEN committed_tokens ELSE period_committed_tokens END + tokens_ > limit_tokens
            OR CASE WHEN dollar_period IS NULL THEN committed_picodollars ELSE period_committed_picodollars END
                + picodollars_ > limit_picodollars
        )
    );
END $$;

-- Tell whoever is first in each queue that shares an account with this path to look again.
CREATE FUNCTION wake(path_ bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ticket_ record;
BEGIN
    FOR ticket_ IN
        SELECT DISTINCT ON (t.account) t.process, t.number FROM tickets t JOIN accounts a ON a.id = t.account
        WHERE a.path && path_ ORDER BY t.account, t.number
    LOOP
        PERFORM pg_notify('omega_' || ticket_.process, ticket_.number::text);
    END LOOP;
END $$;
