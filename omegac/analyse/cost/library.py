"""What procedures of the library make of sizes: `(append xs ys)` is as long as both together.

A procedure that isn't here gives a value of which nothing is known; `calling` has those that call procedures.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import attrs
from omega_runtime.values.symbols import Symbol

from omegac.analyse.cost import algebra
from omegac.analyse.cost.algebra import INFINITY, ONE, ZERO, Formula
from omegac.analyse.cost.arithmetic import compared, negated
from omegac.analyse.cost.sized import SIZES, sized
from omegac.analyse.cost.sizes import (
    ANY_DEPTH,
    BOOLEAN,
    FALSE,
    ITEMS_MAX,
    NUMBER_BYTES,
    TRUE,
    Anything,
    Cause,
    Datum,
    Given,
    Items,
    Number,
    Pair,
    Part,
    Sequence,
    Size,
    Test,
    Text,
    Values,
    Vector,
    as_number,
    as_sequence,
    as_text,
    exactly,
    joined,
    known_items,
    shown,
    truth,
    whole_number,
)


def result_of(name: str, arguments: tuple[Size, ...], cause: Cause) -> Size:
    """What a library procedure gives for arguments of some sizes; `cause` says that and where it isn't known."""
    function = SIZES.get(name)
    try:
        found = Anything(cause) if function is None else function(*arguments)
    except TypeError:  # a wrong number of arguments, which fails at run time
        return Anything(cause)
    if isinstance(found, Anything) and found.cause is None:
        inner = next((each.cause for each in arguments if isinstance(each, Anything) and each.cause), None)
        return Anything(inner or cause)
    return found


@sized("list")
def _list(*items: Size) -> Size:
    return known_items(items)


def _vector_of(size: Size) -> Size:
    """A vector of the elements of a list or vector."""
    if isinstance(size, Vector):
        return size
    sequence = size if isinstance(size, Items) else as_sequence(size)
    return Anything() if sequence is None else Vector(sequence)


@sized("vector")
def _vector(*items: Size) -> Size:
    return Vector(known_items(items))


@sized("cons")
def _cons(first: Size, rest: Size) -> Size:
    if isinstance(rest, Items) and len(rest.items) < ITEMS_MAX:
        return Items((first, *rest.items))
    sequence = as_sequence(rest)
    if sequence is None or isinstance(rest, Vector):
        return Pair(first, rest)
    element = first if sequence.high == 0 else joined([first, sequence.element])
    return Sequence(sequence.low + 1, sequence.high + 1, element)


@sized("cons*", "list*")
def _cons_star(*items: Size) -> Size:
    return reduce(lambda rest, item: _cons(item, rest), reversed(items[:-1]), items[-1])


@sized("car", "first")
def _car(pair: Size) -> Size:
    if isinstance(pair, Pair):
        return pair.car
    element = _element(pair, 0)
    return _stepped(pair, "a", element) if isinstance(pair, Given) and isinstance(element, Given) else element


def _stepped(whole: Given, step: str, part: Given) -> Given:
    """A part of something given, with where it is."""
    place = None if whole.part is None else Part(whole.part.whole, whole.part.steps + step)
    return attrs.evolve(part, part=place)


@sized("cdr")
def _cdr(pair: Size) -> Size:
    if isinstance(pair, Given) and pair.path.endswith(ANY_DEPTH):
        return _stepped(pair, "d", pair)
    return pair.cdr if isinstance(pair, Pair) else _tail(pair, ONE)


def _path(*steps: Callable[[Size], Size]) -> Callable[[Size], Size]:
    return lambda size: reduce(lambda inner, step: step(inner), reversed(steps), size)


SIZES |= {
    "caar": _path(_car, _car),
    "cadr": _path(_car, _cdr),
    "cdar": _path(_cdr, _car),
    "cddr": _path(_cdr, _cdr),
    "caddr": _path(_car, _cdr, _cdr),
    "cdddr": _path(_cdr, _cdr, _cdr),
    "cadddr": _path(_car, _cdr, _cdr, _cdr),
    "second": _path(_car, _cdr),
    "third": _path(_car, _cdr, _cdr),
    "fourth": _path(_car, _cdr, _cdr, _cdr),
}


