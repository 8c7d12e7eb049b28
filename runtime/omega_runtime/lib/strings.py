"""Strings, which never change."""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, char, count, elements, index, repeated, span, string
from omega_runtime.lib.chars import all_equal, not_falling, rising
from omega_runtime.lib.registry import primitive
from omega_runtime.lib.string_search import matcher
from omega_runtime.values.chars import LATIN, Char
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


_SPACE = Char(" ")


@primitive("string?")
def is_string(value: Value) -> bool:
    """Whether a value is a string."""
    return isinstance(value, str)


@primitive("string")
def string_(*chars: Value) -> str:
    """The string of the chars."""
    return "".join([char("string", i + 1, each) for i, each in enumerate(chars)])


@primitive("make-string")
def make_string(size: Value, fill: Value = _SPACE) -> str:
    """A string of `size` times the same char."""
    return repeated("make-string", 1, char("make-string", 2, fill), size)


@primitive("string-length")
def string_length(text: Value) -> int:
    """The number of characters."""
    return len(string("string-length", 1, text))


@primitive("string-ref")
def string_ref(text: Value, k: Value) -> Char:
    """The char at index `k`."""
    if type(text) is str and type(k) is int and 0 <= k < len(text):
        return LATIN.get(text[k]) or Char(text[k])
    return Char(string("string-ref", 1, text)[index("string-ref", 2, k, len(text))])


@primitive("substring")
def substring(text: Value, start: Value, end: Value = ABSENT) -> str:
    """The characters from index `start` to before index `end`."""
    if type(text) is str and type(start) is int and type(end) is int and 0 <= start <= end <= len(text):
        return text[start:end]
    return _part("substring", text, start, end)


@primitive("string-copy")
def string_copy(text: Value, start: Value = 0, end: Value = ABSENT) -> str:
    """As `substring`; the whole string without indices."""
    return _part("string-copy", text, start, end)


@primitive("string-head", "string-take")
def string_head(text: Value, end: Value) -> str:
    """The characters before index `end`."""
    whole = string("string-head", 1, text)
    return whole[: index("string-head", 2, end, len(whole) + 1)]


@primitive("string-tail", "string-drop")
def string_tail(text: Value, start: Value) -> str:
    """The characters from index `start` on."""
    return _part("string-tail", text, start, ABSENT)


def _part(procedure: str, text: Value, start: Value, end: Value) -> str:
    whole = string(procedure, 1, text)
    first, stop = span(procedure, 2, start, end, len(whole))
    return whole[first:stop]


@primitive("string-append")
def string_append(*strings: Value) -> str:
    """All the strings in a row."""
    try:
        return "".join(strings)
    except TypeError:
        return "".join([string("string-append", i + 1, each) for i, each in enumerate(strings)])


@primitive("string-join")
def string_join(strings: Value, delimiter: Value = " ") -> str:
    """The strings of a list in a row, the delimiter between them."""
    parts = elements("string-join", 1, strings)
    for part in parts:
        if not isinstance(part, str):
            raise wrong_type("string-join", 1, "a list of strings", strings)
    return _text("string-join", 2, delimiter).join(parts)


@primitive("string-split")
def string_split(text: Value, delimiter: Value = ABSENT) -> List:
    """The list of the parts between delimiters, a string or char; the words without one."""
    return list_from(string_parts(text, delimiter))


@primitive("%string-parts")
def string_parts(text: Value, delimiter: Value = ABSENT) -> list[str]:
    """The elements of a `string-split`, to go through."""
    whole = string("string-split", 1, text)
    if delimiter is ABSENT:
        return whole.split()
    by = _text("string-split", 2, delimiter)
    if not by:
        raise wrong_range("string-split", 2, "a string that is not empty", delimiter)
    return whole.split(by)


def _text(procedure: str, position: int, value: Value) -> str:
    """A string or char, as a str."""
    if type(value) is Char:
        return value.value
    if isinstance(value, str):
        return value
    raise wrong_type(procedure, position, "a string or char", value)


def _texts(procedure: str, first: Value, rest: tuple[Value, ...]) -> list[str]:
    return [string(procedure, i + 1, each) for i, each in enumerate((first, *rest))]


def _folded(procedure: str, first: Value, rest: tuple[Value, ...]) -> list[str]:
    return [text.casefold() for text in _texts(procedure, first, rest)]


@primitive("string=?")
def strings_equal(first: Value, *rest: Value) -> bool:
    """Whether all the strings are the same."""
    if len(rest) == 1 and type(first) is type(rest[0]) is str:
        return first == rest[0]
    return all_equal(_texts("string=?", first, rest))


@primitive("string<?")
def string_less(first: Value, *rest: Value) -> bool:
    """Whether each string comes before the next."""
    if len(rest) == 1 and type(first) is type(rest[0]) is str:
        return first < rest[0]
    return rising(_texts("string<?", first, rest))


@primitive("string>?")
def string_greater(first: Value, *rest: Value) -> bool:
    """Whether each string comes after the next."""
    return rising(_texts("string>?", first, rest)[::-1])


