"""Errors of inlined primitives, told as Omega errors.

Compiled code writes `a + b` where the program says `(+ a b)`; what Python raises for a wrong operand is translated
when somebody looks: a guard, a handler, the command line. The failing instruction says which primitive it was,
the instructions before it which operands.
"""

from __future__ import annotations

import dis
import operator
import re
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Any

from omega_runtime.places.frames import frame_place, letters
from omega_runtime.values.errors import ArgumentError, DivisionByZero, OmegaError
from omega_runtime.values.printing import omega_spelling, procedure_name, short_text

# From Python 3.12 on, `+x` is an intrinsic function.
_UNARY_PLUS = ("UNARY_POSITIVE", "CALL_INTRINSIC_1")
_PROCEDURES = {"%": "modulo", "==": "=", "UNARY_POSITIVE": "=", "UNARY_NEGATIVE": "-"}
# Two instructions in one, from Python 3.13 on.
_DOUBLE = {"LOAD_FAST_LOAD_FAST": ("LOAD_FAST", "LOAD_FAST"), "STORE_FAST_LOAD_FAST": ("STORE_FAST", "LOAD_FAST")}
_TYPES = {"int": "number", "float": "number", "str": "string", "bool": "boolean", "NoneType": "unspecified"}
_INDEXING = {"BINARY_SUBSCR": "vector-ref", "STORE_SUBSCR": "vector-set!"}
_ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_SPELLINGS = {
    "=": ("=", "zero?", "+", "*"),
    "+": ("+", "1+", "-1+"),
    "<": ("<", "negative?"),
    ">": (">", "positive?"),
}
_OF_ONE = frozenset({"zero?", "1+", "-1+", "negative?", "positive?"})
_ENTRY = re.compile(r"_cps(_\d+)?$")
_ARITY = re.compile(
    r"(?P<name>[^\s(]+)\(\) (?P<problem>takes .* but \d+ (?:was|were) given|missing \d+ required positional .*)"
)
_QUOTED = re.compile(r"(?<=')\w+(?=')")
_NAME = re.compile(r"(?:variable|name) '(?P<name>[^']+)'")


def translated(error: BaseException) -> BaseException:
    """The Omega error that a Python exception of compiled code stands for; any other exception as it is."""
    if isinstance(error, OmegaError) or not isinstance(
        error, TypeError | AttributeError | ZeroDivisionError | NameError | RecursionError | OverflowError | IndexError
    ):
        return error
    traceback = _innermost(error.__traceback__)
    if isinstance(error, RecursionError):
        return _successor(OmegaError("the recursion is too deep"), error)
    if traceback is None:
        return error
    message = _message(error, traceback)
    if message is None:
        return error
    if isinstance(error, ZeroDivisionError):
        return _successor(DivisionByZero(message), error)
    if isinstance(error, TypeError | AttributeError | IndexError):
        return _successor(ArgumentError(message), error)
    return _successor(OmegaError(message), error)


def _successor(new: OmegaError, old: BaseException) -> OmegaError:
    new.__traceback__ = old.__traceback__
    new.__suppress_context__ = True
    new.partial = getattr(old, "partial", ())
    return new


