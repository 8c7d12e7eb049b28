"""search.op: one prompt asked several times, each time with a hold of its own, and what comes of it."""

from __future__ import annotations

from omega_runtime.calls.asking import whole_number
from omega_runtime.calls.context import current
from omega_runtime.calls.handlers import find_frame
from omega_runtime.calls.woven import infer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.places import Site
    from omega_runtime.values import Value

SAMPLES = 8
"""How often a prompt is asked when `n:` doesn't say."""


class Samples:
    """The answers to one prompt so far; `open` while another one is wanted."""

    __slots__ = ("_answers", "_left", "open", "value")

    value: Value

    def __init__(self, left: int) -> None:
        self._answers: list[Value] = []
        self._left = left
        self.open = True

    def add(self, answer: Value) -> None:
        """Take another answer; the last one makes `value` the distribution of all of them."""
        self._answers.append(answer)
        self._left -= 1
        if not self._left:
            from omega_runtime.values.distributions import counted

            self.open = False
            self.value = counted(self._answers)


def sample(site: Site, operand: Value, n: Value = None) -> Samples:
    """Begin to ask a prompt `n` times; closed already when a handler for search.op answers instead.

    Raises OmegaError for a number that is no integer from 1 on.
    """
    handlers = current.get().handlers
    frame = None if handlers is None else find_frame(handlers, site.operation)
    samples = Samples(SAMPLES if n is None or n is False else whole_number(site, "n", n))
    if frame is not None:
        samples.value = frame.ask(site.operation, (operand,))
        samples.open = False
    return samples


def search(site: Site, operand: Value, n: Value = None, **options: Value) -> Value:
    """What compiled code does at a `search.op` site, for callers that are not compiled."""
    samples = sample(site, operand, n)
    while samples.open:
        samples.add(infer(site, operand, **options))
    return samples.value
