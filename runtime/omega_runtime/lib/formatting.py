"""Text from templates."""

from __future__ import annotations

from omega_runtime.lib.arguments import number, string
from omega_runtime.lib.ports import display
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import OmegaError, wrong_range, wrong_type
from omega_runtime.values.numerals import number_text
from omega_runtime.values.printing import display_text, write_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import Value

_FIXED = {"%": "\n", "n": "\n", "~": "~"}


@primitive("format", row="io")
def format_(destination: Value, *arguments: Value) -> str | None:
    """Fills a template: ~a is an argument's display form, ~s its write form, ~d a number; ~% ends the line.

    The destination is #f for a string, #t for the current output port, or a port; left out it is #f.
    """
    if isinstance(destination, str):
        return _filled(destination, arguments, 2)
    if not arguments:
        raise wrong_type("format", 1, "a string", destination)
    text = _filled(string("format", 2, arguments[0]), arguments[1:], 3)
    if destination is False:
        return text
    if destination is True:
        display(text)
    else:
        display(text, destination)
    return None


@primitive("format-number")
def format_number(value: Value, form: Value = 2) -> str:
    """A number as text: with so many digits behind the point and commas between thousands, or by a form of Python's.

    Such forms are ".3f", ",d", "08.2f", ".1%" and ".2e".
    """
    found = number("format-number", 1, value)
    spec = f",.{form}f" if type(form) is int and form >= 0 else form
    try:
        return format(found, string("format-number", 2, spec))
    except (ValueError, OverflowError, MemoryError) as error:
        raise OmegaError(f"format-number: this form doesn't fit the number: {error}", value, form) from None


def _filled(template: str, arguments: tuple[Value, ...], position: int) -> str:
    """The template with its directives replaced; `arguments[0]` is number `position` of the whole call."""
    pieces = []
    used = 0
    head, tilde, rest = template.partition("~")
    while tilde:
        pieces.append(head)
        kind = rest[:1].lower()
        if kind in _FIXED:
            pieces.append(_FIXED[kind])
        elif kind not in ("a", "s", "d"):
            raise wrong_range("format", position - 1, "a template of ~a, ~s, ~d, ~% and ~~", template)
        elif used == len(arguments):
            raise OmegaError("format: too few arguments for the template", template)
        else:
            pieces.append(_form(kind, arguments[used], position + used))
            used += 1
        head, tilde, rest = rest[1:].partition("~")
    if used < len(arguments):
        raise OmegaError("format: too many arguments for the template", template)
    return "".join([*pieces, head])


def _form(kind: str, value: Value, position: int) -> str:
    if kind == "a":
        return display_text(value)
    return write_text(value) if kind == "s" else number_text(number("format", position, value))
