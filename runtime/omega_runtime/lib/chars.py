"""Characters."""

from __future__ import annotations

from itertools import pairwise

from omega_runtime.lib.arguments import char
from omega_runtime.lib.registry import primitive
from omega_runtime.values.chars import LATIN, Char
from omega_runtime.values.errors import wrong_range, wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value


@primitive("char?")
def is_char(value: Value) -> bool:
    """Whether a value is a char."""
    return type(value) is Char


@primitive("char->integer")
def char_to_integer(c: Value) -> int:
    """The code point of a char."""
    return ord(c.value if type(c) is Char else char("char->integer", 1, c))


@primitive("integer->char")
def integer_to_char(n: Value) -> Char:
    """The char of a code point."""
    if type(n) is not int:
        raise wrong_type("integer->char", 1, "an exact integer", n)
    if n in _MADE:
        return _MADE[n]
    if not 0 <= n < 0x110000 or 0xD800 <= n < 0xE000:
        raise wrong_range("integer->char", 1, "a Unicode scalar value", n)
    made = Char(chr(n))
    if n < 0x100:
        _MADE[n] = made
    return made


# The chars of Latin-1 that were made of their code points.
_MADE: dict[int, Char] = {}


def _codes(procedure: str, first: Value, rest: tuple[Value, ...]) -> list[str]:
    return [char(procedure, i + 1, each) for i, each in enumerate((first, *rest))]


def _folded(procedure: str, first: Value, rest: tuple[Value, ...]) -> list[str]:
    return [_fold(code) for code in _codes(procedure, first, rest)]


def _fold(code: str) -> str:
    """What is the same for the upper and lower case of a character: one character, too."""
    folded = code.casefold()
    return folded if len(folded) == 1 else code.lower() if len(code.lower()) == 1 else code


def all_equal(items: list[str]) -> bool:
    """Whether all items are the same."""
    return all(each == items[0] for each in items)


def rising(items: list[str]) -> bool:
    """Whether each item is less than the next."""
    return all(a < b for a, b in pairwise(items))


def not_falling(items: list[str]) -> bool:
    """Whether no item is greater than the next."""
    return all(a <= b for a, b in pairwise(items))


@primitive("char=?")
def chars_equal(first: Value, *rest: Value) -> bool:
    """Whether all the chars are the same."""
    if len(rest) == 1 and type(first) is type(rest[0]) is Char:
        return first.value == rest[0].value
    return all_equal(_codes("char=?", first, rest))


@primitive("char<?")
def char_less(first: Value, *rest: Value) -> bool:
    """Whether each char comes before the next."""
    if len(rest) == 1 and type(first) is type(rest[0]) is Char:
        return first.value < rest[0].value
    return rising(_codes("char<?", first, rest))


@primitive("char>?")
def char_greater(first: Value, *rest: Value) -> bool:
    """Whether each char comes after the next."""
    return rising(_codes("char>?", first, rest)[::-1])


@primitive("char<=?")
def char_less_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no char comes after the next."""
    return not_falling(_codes("char<=?", first, rest))


@primitive("char>=?")
def char_greater_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no char comes before the next."""
    return not_falling(_codes("char>=?", first, rest)[::-1])


@primitive("char-ci=?")
def chars_ci_equal(first: Value, *rest: Value) -> bool:
    """Whether all the chars are the same, whatever their case."""
    return all_equal(_folded("char-ci=?", first, rest))


@primitive("char-ci<?")
def char_ci_less(first: Value, *rest: Value) -> bool:
    """Whether each char comes before the next, whatever their case."""
    return rising(_folded("char-ci<?", first, rest))


@primitive("char-ci>?")
def char_ci_greater(first: Value, *rest: Value) -> bool:
    """Whether each char comes after the next, whatever their case."""
    return rising(_folded("char-ci>?", first, rest)[::-1])


@primitive("char-ci<=?")
def char_ci_less_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no char comes after the next, whatever their case."""
    return not_falling(_folded("char-ci<=?", first, rest))


@primitive("char-ci>=?")
def char_ci_greater_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no char comes before the next, whatever their case."""
    return not_falling(_folded("char-ci>=?", first, rest)[::-1])


@primitive("char-upcase")
def char_upcase(c: Value) -> Char:
    """The upper-case char, where there is a single one."""
    upper = (c.value if type(c) is Char else char("char-upcase", 1, c)).upper()
    return LATIN.get(upper) or (Char(upper) if len(upper) == 1 else c)


@primitive("char-foldcase")
def char_foldcase(c: Value) -> Char:
    """The char that stands for all cases of a char, where there is a single one."""
    return Char(_fold(char("char-foldcase", 1, c)))


@primitive("char-downcase")
def char_downcase(c: Value) -> Char:
    """The lower-case char, where there is a single one."""
    lower = (c.value if type(c) is Char else char("char-downcase", 1, c)).lower()
    return LATIN.get(lower) or (Char(lower) if len(lower) == 1 else c)


@primitive("char-alphabetic?")
def is_char_alphabetic(c: Value) -> bool:
    """Whether a char is a letter."""
    return (c.value if type(c) is Char else char("char-alphabetic?", 1, c)).isalpha()


@primitive("char-numeric?")
def is_char_numeric(c: Value) -> bool:
    """Whether a char is a decimal digit."""
    return (c.value if type(c) is Char else char("char-numeric?", 1, c)).isdecimal()


@primitive("char-whitespace?")
def is_char_whitespace(c: Value) -> bool:
    """Whether a char is white space."""
    return (c.value if type(c) is Char else char("char-whitespace?", 1, c)).isspace()


@primitive("char-upper-case?")
def is_char_upper_case(c: Value) -> bool:
    """Whether a char is an upper-case letter."""
    return char("char-upper-case?", 1, c).isupper()


@primitive("char-lower-case?")
def is_char_lower_case(c: Value) -> bool:
    """Whether a char is a lower-case letter."""
    return char("char-lower-case?", 1, c).islower()


@primitive("digit-value")
def digit_value(c: Value) -> int | bool:
    """The value of a decimal digit, or #f."""
    code = char("digit-value", 1, c)
    return int(code) if code.isdecimal() else False


@primitive("char->digit")
def char_to_digit(c: Value, radix: Value = 10) -> int | bool:
    """The value of a digit in a radix, or #f."""
    code = char("char->digit", 1, c)
    if type(radix) is not int or not 2 <= radix <= 36:
        raise wrong_range("char->digit", 2, "a radix from 2 to 36", radix)
    try:
        return int(code, radix)
    except ValueError:
        return False


@primitive("digit->char")
def digit_to_char(digit: Value, radix: Value = 10) -> Char | bool:
    """The char of a digit in a radix, or #f."""
    if type(digit) is not int:
        raise wrong_type("digit->char", 1, "an exact integer", digit)
    if type(radix) is not int or not 2 <= radix <= 36:
        raise wrong_range("digit->char", 2, "a radix from 2 to 36", radix)
    return Char("0123456789abcdefghijklmnopqrstuvwxyz"[digit]) if 0 <= digit < radix else False
