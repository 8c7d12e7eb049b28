"""The notation of data that both readers share, the compiler's and that of `read`: names, escapes, delimiters."""

from __future__ import annotations

DELIMITERS = "()[]{}\";'`,"
SPACE = " \t\n\r\f\v"
QUOTES = {"'": "quote", "`": "quasiquote", ",": "unquote", ",@": "unquote-splicing"}
ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "|": "|"}
LABEL_DIGITS_MAX = 9
HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_CHARS = {
    "altmode": "\x1b",
    "alarm": "\a",
    "backspace": "\b",
    "delete": "\x7f",
    "escape": "\x1b",
    "linefeed": "\n",
    "newline": "\n",
    "null": "\0",
    "nul": "\0",
    "page": "\f",
    "return": "\r",
    "space": " ",
    "tab": "\t",
}


def character(code: int) -> str | None:
    """The character of a code point, unless no character may have it."""
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def character_named(name: str) -> str | None:
    r"""The character that stands as `name` after #\: itself, a name, or x or U+ and its code point."""
    if len(name) == 1:
        return name
    if name in _CHARS:
        return _CHARS[name]
    digits = name[1:].removeprefix("+")
    if name[0] in "xU" and digits and HEX_DIGITS.issuperset(digits):
        return character(int(digits, 16))
    return None


def keyword_name(token: str) -> str | None:
    """The name of the keyword that a token spells with a colon at one of its ends; None for a symbol."""
    name = token[1:] if token[0] == ":" else token.removesuffix(":")
    if name and name != token and not (name.startswith(":") or name.endswith(":")):
        return name
    return None
