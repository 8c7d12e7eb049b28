"""Text to forms: Omega's reader, a subclass of Hy's.

Input: a `Source`. Output: a tuple of forms (see `omegac.forms`), each with its place. A token that can't be
read is reported and replaced by `Broken`, so that one run reports every error. Only an unclosed list or
string makes the reader give up on a form; it then starts again at the next line that begins with "(".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import StringIO

from hy import HyReader
from hy.models import Expression, Float, Integer, Keyword, Object, String, Symbol
from hy.reader.exceptions import LexException, PrematureEndOfInput

from omegac.errors import Diagnostics
from omegac.forms import Boolean, Broken, Char, Dotted, VectorForm
from omegac.source import Source, Span

DEPTH_MAX = 20_000
_RESTARTS_MAX = 20
_DELIMITERS = "()[]{}\";'`,"
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INTEGER = re.compile(r"[+-]?\d+")
_FRACTION = re.compile(r"([+-]?\d+)/(\d+)")
_SPECIAL_FLOATS = {"+inf.0": "inf", "-inf.0": "-inf", "+nan.0": "nan", "-nan.0": "nan"}
_RADIX = {"b": 2, "o": 8, "d": 10, "x": 16}
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
_ESCAPES = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "r": "\r", "0": "\0", '"': '"', "\\": "\\", "|": "|"}
_QUOTES = {"'": "quote", "`": "quasiquote", ",": "unquote", ",@": "unquote-splicing"}


class Unreadable(Exception):
    """A token that stands for nothing; the reader goes on after it."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.help = help


class _Closer(Object):
    """A closing parenthesis or a dot on its way up to the list that it belongs to."""

    def __init__(self, text: str) -> None:
        self.text = text


class TooDeep(LexException):
    """A form is nested deeper than DEPTH_MAX."""


