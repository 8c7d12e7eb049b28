"""Limits as people write them: numbers of tokens, and amounts of US dollars, both per period if they like."""

from __future__ import annotations

from math import floor, isinf, isnan

from omega_runtime.ledger.limits import UNITS, Limits, Periods
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


def limits_of(
    procedure: str,
    tokens: Value = None,
    dollars: Value = None,
    timezone: Value = None,
) -> Limits:
    """Limits in tokens and dollars, numbers or texts such as "10000/hour" and "$5/day", None for none.

    Raises OmegaError in the name of the procedure. Without a `timezone` that is left open.
    """
    tokens, unit = split_period(procedure, tokens)
    if unit is not None:
        tokens = _whole_number(procedure, tokens)
    dollars, dollar_unit = split_period(procedure, dollars)
    limits = Limits(
        None if tokens is None else token_limit(procedure, tokens),
        None if dollars is None else picodollar_limit(procedure, dollars),
        None,
    )
    if timezone is not None:
        from omega_runtime.ledger.calendar import zone

        if not isinstance(timezone, str):
            raise OmegaError(f'{procedure}: timezone must be a name such as "Europe/Berlin", but got {timezone!r}')
        zone(timezone)
    if unit is None and dollar_unit is None and timezone is None:
        return limits
    return limits._replace(periods=Periods(unit, dollar_unit, timezone or ""))


def split_period(procedure: str, limit: Value) -> tuple[Value, str | None]:
    """A limit such as "5/day" as its amount, which is left as it is, and its period; None without one."""
    if not isinstance(limit, str) or "/" not in limit:
        return limit, None
    amount, _, unit = (part.strip() for part in limit.partition("/"))
    if unit not in UNITS:
        raise OmegaError(f'{procedure}: a limit is per {", ".join(UNITS[:-1])} or {UNITS[-1]}, but got "{limit}"')
    return amount, unit


def _whole_number(procedure: str, text: str) -> int:
    import re

    if len(text) < 50 and re.fullmatch(r"[0-9]+|[0-9]{1,3}(_[0-9]{3})+|[0-9]{1,3}(,[0-9]{3})+", text):
        return int(text.replace(",", "").replace("_", ""))
    raise OmegaError(
        f'{procedure}: a limit per period is a whole number of tokens such as "10000/hour", or an amount of US dollars '
        f'such as "$5/day", but got "{text}/…"'
    )


def token_limit(procedure: str, tokens: Value) -> int | None:
    """A limit as whole tokens, None for infinity; raises OmegaError in the name of the procedure."""
    if type(tokens) not in (int, float) or isnan(tokens) or tokens < 0:
        from omega_runtime.values.errors import wrong_type

        expected = "a number of tokens >= 0"
        if procedure == "with-budget":
            expected += ', or an amount of US dollars such as "$0.50"'
        raise wrong_type(procedure, 1, expected, tokens)
    return None if isinf(tokens) else floor(tokens)


def picodollar_limit(procedure: str, dollars: Value) -> int | None:
    """A limit as picodollars, None for infinity; raises OmegaError in the name of the procedure."""
    from omega_runtime.money import limit_in_picodollars, money

    if type(dollars) is float and isinf(dollars) and dollars > 0:
        return None
    try:
        return limit_in_picodollars(money(dollars))
    except (TypeError, ValueError):
        from omega_runtime.values.errors import wrong_type

        expected = 'an amount of US dollars from 0 to 9,000,000, such as 0.5 or "$0.50"'
        raise wrong_type(procedure, 1, expected, dollars) from None
