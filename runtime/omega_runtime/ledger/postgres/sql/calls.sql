-- Calls: held, waiting, booked.

CREATE FUNCTION site_of(
    file_ text, line_ bigint, column_ bigint, operation_ text, procedure_ text, ordinal_ bigint
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id_ bigint;
BEGIN
    INSERT INTO sites (file, line, "column", operation, procedure, ordinal)
    VALUES (file_, line_, column_, operation_, procedure_, ordinal_) ON CONFLICT DO NOTHING;
    SELECT id INTO id_ FROM sites
    WHERE file = file_ AND line = line_ AND "column" = column_ AND operation = operation_ AND procedure = procedure_
    AND ordinal = ordinal_;
    RETURN id_;
END $$;

-- Hold a call's worst case where it fits as it is, nobody waits and no period must begin: 'granted'. 'no' when it must be
-- looked at more closely, 'ended' when the process has no lease, and the call's state when it is known already.
CREATE FUNCTION reserve(
    key_ uuid, process_ bigint, account_ bigint, site_ bigint, model_ text, attempt_ bigint, tokens_ bigint,
    picodollars_ bigint, is_priced_ boolean, run_ bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path_ bigint[];
    is_full_ boolean;
    have_periods_ boolean;
    time_ double precision;
    number_ bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1332569953, process_::integer);
    SELECT
        array_agg(id), bool_or(timezone IS NOT NULL),
        bool_or(
            committed_tokens + tokens_ > limit_tokens OR committed_picodollars + picodollars_ > limit_picodollars
            OR (limit_picodollars IS NOT NULL AND NOT is_priced_)
        )
    INTO path_, have_periods_, is_full_
    FROM (
        SELECT * FROM accounts
        WHERE id = ANY ((SELECT path FROM accounts WHERE id = account_)::bigint[]) ORDER BY id DESC FOR NO KEY UPDATE
    ) locked;
    time_ := server_time();
    number_ := nextval('call_numbers');
    IF have_periods_ THEN
        is_full_ := NOT has_room(path_, tokens_, picodollars_, is_priced_, time_);
    END IF;
    WITH held AS (
        INSERT INTO calls (
            key, number, account, process, site, model, attempt, state, tokens, picodollars, is_priced, is_clamped,
            started, run
        )
        SELECT
            key_, number_, account_, process_, site_, model_, attempt_, 'held', tokens_, picodollars_, is_priced_,
            false, time_, run_
        WHERE path_ IS NOT NULL AND is_full_ IS NOT TRUE
        AND NOT EXISTS (SELECT FROM tickets WHERE account = ANY (path_))
        AND EXISTS (SELECT FROM processes WHERE id = process_ AND NOT is_over AND lease_end >= time_)
        ON CONFLICT DO NOTHING RETURNING key
    )
    UPDATE accounts SET
        committed_tokens = committed_tokens + tokens_, committed_picodollars = committed_picodollars + picodollars_
    WHERE id = ANY (path_) AND EXISTS (SELECT FROM held);
    IF NOT FOUND THEN
        -- Unless it has its room already.
        RETURN CASE
            WHEN NOT is_entered(process_) THEN 'ended' ELSE coalesce((SELECT state FROM calls WHERE key = key_), 'no')
        END;
    END IF;
    IF have_periods_ THEN
        PERFORM change_periods(path_, number_, 0, tokens_, 0, picodollars_, 0, 0, true);
    END IF;
    RETURN 'granted';
END $$;

-- Lock a claim's accounts, and give all that decides what becomes of it: the time, the state of the call when it is known
-- already, the claim's ticket, and each account, innermost first, with the first ticket in its queue. Also whether a hold
-- that is beside the claim is still there; its accounts are locked, too.
CREATE FUNCTION look(key_ uuid, process_ bigint, account_ bigint, beside_ uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    path_ bigint[];
    other_ calls;
BEGIN
    IF NOT is_entered(process_) THEN
        RETURN NULL;
    END IF;
    SELECT path INTO STRICT path_ FROM accounts WHERE id = account_;
    SELECT * INTO other_ FROM calls WHERE key = beside_ FOR NO KEY UPDATE;
    PERFORM lock_accounts(path_ || (SELECT path FROM accounts WHERE id = other_.account));
    RETURN jsonb_build_object(
        'time', server_time(),
        'is_beside', coalesce(other_.state = 'held', false),
        'state', (SELECT state FROM calls WHERE key = key_),
        'ticket', (SELECT number FROM tickets WHERE key = key_),
        'accounts', (
            SELECT jsonb_agg(
                to_jsonb(s) || jsonb_build_object('first', (SELECT min(number) FROM tickets WHERE account = s.id))
                ORDER BY s.id DESC
            )
            FROM standings s WHERE s.id = ANY (path_)
        )
    );
END $$;

-- Release what is cut off from a hold, which `look` has locked with its accounts; all of it ends the hold.
CREATE FUNCTION cut_down(key_ uuid, tokens_ bigint, picodollars_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    call_ calls;
    path_ bigint[];
BEGIN
    SELECT * INTO call_ FROM calls WHERE key = key_ AND state = 'held' AND tokens >= tokens_ FOR NO KEY UPDATE;
    IF NOT FOUND OR picodollars_ > call_.picodollars THEN
        RAISE EXCEPTION 'there is no such hold to be cut down';
    END IF;
    SELECT path INTO STRICT path_ FROM accounts WHERE id = call_.account;
    PERFORM lock_accounts(path_);
    PERFORM change(path_, call_.number, 0, tokens_ - call_.tokens, 0, picodollars_ - call_.picodollars, 0, 0, true);
    UPDATE calls SET
        tokens = tokens_, picodollars = picodollars_,
        state = CASE WHEN tokens_ > 0 THEN 'held' ELSE 'voided' END,
        ended = CASE WHEN tokens_ > 0 THEN NULL ELSE server_time() END
    WHERE key = key_;
    PERFORM wake(path_);
END $$;

-- Stand in the queue of an account that `look` has locked; the ticket's number.
CREATE FUNCTION queue(key_ uuid, process_ bigint, account_ bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number_ bigint;
    before_ bigint;
BEGIN
    SELECT number, account INTO number_, before_ FROM tickets WHERE key = key_;
    IF NOT FOUND THEN
        INSERT INTO tickets (key, account, process) VALUES (key_, account_, process_) RETURNING number INTO number_;
    ELSIF before_ != account_ THEN
        UPDATE tickets SET account = account_ WHERE key = key_;
        PERFORM wake((SELECT path FROM accounts WHERE id = before_));
    END IF;
    RETURN number_;
END $$;

-- Leave the queue; whoever is next gets the turn.
CREATE FUNCTION leave(number_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    path_ bigint[];
BEGIN
    SELECT path INTO path_ FROM accounts JOIN tickets ON account = accounts.id WHERE number = number_;
    IF FOUND THEN
        PERFORM lock_accounts(path_);
        DELETE FROM tickets WHERE number = number_;
        PERFORM wake(path_);
    END IF;
END $$;

-- Hold what was decided after `look`, in the same transaction.
CREATE FUNCTION grant_hold(
    key_ uuid, process_ bigint, account_ bigint, site_ bigint, model_ text, attempt_ bigint, tokens_ bigint,
    picodollars_ bigint, is_priced_ boolean, is_clamped_ boolean, run_ bigint, spans_ jsonb
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    path_ bigint[];
    number_ bigint := nextval('call_numbers');
BEGIN
    SELECT path INTO STRICT path_ FROM accounts WHERE id = account_;
    INSERT INTO calls (
        key, number, account, process, site, model, attempt, state, tokens, picodollars, is_priced, is_clamped,
        started, run
    )
    VALUES (
        key_, number_, account_, process_, site_, model_, attempt_, 'held', tokens_, picodollars_, is_priced_,
        is_clamped_, server_time(), run_
    )
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN 'voided';
    END IF;
    PERFORM begin_periods(spans_, number_);
    -- No client can hold what is not there.
    IF NOT has_room(path_, tokens_, picodollars_, is_priced_, '-infinity') THEN
        RAISE EXCEPTION 'there is no room for this hold';
    END IF;
    PERFORM change(path_, number_, 0, tokens_, 0, picodollars_, 0, 0, true);
    DELETE FROM tickets WHERE key = key_;
    IF FOUND THEN
        PERFORM wake(path_);
    END IF;
    RETURN 'granted';
END $$;

-- Turn what is held, by a locked call, into what was spent; what counted as spent since its lease ended is taken back.
CREATE FUNCTION book(
    call_ calls, tokens_ bigint, picodollars_ bigint, over_tokens_ bigint, over_picodollars_ bigint, is_priced_ boolean
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    path_ bigint[];
    was_spent_ integer := (call_.state = 'expired')::integer;
BEGIN
    SELECT path INTO STRICT path_ FROM accounts WHERE id = call_.account;
    PERFORM 1 FROM accounts WHERE id = ANY (path_) ORDER BY id DESC FOR NO KEY UPDATE;
    PERFORM change(
        path_, call_.number, tokens_ - was_spent_ * call_.tokens, tokens_ - call_.tokens,
        picodollars_ - was_spent_ * call_.picodollars, picodollars_ - call_.picodollars, over_tokens_,
        over_picodollars_, is_priced_
    );
    IF EXISTS (SELECT 1 FROM tickets) THEN
        PERFORM wake(path_);
    END IF;
END $$;

-- What became of a call that is to be settled and isn't held; NULL when it is now. One whose lease has ended no longer
-- counts as spent. One that the server has lost, as its books are those of a backup or of a standby that was behind, holds
-- nothing, so that it will be an overrun.
CREATE FUNCTION hold_again(
    key_ uuid, process_ bigint, account_ bigint, site_ bigint, model_ text, attempt_ bigint, is_priced_ boolean,
    run_ bigint
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call_ calls;
    path_ bigint[];
BEGIN
    SELECT * INTO call_ FROM calls WHERE key = key_ FOR NO KEY UPDATE;
    IF call_.state = 'settled' THEN
        RETURN CASE WHEN call_.is_overrun THEN 'overrun' ELSE 'settled' END;
    ELSIF call_.state = 'unknown' THEN
        RETURN 'settled'; -- by a reset, which came before the answer: that is good all the same
    ELSIF call_.state = 'voided' THEN
        RETURN 'closed';
    END IF;
    SELECT path INTO STRICT path_ FROM accounts WHERE id = coalesce(call_.account, account_);
    PERFORM lock_accounts(path_);
    IF call_.state = 'expired' THEN
        PERFORM change(path_, call_.number, -call_.tokens, 0, -call_.picodollars, 0, 0, 0, true);
        UPDATE calls SET state = 'held', spent_tokens = 0, spent_picodollars = 0 WHERE key = key_;
    ELSIF call_.state IS NULL THEN
        INSERT INTO calls (
            key, number, account, process, site, model, attempt, state, tokens, picodollars, is_priced, is_clamped,
            started, run
        )
        VALUES (
            key_, nextval('call_numbers'), account_, process_, site_, model_, attempt_, 'held', 0, 0, is_priced_,
            false, server_time(), run_
        );
    END IF;
    RETURN NULL;
END $$;

-- Book what a call really cost, and keep its answer: 'settled', 'overrun' or 'closed'.
CREATE FUNCTION settle(
    key_ uuid, process_ bigint, account_ bigint, site_ bigint, model_ text, attempt_ bigint, input_tokens_ bigint,
    output_tokens_ bigint, picodollars_ bigint, is_priced_ boolean, is_truncated_ boolean, run_ bigint,
    entry_key_ text, entry_path_ text, entry_text_ bytea, stop_reason_ text, details_ text
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    tokens_ bigint := input_tokens_ + output_tokens_;
    outcome_ text;
    call_ record;
    path_ bigint[];
    have_periods_ boolean;
    have_tickets_ boolean;
BEGIN
    LOOP
        UPDATE calls SET
            state = 'settled', ended = server_time(), input_tokens = input_tokens_, output_tokens = output_tokens_,
            spent_tokens = tokens_, spent_picodollars = picodollars_,
            is_overrun = tokens_ > tokens OR picodollars_ > picodollars, is_truncated = is_truncated_
        WHERE key = key_ AND state = 'held'
        RETURNING account, number, tokens, picodollars, is_overrun INTO call_;
        EXIT WHEN FOUND;
        outcome_ := hold_again(key_, process_, account_, site_, model_, attempt_, is_priced_, run_);
        IF outcome_ IS NOT NULL THEN
            RETURN outcome_;
        END IF;
    END LOOP;
    SELECT array_agg(id) INTO path_ FROM (
        SELECT id FROM accounts
        WHERE id = ANY ((SELECT path FROM accounts WHERE id = call_.account)::bigint[])
        ORDER BY id DESC FOR NO KEY UPDATE
    ) locked;
    WITH changed AS (
        UPDATE accounts SET
            spent_tokens = spent_tokens + tokens_,
            committed_tokens = committed_tokens + tokens_ - call_.tokens,
            spent_picodollars = spent_picodollars + picodollars_,
            committed_picodollars = committed_picodollars + picodollars_ - call_.picodollars,
            overrun_tokens = overrun_tokens + greatest(0, tokens_ - call_.tokens),
            overrun_picodollars = overrun_picodollars + greatest(0, picodollars_ - call_.picodollars),
            is_priced = is_priced AND is_priced_
        WHERE id = ANY (path_)
    )
    SELECT
        EXISTS (SELECT FROM periods WHERE account = ANY (path_) AND last_call >= call_.number),
        EXISTS (SELECT FROM tickets)
    INTO have_periods_, have_tickets_;
    IF have_periods_ THEN
        PERFORM change_periods(
            path_, call_.number, tokens_, tokens_ - call_.tokens, picodollars_, picodollars_ - call_.picodollars,
            greatest(0, tokens_ - call_.tokens), greatest(0, picodollars_ - call_.picodollars), is_priced_
        );
    END IF;
    IF have_tickets_ THEN
        PERFORM wake(path_);
    END IF;
    IF entry_text_ IS NOT NULL THEN
        INSERT INTO replies (run, call, key, path, text, stop_reason, details)
        VALUES (run_, key_, entry_key_, entry_path_, entry_text_, stop_reason_, details_);
    END IF;
    RETURN CASE WHEN call_.is_overrun THEN 'overrun' ELSE 'settled' END;
END $$;

-- Book the whole hold of a call that may have been billed: 'unknown' or 'closed'.
CREATE FUNCTION mark_unknown(key_ uuid, is_priced_ boolean) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call_ calls;
BEGIN
    SELECT * INTO call_ FROM calls WHERE key = key_ FOR NO KEY UPDATE;
    IF call_.state IN ('held', 'expired') THEN
        PERFORM book(call_, call_.tokens, call_.picodollars, 0, 0, is_priced_);
        UPDATE calls SET
            state = 'unknown', ended = server_time(), spent_tokens = tokens, spent_picodollars = picodollars
        WHERE key = key_;
        RETURN 'unknown';
    END IF;
    RETURN CASE WHEN call_.state = 'unknown' THEN 'unknown' ELSE 'closed' END;
END $$;

-- Release the whole hold of a call that was not billed, and its place in a queue: 'voided' or 'closed'. One that is not
-- known is remembered, so that it cannot be held by a request that arrives late.
CREATE FUNCTION void(key_ uuid, process_ bigint, account_ bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call_ calls;
BEGIN
    DELETE FROM tickets WHERE key = key_;
    IF FOUND THEN
        PERFORM wake((SELECT path FROM accounts WHERE id = account_));
    END IF;
    INSERT INTO calls (
        key, number, account, process, site, model, attempt, state, tokens, picodollars, is_priced, is_clamped, started
    )
    VALUES (key_, 0, account_, process_, 0, '', 0, 'voided', 0, 0, true, false, server_time())
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN 'voided';
    END IF;
    SELECT * INTO call_ FROM calls WHERE key = key_ FOR NO KEY UPDATE;
    IF call_.state IN ('held', 'expired') THEN
        PERFORM book(call_, 0, 0, 0, 0, true);
        UPDATE calls SET state = 'voided', ended = server_time(), spent_tokens = 0, spent_picodollars = 0
        WHERE key = key_;
        RETURN 'voided';
    END IF;
    RETURN CASE WHEN call_.state = 'voided' THEN 'voided' ELSE 'closed' END;
END $$;