class OmegaReader(HyReader):
    """Hy's reader with Omega's tokens. Use `read`, which collects the errors."""

    NON_IDENT = frozenset(_DELIMITERS)

    def __init__(self, diagnostics: Diagnostics, again: bool = False) -> None:
        super().__init__()
        self.depth = 0
        self.origin = diagnostics.source
        self.diagnostics = diagnostics
        self.again = again
        self.reader_macros: dict[str, object] = {}
        self.openers: list[tuple[int, int]] = []

    def span(self, start: tuple[int, int], end: tuple[int, int]) -> Span:
        """A range of the source."""
        return Span(start[0], start[1], end[0], end[1], self.origin)

    def fill_pos(self, model: Object, start: tuple[int, int]) -> Object:
        """Record where a form starts and ends, once."""
        model.start_line, model.start_column = start
        model.end_line, model.end_column = self.pos
        model.origin = self.origin
        return model

    def forms(self) -> Iterator[Object]:
        """The forms of the text up to its end, or up to a list or string that is never closed."""
        self.slurp_space()
        while self.peekc():
            model = self._next_form()
            if isinstance(model, _Closer):
                self._stray(model)
            elif model is not None:
                yield model
            self.slurp_space()

    def _next_form(self) -> Object | None:
        """A form, a closer, or None for a comment; what can't be read becomes Broken."""
        start = (self.pos[0], self.pos[1] + 1)
        if self.depth == DEPTH_MAX:
            raise TooDeep.from_reader("nested too deep", self)
        self.depth += 1
        try:
            return self.try_parse_one_form()
        except LexException as error:
            unreadable = error.__context__
            if not isinstance(unreadable, Unreadable):
                raise
            span = self.span(start, self.pos)
            self.diagnostics.error(str(unreadable), span, unreadable.help)
            return self.fill_pos(Broken(), start)
        finally:
            self.depth -= 1

    def _stray(self, closer: _Closer) -> None:
        if self.again:
            return
        span = Span.of(closer)
        if closer.text == ".":
            self.diagnostics.error("a dot belongs before the last item of a list", span)
        else:
            self.diagnostics.error(
                f"unbalanced parentheses: this {closer.text} closes nothing",
                span,
                "remove it, or add the ( that it should close",
            )

    def _operand(self, what: str) -> Object:
        """The form that a prefix such as ' applies to."""
        while True:
            self.slurp_space()
            if not self.peekc() or self.peekc() in ")]}":
                raise Unreadable(f"{what} needs a form after it")
            model = self._next_form()
            if isinstance(model, _Closer):
                raise Unreadable(f"{what} needs a form after it, not a dot")
            if model is not None:
                return model

    def _items(self, opener: tuple[int, int] | None = None) -> tuple[list[Object], Object | None]:
        """The items of a list up to its closing parenthesis, and the one after a dot."""
        self.openers.append(opener or self.pos)
        items: list[Object] = []
        dot_at = None
        while True:
            self.slurp_space()
            if not self.peekc():
                raise PrematureEndOfInput.from_reader("unclosed list", self)
            model = self._next_form()
            if isinstance(model, _Closer) and model.text == ")":
                break
            if isinstance(model, _Closer) and model.text == "." and dot_at is None and items:
                dot_at = len(items)
            elif isinstance(model, _Closer) and model.text == "." and not items:
                items.append(self.fill_pos(Symbol(".", from_parser=True), (model.start_line, model.start_column)))
            elif isinstance(model, _Closer):
                self._stray(model)
            elif model is not None:
                items.append(model)
        self.openers.pop()
        if dot_at is None:
            return items, None
        if dot_at != len(items) - 1:
            raise Unreadable("a dot must be followed by exactly one item")
        return items[:-1], items[-1]

    @reader_for("(")
    def list_form(self, _: str) -> Object:
        """`(a b)` and `(a b . c)`."""
        items, tail = self._items()
        if tail is None:
            return Expression(items)
        if isinstance(tail, (Expression, Dotted)):
            return type(tail)([*items, *tail])
        return Dotted([*items, tail])

    @reader_for(")")
    def close(self, key: str) -> Object:
        """A closing parenthesis: `_items` decides whether it closes something."""
        return _Closer(key)

    @reader_for("[")
    @reader_for("]")
    @reader_for("{")
    @reader_for("}")
    def foreign_bracket(self, key: str) -> Object:
        """Brackets that Hy has and Omega doesn't."""
        raise Unreadable(f"{key} is not Omega syntax", "lists are written with ( and )")

    @reader_for("'")
    @reader_for("`")
    @reader_for(",")
    def prefix(self, key: str) -> Object:
        """`'x`, `` `x``, `,x` and `,@x`."""
        start = self.pos
        if key == "," and self.peek_and_getc("@"):
            key = ",@"
        symbol = self.fill_pos(Symbol(_QUOTES[key], from_parser=True), start)
        return Expression([symbol, self._operand(key)])

    @reader_for('"')
    def string(self, _: str) -> Object:
        """A string; line ends inside it count as newlines."""
        self.openers.append(self.pos)
        text = "".join(self._quoted('"')).replace("\r\n", "\n")
        self.openers.pop()
        return String(text)

    @reader_for("|")
    def odd_symbol(self, _: str) -> Object:
        """`|a symbol with any characters|`."""
        self.openers.append(self.pos)
        name = "".join(self._quoted("|", "symbol"))
        self.openers.pop()
        if self.peek_and_getc(":"):
            return Keyword(name, from_parser=True)
        return Symbol(name, from_parser=True)

    def _quoted(self, closer: str, what: str = "string") -> Iterator[str]:
        """The characters up to `closer`, escapes resolved; a bad escape is reported and kept as it is."""
        while True:
            c = self.getc()
            if not c:
                raise PrematureEndOfInput.from_reader(f"unclosed {what}", self)
            if c == closer:
                return
            yield self._escape() if c == "\\" else c

    def _escape(self) -> str:
        start = self.pos
        c = self.getc()
        if c in _ESCAPES:
            return _ESCAPES[c]
        if c == "x":
            digits = ""
            while self.peekc() and self.peekc() in "0123456789abcdefABCDEF":
                digits += self.getc()
            if digits and self.peek_and_getc(";"):
                character = _character(int(digits, 16))
                if character is not None:
                    return character
            problem = f"the escape \\x{digits} needs hexadecimal digits of a character and a semicolon"
        elif c and c in " \t\r\n":
            c += self._spaces() if c in " \t" else ""
            if self._line_end(c[-1]):
                self._spaces()
                return ""
            problem = "unknown escape \\  in a string"
        else:
            problem = f"unknown escape \\{c} in a string"
        self.diagnostics.error(problem, self.span(start, start), 'write \\\\ for a backslash, \\" for a quote')
        return c

    def _spaces(self) -> str:
        """The spaces and tabs that come next."""
        found = ""
        while self.peekc() and self.peekc() in " \t":
            found += self.getc()
        return found

    def _line_end(self, c: str) -> bool:
        """Whether a line ends at the character just read, or at the next one, which is read then."""
        if c in " \t" and self.peekc() and self.peekc() in "\r\n":
            c = self.getc()
        if c == "\r":
            return self.peek_and_getc("\n")
        return c == "\n"

    @reader_for("#")
    def hash(self, _: str) -> Object | None:
        """`#t #f #\\a #(…) #|…|# #;form` and numbers in another radix."""
        c = self.peekc()
        if c == "(":
            opener = self.pos
            self.getc()
            items, tail = self._items(opener)
            if tail is not None:
                raise Unreadable("a vector has no dot")
            return VectorForm(items)
        if c == "\\":
            self.getc()
            return self._char()
        if c == "|":
            self.getc()
            self._block_comment()
            return None
        if c == ";":
            self.getc()
            self._operand("#;")
            return None
        if c == "!" and self.pos == (1, 1):
            return self.line_comment("#!")
        token = self.read_ident()
        if token in ("t", "true", "f", "false"):
            return Boolean(token[0] == "t")
        number = _radix_number(token)
        if number is None:
            raise Unreadable(f"unknown reader syntax #{token or c}")
        return number

    def _char(self) -> Object:
        first = self.getc()
        if not first:
            raise Unreadable("#\\ needs a character after it")
        name = first
        if first not in _DELIMITERS and not first.isspace():
            name += self.read_ident()
        if len(name) == 1:
            return Char(name)
        if name in _CHARS:
            return Char(_CHARS[name])
        if re.fullmatch(r"[xU]\+?[0-9a-fA-F]+", name):
            character = _character(int(name[1:].lstrip("+"), 16))
            if character is not None:
                return Char(character)
        raise Unreadable(f"unknown character name #\\{name}")

    def _block_comment(self) -> None:
        """Skip to the matching |#; block comments nest."""
        self.openers.append((self.pos[0], self.pos[1] - 1))
        depth, previous = 1, ""
        while depth:
            c = self.getc()
            if not c:
                raise PrematureEndOfInput.from_reader("unclosed comment", self)
            pair, previous = previous + c, c
            if pair in ("|#", "#|"):
                depth += 1 if pair == "#|" else -1
                previous = ""
        self.openers.pop()

    @reader_for(":")
    @reader_for("~")
    def keyword(self, key: str) -> Object:
        """`:priority`; a lone colon is a symbol, and a tilde a letter, which Hy unquotes with."""
        return self.read_default(key)

    def read_default(self, key: str) -> Object:
        """Numbers, keywords and symbols: everything that ends at white space or a delimiter."""
        text = key + self.read_ident()
        if text == ".":
            return _Closer(".")
        number = _number(text)
        if number is not None:
            return number
        name = text[1:] if text[0] == ":" else text.removesuffix(":")
        if name and name != text and not (name.startswith(":") or name.endswith(":")):
            return Keyword(name, from_parser=True)
        return Symbol(text, from_parser=True)


