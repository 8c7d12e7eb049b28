"""Regular expressions, in the syntax of Python's `re`.

They are carried out by the package `regex`, which can be told when to give up: patterns such as (a+)+b take centuries
on some texts.
"""

from __future__ import annotations

from omega_runtime.lib.arguments import string
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_type
from omega_runtime.values.pairs import list_from
from omega_runtime.values.printing import short_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from omega_runtime.values import List, Value

    Result = TypeVar("Result")

_SECONDS_MAX = 5


@primitive("regexp-match")
def regexp_match(pattern: Value, text: Value) -> List | bool:
    """The first place where a pattern matches, as a list of the text there and what each group matched; or #f.

    A group that took no part has #f. Raises OmegaError for what is no pattern, or takes more than 5 seconds.
    """
    compiled, subject = _compiled("regexp-match", pattern), string("regexp-match", 2, text)
    found = _in_time("regexp-match", pattern, lambda: compiled.search(subject, timeout=_SECONDS_MAX))
    return False if found is None else _groups(found)


@primitive("regexp-match-all")
def regexp_match_all(pattern: Value, text: Value) -> List:
    """The list of all places where a pattern matches, each as `regexp-match` gives it."""
    return list_from([_groups(each) for each in _all("regexp-match-all", pattern, text)])


@primitive("regexp-replace", calls=(2,))
def regexp_replace(pattern: Value, text: Value, replacement: Value) -> str:
    r"""The text with every match of a pattern replaced.

    By a string, in which \1 is what the first group matched and \g<name> a named one; or by what a procedure gives for
    the match, a list as of `regexp-match`.
    """
    matches = _all("regexp-replace", pattern, text)
    made = [_replacement(each, replacement) for each in matches]
    pieces: list[str] = []
    end = 0
    for match, new in zip(matches, made, strict=True):
        pieces += (text[end : match.start()], new)
        end = match.end()
    return "".join([*pieces, text[end:]])


def _replacement(match: Any, replacement: Value) -> str:
    if isinstance(replacement, str):
        import regex

        try:
            return match.expand(replacement)  # type: ignore[no-any-return]
        except (regex.error, IndexError) as error:
            raise OmegaError(f"regexp-replace: argument 3 is no replacement: {error}", replacement) from None
    if not callable(replacement):
        raise wrong_type("regexp-replace", 3, "a string or procedure", replacement)
    made = replacement(_groups(match))
    if not isinstance(made, str):
        raise wrong_type("regexp-replace", 3, "a procedure that gives strings", replacement)
    return made


@primitive("regexp-split")
def regexp_split(pattern: Value, text: Value) -> List:
    """The list of the parts of a text between the matches of a pattern."""
    pieces: list[str] = []
    end = 0
    for match in _all("regexp-split", pattern, text):
        pieces.append(text[end : match.start()])
        end = match.end()
    return list_from([*pieces, text[end:]])


@primitive("regexp-quote")
def regexp_quote(text: Value) -> str:
    """The pattern that matches a text and nothing else."""
    import regex

    return regex.escape(string("regexp-quote", 1, text))  # type: ignore[no-any-return]


def _all(procedure: str, pattern: Value, text: Value) -> list[Any]:
    compiled, subject = _compiled(procedure, pattern), string(procedure, 2, text)
    return _in_time(procedure, pattern, lambda: list(compiled.finditer(subject, timeout=_SECONDS_MAX)))


def _groups(match: Any) -> Value:
    return list_from([False if each is None else each for each in (match[0], *match.groups())])


def _compiled(procedure: str, pattern: Value) -> Any:
    # Importing it takes long.
    import regex

    try:
        return regex.compile(string(procedure, 1, pattern))
    except (regex.error, RecursionError, OverflowError, MemoryError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else error
        raise OmegaError(f"{procedure}: argument 1 is no pattern: {why}", pattern) from None


def _in_time(procedure: str, pattern: str, search: Callable[[], Result]) -> Result:
    try:
        return search()
    except TimeoutError:
        raise OmegaError(
            f"{procedure}: the pattern {short_text(pattern)} takes more than {_SECONDS_MAX} seconds on this text; "
            "a repetition inside of a repetition is the usual cause"
        ) from None
