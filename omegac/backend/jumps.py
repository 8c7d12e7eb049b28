"""Which loops a node starts over from inside."""

from __future__ import annotations

from omegac import core
from omegac.core import Label, Node
from omegac.traverse import children


class Jumps:
    """What is known of a node stays known, so that loops in loops are looked at once."""

    def __init__(self) -> None:
        self._targets: dict[Node, frozenset[Label]] = {}
        self._crossed: set[Label] = set()

    def out_of(self, node: Node) -> frozenset[Label]:
        """The labels of the loops around a node that it starts over."""
        if node not in self._targets:
            self._targets[node] = self._find(node)
        return self._targets[node]

    def crosses(self, loop: core.Loop) -> bool:
        """Whether some inner loop jumps back to this one."""
        self.out_of(loop)
        return loop.label in self._crossed

    def _find(self, node: Node) -> frozenset[Label]:
        found: frozenset[Label] = frozenset([node.label]) if isinstance(node, core.Jump) else frozenset()
        for child in children(node):
            found |= self.out_of(child)
        if isinstance(node, core.Loop):
            found -= {node.label}
            self._crossed |= found
        return found
