"""Numbers as text: integers of any size, reals, and the syntax of numeric literals."""

from __future__ import annotations

import math

_CHUNK = 600  # decimal digits; below every limit Python may set on int <-> str conversion
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SPECIAL = {"+inf.0": math.inf, "-inf.0": -math.inf, "+nan.0": math.nan, "-nan.0": math.nan}
_RADICES = {"x": 16, "b": 2, "o": 8, "d": 10}
_EXPONENT_MAX = 100_000  # of a decimal that is to be exact: beyond it, digits without end could be asked for


class NumeralError(ValueError):
    """A literal that is written as a number is, and stands for none that Omega has; its message says why."""


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


def read_number(text: str, radix: int = 10) -> int | float | None:
    """The number that a literal denotes, or None for a text that is not written as a number.

    Takes integers and fractions in a radix from 2 to 36, and in radix 10 also decimals, exponents and "+inf.0",
    "-inf.0", "+nan.0". A fraction is an int when it is whole, else a float. In front, "#x", "#b", "#o" and "#d" set
    the radix, "#e" and "#i" ask for an int and for a float. Case doesn't matter. Raises NumeralError.
    """
    text, radix, exactness = _without_prefixes(text, radix)
    if not text or not text.isascii() or (radix == 10 and text[0] not in "+-.0123456789"):
        return None
    text = text.lower()
    number: int | float | None = _parse_integer(text, radix)
    if number is None and "/" in text:
        number = _parse_fraction(text, radix)
    elif number is None and radix == 10:
        number = _parse_real(text)
        if number is not None and exactness == "e":
            return _exact_decimal(text)
    if number is None or not exactness:
        return number
    return _float(number) if exactness == "i" else _whole(number)


def parse_number(text: str, radix: int = 10) -> int | float | None:
    """The number that a literal denotes, as `read_number` takes it; None where there is none."""
    try:
        return read_number(text, radix)
    except NumeralError:
        return None


def is_numeral(text: str) -> bool:
    """Whether a text is written as a number is, be there such a number or not."""
    try:
        return read_number(text) is not None
    except NumeralError:
        return True


def _without_prefixes(text: str, radix: int) -> tuple[str, int, str]:
    """A literal without "#x" and the like; its radix; and "e", "i" or "". Empty when a prefix is wrong."""
    exactness, has_radix = "", False
    while text[:1] == "#":
        mark = text[1:2].lower()
        if mark in _RADICES and not has_radix:
            radix, has_radix = _RADICES[mark], True
        elif mark in ("e", "i") and not exactness:
            exactness = mark
        else:
            return "", radix, ""
        text = text[2:]
    return text, radix, exactness


def _float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        raise NumeralError("is too large for a float") from None


def _whole(number: int | float) -> int:
    if not isinstance(number, int) and not number.is_integer():
        raise NumeralError("is no integer, and there are no exact fractions")
    return int(number)


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
    if numerator is None or denominator is None or not below[0].isalnum():
        return None
    if not denominator:
        raise NumeralError("divides by zero")
    if numerator % denominator == 0:
        return numerator // denominator
    try:
        return numerator / denominator
    except OverflowError:
        raise NumeralError("is too large for a float") from None


def _parse_real(text: str) -> float | None:
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text.strip("+-.0123456789e") or not any(c.isdigit() for c in text):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _exact_decimal(text: str) -> int:
    """The int that a decimal is: by its digits, as a float may not hold all of them."""
    mantissa, _, exponent = text.partition("e")
    if text in _SPECIAL or len(exponent) > 10 or abs(int(exponent or 0)) > _EXPONENT_MAX:
        raise NumeralError("is no integer, or one that is too long")
    whole, _, fraction = mantissa.partition(".")
    shift = int(exponent or 0) - len(fraction)
    number = _parse_integer(whole + fraction, 10) or 0
    power: int = 10 ** abs(shift)
    if shift >= 0:
        return number * power
    quotient, rest = divmod(number, power)
    if rest:
        raise NumeralError("is no integer, and there are no exact fractions")
    return quotient