def _element(size: Size, index: int | None) -> Size:
    """The element at an index, or what all elements have in common."""
    if isinstance(size, Vector):
        return _element(size.contents, index)
    if isinstance(size, Items) and index is not None:
        return size.items[index] if index < len(size.items) else Anything()
    sequence = as_sequence(size)
    return Anything() if sequence is None else sequence.element


@sized("list-ref", "vector-ref")
def _ref(sequence: Size, index: Size) -> Size:
    return _element(sequence, whole_number(index))


@sized("last")
def _last(size: Size) -> Size:
    return _element(size, len(size.items) - 1 if isinstance(size, Items) else None)


def _tail(size: Size, count: Formula) -> Size:
    known = algebra.constant(count)
    if isinstance(size, Items) and known is not None and known >= 0:
        return Items(size.items[int(known) :])
    sequence = as_sequence(size)
    if sequence is None:
        return Anything()
    return Sequence(sequence.low - count, sequence.high - count, sequence.element)


@sized("list-tail", "drop")
def _list_tail(size: Size, count: Size) -> Size:
    number = as_number(count)
    if number is None:
        return _some(size)
    if isinstance(size, Vector):  # the tail of 0 elements may be anything
        return Anything()
    if number.exact is not None:
        return _tail(size, number.exact)
    sequence = as_sequence(size)
    if sequence is None:
        return Anything()
    return Sequence(sequence.low - number.high, sequence.high - number.low, sequence.element)


@sized("list-head", "take")
def _take(size: Size, count: Size) -> Size:
    number = as_number(count)
    if number is None:
        return _some(size)
    known = whole_number(count)
    if isinstance(size, Items) and known is not None and known >= 0:
        return Items(size.items[:known])
    sequence = as_sequence(size)
    return Anything() if sequence is None else Sequence(number.low, number.high, sequence.element)


@sized("sublist")
def _sublist(size: Size, start: Size | None = None, end: Size | None = None) -> Size:
    if start is None:
        return size
    sequence, first = as_sequence(size), as_number(start)
    last = Number(sequence.low, sequence.high) if sequence and end is None else as_number(end) if end else None
    if sequence is None or first is None or last is None:
        return _some(size)
    return Sequence(algebra.most(ZERO, last.low - first.high), last.high - first.low, sequence.element)


@sized("subvector", "vector-copy")
def _subvector(*arguments: Size) -> Size:
    return _vector_of(_sublist(*arguments))


@sized("filter", "remove", "delete", "delete-duplicates", "take-while", "drop-while")
def _some(*arguments: Size) -> Size:
    """Some of the elements of the one list among the arguments."""
    for size in reversed(arguments):
        sequence = as_sequence(size)
        if sequence is not None:
            return Sequence(ZERO, sequence.high, sequence.element)
    return Anything()


@sized("memq", "memv", "member")
def _member(key: Size, items: Size, *_: Size) -> Size:  # noqa: ARG001
    return joined([FALSE, _some(items)])


@sized("assq", "assv", "assoc")
def _assoc(key: Size, pairs: Size, *_: Size) -> Size:  # noqa: ARG001
    return joined([FALSE, _element(pairs, None)])


@sized("reverse", "reverse!")
def _reverse(size: Size) -> Size:
    return Items(tuple(reversed(size.items))) if isinstance(size, Items) else as_sequence(size) or Anything()


@sized("list-copy")
def _copied(size: Size) -> Size:
    return size


@sized("vector->list")
def _list_of(size: Size, *part: Size) -> Size:
    if part:
        return _sublist(size, *part)
    return size.contents if isinstance(size, Vector) else as_sequence(size) or Anything()


@sized("list->vector")
def _vector_from(size: Size) -> Size:
    return _vector_of(size)


@sized("sort", "list-sort")
def _sorted(*arguments: Size) -> Size:
    size = next((each for each in arguments if as_sequence(each) is not None), Anything())
    sequence = as_sequence(size)
    if sequence is None:
        return Anything()
    return Vector(sequence) if isinstance(size, Vector) else sequence


