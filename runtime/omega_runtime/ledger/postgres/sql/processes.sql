-- Processes and their leases.

-- Enter a process that has opened the ledger, for the first time (no origin) or after its lease has ended.
CREATE FUNCTION enter_process(
    origin_ bigint, machine_ text, pid_ bigint, lease_ double precision, ticket_lease_ double precision
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    time_ double precision := server_time();
    id_ bigint;
BEGIN
    INSERT INTO processes (origin, machine, pid, started, lease, lease_end, ticket_lease, ticket_end)
    VALUES (coalesce(origin_, 0), machine_, pid_, time_, lease_, time_ + lease_, ticket_lease_, time_ + ticket_lease_)
    RETURNING id INTO id_;
    IF origin_ IS NULL THEN
        UPDATE processes SET origin = id WHERE id = id_;
    END IF;
    RETURN id_;
END $$;

-- How many other processes have a lease.
CREATE FUNCTION others(process_ bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM omega.processes
    WHERE NOT is_over AND lease_end >= omega.server_time()
    AND origin <> (SELECT origin FROM omega.processes WHERE id = process_)
$$;

-- Put off the end of a process's leases; false when its holds count as spent already.
CREATE FUNCTION renew(process_ bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    time_ double precision := server_time();
    lease_ double precision;
BEGIN
    SELECT lease INTO lease_ FROM processes WHERE id = process_;
    PERFORM note_pulse(lease_ / 2);
    UPDATE processes SET lease_end = time_ + lease, ticket_end = time_ + ticket_lease
    WHERE id = process_ AND NOT is_over;
    RETURN FOUND;
END $$;

-- The end of a process that says so: nobody needs to wait for its lease unless it leaves holds.
CREATE FUNCTION depart(process_ bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1332569953, process_::integer);
    UPDATE processes SET is_over = true
    WHERE id = process_ AND NOT EXISTS (SELECT 1 FROM calls WHERE process = process_ AND state = 'held');
END $$;

-- Whether a run's process, given by its origin, still has its lease, and where it is.
CREATE FUNCTION whereabouts(
    origin_ bigint, OUT machine_ text, OUT pid_ bigint, OUT started_ double precision, OUT is_alive_ boolean
) LANGUAGE sql AS $$
    SELECT machine, pid, started, NOT is_over AND lease_end >= omega.server_time() FROM omega.processes
    WHERE origin = origin_ ORDER BY id DESC LIMIT 1
$$;

-- Count as spent all holds of one process whose lease has ended; false when there is none.
CREATE FUNCTION expire_one() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    time_ double precision := server_time();
    awake_ double precision;
    least_ double precision;
    process_ bigint;
    paths_ bigint[];
    call_ calls;
BEGIN
    SELECT min(lease) INTO least_ FROM processes WHERE NOT is_over AND lease_end < time_;
    IF least_ IS NULL THEN
        RETURN false;
    END IF;
    PERFORM note_pulse(least_ / 2);
    awake_ := awake_since();
    FOR process_ IN
        SELECT id FROM processes WHERE NOT is_over AND lease_end < time_ AND awake_ + lease < time_ ORDER BY id
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(1332569953, process_::integer);
        -- It may have renewed its lease just now.
        UPDATE processes SET is_over = true WHERE id = process_ AND NOT is_over AND lease_end < time_;
        CONTINUE WHEN NOT FOUND;
        PERFORM 1 FROM calls WHERE process = process_ AND state = 'held' ORDER BY key FOR NO KEY UPDATE;
        paths_ := ARRAY(
            SELECT DISTINCT unnest(path) FROM accounts
            WHERE id IN (SELECT account FROM calls WHERE process = process_ AND state = 'held')
            OR id IN (SELECT account FROM tickets WHERE process = process_)
        );
        PERFORM lock_accounts(paths_);
        FOR call_ IN SELECT * FROM calls WHERE process = process_ AND state = 'held' ORDER BY key LOOP
            UPDATE calls SET state = 'expired', ended = time_, spent_tokens = tokens, spent_picodollars = picodollars
            WHERE key = call_.key;
            PERFORM change(
                (SELECT path FROM accounts WHERE id = call_.account), call_.number, call_.tokens, 0,
                call_.picodollars, 0, 0, 0, call_.is_priced
            );
        END LOOP;
        DELETE FROM tickets WHERE process = process_;
        PERFORM wake(paths_);
        RETURN true;
    END LOOP;
    RETURN false;
END $$;

-- Take the calls of processes that are gone out of the queues.
CREATE FUNCTION expire_tickets() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    time_ double precision := server_time();
    awake_ double precision;
    least_ double precision;
    gone_ bigint[];
    paths_ bigint[];
BEGIN
    SELECT min(ticket_lease) INTO least_ FROM tickets JOIN processes ON processes.id = process
    WHERE is_over OR ticket_end < time_;
    IF least_ IS NULL THEN
        RETURN;
    END IF;
    PERFORM note_pulse(least_ / 2);
    awake_ := awake_since();
    gone_ := ARRAY(
        SELECT number FROM tickets JOIN processes ON processes.id = process
        WHERE is_over OR (ticket_end < time_ AND awake_ + ticket_lease < time_)
    );
    IF cardinality(gone_) = 0 THEN
        RETURN;
    END IF;
    paths_ := ARRAY(
        SELECT DISTINCT unnest(path) FROM accounts WHERE id IN (SELECT account FROM tickets WHERE number = ANY (gone_))
    );
    PERFORM lock_accounts(paths_);
    DELETE FROM tickets WHERE number = ANY (gone_);
    PERFORM wake(paths_);
END $$;
