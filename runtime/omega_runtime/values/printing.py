"""Values as text: the display and write forms. Nothing here recurses, so any depth of nesting prints."""

from __future__ import annotations

from omega_runtime.values.chars import Char
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.multiple import MultipleValues
from omega_runtime.values.numerals import number_text
from omega_runtime.values.pairs import NIL, Nil, Pair, is_plain_list, unlist
from omega_runtime.values.records import Record
from omega_runtime.values.symbols import Keyword, Symbol
from omega_runtime.values.vectors import Vector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omega_runtime.values import Value

# Where Python shows an address, which differs from run to run.
_ADDRESS = r" at 0x[0-9a-fA-F]+"
_ATOMS = frozenset({int, str, float, bool, type(None), Symbol, Keyword, Char, Nil})
_SHORT = 60
_SMALL = 5_000
_ABBREVIATIONS = {
    Symbol("quote"): "'",
    Symbol("quasiquote"): "`",
    Symbol("unquote"): ",",
    Symbol("unquote-splicing"): ",@",
}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a"}


def display_text(value: Value) -> str:
    """The form for people: strings and chars raw, at any depth. Cycles show as datum labels."""
    if type(value) in _ATOMS:
        return _atom(value, False)
    return "".join(_pieces(value, False, _cycles(value)))


def write_text(value: Value) -> str:
    """The form for the reader: strings and chars as literals. Cycles show as datum labels."""
    if type(value) in _ATOMS:
        return _atom(value, True)
    return "".join(_pieces(value, True, _cycles(value)))


def joined_text(value: Value) -> str:
    """The display forms of a list's elements in a row; the display form of anything else."""
    items = unlist(value)
    if items is None:
        return display_text(value)
    return "".join([item if type(item) is str else display_text(item) for item in items])


def shared_text(value: Value) -> str:
    """The write form with a datum label for every pair, vector and other structure that is there more than once."""
    return "".join(_pieces(value, True, shared_parts(value)))


def short_text(value: Value, width: int = _SHORT) -> str:
    """The write form cut to `width` characters, an ellipsis last when something was cut."""
    text = ""
    for piece in _pieces(value[: width + 1] if type(value) is str else value, True, {}):
        text += piece
        if len(text) > width:
            return text[: width - 1] + "…"
    return text


class _Raw(str):
    """Text on the printer's stack that goes out as it is."""

    __slots__ = ()


class _Rest:
    """The rest of a list whose opening parenthesis is out."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class _Mode:
    """Sets whether strings and chars are written as literals."""

    __slots__ = ("write",)

    def __init__(self, write: bool) -> None:
        self.write = write


_CLOSE, _SPACE, _END = _Raw(")"), _Raw(" "), _Raw(">")
_MODES = (_Mode(False), _Mode(True))


def _pieces(value: Value, write: bool, labels: dict[int, int]) -> Iterable[str]:
    """The text piece by piece; `labels` has the ids of values to label, each with -1 until it is numbered."""
    stack = [value]
    labelled = 0
    while stack:
        item = stack.pop()
        kind = type(item)
        if kind is _Raw:
            yield item
        elif kind in _ATOMS:
            yield _atom(item, write)
        elif kind is _Rest:
            yield _continue(item.value, stack, labels)
        elif kind is _Mode:
            write = item.write
        else:
            number = labels.get(id(item)) if labels else None
            if number is not None and number >= 0:
                yield f"#{number}#"
                continue
            if number is not None:
                labels[id(item)] = labelled
                yield f"#{labelled}="
                labelled += 1
            if kind is Pair:
                yield _open(item, stack, labels)
            elif _is_compound(item):
                yield _expand(item, stack, write)
                write = write or isinstance(item, OmegaError)
            else:
                yield _atom(item, write)


def _open(pair: Pair, stack: list[Value], labels: dict[int, int]) -> str:
    """Starts a list; 'x stands for (quote x), and so on."""
    rest = pair.cdr
    mark = _ABBREVIATIONS.get(pair.car) if type(pair.car) is Symbol else None
    if mark and type(rest) is Pair and rest.cdr is NIL and id(rest) not in labels:
        stack.append(rest.car)
        return mark
    stack += (_Rest(rest), pair.car)
    return "("


def _continue(rest: Value, stack: list[Value], labels: dict[int, int]) -> str:
    """Goes on with a list after an element."""
    if rest is NIL:
        return ")"
    if id(rest) not in labels:
        if type(rest) is Pair:
            stack += (_Rest(rest.cdr), rest.car)
            return " "
        if is_plain_list(rest):
            stack.append(_CLOSE)
            stack += _after_spaces(rest)
            return ""
    stack += (_CLOSE, rest)
    return " . "


def _is_compound(value: Value) -> bool:
    return isinstance(value, (list, tuple, dict, Record, OmegaError))


def _expand(value: Value, stack: list[Value], write: bool) -> str:
    """Puts the parts of a compound value other than a pair on the stack; returns its opening text."""
    if isinstance(value, dict):
        stack.append(_CLOSE)
        stack += _after_spaces([Pair(*entry) for entry in value.items()])[:-1]
        return "#hash("
    if isinstance(value, OmegaError):
        stack += (_MODES[write], _END)
        stack += _after_spaces(value.irritants)
        return f"#<error {value.message}"
    if isinstance(value, Record):
        stack.append(_END)
        for name, field in reversed(value.omega_fields()):
            stack += (field, _Raw(f" {name}: "))
        return f"#<{value.__omega_name__}"
    if isinstance(value, MultipleValues):
        stack.append(_END)
        stack += _after_spaces(value)
        return "#<values"
    stack.append(_CLOSE)
    stack += _after_spaces(value)[:-1]
    return "#(" if isinstance(value, Vector) else "("


