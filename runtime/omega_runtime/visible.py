"""Text of others made safe for a terminal: names, messages of servers, answers, lines of files."""

from __future__ import annotations

# Control characters other than the tabulator, line ends of Unicode, and what changes the direction of text.
_CODES = (
    *range(9),
    *range(10, 32),
    *range(127, 160),
    0x61C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_ESCAPES = {code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" for code in _CODES}
_ESCAPES.update({10: "\\n", 13: "\\r"})


_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def without_controls(text: str) -> str:
    """The text with its lines, tabs and directions, and whatever else a terminal would act upon as an escape."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def visible(text: str) -> str:
    """The text on one line, with whatever a terminal would act upon as an escape such as \\x1b."""
    return text.translate(_ESCAPES)


def visible_lines(text: str, margin: str = "  ") -> str:
    """The same for a message that may have several lines.

    All but the first begin with `margin`, so that none passes for a message of its own.
    """
    return f"\n{margin}".join(map(visible, text.replace("\r\n", "\n").split("\n")))
