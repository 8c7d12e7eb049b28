-- Accounts, and the periods over which they count.

CREATE FUNCTION open_account(
    key_ uuid, name_ text, parent_ bigint, is_named_ boolean, limit_tokens_ bigint, limit_picodollars_ bigint,
    period_ text, dollar_period_ text, timezone_ text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id_ bigint;
BEGIN
    SELECT id INTO id_ FROM accounts WHERE key = key_;
    IF FOUND THEN
        RETURN id_;
    END IF;
    INSERT INTO accounts (
        key, name, parent, path, is_named, limit_tokens, limit_picodollars, period, dollar_period, timezone, opened
    )
    SELECT
        key_, name_, id, CASE WHEN id = 1 THEN '{}' ELSE path END, is_named_, limit_tokens_, limit_picodollars_,
        period_, dollar_period_, timezone_, server_time()
    FROM accounts WHERE id = parent_
    ON CONFLICT DO NOTHING RETURNING id INTO id_;
    UPDATE accounts SET path = id || path WHERE id = id_;
    RETURN id_;
END $$;

CREATE FUNCTION close_account(account_ bigint) RETURNS void LANGUAGE sql AS
    'UPDATE omega.accounts SET is_open = false WHERE id = account_ AND NOT is_named';

-- One account; the root has the sums of its own calls and of the accounts right below it.
CREATE FUNCTION standing(account_ bigint) RETURNS SETOF standings LANGUAGE plpgsql AS $$
DECLARE
    row_ standings;
BEGIN
    SELECT * INTO row_ FROM standings WHERE id = account_;
    IF account_ = 1 THEN
        SELECT
            sum(spent_tokens), sum(committed_tokens), sum(overrun_tokens), sum(spent_picodollars),
            sum(committed_picodollars), sum(overrun_picodollars), bool_and(is_priced)
        INTO
            row_.spent_tokens, row_.committed_tokens, row_.overrun_tokens, row_.spent_picodollars,
            row_.committed_picodollars, row_.overrun_picodollars, row_.is_priced
        FROM accounts WHERE id = 1 OR parent = 1;
    END IF;
    RETURN NEXT row_;
END $$;

CREATE FUNCTION all_standings() RETURNS SETOF standings LANGUAGE sql AS $$
    SELECT * FROM omega.standing(1)
    UNION ALL
    (SELECT * FROM omega.standings WHERE id != 1 ORDER BY id)
$$;

CREATE FUNCTION path_of(account_ bigint) RETURNS bigint[] LANGUAGE sql AS
    'SELECT path FROM omega.accounts WHERE id = account_';

-- The account of this name, locked until the end of the transaction.
CREATE FUNCTION find_named(name_ text) RETURNS SETOF standings LANGUAGE plpgsql AS $$
DECLARE
    id_ bigint;
BEGIN
    SELECT id INTO id_ FROM accounts WHERE is_named AND name = name_ FOR NO KEY UPDATE;
    RETURN QUERY SELECT * FROM standings WHERE id = id_;
END $$;

-- Periods

-- Begin periods that the call of this number is the first of; `spans_` has account, unit, start and stop of each.
CREATE FUNCTION begin_periods(spans_ jsonb, number_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    span_ record;
BEGIN
    FOR span_ IN SELECT * FROM jsonb_to_recordset(spans_) AS s (account bigint, unit text, start bigint, stop bigint) LOOP
        UPDATE periods SET last_call = number_ - 1
        WHERE account = span_.account AND unit = span_.unit AND last_call = 9223372036854775807;
        INSERT INTO periods (account, unit, start, stop, first_call)
        VALUES (span_.account, span_.unit, span_.start, span_.stop, number_);
    END LOOP;
END $$;

CREATE FUNCTION inside(account_ bigint) RETURNS SETOF bigint LANGUAGE sql AS
    'SELECT id FROM omega.accounts WHERE path @> ARRAY[account_]';

-- Replace a locked account's limits. With `spans_` it counts over these periods from now on: the current ones have the
-- calls that began in them.
CREATE FUNCTION set_limits(
    account_ bigint, limit_tokens_ bigint, limit_picodollars_ bigint, period_ text, dollar_period_ text,
    timezone_ text, spans_ jsonb
) RETURNS SETOF standings LANGUAGE plpgsql AS $$
DECLARE
    span_ record;
    next_ bigint := nextval('call_numbers');
    reset_ double precision;
    first_ bigint;
BEGIN
    UPDATE accounts SET
        limit_tokens = limit_tokens_, limit_picodollars = limit_picodollars_, period = period_,
        dollar_period = dollar_period_, timezone = timezone_
    WHERE id = account_ AND is_named;
    IF spans_ IS NOT NULL THEN
        UPDATE periods SET last_call = next_ - 1 WHERE account = account_ AND last_call = 9223372036854775807;
        SELECT coalesce(max(time), 0) INTO reset_ FROM resets WHERE account = account_;
        FOR span_ IN SELECT * FROM jsonb_to_recordset(spans_) AS s (unit text, start bigint, stop bigint) LOOP
            SELECT coalesce(min(number), next_) INTO first_ FROM calls
            WHERE account IN (SELECT inside(account_)) AND number > 0 AND started >= greatest(reset_, span_.start);
            INSERT INTO periods (
                account, unit, start, stop, first_call, spent_tokens, committed_tokens, overrun_tokens,
                spent_picodollars, committed_picodollars, overrun_picodollars, is_priced
            )
            SELECT
                account_, span_.unit, span_.start, span_.stop, first_,
                coalesce(sum(spent_tokens), 0),
                coalesce(sum(CASE WHEN state = 'held' THEN tokens ELSE spent_tokens END), 0),
                coalesce(sum(CASE WHEN state = 'held' THEN 0 ELSE greatest(0, spent_tokens - tokens) END), 0),
                coalesce(sum(spent_picodollars), 0),
                coalesce(sum(CASE WHEN state = 'held' THEN picodollars ELSE spent_picodollars END), 0),
                coalesce(sum(CASE WHEN state = 'held' THEN 0 ELSE greatest(0, spent_picodollars - picodollars) END), 0),
                coalesce(bool_and(is_priced OR state IN ('held', 'voided')), true)
            FROM calls WHERE account IN (SELECT inside(account_)) AND number >= first_;
        END LOOP;
    END IF;
    PERFORM wake((SELECT path FROM accounts WHERE id = account_));
    RETURN QUERY SELECT * FROM standings WHERE id = account_;
END $$;