@primitive("string<=?")
def string_less_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no string comes after the next."""
    return not_falling(_texts("string<=?", first, rest))


@primitive("string>=?")
def string_greater_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no string comes before the next."""
    return not_falling(_texts("string>=?", first, rest)[::-1])


@primitive("string-ci=?")
def strings_ci_equal(first: Value, *rest: Value) -> bool:
    """Whether all the strings are the same, whatever their case."""
    return all_equal(_folded("string-ci=?", first, rest))


@primitive("string-ci<?")
def string_ci_less(first: Value, *rest: Value) -> bool:
    """Whether each string comes before the next, whatever their case."""
    return rising(_folded("string-ci<?", first, rest))


@primitive("string-ci>?")
def string_ci_greater(first: Value, *rest: Value) -> bool:
    """Whether each string comes after the next, whatever their case."""
    return rising(_folded("string-ci>?", first, rest)[::-1])


@primitive("string-ci<=?")
def string_ci_less_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no string comes after the next, whatever their case."""
    return not_falling(_folded("string-ci<=?", first, rest))


@primitive("string-ci>=?")
def string_ci_greater_or_equal(first: Value, *rest: Value) -> bool:
    """Whether no string comes before the next, whatever their case."""
    return not_falling(_folded("string-ci>=?", first, rest)[::-1])


@primitive("string-null?")
def is_string_null(text: Value) -> bool:
    """Whether a string is empty."""
    return not string("string-null?", 1, text)


@primitive("string-upcase")
def string_upcase(text: Value) -> str:
    """The string in upper case."""
    return string("string-upcase", 1, text).upper()


@primitive("string-downcase")
def string_downcase(text: Value) -> str:
    """The string in lower case."""
    return string("string-downcase", 1, text).lower()


@primitive("string-foldcase")
def string_foldcase(text: Value) -> str:
    """The string in the form in which upper and lower case are the same."""
    return string("string-foldcase", 1, text).casefold()


@primitive("string-trim", "string-trim-both", calls=(1,))
def string_trim(text: Value, wanted: Value = ABSENT) -> str:
    """The string without white space, or other chars that are wanted, a char or predicate, at its ends."""
    return _trimmed_right("string-trim", _trimmed_left("string-trim", text, wanted), wanted)


@primitive("string-trim-left", calls=(1,))
def string_trim_left(text: Value, wanted: Value = ABSENT) -> str:
    """As `string-trim`, at its start only."""
    return _trimmed_left("string-trim-left", text, wanted)


@primitive("string-trim-right", calls=(1,))
def string_trim_right(text: Value, wanted: Value = ABSENT) -> str:
    """As `string-trim`, at its end only."""
    return _trimmed_right("string-trim-right", text, wanted)


def _trimmed_left(procedure: str, text: Value, wanted: Value) -> str:
    whole = string(procedure, 1, text)
    if wanted is ABSENT:
        return whole.lstrip()
    matches = matcher(procedure, 2, wanted)
    return whole[next((i for i, each in enumerate(whole) if not matches(each)), len(whole)) :]


def _trimmed_right(procedure: str, text: Value, wanted: Value) -> str:
    whole = string(procedure, 1, text)
    if wanted is ABSENT:
        return whole.rstrip()
    matches = matcher(procedure, 2, wanted)
    return whole[: next((i for i in range(len(whole), 0, -1) if not matches(whole[i - 1])), 0)]


@primitive("string-pad-left")
def string_pad_left(text: Value, size: Value, fill: Value = _SPACE) -> str:
    """The last `size` characters, after as many fill chars as it takes."""
    padding = _padding("string-pad-left", text, size, fill)
    return padding + text if padding else text[len(text) - size :]  # type: ignore[no-any-return]


@primitive("string-pad-right")
def string_pad_right(text: Value, size: Value, fill: Value = _SPACE) -> str:
    """The first `size` characters, before as many fill chars as it takes."""
    padding = _padding("string-pad-right", text, size, fill)
    return text + padding if padding else text[:size]  # type: ignore[no-any-return]


def _padding(procedure: str, text: Value, size: Value, fill: Value) -> str:
    """The fill chars that a string lacks; checks all arguments of the procedure."""
    lacking = count(procedure, 2, size) - len(string(procedure, 1, text))
    return repeated(procedure, 2, char(procedure, 3, fill), max(0, lacking))


@primitive("string-reverse")
def string_reverse(text: Value) -> str:
    """The characters from last to first."""
    return string("string-reverse", 1, text)[::-1]


@primitive("string-contains")
def string_contains(text: Value, pattern: Value) -> int | bool:
    """The index of the first place of the pattern in the string, or #f."""
    return _index(string("string-contains", 1, text).find(string("string-contains", 2, pattern)))


@primitive("string-contains?")
def is_string_contains(text: Value, pattern: Value) -> bool:
    """Whether the pattern is somewhere in the string."""
    return string("string-contains?", 2, pattern) in string("string-contains?", 1, text)


@primitive("string-search-forward")
def string_search_forward(pattern: Value, text: Value, start: Value = 0) -> int | bool:
    """The index of the first place of the pattern from index `start` on, or #f."""
    wanted, whole = string("string-search-forward", 1, pattern), string("string-search-forward", 2, text)
    first, _ = span("string-search-forward", 3, start, ABSENT, len(whole))
    return _index(whole.find(wanted, first))


