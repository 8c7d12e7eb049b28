-- Runs and their answers.

CREATE FUNCTION enter_run(key_ uuid, program_ text, source_hash_ text, account_ bigint, process_ bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id_ bigint;
BEGIN
    INSERT INTO runs (key, program, source_hash, account, process, started)
    VALUES (key_, program_, source_hash_, account_, process_, server_time()) ON CONFLICT DO NOTHING;
    SELECT id INTO id_ FROM runs WHERE key = key_;
    RETURN id_;
END $$;

CREATE FUNCTION latest_run(
    program_ text, account_ bigint, OUT id_ bigint, OUT source_hash_ text, OUT process_ bigint, OUT is_complete_ boolean
) LANGUAGE sql AS $$
    SELECT id, source_hash, process, is_complete FROM omega.runs WHERE program = program_ AND account = account_
    ORDER BY EXISTS (SELECT 1 FROM omega.replies WHERE run = runs.id) DESC, id DESC LIMIT 1
$$;

CREATE FUNCTION claim_run(run_ bigint, before_ bigint, was_complete_ boolean, source_hash_ text, process_ bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE runs SET process = process_, source_hash = source_hash_, is_complete = false
    WHERE id = run_ AND process = before_ AND is_complete = was_complete_;
    RETURN FOUND;
END $$;

CREATE FUNCTION finish_run(run_ bigint) RETURNS void LANGUAGE sql AS
    'UPDATE omega.runs SET is_complete = true WHERE id = run_';

CREATE FUNCTION in_flight(run_ bigint, origin_ bigint, OUT calls_ bigint, OUT tokens_ bigint) LANGUAGE sql AS $$
    SELECT count(*), coalesce(sum(tokens), 0)::bigint FROM omega.calls
    WHERE run = run_ AND state IN ('held', 'expired', 'unknown')
    AND process IN (SELECT id FROM omega.processes WHERE origin = origin_)
$$;

-- How many answers the run has that would be resumed rather than this one, which has none.
CREATE FUNCTION answers_elsewhere(run_ bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    latest_ bigint;
BEGIN
    SELECT (latest_run(program, account)).id_ INTO latest_ FROM runs WHERE id = run_;
    RETURN (SELECT count(*) FROM replies WHERE run = latest_);
END $$;

-- The answers of a run; whether each is still among what its account has spent. May be granted by itself.
CREATE FUNCTION answers(run_ bigint, account_ bigint) RETURNS TABLE (
    number_ bigint, key_ text, path_ text, text_ bytea, input_tokens_ bigint, output_tokens_ bigint, stop_reason_ text,
    model_ text, picodollars_ bigint, is_counted_ boolean, call_ bigint,
    details_ text
) LANGUAGE sql AS $$
    SELECT
        r.id, r.key, r.path, r.text, c.input_tokens, c.output_tokens, r.stop_reason, c.model, c.spent_picodollars,
        c.started > coalesce((SELECT max(time) FROM omega.resets WHERE account = account_), 0), c.number, r.details
    FROM omega.replies r JOIN omega.calls c ON c.key = r.call WHERE r.run = run_ ORDER BY r.id
$$;

-- Count a replayed answer in the budgets that were opened within the run, innermost first.
CREATE FUNCTION replay(
    key_ uuid, reply_ bigint, process_ bigint, accounts_ bigint[], tokens_ bigint, picodollars_ bigint, spans_ jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    number_ bigint;
BEGIN
    PERFORM lock_accounts(accounts_);
    INSERT INTO replays (key, reply, process, account, tokens, picodollars)
    VALUES (key_, reply_, process_, accounts_[1], tokens_, picodollars_) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    number_ := nextval('call_numbers');
    PERFORM begin_periods(spans_, number_);
    PERFORM change(accounts_, number_, tokens_, tokens_, picodollars_, picodollars_, 0, 0, true);
    UPDATE periods SET
        replayed_tokens = replayed_tokens + tokens_, replayed_picodollars = replayed_picodollars + picodollars_
    WHERE account = ANY (accounts_) AND last_call = 9223372036854775807;
    -- Answers that were paid for may exceed the limit of a budget that was lowered since: that is an overrun.
    UPDATE accounts SET overrun_tokens = greatest(overrun_tokens, committed_tokens - limit_tokens)
    WHERE id = ANY (accounts_) AND limit_tokens IS NOT NULL AND period IS NULL;
    UPDATE accounts SET overrun_picodollars = greatest(overrun_picodollars, committed_picodollars - limit_picodollars)
    WHERE id = ANY (accounts_) AND limit_picodollars IS NOT NULL AND dollar_period IS NULL;
    UPDATE periods p SET overrun_tokens = greatest(p.overrun_tokens, p.committed_tokens - a.limit_tokens)
    FROM accounts a WHERE a.id = ANY (accounts_) AND p.account = a.id AND p.unit = a.period
    AND p.last_call = 9223372036854775807 AND a.limit_tokens IS NOT NULL;
    UPDATE periods p SET overrun_picodollars = greatest(p.overrun_picodollars, p.committed_picodollars - a.limit_picodollars)
    FROM accounts a WHERE a.id = ANY (accounts_) AND p.account = a.id AND p.unit = a.dollar_period
    AND p.last_call = 9223372036854775807 AND a.limit_picodollars IS NOT NULL;
END $$;