def _innermost(traceback: TracebackType | None) -> TracebackType | None:
    """The last entry of a traceback."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback


def _message(error: BaseException, traceback: TracebackType) -> str | None:
    names = traceback.tb_frame.f_globals
    if "__omega_source__" not in names:
        # The library and `bounce` call procedures on behalf of compiled code.
        is_runtime = str(names.get("__name__")).startswith("omega_runtime.")
        return _call_message(str(error), traceback.tb_frame) if is_runtime and isinstance(error, TypeError) else None
    if isinstance(error, NameError):
        name = _NAME.search(str(error))
        return f"{_variable(name['name'], traceback)} is used before it is defined" if name else None
    if isinstance(error, AttributeError):
        return _attribute_message(error)
    instructions = _up_to(traceback)
    if not instructions:
        return None
    failing = instructions[-1]
    if isinstance(error, IndexError) or failing.opname == "STORE_SUBSCR":
        return _item_message(error, instructions, traceback.tb_frame)
    if failing.opname.startswith(("CALL", "PRECALL")) and failing.opname not in _UNARY_PLUS:
        return _call_message(str(error), traceback.tb_frame)
    procedure, count = _written(traceback, _procedure(failing))
    if isinstance(error, ZeroDivisionError):
        return f"{procedure}: division by zero"
    if isinstance(error, OverflowError):
        return f"{procedure}: the result is too large for a real number"
    taken = 1 if failing.opname in (*_UNARY_PLUS, "UNARY_NEGATIVE") else 2
    loaded = [] if failing.is_jump_target else list(_operands(instructions[:-1], traceback.tb_frame, taken))
    # Where both are there, nothing was computed of arguments before them.
    is_told = failing.opname == "UNARY_NEGATIVE" or len(loaded) == 2 or (count is not None and count <= taken)
    for position, operand in sorted(loaded, key=_position):
        if isinstance(operand, bool) or not isinstance(operand, int | float):
            which = f"argument {position}" if is_told else "an argument"
            return f"{procedure}: {which} must be a number, but got {short_text(operand)}"
    return f"{procedure}: an argument is not a number ({error})"


def _position(operand: tuple[int, Any]) -> int:
    return operand[0]


def _attribute_message(error: AttributeError) -> str | None:
    """`x.car` and `x.cdr` of something that is no pair."""
    if error.name not in ("car", "cdr"):
        return None
    return f"{error.name}: argument 1 must be a pair, but got {short_text(error.obj)}"


def _item_message(error: BaseException, instructions: list[dis.Instruction], frame: FrameType) -> str | None:
    """An index that a vector or string doesn't have, where it is read or set, or a vector that can't be changed."""
    procedure = _INDEXING.get(instructions[-1].opname)
    if procedure is None:
        return None
    instructions.pop()
    index = _integer(instructions, frame)
    items = None if index is None else dict(_operands(instructions, frame, 1)).get(1)
    if isinstance(items, str) or str(error).startswith("string"):
        procedure = "string-ref"
    if items is None:
        # From Python 3.12 on, the variables of a comprehension are gone by now.
        is_index = isinstance(error, IndexError)
        return f"{procedure}: argument 2 must be an index of argument 1, but is too large" if is_index else None
    if procedure == "vector-set!" and not isinstance(items, list):
        return f"{procedure}: argument 1 must be a vector that can be changed, but got {short_text(items)}"
    return f"{procedure}: argument 2 must be an index below {len(items)}, but got {short_text(index)}"


def _integer(instructions: list[dis.Instruction], frame: FrameType) -> int | None:
    """What the last instructions compute of integers that have names, or are constants; takes those off."""
    last = instructions[-1]
    sign = _ARITHMETIC.get(last.argrepr) if last.opname == "BINARY_OP" else None
    if sign is None:
        value = dict(_operands(instructions, frame, 1)).get(1)
        return value if isinstance(value, int) else None
    instructions.pop()
    right = _integer(instructions, frame)
    left = None if right is None else _integer(instructions, frame)
    return None if left is None else sign(left, right)


def _up_to(traceback: TracebackType) -> list[dis.Instruction]:
    """The instructions of a frame up to the failing one."""
    found = []
    for instruction in dis.get_instructions(traceback.tb_frame.f_code):
        if instruction.offset > traceback.tb_lasti:
            break
        if instruction.opname in _DOUBLE:
            names = zip(_DOUBLE[instruction.opname], instruction.argval, strict=True)
            first, second = (instruction._replace(opname=opname, argval=name) for opname, name in names)
            found += [first, second._replace(label=None)]  # type: ignore[call-arg]  # a jump leads to the first
        elif instruction.opname not in ("CACHE", "EXTENDED_ARG", "RESUME"):
            found.append(instruction)
    return found


def _procedure(instruction: dis.Instruction) -> str:
    """The Omega name of the primitive that an instruction computes."""
    if instruction.opname == "UNARY_NEGATIVE" or instruction.opname in _UNARY_PLUS:
        return _PROCEDURES.get(instruction.opname, "=")
    symbol = instruction.argrepr.strip("=") if instruction.opname == "BINARY_OP" else instruction.argrepr
    symbol = symbol.removeprefix("bool(").removesuffix(")")
    return _PROCEDURES.get(symbol, symbol)


def _variable(name: str, traceback: TracebackType) -> str:
    """The Omega spelling of a variable that has no value: as the source has it, where it shows there."""
    token = re.match(r"[^\s()'`,;\"]+", _source_text(traceback))
    # Variables of one name are told apart by numbers, Python keywords by an underscore.
    plain = re.sub(r"_\d*$", "", name)
    spellings = {letters(form).removeprefix(mark) for form in (name, plain) for mark in ("", "is")}
    return token[0] if token and letters(token[0]) in spellings else omega_spelling(plain)


def _source_text(traceback: TracebackType) -> str:
    """What stands in the source from the place of a traceback's entry to the end of the line."""
    from omega_runtime.diagnostics.tracebacks import source_line

    place = frame_place(traceback)
    return source_line(traceback.tb_frame, place[0], place[1])[place[2] - 1 :] if place else ""


