"""Reading data from text at run time. Nothing here recurses, so any depth of nesting is read.

What is read is what the compiler reads from the same text as a quoted datum.
"""

from __future__ import annotations

from omega_runtime.values.bytevectors import Bytevector
from omega_runtime.values.chars import Char
from omega_runtime.values.errors import ReadError
from omega_runtime.values.labels import Label, linked
from omega_runtime.values.notation import (
    DELIMITERS,
    ESCAPES,
    HEX_DIGITS,
    LABEL_DIGITS_MAX,
    QUOTES,
    SPACE,
    character,
    character_named,
    keyword_name,
)
from omega_runtime.values.numerals import NumeralError, read_number
from omega_runtime.values.pairs import list_from, make_list
from omega_runtime.values.ports import EOF
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value
    from omega_runtime.values.ports import InputPort

_ENDS = frozenset(DELIMITERS + SPACE)
_LINE_END = frozenset("\n")


class _Mark:
    """What a token is that is no datum."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_NOTHING, _CLOSE, _DOT = _Mark(""), _Mark(")"), _Mark(".")


class _List(_Mark):
    """A list, vector or bytevector that is not closed yet."""

    __slots__ = ("dot", "items")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.items: list[Value] = []
        self.dot: int | None = None

    def take(self, datum: Value) -> Value:
        self.items.append(datum)
        return _NOTHING

    def take_dot(self) -> None:
        if self.dot is not None or not self.items:
            raise ReadError("read: a dot belongs before the last item of a list")
        self.dot = len(self.items)

    def closed(self) -> Value:
        """The datum, now that its parenthesis is there."""
        if self.text == "(":
            if self.dot is None:
                return list_from(self.items)
            if self.dot != len(self.items) - 1:
                raise ReadError("read: a dot must be followed by exactly one item")
            return list_from(self.items[:-1], self.items[-1])
        if self.text == "#(":
            if self.dot is not None:
                raise ReadError("read: a vector has no dot")
            return Vector(self.items)
        if self.dot is not None or not all(type(each) is int and 0 <= each < 256 for each in self.items):
            raise ReadError("read: a bytevector holds exact integers from 0 to 255")
        return Bytevector(self.items)


class _Prefix(_Mark):
    """A token such as ' or #; that applies to the datum after it."""

    __slots__ = ()

    def take(self, datum: Value) -> Value:
        return _NOTHING if self.text == "#;" else make_list(Symbol(QUOTES[self.text]), datum)


class _Labelled(_Mark):
    """A datum label that waits for its datum."""

    __slots__ = ("label",)

    def __init__(self, text: str, label: Label) -> None:
        super().__init__(text)
        self.label = label

    def take(self, datum: Value) -> Value:
        self.label.datum = datum
        return self.label