@sized("append", "append!")
def _append(*lists: Size) -> Size:
    if lists and isinstance(lists[-1], Vector):  # the last one may be anything
        return Anything()
    if all(isinstance(each, Items) for each in lists):
        return known_items(item for each in lists if isinstance(each, Items) for item in each.items)
    sequences = [as_sequence(each) for each in lists]
    low, high, elements = ZERO, ZERO, []
    for sequence in sequences:
        if sequence is None:
            return Anything()
        low, high = low + sequence.low, high + sequence.high
        if sequence.high != 0:
            elements.append(sequence.element)
    return Sequence(low, high, joined(elements))


@sized("concatenate")
def _concatenate(lists: Size) -> Size:
    if isinstance(lists, Items):
        return _append(*lists.items)
    outer = as_sequence(lists)
    inner = as_sequence(outer.element) if outer else None
    if outer is None or inner is None:
        return Anything()
    return Sequence(algebra.times(outer.low, inner.low), algebra.times(outer.high, inner.high), inner.element)


@sized("length", "vector-length", "length+", "hash-table-count", "hash-table-size")
def _length(size: Size) -> Size:
    sequence = as_sequence(size)
    return Number(ZERO, INFINITY) if sequence is None else Number(sequence.low, sequence.high)


@sized("string-length")
def _string_length(size: Size) -> Size:
    text = as_text(size)
    return Number(ZERO, INFINITY if text is None else text.high)


@sized("make-list")
def _make_list(count: Size, fill: Size | None = None) -> Size:
    number = as_number(count)
    return Anything() if number is None else Sequence(number.low, number.high, fill or Datum(None))


@sized("make-vector")
def _make_vector(count: Size, fill: Size | None = None) -> Size:
    return _vector_of(_make_list(count, fill))


@sized("iota")
def _iota(count: Size, start: Size | None = None, step: Size | None = None) -> Size:
    number, known = as_number(count), whole_number(count)
    first = exactly(ZERO) if start is None else as_number(start)
    by = ONE if step is None else algebra.number(whole_number(step) or 0)
    if number is None or first is None or by == 0:
        return Anything()
    if known is not None and first.exact is not None and 0 <= known <= ITEMS_MAX:
        elements = [first.exact + by * i for i in range(known)]
        return Items(tuple(Number(each, each, first.is_whole) for each in elements))
    if by != 1:
        return Sequence(number.low, number.high, Anything())
    highest = first.high + algebra.most(number.high - 1, ZERO)
    return Sequence(number.low, number.high, Number(first.low, highest, first.is_whole))


@sized("string-append")
def _string_append(*texts: Size) -> Size:
    if all(isinstance(each, Datum) and isinstance(each.value, str) for each in texts):
        return Datum("".join(str(each.value) for each in texts if isinstance(each, Datum)))
    found = [as_text(each) for each in texts]
    if None in found:
        return next((each for each in texts if isinstance(each, Anything)), Anything())
    return Text(
        sum((each.low for each in found if each), ZERO),
        sum((each.high for each in found if each), ZERO),
    )


@sized("substring", "string-trim", "string-trim-left", "string-trim-right", "string-copy")
def _substring(text: Size, *_: Size) -> Size:
    found = as_text(text)
    return Anything() if found is None else Text(ZERO, found.high)


@sized("string-upcase", "string-downcase", "string-foldcase")
def _cased(text: Size) -> Size:
    found = as_text(text)  # one character becomes three at most, of three bytes each
    return Anything() if found is None else Text(ZERO, found.high * 9)


@sized("string-split")
def _split(text: Size, *_: Size) -> Size:
    found = as_text(text)
    return Anything() if found is None else Sequence(ZERO, found.high + 1, Text(ZERO, found.high))


@sized("string-join")
def _join(strings: Size, separator: Size | None = None) -> Size:
    sequence, between = as_sequence(strings), as_text(separator or Datum(" "))
    if isinstance(strings, Items):
        parts, _ = shown(strings)
        room = algebra.times(between.high if between else INFINITY, algebra.number(max(len(strings.items) - 1, 0)))
        return Text(parts.low, parts.high + room)
    inner = as_text(sequence.element) if sequence else None
    if sequence is None or inner is None or between is None:
        return Anything()
    return Text(ZERO, algebra.times(sequence.high, inner.high + between.high))