def _written(traceback: TracebackType, procedure: str) -> tuple[str, int | None]:
    """The primitive as the program spells it, and how many operands it has there, None where that doesn't show.

    Several primitives share an instruction: `zero?` and `=`, `1+` and `+`. The source line tells them apart.
    """
    text = _source_text(traceback)
    form = re.match(r"\(\s*([^\s()]+)", text)
    spellings = _SPELLINGS.get(procedure, (procedure,))
    if form is None:
        return procedure, None
    if form[1] in spellings:
        return form[1], _operand_count(text)
    # What `(map 1+ l)` calls is written out in a loop.
    given = next((each for each in re.findall(r"[^\s()]+", text)[1:5] if each in spellings), procedure)
    return given, 1 if given in _OF_ONE else None


def _operand_count(text: str) -> int | None:
    """The number of operands of the form at the start of a line; None when it doesn't end there."""
    depth = count = 0
    for part in re.findall(r'"(?:[^"\\]|\\.)*"|#\\.[^\s()]*|;.*|[()]|[^\s()"]+', text):
        if part == ")":
            depth -= 1
            if depth == 0:
                return count - 1
            continue
        count += depth == 1
        depth += part == "("
    return None


def _operands(instructions: list[dis.Instruction], frame: FrameType, count: int) -> Iterator[tuple[int, Any]]:
    """The operands that were loaded by the last instructions, with their positions from 1."""
    for position in range(count, 0, -1):
        if not instructions:
            return
        load = instructions.pop()
        name, is_known = (
            load.argval,
            load.opname.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_GLOBAL", "LOAD_NAME")),
        )
        if load.opname == "LOAD_CONST":
            yield position, load.argval
        elif is_known and name in frame.f_locals:
            yield position, frame.f_locals[name]
        elif is_known and name in frame.f_globals:
            yield position, frame.f_globals[name]
        else:
            return
        if load.is_jump_target:  # what came before it isn't known
            return


def _call_message(text: str, frame: FrameType) -> str | None:
    """A call of something that is no procedure, or with a wrong number of arguments."""
    arity = _ARITY.match(text)
    if arity:
        problem = _QUOTED.sub(lambda name: omega_spelling(name[0]), arity["problem"].replace("positional ", ""))
        if _ENTRY.search(arity["name"]):
            problem = _without_continuation(problem)
        return f"{_spelling(arity['name'], frame)}: wrong number of arguments ({problem})"
    called = re.fullmatch(r"'(?P<type>[^']+)' object is not callable", text)
    if called is None:
        return None
    if "callee" in frame.f_locals and not callable(frame.f_locals["callee"]):
        return f"not a procedure: {short_text(frame.f_locals['callee'])}"
    return f"not a procedure: a value of the type {_TYPES.get(called['type'], called['type'])}"


def _without_continuation(problem: str) -> str:
    """What Python says of an entry whose first parameter is the continuation, for the procedure itself."""

    def less(found: re.Match[str]) -> str:
        number = int(found[1]) - 1
        return f"{number}{found[2].removesuffix('s') if number == 1 else found[2]}"

    takes, but, given = problem.partition(" but ")
    return re.sub(r"(\d+)( arguments?|)", less, takes) + but + re.sub(r"(\d+)(|)", less, given) if but else problem


def _is_entry(value: Any) -> bool:
    """Whether a function is a procedure's entry in continuation-passing style, which the program doesn't name."""
    return _ENTRY.search(getattr(value, "__qualname__", "")) is not None


def _spelling(name: str, frame: FrameType) -> str:
    """The Omega spelling of the procedure that Python calls by its qualified name: the one that the frame called."""
    called = [each for value in frame.f_locals.values() for each in (value if type(value) is tuple else (value,))]
    modules = [getattr(each, "__globals__", {}).values() for each in called if _is_entry(each)]
    for value in (*called, *frame.f_globals.values(), *(value for module in modules for value in module)):
        own = (value, getattr(value, "tail", None), getattr(value, "cps", None))
        if not _is_entry(value) and name in [getattr(entry, "__qualname__", None) for entry in own]:
            return procedure_name(value).strip("<>")
    plain = name.rpartition(".")[2].strip("<>")
    if _ENTRY.search(plain) or plain.endswith("_tail"):
        plain = _ENTRY.sub("", plain).removeprefix("_").removesuffix("_tail")
    return "lambda" if re.fullmatch(r"fn(_\d+)?", plain) else omega_spelling(plain)
