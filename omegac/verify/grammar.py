"""The grammar of each border: which kinds of nodes, and which primitives, a program may have there."""

from __future__ import annotations

import attrs

from omegac import core


@attrs.frozen
class Grammar:
    """`kinds` of nodes that may occur; `operations`, when not None, are the only ones that an Inline may have."""

    kinds: frozenset[type]
    operations: frozenset[str] | None = None

    def changed(self, *, gone: tuple[type, ...] = (), new: tuple[type, ...] = ()) -> Grammar:
        """This grammar, without some kinds and with others."""
        return attrs.evolve(self, kinds=self.kinds - {*gone} | {*new})


EXPANDED = Grammar(
    frozenset(
        {
            core.Assignment,
            core.Builtin,
            core.Call,
            core.Constant,
            core.Define,
            core.Effect,
            core.GlobalReference,
            core.Guard,
            core.Handle,
            core.If,
            core.Imported,
            core.Inline,
            core.Lambda,
            core.Let,
            core.Letrec,
            core.RecordType,
            core.Reference,
            core.Reraise,
            core.Sequence,
        }
    ),
    # All other primitives come from the simplifier.
    frozenset({"item", "make-record", "is-record", "record-field", "set-record-field"})
    | {"attribute", "set-attribute", "call-python", "set-imported"},
)
RESOLVED = EXPANDED.changed(gone=(core.GlobalReference,))
SIMPLIFIED = attrs.evolve(RESOLVED, operations=None)
WOVEN = SIMPLIFIED.changed(gone=(core.Effect,), new=(core.Woven,))
REENTERED = WOVEN.changed(
    new=(core.Reentrant, core.Companion, core.Entry, core.Runtime, core.Step, core.StepOf),
)
FUSED = REENTERED.changed(new=(core.Gather, core.Each))
OPTIMISED = FUSED.changed(new=(core.Loop, core.Jump, core.TailCall))
