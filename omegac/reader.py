"""Text to forms: Omega's reader, a subclass of Hy's.

Input: a `Source`. Output: a tuple of forms (see `omegac.forms`), each with its place. A token that can't be
read is reported and replaced by `Broken`, so that one run reports every error. Only an unclosed list or
string swallows what follows; a list inside of an unclosed one that starts a line is taken for a form of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

import attrs
from hy.models import Bytes, Expression, Integer, Keyword, Object, String, Symbol
from hy.reader.exceptions import LexException, PrematureEndOfInput
from omega_runtime.values.notation import (
    DELIMITERS,
    ESCAPES,
    HEX_DIGITS,
    LABEL_DIGITS_MAX,
    QUOTES,
    character,
    character_named,
)

from omegac.characters import TextReader, until
from omegac.errors import Diagnostics
from omegac.forms import Boolean, Broken, Char, Dotted, Labelled, LabelReference, VectorForm
from omegac.source import Source, Span
from omegac.tokens import USUAL, Unreadable, number, symbol_or_keyword, usual_form

DEPTH_MAX = 20_000
_UNCLOSED_MAX = 20
# What stands for itself between quotes, by the one that ends it.
_PLAIN = {closer: re.compile(rf"[^{closer}\\\r]+") for closer in '"|'}


class _Closer(Object):
    """A closing parenthesis or a dot on its way up to the list that it belongs to."""

    def __init__(self, text: str) -> None:
        self.text = text


@attrs.frozen
class _Open:
    """What isn't closed yet: where it began and, for a list, its items so far."""

    place: tuple[int, int]
    items: list[Object] = attrs.field(factory=list)


class TooDeep(LexException):
    """A form is nested deeper than DEPTH_MAX."""


