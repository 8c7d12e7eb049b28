"""What a request to a provider asks for, as far as its cost goes; and what its answer says that it cost."""

from __future__ import annotations

from typing import NamedTuple

from omega_runtime.models.bounds import Unbounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    from omega_runtime.models.reply import Reply

    Body = dict[str, Any]

    class Answer(Protocol):
        """What becomes of a stream of events."""

        def take(self, event: Body) -> bool:
            """Note an event; False when it is one that the client didn't ask for."""

        def reply(self) -> Reply:
            """What the answer cost, once the stream has ended."""


class Asked(NamedTuple):
    """What a request may cost: at most so many input and output tokens of a model.

    `clamped` gives the body for fewer output tokens, where the answer may be shortened. `is_last_resort` says that
    the input is only bounded by what the model takes. `is_stream` is whether the answer comes in events; `body` is what
    is sent. `searches` are how often the provider may search the web for it, each for a fee.
    """

    model: str
    input_tokens: int
    output_tokens: int
    body: Body
    clamped: Callable[[Body, int], Body] | None = None
    is_stream: bool = False
    is_last_resort: bool = False
    searches: int = 0


class Reading(NamedTuple):
    """How one kind of request is read: `asked` bounds it, `reply` reads its answer, `answer` takes one in events.

    `answer` gets the request as the client made it.
    """

    asked: Callable[[Body, Mapping[str, str]], Asked]
    reply: Callable[[Body], Reply]
    answer: Callable[[Body], Answer]


def check_keys(body: Mapping[str, Any], known: frozenset[str], what: str, mends: Mapping[str, str]) -> None:
    """Raise Unbounded for a part of a request whose cost nobody here knows. `mends` says what to do instead."""
    for name, value in body.items():
        if name not in known and value is not None:
            mend = mends.get(name, "leave it out, or hold its cost yourself with omega_runtime.hold(…)")
            raise Unbounded(f"{what} with {name} has no sure bound, so it isn't sent; {mend}")


def whole(body: Mapping[str, Any], name: str, what: str, mend: str) -> int:
    """A positive integer of a request; raises Unbounded when there is none."""
    value = body.get(name)
    if type(value) is not int or value < 1:
        raise Unbounded(f"{what} without {name} has no sure bound, so it isn't sent; {mend}")
    return value
