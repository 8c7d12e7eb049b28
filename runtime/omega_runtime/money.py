"""US dollars: `Decimal` for people, whole picodollars, 10^-12 of a dollar, in the books.

A picodollar is a millionth of the dollar per million tokens in which prices are quoted, so that the cost of a call
comes out whole; where it does not, it is rounded up. Imported when money is first looked at.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DIGITS = 12
# What the books of a ledger file can hold, in picodollars and 64 bits.
MOST_DOLLARS = 9_000_000

_MONEY = Context(prec=60)


def cost_in_picodollars(dollars: Decimal, factor: int | Decimal = 1) -> int:
    """A cost, or a multiple of it, in picodollars, rounded up."""
    return int(_MONEY.multiply(_MONEY.scaleb(dollars, DIGITS), factor).to_integral_value(ROUND_CEILING))


def limit_in_picodollars(dollars: Decimal) -> int:
    """A limit in picodollars, rounded down."""
    return int(_MONEY.scaleb(dollars, DIGITS).to_integral_value(ROUND_FLOOR))


def dollars(picodollars: int) -> Decimal:
    """Picodollars as US dollars, exactly and without zeros at the end."""
    value = _MONEY.normalize(_MONEY.scaleb(Decimal(picodollars), -DIGITS))
    return value if int(value.as_tuple().exponent) <= 0 else value.quantize(Decimal(1), context=_MONEY)


def dollar_text(amount: Decimal) -> str:
    """Such as $0.0105: at least two decimals, and no digit lost."""
    decimals = max(2, -int(amount.as_tuple().exponent))
    return f"${amount:,.{decimals}f}"


def money(value: Any) -> Decimal:
    """An amount >= 0 from an int, a float (by its shortest decimal form), a Decimal, or a text such as "$0.50".

    Raises TypeError or ValueError for anything else.
    """
    import re

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
