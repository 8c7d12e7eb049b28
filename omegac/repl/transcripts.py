"""Transcripts in text: inputs with the answers that they should have, and whether an answer is one of those.

    Ω> (define (twice x)
         (* 2 x))
    Ω> (begin (display "so:") (twice 1/3))
    so:
    => 0.67

An input is what stands behind a prompt, up to the end of its last form; without one, what stands before an answer.
Lines up to the answer, without a blank one between, are what it displays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs
from omega_runtime.values.numerals import NumeralError, read_number

from omegac.repl.session import is_complete

PROMPT, ANSWER, ERROR = "Ω> ", "=> ", "error: "
_SKIP = "doctest: skip"
_FENCE = re.compile(r"( *)(`{3,}|~{3,})\s*(\S*)")
_LANGUAGES = ("lisp", "scheme", "omega")
_COMMENT = re.compile(r"\s*;+ ?(.*)")
_TOKEN = re.compile(r"""[()]|"(?:[^"\\]|\\.)*"|\|(?:[^|\\]|\\.)*\||;[^\n]*|[^\s()";]+""", re.DOTALL)


@attrs.frozen
class Example:
    """An input at a line of a file, and what should come of it; None for an answer or a text that is left open.

    `is_transcript` is whether something is said of it: that there is an answer, or by a prompt that there is no error.
    """

    line: int
    text: str
    answer: str | None = None
    displayed: str | None = None
    is_transcript: bool = True


def examples_of(file: Path, text: str) -> list[Example]:
    """The examples of a file: those in comments of an Omega file, those in the blocks of any other one."""
    blocks = _comments(text) if file.suffix == ".omega" else _fenced(text)
    return [example for line, block in blocks for example in _examples(block, line)]


def _fenced(text: str) -> Iterator[tuple[int, list[str]]]:
    """The blocks of Omega in Markdown, each with the number of its first line."""
    lines = text.splitlines()
    start, fence, said = 0, "", ""
    for number, line in enumerate(lines, 1):
        found = _FENCE.match(line)
        if not fence and found:
            start, fence, language = number, found[2], found[3]
            is_wanted = language in _LANGUAGES and _SKIP not in said
            margin = len(found[1])
        elif fence and found and found[2].startswith(fence) and not found[3]:
            if is_wanted:
                yield start + 1, [each[margin:] for each in lines[start : number - 1]]
            fence = ""
        said = line if line.strip() else said


def _comments(text: str) -> Iterator[tuple[int, list[str]]]:
    """The runs of lines that are comments."""
    block: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate([*lines, ""], 1):
        found = _COMMENT.fullmatch(line)
        if found:
            block.append(found[1])
            continue
        if any(each.startswith(PROMPT) for each in block):
            yield number - len(block), block
        block = []


def _examples(lines: Sequence[str], first: int) -> Iterator[Example]:
    """The examples of a block. What is in no transcript is an example without an answer when it defines things only."""
    at = 0
    while at < len(lines):
        start, has_prompt = at, lines[at].startswith(PROMPT)
        at, text = _input(lines, at)
        if not text.strip():
            continue
        shown, at = _until(lines, at) if has_prompt else ([], at)
        end = at
        while end < len(lines) and not lines[end].strip():
            end += 1
        answer = None
        if end < len(lines) and lines[end].startswith(ANSWER):
            answer, at = _answer(lines, end)
        is_transcript = has_prompt or answer is not None
        if _SKIP not in text and (is_transcript or _defines(text)):
            displayed = "\n".join(shown) if has_prompt and (shown or answer is not None) else None
            yield Example(first + start, text, answer, displayed, is_transcript)


def _input(lines: Sequence[str], at: int) -> tuple[int, str]:
    """An input that begins at a line, and the number of the line behind it."""
    if not lines[at].startswith(PROMPT):
        end = at
        while end < len(lines) and not lines[end].startswith((PROMPT, ANSWER)):
            end += 1
        return max(end, at + 1), "\n".join(lines[at:end])
    found = [lines[at][len(PROMPT) :]]
    at += 1
    while at < len(lines) and not is_complete("\n".join(found)) and not lines[at].startswith((PROMPT, ANSWER)):
        found.append(lines[at])
        at += 1
    return at, "\n".join(found)


def _until(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """The lines up to a blank one, a prompt or an answer, but for comments, and the number of the one behind them."""
    found = []
    while at < len(lines) and lines[at].strip() and not lines[at].startswith((PROMPT, ANSWER)):
        if not lines[at].startswith(";"):
            found.append(lines[at].rstrip())
        at += 1
    return found, at


def _answer(lines: Sequence[str], at: int) -> tuple[str, int]:
    """An answer that begins at a line: up to a blank line, or the next prompt."""
    rest, end = _until(lines, at + 1)
    return "\n".join([lines[at][len(ANSWER) :], *rest]), end


def _defines(text: str) -> bool:
    heads = re.findall(r"^\(([^\s()]+)", text, re.MULTILINE)
    return bool(heads) and all(head == "import" or head.startswith("define") for head in heads)


def is_answer(expected: str, given: str) -> bool:
    """Whether an answer is the expected one, whatever blanks and comments there are.

    `...` stands for anything, and a number with a point for all that round to it.
    """
    return _match(_tokens(expected), _tokens(given))


def is_text(expected: str, given: str) -> bool:
    """Whether a text that was displayed is the expected one; `...` stands for anything."""
    return _has_form(expected.rstrip(), "\n".join(line.rstrip() for line in given.rstrip().split("\n")))


def _tokens(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text) if not token.startswith(";")]


def _match(expected: Sequence[str], given: Sequence[str]) -> bool:
    """Whether tokens are the expected ones; the latest `...` takes one more whenever it fails behind it."""
    at = begun = 0
    star: int | None = None
    while begun < len(given):
        if at < len(expected) and expected[at] == "...":
            star, after, at = at, begun, at + 1
        elif at < len(expected) and _is_token(expected[at], given[begun]):
            at, begun = at + 1, begun + 1
        elif star is not None:
            after += 1
            at, begun = star + 1, after
        else:
            return False
    return set(expected[at:]) <= {"..."}


def _is_token(expected: str, given: str) -> bool:
    if expected == given or ("..." in expected and _has_form(expected, given)):
        return True
    fraction = re.fullmatch(r"[-+]?[0-9]*\.([0-9]+)(e[-+]?[0-9]+)?", expected)
    number, wanted = _number(given), _number(expected)
    if fraction is None or number is None or wanted is None:
        return False
    return abs(number - wanted) <= 0.5 * 10 ** (int((fraction[2] or "e0")[1:]) - len(fraction[1])) * (1 + 1e-9)


def _number(token: str) -> float | None:
    try:
        number = read_number(token)
    except NumeralError:
        return None
    return None if number is None else float(number)


def _has_form(expected: str, given: str) -> bool:
    return re.fullmatch(".*?".join(map(re.escape, expected.split("..."))), given, re.DOTALL) is not None