class OmegaReader(TextReader):
    """Hy's reader with Omega's tokens. Use `read`, which collects the errors."""

    NON_IDENT = frozenset(DELIMITERS)
    IDENTIFIER = until("".join(DELIMITERS))

    def __init__(self, diagnostics: Diagnostics) -> None:
        super().__init__()
        self.depth = 0
        self.origin = diagnostics.source
        self.diagnostics = diagnostics
        self.reader_macros: dict[str, object] = {}
        self.open: list[_Open] = []
        self.labels: set[int] = set()
        self.folds_case = False

    def span(self, start: tuple[int, int], end: tuple[int, int]) -> Span:
        """A range of the source."""
        return Span(start[0], start[1], end[0], end[1], self.origin)

    def fill_pos(self, model: Object, start: tuple[int, int]) -> Object:
        """Record where a form starts and ends, once."""
        model.span = self.span(start, self.pos)
        return model

    def try_parse_one_form(self) -> Object | None:
        """A form or a closer, or None for a comment. Raises Unreadable for a token that stands for nothing."""
        c = self.getc()
        start = self.pos
        if not c:
            raise PrematureEndOfInput.from_reader("a form is missing", self)
        handler = self.reader_table.get(c)
        model: Object | None = handler(self, c) if handler else self.read_default(c)
        return None if model is None else self.fill_pos(model, start)

    def forms(self) -> Iterator[Object]:
        """The forms of the text up to its end, or up to a list or string that is never closed."""
        self.slurp_space()
        while self.peekc():
            self.labels.clear()
            model = self._next_form()
            if isinstance(model, _Closer):
                self._stray(model)
            elif model is not None:
                yield model
            self.slurp_space()

    def _next_form(self) -> Object | None:
        """A form, a closer, or None for a comment; what can't be read becomes Broken."""
        start = (self.pos[0], self.pos[1] + 1)
        self.depth += 1
        try:
            return self.try_parse_one_form()
        except Unreadable as error:
            self.diagnostics.error(str(error), self.span(start, self.pos), error.help)
            return self.fill_pos(Broken(), start)
        finally:
            self.depth -= 1

    def _stray(self, closer: _Closer) -> None:
        span = Span.of(closer)
        if closer.text == ".":
            self.diagnostics.error("a dot belongs before the last item of a list", span)
        else:
            self.diagnostics.error(
                f"unbalanced parentheses: this {closer.text} closes nothing",
                span,
                "remove it, or add the ( that it should close",
            )

    def _usual_form(self) -> Object | None:
        """A form that is one of the most usual tokens. Where none follows, only what stands before it is read."""
        found = USUAL.match(self._text, self._at)
        assert found is not None
        if found[1]:
            self._line += found[1].count("\n")
            self._line_start = found.end(1)
        self._at = found.end()
        kind = found.lastgroup
        if kind is None:
            return None
        text = found[kind]
        model = usual_form(kind, self._folded(text) if kind == "symbol" else text)
        end = self._at - self._line_start
        model.span = Span(self._line, end - len(text) + 1, self._line, end, self.origin)
        return model

    def _check_depth(self) -> None:
        """Raises TooDeep before a form that would be too deep."""
        if self.depth < DEPTH_MAX:
            return
        self.slurp_space()
        if self.peekc():
            raise TooDeep.from_reader("nested too deep", self)

    def _operand(self, what: str) -> Object:
        """The form that a prefix such as ' applies to."""
        while True:
            self.slurp_space()
            if not self.peekc() or self.peekc() in ")]}":
                raise Unreadable(f"{what} needs a form after it")
            self._check_depth()
            model = self._next_form()
            if isinstance(model, _Closer):
                raise Unreadable(f"{what} needs a form after it, not a dot")
            if model is not None:
                return model

    def _items(self, opener: tuple[int, int] | None = None) -> tuple[list[Object], Object | None]:
        """The items of a list up to its closing parenthesis, and the one after a dot; a dot may be the first item."""
        self.open.append(_Open(opener or self.pos))
        items = self.open[-1].items
        dot_at = None
        self._check_depth()
        while True:
            model = self._usual_form()
            if model is not None:
                items.append(model)
                continue
            c = self.peekc()
            if c == ")":
                self.getc()
                break
            if not c:
                raise PrematureEndOfInput.from_reader("unclosed list", self)
            model = self._next_form()
            if isinstance(model, _Closer) and items and dot_at is None:
                dot_at = len(items)
            elif isinstance(model, _Closer) and items:
                self._stray(model)
            elif model is not None:
                items.append(model)
        self.open.pop()
        if dot_at is None:
            return items, None
        if dot_at != len(items) - 1:
            raise Unreadable("a dot must be followed by exactly one item")
        return items[:-1], items[-1]

    @reader_for("(")
    def list_form(self, _: str) -> Object:
        """`(a b)`, `(a b . c)` and `(. object attribute)`."""
        items, tail = self._items()
        if items and isinstance(items[0], _Closer):
            return self._dot_form(items[0], items[1:], tail)
        if tail is None:
            return Expression(items)
        if isinstance(tail, (Expression, Dotted)):
            return type(tail)([*items, *tail])
        return Dotted([*items, tail])

    def _dot_form(self, dot: _Closer, items: list[Object], tail: Object | None) -> Object:
        if tail is not None or len(items) < 2:
            self._stray(dot)
            return Expression(items)
        place = Span.of(dot)
        head = self.fill_pos(Symbol(".", from_parser=True), (place.line, place.column))
        return Expression([head, *items])

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
        symbol = self.fill_pos(Symbol(QUOTES[key], from_parser=True), start)
        return Expression([symbol, self._operand(key)])

    @reader_for('"')
    def string(self, _: str) -> Object:
        """A string; line ends inside it count as newlines."""
        self.open.append(_Open(self.pos))
        text = "".join(self._quoted('"'))
        self.open.pop()
        return String(text)

    @reader_for("|")
    def odd_symbol(self, _: str) -> Object:
        """`|a symbol with any characters|`."""
        self.open.append(_Open(self.pos))
        name = "".join(self._quoted("|", "symbol"))
        self.open.pop()
        if self.peek_and_getc(":"):
            return Keyword(name, from_parser=True)
        return Symbol(name, from_parser=True)

    def _quoted(self, closer: str, what: str = "string") -> Iterator[str]:
        """The characters up to `closer`, escapes resolved; a bad escape is reported and kept as it is."""
        while True:
            yield self.take(_PLAIN[closer])
            c = self.getc()
            if not c:
                raise PrematureEndOfInput.from_reader(f"unclosed {what}", self)
            if c == closer:
                return
            if c == "\r":
                self.peek_and_getc("\n")
                c = "\n"
            yield self._escape() if c == "\\" else c

    def _escape(self) -> str:
        start = self.pos
        c = self.getc()
        if c in ESCAPES:
            return ESCAPES[c]
        if c == "x":
            digits = ""
            while self.peekc() in HEX_DIGITS:
                digits += self.getc()
            if digits and self.peek_and_getc(";"):
                found = character(int(digits, 16))
                if found is not None:
                    return found
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
            self.peek_and_getc("\n")
        return c in "\r\n"

    @reader_for("#")
    def hash(self, _: str) -> Object | None:
        r"""`#t #f #\a #(…) #u8(…) #|…|# #;form #!fold-case #0=(…) #0#` and numbers with a prefix."""
        opener = self.pos
        match c := self.peekc():
            case "(":
                self.getc()
                return self._vector(opener)
            case "\\":
                self.getc()
                return self._char()
            case "|":
                self.getc()
                self._block_comment()
                return None
            case ";":
                self.getc()
                self._operand("#;")
                return None
            case "!":
                self.getc()
                self._directive(is_first=opener == (1, 1))
                return None
        if c and c in "0123456789":
            return self._label()
        name = self.read_ident()
        if name in ("t", "true", "f", "false"):
            return Boolean(name[0] == "t")
        if name == "u8" and self.peek_and_getc("("):
            return self._bytes(opener)
        model = number("#" + name)
        if model is None:
            raise Unreadable(f"unknown reader syntax #{name or c}")
        return model

    def _vector(self, opener: tuple[int, int]) -> Object:
        items, tail = self._items(opener)
        if tail is not None:
            raise Unreadable("a vector has no dot")
        if items and isinstance(items[0], _Closer):
            self._stray(items.pop(0))
        return VectorForm(items)

    def _bytes(self, opener: tuple[int, int]) -> Object:
        items, tail = self._items(opener)
        if tail is not None or not all(isinstance(item, Integer) and 0 <= item < 256 for item in items):
            raise Unreadable("a bytevector holds exact integers from 0 to 255")
        return Bytes(map(int, items))

    def _directive(self, is_first: bool) -> None:
        """`#!fold-case` and `#!no-fold-case`; any other one is for the system when a file begins with it."""
        name = self.read_ident()
        if name in ("fold-case", "no-fold-case"):
            self.folds_case = name == "fold-case"
        elif is_first:
            self.line_comment("#!")
        else:
            raise Unreadable(f"unknown reader syntax #!{name}")

    def _label(self) -> Object:
        """`#0=datum` and `#0#`: a datum with a label, and that datum once more."""
        digits = ""
        while self.peekc() and self.peekc() in "0123456789":
            digits += self.getc()
        if len(digits) > LABEL_DIGITS_MAX or not (self.peekc() and self.peekc() in "=#"):
            raise Unreadable(f"unknown reader syntax #{digits}{self.read_ident()}")
        label, mark = int(digits), self.getc()
        if mark == "#":
            if label not in self.labels:
                raise Unreadable(f"nothing before #{digits}# has this label")
            return LabelReference(label)
        is_new = label not in self.labels
        self.labels.add(label)
        form = self._operand(f"#{digits}=")
        if not is_new:
            raise Unreadable(f"the label #{digits}= stands twice")
        if _is_reference(form, label):
            raise Unreadable(f"the label #{digits}= stands for itself")
        return Labelled(label, form)

    def _char(self) -> Object:
        first = self.getc()
        if not first:
            raise Unreadable("#\\ needs a character after it")
        name = first
        if first not in DELIMITERS and not first.isspace():
            name += self.read_ident()
        found = character_named(self._folded(name) if len(name) > 1 else name)
        if found is None:
            raise Unreadable(f"unknown character name #\\{name}")
        return Char(found)

    def _folded(self, name: str) -> str:
        return name.casefold() if self.folds_case else name

    def _block_comment(self) -> None:
        """Skip to the matching |#; block comments nest."""
        self.open.append(_Open((self.pos[0], self.pos[1] - 1)))
        depth, previous = 1, ""
        while depth:
            c = self.getc()
            if not c:
                raise PrematureEndOfInput.from_reader("unclosed comment", self)
            pair, previous = previous + c, c
            if pair in ("|#", "#|"):
                depth += 1 if pair == "#|" else -1
                previous = ""
        self.open.pop()

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
        model = number(text)
        return symbol_or_keyword(self._folded(text)) if model is None else model