def _character(code: int) -> str | None:
    """The character of a code point, unless no character may have it."""
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _number(token: str) -> Object | None:
    """The number that a token spells, or None."""
    if token in _SPECIAL_FLOATS:
        return Float(float(_SPECIAL_FLOATS[token]))
    if _INTEGER.fullmatch(token):
        return Integer(_decimal_digits(token))
    if _DECIMAL.fullmatch(token):
        return Float(float(token))
    fraction = _FRACTION.fullmatch(token)
    if fraction:
        top, bottom = _decimal_digits(fraction[1]), _decimal_digits(fraction[2])
        if bottom == 0:
            raise Unreadable(f"{token} divides by zero")
        return Integer(top // bottom) if top % bottom == 0 else Float(_float(lambda: top / bottom, token))
    return None


def _float(compute: Callable[[], float], token: str) -> float:
    try:
        return compute()
    except OverflowError as error:
        raise Unreadable(f"{token if len(token) <= 30 else token[:29] + '…'} is too large for a float") from error


def _decimal_digits(token: str) -> int:
    try:
        return int(token)
    except ValueError as error:
        raise Unreadable(f"a number of {len(token)} digits is too long") from error


def _radix_number(token: str) -> Object | None:
    """`x1F`, `b101`, `e10`, `i10`: a number after # with its radix or exactness."""
    kind, digits = token[:1].lower(), token[1:]
    if kind in _RADIX:
        try:
            return Integer(int(digits, _RADIX[kind])) if "_" not in digits else None
        except ValueError:
            return None
    number = _number(digits) if kind in ("e", "i") else None
    if kind == "i" and isinstance(number, Integer):
        return Float(_float(lambda: float(int(number)), token))
    if kind == "e" and isinstance(number, Float):
        return Integer(int(number)) if float(number).is_integer() else None
    return number


def read(source: Source, diagnostics: Diagnostics, *, restarts: int = 0) -> tuple[Object, ...]:
    """Every form of a source; errors go to `diagnostics`, and what is readable is returned all the same.

    `restarts` counts the lists before this text that are never closed, so that it may end with their parentheses.
    """
    forms: list[Object] = []
    reader = OmegaReader(diagnostics, again=restarts > 0)
    reader._set_source(StringIO(source.text, newline=""), source.name)
    try:
        for form in reader.forms():
            forms.append(form)  # noqa: PERF402 - what was read stays when the next form raises
    except PrematureEndOfInput as error:
        line = reader.openers[0][0] if reader.openers else 1
        _report_unclosed(reader, str(error.msg), diagnostics)
        if "list" in str(error.msg) and restarts < _RESTARTS_MAX:
            forms.extend(_read_after(source, line, diagnostics, restarts + 1))
        diagnostics.unclosed = line
    except TooDeep:
        place = reader.span(reader.pos, reader.pos)
        diagnostics.error(f"this is nested too deep (more than {DEPTH_MAX:,} levels)", place)
    return tuple(forms)


def _report_unclosed(reader: OmegaReader, problem: str, diagnostics: Diagnostics) -> None:
    """Blame the innermost opener for a string or comment, the outermost for a list."""
    place = reader.openers[-1] if "list" not in problem else reader.openers[0]
    message, mend = {
        "unclosed string": ("this string is never closed", "add the closing quote"),
        "unclosed symbol": ("this symbol is never closed", "add the closing |"),
        "unclosed comment": ("this comment is never closed", "add |#"),
    }.get(problem, ("unbalanced parentheses: this ( is never closed", "add the missing )"))
    diagnostics.error(message, reader.span(place, place), mend)


def _read_after(source: Source, line: int, diagnostics: Diagnostics, restarts: int) -> tuple[Object, ...]:
    """The forms from the first later line that starts with "(": most likely the next definition."""
    for number in range(line + 1, len(source.lines) + 1):
        if source.line(number).startswith("("):
            blank = "\n" * (number - 1)
            rest = "\n".join(source.lines[number - 1 :])
            return read(Source(source.name, blank + rest), diagnostics, restarts=restarts)
    return ()
