"""The tables of the language page: what their rows are about, and the examples that they give."""

from __future__ import annotations

import re

import attrs

from omegac.library import Arity

ARROW = "⇒"
_CODE = r"(`+)(?: (.+?) |(.+?))\1(?!`)"
_EXAMPLE = re.compile(_CODE + rf" {ARROW} `(.+?)`(?!`)")


@attrs.frozen
class Row:
    """A row: patterns such as `(take list k)`, what they mean, examples as (program, result), and what is none."""

    patterns: tuple[str, ...]
    meaning: str
    examples: tuple[tuple[str, str], ...]
    no_example: str

    @property
    def names(self) -> tuple[str, ...]:
        """What the row is about, each name once."""
        return tuple(dict.fromkeys(name_of(pattern) for pattern in self.patterns))

    def renamed(self) -> list[tuple[str, str]]:
        """The first example again, for every name of the row that stands in none of them."""
        others = [name for name in self.names if not any(_places(name).search(program) for program, _ in self.examples)]
        shown = _places(self.names[0])
        return [
            (shown.sub(lambda _, name=name: name, program), result)  # type: ignore[misc]
            for program, result in self.examples[:1]
            for name in others
        ]


def rows(section: str) -> list[Row]:
    """The rows of all tables of a section whose last column has examples."""
    return [row for line in section.splitlines() if line.startswith("| `") and (row := _row(line)) is not None]


def section_of(page: str, title: str) -> str:
    """What stands below a heading of the second level."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def name_of(pattern: str) -> str:
    """The name that a pattern is about; that of an effect is its operation."""
    words = pattern.strip("()").split()
    return words[1] if words[0] == "effect" and words[1].endswith(".op") else words[0]


def arity_of(pattern: str) -> Arity:
    """How many arguments a pattern takes: `[x]` may be left out, of `x …` there may be any number, none too."""
    least, most, depth, last = 0, 0, 0, 0
    is_open = False
    for token in re.findall(r"\[|\]|…|[^\s\[\]…]+", pattern.strip("()"))[1:]:
        if token == "[":
            depth, last = depth + 1, 0
        elif token == "]":
            depth -= 1
        elif token == "…":
            least, is_open = least - last, True
        else:
            last = int(depth == 0)
            least, most = least + last, most + 1
    return Arity(least, None if is_open else most)


def _row(line: str) -> Row | None:
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    if len(cells) != 3:
        return None
    patterns = tuple(a or b for _, a, b in re.findall(_CODE, cells[0]))
    examples = tuple((a or b, result) for _, a, b, result in _EXAMPLE.findall(cells[2]))
    return Row(patterns, cells[1], examples, _EXAMPLE.sub("", cells[2]).strip(" ,"))


def _places(name: str) -> re.Pattern[str]:
    """Where a name stands in a program as a whole symbol."""
    return re.compile(rf"(?<![^\s()'`,#]){re.escape(name)}(?![^\s()])")