@primitive("string-search-backward")
def string_search_backward(pattern: Value, text: Value, end: Value = ABSENT) -> int | bool:
    """The index after the last place of the pattern before index `end`, or #f."""
    wanted, whole = string("string-search-backward", 1, pattern), string("string-search-backward", 2, text)
    _, stop = span("string-search-backward", 2, 0, end, len(whole))
    found = whole.rfind(wanted, 0, stop)
    return False if found < 0 else found + len(wanted)


@primitive("string-search-all")
def string_search_all(pattern: Value, text: Value) -> List:
    """The list of the indices of all places of the pattern in the string."""
    wanted, whole = string("string-search-all", 1, pattern), string("string-search-all", 2, text)
    return list_from([i for i in range(len(whole) - len(wanted) + 1) if whole.startswith(wanted, i)])


def _index(found: int) -> int | bool:
    return False if found < 0 else found


@primitive("string-prefix?")
def is_string_prefix(prefix: Value, text: Value) -> bool:
    """Whether a string starts with the prefix."""
    start = string("string-prefix?", 1, prefix)
    return string("string-prefix?", 2, text).startswith(start)


@primitive("string-suffix?")
def is_string_suffix(suffix: Value, text: Value) -> bool:
    """Whether a string ends with the suffix."""
    end = string("string-suffix?", 1, suffix)
    return string("string-suffix?", 2, text).endswith(end)


@primitive("string-replace", "string-replace-all")
def string_replace(text: Value, old: Value, new: Value) -> str:
    """The string with every `old`, a string or char, replaced by `new`."""
    wanted = _text("string-replace", 2, old)
    if not wanted:
        raise wrong_range("string-replace", 2, "a string that is not empty", old)
    return string("string-replace", 1, text).replace(wanted, _text("string-replace", 3, new))


@primitive("string->list")
def string_to_list(text: Value, start: Value = 0, end: Value = ABSENT) -> List:
    """The list of the chars."""
    return list_from(string_chars(text, start, end))


@primitive("%string-chars")
def string_chars(text: Value, start: Value = 0, end: Value = ABSENT) -> list[Char]:
    """The elements of a `string->list`, to go through."""
    part = _part("string->list", text, start, end)
    try:
        return [LATIN[each] for each in part]
    except KeyError:
        return [Char(each) for each in part]


@primitive("%string-texts")
def string_texts(text: Value, start: Value = 0, end: Value = ABSENT) -> str:
    """The texts of the elements of a `string->list`, to go through."""
    return _part("string->list", text, start, end)


@primitive("%char")
def text_char(text: Value) -> Char:
    """The char of a text."""
    return Char(text)


@primitive("%char-text")
def char_text(c: Value) -> str:
    """The text of a char for `list->string`."""
    return _joined("list->string", c, [c])


@primitive("%joined")
def joined(texts: Value) -> str:
    """The string of texts."""
    return "".join(texts)


@primitive("list->string")
def list_to_string(chars: Value) -> str:
    """The string of a list of chars."""
    return _joined("list->string", chars, elements("list->string", 1, chars))


@primitive("string->vector")
def string_to_vector(text: Value, start: Value = 0, end: Value = ABSENT) -> Vector:
    """The vector of the chars."""
    return Vector([Char(each) for each in _part("string->vector", text, start, end)])


@primitive("vector->string")
def vector_to_string(chars: Value, start: Value = 0, end: Value = ABSENT) -> str:
    """The string of a vector of chars."""
    if not isinstance(chars, (list, tuple)):
        raise wrong_type("vector->string", 1, "a vector of chars", chars)
    first, stop = span("vector->string", 2, start, end, len(chars))
    return _joined("vector->string", chars, list(chars[first:stop]))


def _joined(procedure: str, chars: Value, items: list[Value]) -> str:
    texts = [item.value for item in items if type(item) is Char]
    if len(texts) < len(items):
        raise wrong_type(procedure, 1, "chars only", chars)
    return "".join(texts)


@primitive("string-map", calls=(0,))
def string_map(procedure: Value, first: Value, *rest: Value) -> str:
    """The string of the chars that the procedure gives for the chars of the strings."""
    callee("string-map", 1, procedure)
    made = [procedure(*map(Char, row)) for row in _columns("string-map", first, rest)]
    for each in made:
        if type(each) is not Char:
            raise wrong_type("string-map", 1, "a procedure that gives chars", procedure)
    return "".join([each.value for each in made])


@primitive("string-for-each", calls=(0,))
def string_for_each(procedure: Value, first: Value, *rest: Value) -> None:
    """Calls the procedure with the chars of the strings."""
    callee("string-for-each", 1, procedure)
    for row in _columns("string-for-each", first, rest):
        procedure(*map(Char, row))


def _columns(procedure: str, first: Value, rest: tuple[Value, ...]) -> list[tuple[str, ...]]:
    texts = [string(procedure, i + 2, each) for i, each in enumerate((first, *rest))]
    return list(zip(*texts, strict=False))