def _after_spaces(items: Sequence[Value]) -> list[Value]:
    """The stack entries that print every item with a space before it."""
    return [part for item in reversed(items) for part in (item, _SPACE)]


def _atom(value: Value, write: bool) -> str:
    if isinstance(value, str):
        return string_literal(value) if write else str(value)
    if value is None:
        return "#<unspecified>"
    if isinstance(value, bool):
        return "#t" if value else "#f"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, Char):
        return repr(value) if write else value.value
    kind = type(value)
    if kind.__module__.startswith("omega_runtime."):
        if kind.__repr__ is object.__repr__:  # type: ignore[comparison-overlap] # it would show an address
            return f"#<{kind.__name__.lower()}>"
        return repr(value) if write else str(value)
    return _foreign(value)


def _foreign(value: Value) -> str:
    """The text of a value that Python has and Omega does not, or that is a procedure."""
    if isinstance(value, (bytes, bytearray)):
        return "#u8(" + " ".join(map(str, value)) + ")"
    if isinstance(value, BaseException):
        return f"#<error {type(value).__name__}: {value}>"
    if type(value).__module__ == "datetime" and hasattr(value, "isoformat"):
        return f"#<date {value.isoformat()}>"
    if isinstance(value, type) and issubclass(value, Record):
        return f"#<record-type {getattr(value, '__omega_name__', value.__name__)}>"
    if callable(value):
        name = procedure_name(value)
        return "#<procedure>" if name == "<lambda>" else f"#<procedure {name}>"
    import re

    text = re.sub(_ADDRESS, "", repr(value))
    if text.startswith("#<"):  # the compiler's objects write themselves in Omega's way
        return text
    return f"#<python {text if len(text) <= _SHORT else text[: _SHORT - 1] + '…'}>"


def procedure_name(procedure: Value) -> str:
    """The Omega name of a procedure, "<lambda>" when it has none; local ones of compiled code get theirs back."""
    given: str | None = getattr(procedure, "__omega_name__", None)
    if given is not None:
        return given
    name: str = getattr(procedure, "__name__", "<lambda>")
    if "__omega_source__" not in getattr(procedure, "__globals__", ()):
        return name
    if name.rstrip("_0123456789") == "fn":
        return "<lambda>"
    return omega_spelling(name)


def omega_spelling(python_name: str) -> str:
    """The likeliest Omega name of a local variable of compiled code."""
    name = python_name.replace("_", "-")
    return f"{name.removeprefix('is-')}?" if name.startswith("is-") else name


def string_literal(text: str) -> str:
    """A string in double quotes, with escapes for what the reader could not take or a person not see."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    escape = _ESCAPES.get(character)
    if escape is not None:
        return escape
    invisible = character < " " or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff"
    return f"\\x{ord(character):x};" if invisible else character


def _cycles(value: Value) -> dict[int, int]:
    """The ids of the values that contain themselves, each with -1 for "no number yet"."""
    if type(value) is not Pair and not _is_compound(value):
        return {}
    return {} if _is_small_tree(value) else _self_containing(value)


def _is_small_tree(value: Value) -> bool:
    """Whether walking all of a value ends soon: the common case, in which there is no cycle to look for."""
    stack = [value]
    for _ in range(_SMALL):
        if not stack:
            return True
        stack += [part for part in _parts(stack.pop()) if type(part) not in _ATOMS]
    return not stack


def _self_containing(value: Value) -> dict[int, int]:
    """Depth-first search: a value met again while still being walked contains itself."""
    found: dict[int, int] = {}
    is_open: dict[int, bool] = {}
    stack: list[tuple[Value, bool]] = [(value, True)]
    while stack:
        item, entering = stack.pop()
        key = id(item)
        if not entering:
            is_open[key] = False
        elif key not in is_open:
            parts = [part for part in _parts(item) if type(part) not in _ATOMS]
            if parts:
                is_open[key] = True
                stack.append((item, False))
                stack += [(part, True) for part in parts]
        elif is_open[key]:
            found[key] = -1
    return found


def shared_parts(value: Value) -> dict[int, int]:
    """The ids of the structures that are in a value more than once, each with -1 for "no number yet"."""
    found: dict[int, int] = {}
    seen: set[int] = set()
    stack = [value]
    while stack:
        item = stack.pop()
        parts = () if type(item) in _ATOMS else _parts(item)
        if parts and id(item) in seen:
            found[id(item)] = -1
        elif parts:
            seen.add(id(item))
            stack += parts
    return found


def _parts(value: Value) -> Iterable[Value]:
    """What a value contains; nothing for an atom."""
    if type(value) is Pair:
        return value.cdr, value.car
    if not _is_compound(value):
        return ()
    if isinstance(value, dict):
        return [part for entry in value.items() for part in entry]
    if isinstance(value, OmegaError):
        return value.irritants
    if isinstance(value, Record):
        return [field for _, field in value.omega_fields()]
    return value  # type: ignore[no-any-return]
