"""Strings searched and made char by char. What is wanted of chars is a char, or a predicate on chars."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, count, elements, span, string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import wrong_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from omega_runtime.values import Value


def matcher(procedure: str, position: int, wanted: Value) -> Callable[[str], bool]:
    """A test of one character, from a char or from a predicate on chars."""
    if type(wanted) is Char:
        return wanted.value.__eq__
    if not callable(wanted):
        raise wrong_type(procedure, position, "a char or procedure", wanted)
    return lambda character: wanted(Char(character)) is not False


def _range(procedure: str, position: int, text: Value, start: Value, end: Value) -> tuple[str, range]:
    """A string and the range of its indices from `start`, whose position is given, to before `end`."""
    whole = string(procedure, 1, text)
    return whole, range(*span(procedure, position, start, end, len(whole)))


@primitive("string-index", calls=(1,))
def string_index(text: Value, wanted: Value, start: Value = 0, end: Value = ABSENT) -> int | bool:
    """The index of the first char that is wanted, or #f."""
    matches = matcher("string-index", 2, wanted)
    whole, indices = _range("string-index", 3, text, start, end)
    return next((i for i in indices if matches(whole[i])), False)


@primitive("string-index-right", "string-rindex", calls=(1,))
def string_index_right(text: Value, wanted: Value, start: Value = 0, end: Value = ABSENT) -> int | bool:
    """The index of the last char that is wanted, or #f."""
    matches = matcher("string-index-right", 2, wanted)
    whole, indices = _range("string-index-right", 3, text, start, end)
    return next((i for i in reversed(indices) if matches(whole[i])), False)


@primitive("string-skip", calls=(1,))
def string_skip(text: Value, wanted: Value, start: Value = 0, end: Value = ABSENT) -> int | bool:
    """The index of the first char that is not wanted, or #f."""
    matches = matcher("string-skip", 2, wanted)
    whole, indices = _range("string-skip", 3, text, start, end)
    return next((i for i in indices if not matches(whole[i])), False)


@primitive("string-skip-right", calls=(1,))
def string_skip_right(text: Value, wanted: Value, start: Value = 0, end: Value = ABSENT) -> int | bool:
    """The index of the last char that is not wanted, or #f."""
    matches = matcher("string-skip-right", 2, wanted)
    whole, indices = _range("string-skip-right", 3, text, start, end)
    return next((i for i in reversed(indices) if not matches(whole[i])), False)


@primitive("string-count", calls=(1,))
def string_count(text: Value, wanted: Value, start: Value = 0, end: Value = ABSENT) -> int:
    """How many chars are wanted."""
    matches = matcher("string-count", 2, wanted)
    whole, indices = _range("string-count", 3, text, start, end)
    return sum(1 for i in indices if matches(whole[i]))


@primitive("string-filter", calls=(0,))
def string_filter(wanted: Value, text: Value) -> str:
    """The chars that are wanted."""
    matches = matcher("string-filter", 1, wanted)
    return "".join([each for each in string("string-filter", 2, text) if matches(each)])


@primitive("string-remove", "string-delete", calls=(0,))
def string_remove(wanted: Value, text: Value) -> str:
    """The chars that are not wanted."""
    matches = matcher("string-remove", 1, wanted)
    return "".join([each for each in string("string-remove", 2, text) if not matches(each)])


@primitive("string-any", calls=(0,))
def string_any(predicate: Value, text: Value) -> Value:
    """The first result of the predicate for the chars that is not #f, or #f."""
    callee("string-any", 1, predicate)
    for each in string("string-any", 2, text):
        result = predicate(Char(each))
        if result is not False:
            return result
    return False


@primitive("string-every", calls=(0,))
def string_every(predicate: Value, text: Value) -> Value:
    """#f when the predicate gives #f for some char, otherwise its last result; #t for an empty string."""
    callee("string-every", 1, predicate)
    result: Value = True
    for each in string("string-every", 2, text):
        result = predicate(Char(each))
        if result is False:
            return False
    return result


@primitive("string-fold", calls=(0,))
def string_fold(procedure: Value, initial: Value, text: Value) -> Value:
    """Calls (procedure char accumulator) from the left on; gives the last result."""
    callee("string-fold", 1, procedure)
    result = initial
    for each in string("string-fold", 3, text):
        result = procedure(Char(each), result)
    return result


@primitive("string-fold-right", calls=(0,))
def string_fold_right(procedure: Value, initial: Value, text: Value) -> Value:
    """Calls (procedure char accumulator) from the right on; gives the last result."""
    callee("string-fold-right", 1, procedure)
    result = initial
    for each in reversed(string("string-fold-right", 3, text)):
        result = procedure(Char(each), result)
    return result


@primitive("string-tabulate", calls=(0,))
def string_tabulate(procedure: Value, size: Value) -> str:
    """The string of the chars that the procedure gives for 0, 1, ... up to below `size`."""
    n = count("string-tabulate", 2, size)
    callee("string-tabulate", 1, procedure)
    made = [procedure(i) for i in range(n)]
    for each in made:
        if type(each) is not Char:
            raise wrong_type("string-tabulate", 1, "a procedure that gives chars", procedure)
    return "".join([each.value for each in made])


@primitive("string-concatenate")
def string_concatenate(strings: Value) -> str:
    """The strings of a list in a row."""
    parts = elements("string-concatenate", 1, strings)
    if not all(isinstance(part, str) for part in parts):
        raise wrong_type("string-concatenate", 1, "a list of strings", strings)
    return "".join(parts)


@primitive("string-take-right")
def string_take_right(text: Value, size: Value) -> str:
    """The last `size` characters."""
    whole = string("string-take-right", 1, text)
    _, stop = span("string-take-right", 1, 0, size, len(whole))
    return whole[len(whole) - stop :]


@primitive("string-drop-right")
def string_drop_right(text: Value, size: Value) -> str:
    """The characters without the last `size`."""
    whole = string("string-drop-right", 1, text)
    _, stop = span("string-drop-right", 1, 0, size, len(whole))
    return whole[: len(whole) - stop]
