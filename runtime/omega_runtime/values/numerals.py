"""Numbers as text: integers of any size, reals, and the syntax of numeric literals."""

from __future__ import annotations

import math

_CHUNK = 600  # decimal digits; below every limit Python may set on int <-> str conversion
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SPECIAL = {"+inf.0": math.inf, "-inf.0": -math.inf, "+nan.0": math.nan, "-nan.0": math.nan}
_PREFIXES = {"#x": 16, "#b": 2, "#o": 8, "#d": 10}


def number_text(number: int | float) -> str:
    """A number as Omega prints it: an integral real has no ".0"."""
    if isinstance(number, int):
        return integer_text(number)
    if math.isfinite(number):
        return float.__repr__(number).removesuffix(".0").replace("e+", "e")
    return "+nan.0" if number != number else "+inf.0" if number > 0 else "-inf.0"


def integer_text(number: int, radix: int = 10) -> str:
    """The digits of an integer in a radix from 2 to 36, however many there are."""
    if radix == 10:
        try:
            return int.__repr__(number)
        except ValueError:
            pass
    elif radix in (2, 8, 16):
        return format(number, {2: "b", 8: "o", 16: "x"}[radix])
    digits = _digits(abs(number), radix).lstrip("0") or "0"
    return "-" + digits if number < 0 else digits


def _digits(number: int, radix: int) -> str:
    """Digits by halving, possibly with leading zeros; the depth is logarithmic in their number."""
    width, power = 1, radix
    powers = [(width, power)]
    while power * power <= number:
        width, power = width * 2, power * power
        powers.append((width, power))
    return _split(number, powers, len(powers) - 1)


def _split(number: int, powers: list[tuple[int, int]], level: int) -> str:
    if level < 0:
        return _DIGITS[number]
    width, power = powers[level]
    if powers[0][1] == 10 and 2 * width <= _CHUNK:
        return str(number).zfill(2 * width)
    high, low = divmod(number, power)
    return _split(high, powers, level - 1) + _split(low, powers, level - 1)


def parse_number(text: str, radix: int = 10) -> int | float | None:
    """The number that a literal denotes, or None when the text is no number.

    Takes integers in a radix from 2 to 36, and in radix 10 also decimals, exponents, fractions ("1/2" is 0.5)
    and "+inf.0", "-inf.0", "+nan.0". "#x", "#b", "#o" and "#d" in front set the radix.
    """
    if text[:2].lower() in _PREFIXES:
        text, radix = text[2:], _PREFIXES[text[:2].lower()]
    if not text.isascii():
        return None
    integer = _parse_integer(text, radix)
    if integer is not None:
        return integer
    if "/" in text:
        return _parse_fraction(text, radix)
    return _parse_real(text) if radix == 10 else None


def _parse_integer(text: str, radix: int) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isalnum():
        return None
    try:
        magnitude = _parse_digits(digits, radix)
    except ValueError:
        return None
    return -magnitude if text[0] == "-" else magnitude


def _parse_digits(digits: str, radix: int) -> int:
    if len(digits) <= _CHUNK:
        return int("00" + digits, radix)  # the zeros keep Python from reading "0x10" or "b1" as prefixed
    half = len(digits) // 2
    power: int = radix**half
    return _parse_digits(digits[:-half], radix) * power + _parse_digits(digits[-half:], radix)


def _parse_fraction(text: str, radix: int) -> int | float | None:
    above, _, below = text.partition("/")
    numerator, denominator = _parse_integer(above, radix), _parse_integer(below, radix)
    if numerator is None or not denominator or not below[0].isalnum():
        return None
    if numerator % denominator == 0:
        return numerator // denominator
    try:
        return numerator / denominator
    except OverflowError:
        return None


def _parse_real(text: str) -> float | None:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text.strip("+-.0123456789eE") or not any(c.isdigit() for c in text):
        return None
    try:
        return float(text)
    except ValueError:
        return None
