-- Version 3 of the books.

-- What never changes with a call is checked by the types of its columns, only when it's written itself: a row's constraints
-- are read and compiled at each change of its figures.
CREATE DOMAIN most AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN unit AS text CHECK (VALUE IN ('minute', 'hour', 'day', 'week', 'month', 'year'));
DROP VIEW standings;
ALTER TABLE accounts
    DROP CONSTRAINT accounts_limit_tokens_check, ALTER limit_tokens TYPE most,
    DROP CONSTRAINT accounts_limit_picodollars_check, ALTER limit_picodollars TYPE most,
    DROP CONSTRAINT accounts_period_check, ALTER period TYPE unit,
    DROP CONSTRAINT accounts_dollar_period_check, ALTER dollar_period TYPE unit;

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
