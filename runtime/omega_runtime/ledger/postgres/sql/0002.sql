-- Version 2 of the books.

-- What was spent lately is found without reading all calls: those that began together lie together.
CREATE INDEX calls_started ON calls USING brin (started) WITH (autosummarize = on);

-- Calls as reports have them.
CREATE VIEW call_lines AS
SELECT
    a.name AS account, s.file, s.line, s."column", c.model, c.tokens, c.picodollars, c.is_priced, c.spent_tokens AS spent,
    c.spent_picodollars, c.state, p.lease_end, r.program, p.machine, p.pid, c.started, c.number, c.is_overrun, p.is_over
FROM calls c
JOIN sites s ON s.id = c.site
JOIN accounts a ON a.id = c.account
JOIN processes p ON p.id = c.process
LEFT JOIN runs r ON r.id = c.run;