class _Datum(_Mark):
    """A datum that is a token."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        super().__init__("")
        self.value = value


def read_datum(port: InputPort) -> Value:
    """The next datum of a port, or EOF. Raises ReadError; what it is about has been read by then."""
    return _Reader(port).read()


class _Reader:
    """Reads one datum."""

    def __init__(self, port: InputPort) -> None:
        self.port = port
        self.open: list[_List | _Prefix | _Labelled] = []
        self.labels: dict[int, Label] = {}

    def read(self) -> Value:
        while True:
            datum = self._step()
            if datum is not _NOTHING:
                return self._linked(datum) if self.labels else datum

    def _linked(self, datum: Value) -> Value:
        try:
            return linked(datum)
        except ValueError as error:
            raise ReadError(f"read: {error}") from None

    def _step(self) -> Value:
        """Reads a token; the whole datum when it ends with it, or _NOTHING."""
        token = self._token()
        if token is None:
            if self.open:
                raise ReadError(f"read: the text ends where {self.open[-1].text} still needs something")
            return EOF
        if isinstance(token, (_List, _Prefix, _Labelled)):
            self.open.append(token)
        elif token is _CLOSE:
            return self._delivered(self._closed())
        elif token is _DOT:
            self._dot()
        elif type(token) is _Datum:
            return self._delivered(token.value)
        return _NOTHING

    def _closed(self) -> Value:
        if not self.open:
            raise ReadError("read: this ) closes nothing")
        innermost = self.open.pop()
        if type(innermost) is not _List:
            raise ReadError(f"read: {innermost.text} needs a datum after it")
        return innermost.closed()

    def _dot(self) -> None:
        innermost = self.open[-1] if self.open else None
        if type(innermost) is not _List:
            raise ReadError("read: a dot belongs before the last item of a list")
        innermost.take_dot()

    def _delivered(self, datum: Value) -> Value:
        """Puts a datum where it belongs; itself when it's the whole, else _NOTHING."""
        while self.open:
            innermost = self.open[-1]
            if type(innermost) is not _List:
                self.open.pop()
            datum = innermost.take(datum)
            if datum is _NOTHING:
                break
        return datum

    def _token(self) -> _Mark | None:
        """The next token; None at the end, _NOTHING for a comment."""
        c = self.port.read(1)
        while c and c in SPACE:
            c = self.port.read(1)
        if not c:
            return None
        if c == "(":
            return _List(c)
        if c == ")":
            return _CLOSE
        if c == ";":
            self.port.read_until(_LINE_END)
            return _NOTHING
        if c in "'`,":
            return _Prefix(c + self.port.read(1) if c == "," and self.port.peek() == "@" else c)
        if c == '"':
            return _Datum("".join(self._quoted('"', "string")))
        if c == "|":
            return self._odd_symbol()
        if c in "[]{}":
            raise ReadError(f"read: {c} is not Omega syntax; lists are written with ( and )")
        return self._hash() if c == "#" else self._atom(c)

    def _atom(self, c: str) -> _Mark:
        """A number, keyword or symbol."""
        text = c + self.port.read_until(_ENDS)
        if text == ".":
            return _DOT
        number = _number(text)
        if number is not None:
            return _Datum(number)
        text = self._folded(text)
        name = keyword_name(text)
        return _Datum(Symbol(text) if name is None else Keyword(name))

    def _odd_symbol(self) -> _Datum:
        name = "".join(self._quoted("|", "symbol"))
        if self.port.peek() == ":":
            self.port.read(1)
            return _Datum(Keyword(name))
        return _Datum(Symbol(name))

    def _folded(self, name: str) -> str:
        return name.casefold() if self.port.folds_case else name

    def _quoted(self, closer: str, what: str) -> list[str]:
        """The pieces of text up to `closer`, with escapes and line ends resolved."""
        pieces = []
        stops = frozenset(closer + "\\\r")
        while True:
            pieces.append(self.port.read_until(stops))
            c = self.port.read(1)
            if c == closer:
                return pieces
            if not c:
                raise ReadError(f"read: the text ends within a {what}")
            if c == "\\":
                pieces.append(self._escape())
            else:
                self._pass("\n")
                pieces.append("\n")

    def _pass(self, c: str) -> None:
        """Reads the next character if it is this one."""
        if self.port.peek() == c:
            self.port.read(1)

    def _escape(self) -> str:
        c = self.port.read(1)
        if c in ESCAPES:
            return ESCAPES[c]
        if c == "x":
            digits = self._digits(HEX_DIGITS)
            found = character(int(digits, 16)) if digits and self.port.peek() == ";" else None
            if found is None:
                raise ReadError(f"read: the escape \\x{digits} needs hexadecimal digits of a character and a semicolon")
            self.port.read(1)
            return found
        gap = c
        while c and c in " \t":
            c = self.port.read(1)
        if not c or c not in "\r\n":
            raise ReadError(f"read: unknown escape \\{gap} in a string")
        if c == "\r":
            self._pass("\n")
        while (following := self.port.peek()) and following in " \t":
            self.port.read(1)
        return ""

    def _digits(self, digits: frozenset[str]) -> str:
        found = ""
        while self.port.peek() in digits:
            found += self.port.read(1)
        return found

    def _hash(self) -> _Mark:
        """What begins with #."""
        c = self.port.peek()
        if c in _AFTER_HASH:
            self.port.read(1)
            return _AFTER_HASH[c](self)
        if c in _DECIMAL_DIGITS:
            return self._label()
        name = self.port.read_until(_ENDS)
        if name in ("t", "true", "f", "false"):
            return _Datum(name[0] == "t")
        if name == "u8" and self.port.peek() == "(":
            self.port.read(1)
            return _List("#u8(")
        number = _number("#" + name)
        if number is None:
            raise ReadError(f"read: unknown syntax #{name or c}")
        return _Datum(number)

    def _vector(self) -> _Mark:
        return _List("#(")

    def _skipping(self) -> _Mark:
        return _Prefix("#;")

    def _char(self) -> _Mark:
        name = self.port.read(1)
        if not name:
            raise ReadError("read: #\\ needs a character after it")
        if name not in DELIMITERS and not name.isspace():
            name += self.port.read_until(_ENDS)
        found = character_named(self._folded(name) if len(name) > 1 else name)
        if found is None:
            raise ReadError(f"read: unknown character name #\\{name}")
        return _Datum(Char(found))

    def _block_comment(self) -> _Mark:
        depth, previous = 1, ""
        while depth:
            c = self.port.read(1)
            if not c:
                raise ReadError("read: the text ends within a comment")
            pair, previous = previous + c, c
            if pair in ("|#", "#|"):
                depth += 1 if pair == "#|" else -1
                previous = ""
        return _NOTHING

    def _directive(self) -> _Mark:
        name = self.port.read_until(_ENDS)
        if name not in ("fold-case", "no-fold-case"):
            raise ReadError(f"read: unknown syntax #!{name}")
        self.port.folds_case = name == "fold-case"
        return _NOTHING

    def _label(self) -> _Mark:
        digits = self._digits(_DECIMAL_DIGITS)
        mark = self.port.peek()
        if len(digits) > LABEL_DIGITS_MAX or not mark or mark not in "=#":
            raise ReadError(f"read: unknown syntax #{digits}{self.port.read_until(_ENDS)}")
        self.port.read(1)
        number = int(digits)
        if mark == "#":
            if number not in self.labels:
                raise ReadError(f"read: nothing before #{digits}# has this label")
            return _Datum(self.labels[number])
        if number in self.labels:
            raise ReadError(f"read: the label #{digits}= stands twice")
        self.labels[number] = Label(number)
        return _Labelled(f"#{digits}=", self.labels[number])


_DECIMAL_DIGITS = frozenset("0123456789")
_AFTER_HASH = {
    "(": _Reader._vector,
    "\\": _Reader._char,
    "|": _Reader._block_comment,
    ";": _Reader._skipping,
    "!": _Reader._directive,
}


def _number(token: str) -> int | float | None:
    try:
        return read_number(token)
    except NumeralError as error:
        raise ReadError(f"read: {token} {error}") from None
