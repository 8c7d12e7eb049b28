"""Limits as people write them: numbers of tokens, and amounts of US dollars."""

from __future__ import annotations

from math import floor, isinf, isnan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from omega_runtime.values import Value

# What the books of a ledger file can hold, in trillionths and 64 bits.
MOST_DOLLARS = 9_000_000


def token_limit(procedure: str, tokens: Value) -> int | None:
    """A limit as whole tokens, None for infinity; raises OmegaError in the name of the procedure."""
    if type(tokens) not in (int, float) or isnan(tokens) or tokens < 0:
        from omega_runtime.errors import wrong_type

        expected = "a number of tokens >= 0"
        if procedure == "with-budget":
            expected += ', or an amount of US dollars such as "$0.50"'
        raise wrong_type(procedure, 1, expected, tokens)
    return None if isinf(tokens) else floor(tokens)


def dollar_limit(procedure: str, dollars: Value) -> int | None:
    """A limit as trillionths of a dollar, None for infinity; raises OmegaError in the name of the procedure."""
    from omega_runtime.ledger.money import limit_units

    if type(dollars) is float and isinf(dollars) and dollars > 0:
        return None
    try:
        return limit_units(money(dollars))
    except (TypeError, ValueError):
        from omega_runtime.errors import wrong_type

        expected = 'an amount of US dollars from 0 to 9,000,000, such as 0.5 or "$0.50"'
        raise wrong_type(procedure, 1, expected, dollars) from None


def money(value: Value) -> Decimal:
    """An amount >= 0 from an int, a float (by its shortest decimal form), a Decimal, or a text such as "$0.50".

    Raises TypeError or ValueError for anything else.
    """
    import re
    from decimal import Decimal, InvalidOperation

    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise TypeError("no amount of money")
    text = str(value).strip().removeprefix("$").replace("_", "")
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+([.][0-9]*)?", text):
        text = text.replace(",", "")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("no amount of money") from None
    if not amount.is_finite() or not 0 <= amount <= MOST_DOLLARS:
        raise ValueError("an amount of money must be >= 0, and not beyond the books")
    return amount
