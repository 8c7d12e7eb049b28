"""What a program may change in lists and vectors, of which nothing is known then.

Nobody follows which list or vector is changed: when a program mentions a procedure that changes some, all may be others
by the time that they are looked at.
"""

from __future__ import annotations

import attrs

from omegac import core
from omegac.analyse.cost.sizes import (
    Anything,
    Cause,
    Either,
    Given,
    Items,
    Pair,
    Sequence,
    Size,
    Values,
    Vector,
    as_sequence,
)
from omegac.traverse import walk

_OF_PAIRS = {"set-car!", "set-cdr!", "list-set!"}
_OF_VECTORS = {
    *("vector-set!", "vector-fill!", "vector-copy!", "vector-map!", "vector-swap!", "vector-sort!", "sort!"),
    *("vector-reverse!", "subvector-fill!"),
}
_OF_BOTH = {"python-set!", "python-call", "python-import", "eval"}


@attrs.frozen
class Changes:
    """The mentions of procedures that change lists, and of those that change vectors, if there are any."""

    of_pairs: Cause | None = None
    of_vectors: Cause | None = None

    @classmethod
    def of(cls, program: core.Program) -> Changes:
        """The changes that a program may make."""
        pairs = vectors = None
        for item in program.items:
            for node in walk(item):
                if isinstance(node, core.Builtin) and node.name in _OF_PAIRS | _OF_VECTORS | _OF_BOTH:
                    cause = Cause(f"{node.name} may have changed it", node.span)
                    pairs = pairs or (None if node.name in _OF_VECTORS else cause)
                    vectors = vectors or (None if node.name in _OF_PAIRS else cause)
        return cls(pairs, vectors)

    def seen(self, size: Size, name: str) -> Size:
        """What is known of an argument when a library procedure or an effect of that name gets it."""
        if self.of_pairs is not None and _may_be_list(size):
            return Anything(self.of_pairs)
        if self.of_vectors is not None and isinstance(size, Given) and "vector" in name:
            return self.made(Vector(Sequence(*size.bounds(size.length), Anything())))
        return size

    def made(self, size: Size) -> Size:
        """What stays known of a value from its making on."""
        if self.of_vectors is None or not isinstance(size, Vector):
            return size
        sequence = as_sequence(size)
        assert sequence is not None
        return Vector(attrs.evolve(sequence, element=Anything(self.of_vectors)))


def _may_be_list(size: Size) -> bool:
    if isinstance(size, Either | Values):
        parts = size.choices if isinstance(size, Either) else size.items
        return any(_may_be_list(each) for each in parts)
    return isinstance(size, Items | Sequence | Pair | Given)
