"""Streams: lists whose rest is computed when it's first asked for.

A stream is a pair whose second part is a promise, or the empty list; an ordinary list passes for one. Nothing is
computed before it's needed: who takes n elements computes n.
"""

from __future__ import annotations

from omega_runtime.lib.arguments import ABSENT, callee, count, elements
from omega_runtime.lib.registry import primitive
from omega_runtime.values.errors import wrong_range, wrong_type
from omega_runtime.values.pairs import NIL, Pair, is_plain_list, list_from
from omega_runtime.values.promises import force, is_promise, make_delayed, make_promise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.values import List, Value


@primitive("stream-null?", "empty-stream?")
def is_stream_null(value: Value) -> bool:
    """Whether a value is the empty stream."""
    return value is NIL or (is_plain_list(value) and not value)


@primitive("stream-pair?")
def is_stream_pair(value: Value) -> bool:
    """Whether a value is a pair whose second part is a promise."""
    return type(value) is Pair and is_promise(value.cdr)


@primitive("stream-car", "stream-first")
def stream_car(stream: Value) -> Value:
    """The first element of a stream."""
    return _pair("stream-car", 1, stream).car


@primitive("stream-cdr", "stream-rest", calls=(0,))
def stream_cdr(stream: Value) -> Value:
    """The stream without its first element."""
    return force(_pair("stream-cdr", 1, stream).cdr)


def _pair(procedure: str, position: int, stream: Value) -> Pair:
    found = _pair_or_nil(procedure, position, stream)
    if found is NIL:
        raise wrong_type(procedure, position, "a stream that is not empty", stream)
    return found  # type: ignore[no-any-return]


def _pair_or_nil(procedure: str, position: int, stream: Value) -> Value:
    """The pair that a stream starts with, or NIL."""
    if type(stream) is Pair or stream is NIL:
        return stream
    if is_plain_list(stream):
        return list_from(stream)
    raise wrong_type(procedure, position, "a stream", stream)


@primitive("stream")
def stream_(*items: Value) -> Value:
    """The stream of the arguments."""
    return _from(items)


@primitive("list->stream")
def list_to_stream(items: Value) -> Value:
    """The stream of the elements of a list."""
    return _from(elements("list->stream", 1, items))


def _from(items: list[Value] | tuple[Value, ...]) -> Value:
    result: Value = NIL
    for item in reversed(items):
        result = Pair(item, make_promise(result))
    return result


@primitive("stream->list", calls=(0,))
def stream_to_list(stream: Value, most: Value = ABSENT) -> List:
    """The list of the elements of a stream, or of the first `most` ones."""
    return _taken("stream->list", stream, most)


@primitive("stream-take", calls=(0,))
def stream_take(stream: Value, most: Value) -> List:
    """The list of the first `most` elements; of all when there are fewer."""
    return _taken("stream-take", stream, most)


def _taken(procedure: str, stream: Value, most: Value) -> Value:
    left = -1 if most is ABSENT else count(procedure, 2, most)
    items: list[Value] = []
    rest = stream
    while left:
        pair = _pair_or_nil(procedure, 1, rest)
        if pair is NIL:
            break
        items.append(pair.car)
        left -= 1
        # The rest after the last one that's wanted stays as it is.
        rest = force(pair.cdr) if left else NIL
    return list_from(items)


@primitive("stream-head", calls=(0,))
def stream_head(stream: Value, size: Value) -> Value:
    """The list of the first `size` elements of a stream, which must have as many."""
    found = _taken("stream-head", stream, size)
    if len(found) < size:
        raise wrong_range("stream-head", 2, f"at most {len(found)}, the length of the stream", size)
    return found


@primitive("stream-tail", calls=(0,))
def stream_tail(stream: Value, k: Value) -> Value:
    """The stream without its first `k` elements."""
    return _dropped("stream-tail", stream, k)


@primitive("stream-ref", calls=(0,))
def stream_ref(stream: Value, k: Value) -> Value:
    """The element at index `k`, from 0."""
    rest = _pair_or_nil("stream-ref", 1, _dropped("stream-ref", stream, k))
    if rest is NIL:
        raise wrong_range("stream-ref", 2, f"an index below {k}, the length of the stream", k)
    return rest.car


def _dropped(procedure: str, stream: Value, k: Value) -> Value:
    rest = stream
    for done in range(count(procedure, 2, k)):
        pair = _pair_or_nil(procedure, 1, rest)
        if pair is NIL:
            raise wrong_range(procedure, 2, f"at most {done}, the length of the stream", k)
        rest = force(pair.cdr)
    return rest


@primitive("stream-map", calls=(0, 1))
def stream_map(procedure: Value, first: Value, *rest: Value) -> Value:
    """The stream of what the procedure gives for the elements of the streams, as long as the shortest one."""
    callee("stream-map", 1, procedure)
    pairs = [_pair_or_nil("stream-map", i, each) for i, each in enumerate((first, *rest), 2)]
    if any(pair is NIL for pair in pairs):
        return NIL
    made = procedure(*[pair.car for pair in pairs])
    return Pair(made, make_delayed(lambda: stream_map(procedure, *[force(pair.cdr) for pair in pairs])))


@primitive("stream-for-each", calls=(0, 1))
def stream_for_each(procedure: Value, stream: Value) -> None:
    """Calls the procedure with the elements of a stream."""
    callee("stream-for-each", 1, procedure)
    rest = _pair_or_nil("stream-for-each", 2, stream)
    del stream
    while rest is not NIL:
        procedure(rest.car)
        rest = _pair_or_nil("stream-for-each", 2, force(rest.cdr))


@primitive("stream-filter", calls=(0, 1))
def stream_filter(predicate: Value, stream: Value) -> Value:
    """The stream of the elements that the predicate holds for."""
    callee("stream-filter", 1, predicate)
    rest = _pair_or_nil("stream-filter", 2, stream)
    del stream
    while rest is not NIL and predicate(rest.car) is False:
        rest = _pair_or_nil("stream-filter", 2, force(rest.cdr))
    if rest is NIL:
        return NIL
    pair = rest
    return Pair(pair.car, make_delayed(lambda: stream_filter(predicate, force(pair.cdr))))


@primitive("stream-append")
def stream_append(*streams: Value) -> Value:
    """The elements of all streams in one."""
    for i, stream in enumerate(streams):
        pair = _pair_or_nil("stream-append", i + 1, stream)
        if pair is not NIL:
            later = streams[i + 1 :]
            return _appended(pair, later) if later else pair
    return NIL


def _appended(pair: Pair, later: tuple[Value, ...]) -> Pair:
    return Pair(pair.car, make_delayed(lambda: stream_append(force(pair.cdr), *later)))


@primitive("interleave", "stream-interleave")
def interleave(first: Value, second: Value) -> Value:
    """The elements of two streams in turn; what one has left when the other ends comes last."""
    pair = _pair_or_nil("interleave", 1, first)
    other = _pair_or_nil("interleave", 2, second)
    if pair is NIL:
        return other
    return Pair(pair.car, make_delayed(lambda: interleave(other, force(pair.cdr))))
