"""Types as sets of bits, and what operations on values of types give."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, reduce
from operator import or_

from omega_runtime.values.chars import Char
from omega_runtime.values.pairs import NIL, Pair
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

from omegac import core
from omegac.library import library

Type = int

# UNEVEN is possible unless a value is known to be an even integer; the other bits are kinds.
UNEVEN, ZERO, POSITIVE, NEGATIVE, FLOAT, BOOLEAN, NULL, PAIR, PLAIN, VECTOR, STRING, CHAR, SYMBOL, TABLE, OTHER = (
    1 << i for i in range(15)
)
FIRST_RECORD = 1 << 15
NATURAL = ZERO | POSITIVE
NAT = NATURAL | UNEVEN
INT = NAT | NEGATIVE
NUMBER = INT | FLOAT
ANY = -1
NEVER = 0

_DECLARED = {
    "bool": BOOLEAN,
    "int": INT,
    "float": FLOAT | UNEVEN,
    "Number": NUMBER,
    "str": STRING,
    "Char": CHAR,
    "Symbol": SYMBOL,
    "Pair": PAIR,
    "List": PAIR | NULL | PLAIN,
    "Vector": VECTOR,
    "HashTable": TABLE,
    "None": OTHER,
    "NoReturn": NEVER,
}
# Procedures that give natural numbers.
SIZES = frozenset({"length", "string-length", "vector-length", "char->integer"})
# What passes a test.
PREDICATES = {
    "number?": NUMBER,
    "real?": NUMBER,
    "integer?": NUMBER,
    "exact-integer?": INT,
    "vector?": VECTOR,
    "string?": STRING,
    "char?": CHAR,
    "boolean?": BOOLEAN,
    "symbol?": SYMBOL,
}
# What asks for nothing but the text of chars, with how many it takes.
CHAR_TEXTS = {
    "char->integer": 1,
    "char-alphabetic?": 1,
    "char-numeric?": 1,
    "char-whitespace?": 1,
    "char-upper-case?": 1,
    "char-lower-case?": 1,
    "char=?": 2,
}
ITEMS = VECTOR | PLAIN
# What operands have turned out to be, from the first on, as the procedure refuses anything else.
REQUIRED: dict[str, tuple[Type, ...]] = {
    **{name: (CHAR,) * count for name, count in CHAR_TEXTS.items()},
    **dict.fromkeys(("char-upcase", "char-downcase"), (CHAR,)),
    **dict.fromkeys(("string-length", "string-null?", "string-upcase", "string-downcase", "string-reverse"), (STRING,)),
    **dict.fromkeys(("string-split", "string->list", "string->symbol", "string->number"), (STRING,)),
    **dict.fromkeys(("string-ref", "substring"), (STRING, NAT, NAT)),
    **dict.fromkeys(("string-append", "string=?", "string<?", "string>?"), (STRING,) * 8),
    **dict.fromkeys(("vector-ref", "vector-set!"), (ITEMS, NAT)),
    **dict.fromkeys(("vector-length", "vector->list", "vector-fill!"), (ITEMS,)),
    "symbol->string": (SYMBOL,),
}


def is_a(given: Type, wanted: Type) -> bool:
    """Whether every value of a type is one of another."""
    return not given & ~wanted


@cache
def declared(name: str) -> Type:
    """What a library procedure gives, as its Python signature says."""
    kinds = str(inspect.signature(library()[name].function).return_annotation).split(" | ")
    return reduce(or_, [_DECLARED.get(kind, ANY) for kind in kinds])


def gives(node: core.Node, kind: Type) -> bool:
    """Whether a node certainly gives a value of a kind, if it gives anything."""
    match node:
        case core.Constant(value=value):
            return type_of_datum(value) == kind
        case core.Call(operator=core.Builtin(name=name)):
            return declared(name) == kind
    return False


def type_of_datum(value: object) -> Type:
    """The type of a constant."""
    match value:
        case bool():
            return BOOLEAN
        case int():
            return (ZERO if value == 0 else POSITIVE if value > 0 else NEGATIVE) | (UNEVEN if value % 2 else 0)
        case float():
            return FLOAT | UNEVEN
        case Char():
            return CHAR
        case str():
            return STRING
        case Symbol():
            return SYMBOL
        case Pair():
            return PAIR
        case Vector():
            return VECTOR
    return NULL if value is NIL else OTHER


def _sum(a: Type, b: Type) -> Type:
    if (a | b) & NEGATIVE:
        return INT if (a | b) & NATURAL else NEGATIVE | UNEVEN
    return NAT if a & b & ZERO else POSITIVE | UNEVEN


def _difference(a: Type, b: Type) -> Type:
    return POSITIVE | UNEVEN if not a & NEGATIVE and not b & NATURAL else INT


def _product(a: Type, b: Type) -> Type:
    return INT if (a | b) & NEGATIVE and (a | b) & NATURAL else NAT


def _remainder(_: Type, b: Type) -> Type:
    return INT if b & NEGATIVE else NAT


def _quotient(a: Type, b: Type) -> Type:
    return INT if (a | b) & NEGATIVE else NAT


def _truncated_remainder(a: Type, _: Type) -> Type:
    return INT if a & NEGATIVE else NAT


def _either(a: Type, b: Type) -> Type:
    return a | b | UNEVEN


EXACT: dict[str, Callable[[Type, Type], Type]] = {
    "add": _sum,
    "subtract": _difference,
    "multiply": _product,
    "modulo": _remainder,
    "quotient": _quotient,
    "remainder": _truncated_remainder,
    "max": _either,
    "min": _either,
}
"""What operations on two integers give."""


def arithmetic(operation: str, types: tuple[Type, ...]) -> Type:
    """The type of a result of numbers; whatever isn't known to be one is taken for one, as it's an error else."""
    if NEVER in types:
        return NEVER
    if all(is_a(each, INT) for each in types) and len(types) == 2:
        return EXACT[operation](*types)
    is_float = operation in ("add", "subtract", "multiply") and any(is_a(each, FLOAT | UNEVEN) for each in types)
    return FLOAT | UNEVEN if is_float else NUMBER


# The same comparison with its operands the other way round.
MIRRORED = {
    "same-number": "same-number",
    "less": "greater",
    "greater": "less",
    "less-or-equal": "greater-or-equal",
    "greater-or-equal": "less-or-equal",
}


def told_by(operation: str, other: Type) -> tuple[Type, Type]:
    """What a primitive tells of its first operand when it holds, and when it doesn't; `other` is the second one."""
    if not is_a(other, NAT):
        more = at_least = ANY
    else:
        more = ~(NEGATIVE | ZERO)
        at_least = ~NEGATIVE if other & ZERO else more
    match operation:
        case "is-null":
            return NULL | PLAIN, ~NULL
        case "is-pair":
            return PAIR | PLAIN, ~PAIR
        case "is-even":
            return ~UNEVEN, ANY
        case "is-odd":
            return ANY, ~UNEVEN
        case "same-number":
            return at_least, ~ZERO if is_a(other, ZERO) else ANY
        case "greater":
            return more, ANY
        case "greater-or-equal":
            return at_least, ANY
        case "less":
            return ANY, at_least
        case "less-or-equal":
            return ANY, more
    return ANY, ANY