@sized("number->string")
def _number_text(number: Size, radix: Size | None = None) -> Size:  # noqa: ARG001
    return Text(ONE, algebra.number(NUMBER_BYTES)) if radix is None else Anything()


@sized("symbol->string")
def _symbol_text(symbol: Size) -> Size:
    return Datum(str(symbol.value)) if isinstance(symbol, Datum) else Anything()


@sized("string")
def _shown(*values: Size) -> Size:
    texts = [shown(each)[0] for each in values]
    return Text(sum((each.low for each in texts), ZERO), sum((each.high for each in texts), ZERO))


@sized("null?")
def _is_null(size: Size) -> Size:
    sequence = as_sequence(size)
    if sequence is None or isinstance(size, Vector):
        return FALSE if isinstance(size, Number | Text | Pair | Vector) else BOOLEAN
    return compared("=", Number(sequence.low, sequence.high), exactly(ZERO), of_lengths=True)


@sized("pair?")
def _is_pair(size: Size) -> Size:
    if isinstance(size, Items | Sequence | Given):
        test = negated(_is_null(size))
        return attrs.evolve(test, pair=size.part) if isinstance(test, Test) and isinstance(size, Given) else test
    if isinstance(size, Vector | Number | Text):
        return FALSE
    return TRUE if isinstance(size, Pair) else BOOLEAN


@sized("equal?", "string=?")
def _is_equal(one: Size, other: Size, *more: Size) -> Size:
    if not more and isinstance(one, Datum) and one == other and isinstance(one.value, str):
        return TRUE
    return _is_same(one, other, *more)


@sized("eq?", "eqv?", "symbol=?")
def _is_same(one: Size, other: Size, *more: Size) -> Size:
    if more:
        return BOOLEAN
    if isinstance(one, Datum) and isinstance(other, Datum):
        return _is_same_datum(one.value, other.value)
    if isinstance(one, Number) and isinstance(other, Number):
        found = SIZES["="](one, other)
        return BOOLEAN if truth(found) and not (one.is_whole and other.is_whole) else found
    if isinstance(one, Items) and isinstance(other, Items) and not (one.items and other.items):
        return TRUE if one == other else FALSE
    return BOOLEAN


def _is_same_datum(one: object, other: object) -> Size:
    """Whether two constants are the same: what is known of symbols, truths and texts."""
    if not all(isinstance(each, str | bool | Symbol) for each in (one, other)):
        return BOOLEAN
    if type(one) is not type(other) or one != other:
        return FALSE
    return BOOLEAN if isinstance(one, str) else TRUE


@sized("%list-of?")
def _is_list_of(size: Size, count: Size) -> Size:
    sequence, number = as_sequence(size), as_number(count)
    if sequence is None or number is None or isinstance(size, Vector) or not number.low.is_nonnegative:
        return BOOLEAN
    return compared("=", Number(sequence.low, sequence.high), number)


@sized("values")
def _values(*sizes: Size) -> Size:
    return sizes[0] if len(sizes) == 1 else Values(sizes)


@sized("%receive")
def _receive(values: Size, count: Size, rest: Size) -> Size:
    known = whole_number(count)
    if isinstance(values, Values) and known is not None and len(values.items) >= known:
        if truth(rest):
            return Items((*values.items[:known], Items(values.items[known:])))
        return Items(values.items)
    return Anything() if known != 1 else Items((values,))


@sized("display", "write", "newline", "void", "set-car!", "set-cdr!", "vector-set!", "hash-table-set!")
def _unspecified(*_: Size) -> Size:
    return Datum(None)


@sized("current-time")
def _some_number(*_: Size) -> Size:
    return Number(ZERO, INFINITY, is_whole=False)


_PREDICATES = """
    string? symbol? number? boolean? procedure? vector? list? integer? even? odd? string-contains? string-prefix?
    string-suffix? string<? string>? error-object? condition?
"""


@sized(*_PREDICATES.split())
def _boolean(*_: Size) -> Size:
    return BOOLEAN