def _is_reference(form: Object, number: int) -> bool:
    """Whether a form is a reference to a label, whatever other labels it has."""
    while isinstance(form, Labelled):
        form = form.form
    return isinstance(form, LabelReference) and form.number == number


def read(source: Source, diagnostics: Diagnostics) -> tuple[Object, ...]:
    """Every form of a source; errors go to `diagnostics`, and what is readable is returned all the same."""
    forms: list[Object] = []
    reader = OmegaReader(diagnostics)
    reader._set_source(StringIO(source.text, newline=""), source.name)
    try:
        for form in reader.forms():
            forms.append(form)  # noqa: PERF402 - what was read stays when the next form raises
    except PrematureEndOfInput as error:
        _report_unclosed(reader, str(error.msg), diagnostics)
        forms += [item for opened in reader.open for item in opened.items if _starts_line(item)]
        diagnostics.unclosed = reader.open[0].place[0] if reader.open else 1
    except TooDeep:
        place = reader.span(reader.pos, reader.pos)
        diagnostics.error(f"this is nested too deep (more than {DEPTH_MAX:,} levels)", place)
    return tuple(forms)


def opened(text: str) -> tuple[int, int] | None:
    """Where what a text leaves open last begins, as line and column: a list, a string, a comment; None for none."""
    reader = OmegaReader(Diagnostics(Source("text", text)))
    reader._set_source(StringIO(text, newline=""), "text")
    try:
        for _ in reader.forms():
            pass
    except PrematureEndOfInput:
        return reader.open[-1].place
    except TooDeep:
        return None
    # A prefix such as ' at the end waits for its form.
    return reader.pos if any("needs a form after it" in each.message for each in reader.diagnostics.items) else None


def _starts_line(item: Object) -> bool:
    """Whether an item of an unclosed list is most likely a form of its own: a list that starts a line."""
    return isinstance(item, Expression) and Span.of(item).column == 1


def _report_unclosed(reader: OmegaReader, problem: str, diagnostics: Diagnostics) -> None:
    """Blame the innermost opener for a string or comment; the outermost and those that start a line for lists."""
    message, mend = {
        "unclosed string": ("this string is never closed", "add the closing quote"),
        "unclosed symbol": ("this symbol is never closed", "add the closing |"),
        "unclosed comment": ("this comment is never closed", "add |#"),
    }.get(problem, ("unbalanced parentheses: this ( is never closed", "add the missing )"))
    unclosed = reader.open
    blamed = unclosed[-1:]
    if "list" in problem:
        blamed = [unclosed[0], *[opened for opened in unclosed[1:] if opened.place[1] == 1]]
    for opened in blamed[:_UNCLOSED_MAX]:
        diagnostics.error(message, reader.span(opened.place, opened.place), mend)
