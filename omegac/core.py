"""The core language: what every Omega program is made of after expansion.

Nodes are frozen and compared by identity, so that facts about a node can live in a dictionary.

    program  ::= (item …)                       item ::= Define | node
    node     ::= Constant | Reference | GlobalReference | Imported | Assignment | If | Lambda | Call | Let | Letrec
               | Sequence | Effect | Handle | Guard | Reraise | RecordType
    resolve turns every GlobalReference into Builtin
    simplify adds Inline (a primitive's own Python)
    weave turns every Effect into Woven (an effect with its site record)
    reenter adds Reentrant, Companion, Entry, Step, StepOf, Runtime (code whose continuations are entered again)
    fuse adds Gather and Each (library procedures on lists as loops)
    optimise adds Loop and Jump (self tail calls), TailCall
"""

from __future__ import annotations

from typing import Any

import attrs

from omegac.source import START, Span


@attrs.frozen(eq=False)
class Variable:
    """One binding. Two bindings of the same name are two variables; no program can name a `hidden` one.

    The value of an `unused` one only matters for its effects: an expression between definitions.
    """

    name: str
    span: Span = START
    hidden: bool = False
    unused: bool = False

    def __repr__(self) -> str:
        return f"<{self.name}>"


@attrs.frozen
class Signature:
    """How a procedure of another module is called: the fewest and most arguments (None: any number), and its row.

    The row are the kinds of effects that calling it may have, besides those of the arguments that it `calls`.
    """

    least: int
    most: int | None
    row: frozenset[str]
    calls: tuple[int, ...] = ()


@attrs.frozen
class External:
    """A variable of another module, under its Python names; without a name, the module itself.

    `is_live` says that its value may change, so that it's looked up at each use; `is_python` that no Omega code is
    behind it.
    """

    module: str
    name: str | None = None
    signature: Signature | None = attrs.field(default=None, eq=False)
    is_live: bool = attrs.field(default=False, eq=False)
    is_python: bool = attrs.field(default=False, eq=False)

    @property
    def is_given(self) -> bool:
        """Whether whoever runs the code hands the module to it; others are imported."""
        return self.module.startswith("%")


@attrs.frozen
class Import:
    """A module that is imported, whether or not anything of it is used.

    `captures` says that it, or what it imports, may capture continuations that are entered again.
    """

    module: str
    span: Span = attrs.field(eq=False)
    is_python: bool = False
    captures: bool = False


@attrs.frozen(eq=False)
class Constant:
    """A datum of the run time: number, string, symbol, quoted list, …"""

    value: Any
    span: Span


@attrs.frozen(eq=False)
class Reference:
    """The value of a variable of this program."""

    variable: Variable
    span: Span


@attrs.frozen(eq=False)
class GlobalReference:
    """The value of a name that the program doesn't bind. Gone after resolve."""

    name: str
    span: Span


@attrs.frozen(eq=False)
class Imported:
    """The value of a variable of another module."""

    external: External
    span: Span


@attrs.frozen(eq=False)
class Builtin:
    """A procedure of the library."""

    name: str
    span: Span


@attrs.frozen(eq=False)
class Assignment:
    """`set!`; its value is unspecified."""

    variable: Variable
    value: Node
    span: Span


@attrs.frozen(eq=False)
class If:
    """Everything but #f counts as true."""

    test: Node
    then: Node
    otherwise: Node
    span: Span


@attrs.frozen(eq=False)
class Lambda:
    """A procedure. `tail` says that it needs a `.tail` entry; loops sets it."""

    parameters: tuple[Variable, ...]
    rest: Variable | None
    body: Node
    span: Span
    name: str | None = None
    documentation: str | None = None
    tail: bool = False


@attrs.frozen(eq=False)
class Call:
    """The operator first, then the operands from left to right."""

    operator: Node
    operands: tuple[Node, ...]
    span: Span


@attrs.frozen(eq=False)
class Let:
    """All values, from left to right, before any binding."""

    bindings: tuple[tuple[Variable, Node], ...]
    body: Node
    span: Span


@attrs.frozen(eq=False)
class Letrec:
    """`letrec*`: every variable is in scope everywhere, values are computed in order."""

    bindings: tuple[tuple[Variable, Node], ...]
    body: Node
    span: Span


@attrs.frozen(eq=False)
class Sequence:
    """At least one node; the last one's value."""

    items: tuple[Node, ...]
    span: Span


@attrs.frozen(eq=False)
class Effect:
    """`(effect operation operand… option: value…)`."""

    operation: str
    operands: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...]
    span: Span


@attrs.frozen(eq=False)
class Clause:
    """A clause of `handle`: `procedure` takes the operands and then the resumption."""

    operation: str
    procedure: Lambda
    span: Span


@attrs.frozen(eq=False)
class Handle:
    """`body` with handlers for some operations installed.

    `returned` takes the value of a body that ends by itself, `final` is called when the whole is left.
    """

    body: Lambda
    clauses: tuple[Clause, ...]
    span: Span
    returned: Lambda | None = None
    final: Lambda | None = None


@attrs.frozen(eq=False)
class Guard:
    """`body`; when it raises, `handler` with the condition bound to `variable`."""

    body: Node
    variable: Variable
    handler: Node
    span: Span


@attrs.frozen(eq=False)
class Reraise:
    """Inside a Guard's handler: the condition goes on to the next guard."""

    span: Span


@attrs.frozen(eq=False)
class RecordType:
    """A new record class; fields are Omega names."""

    name: str
    fields: tuple[str, ...]
    span: Span


@attrs.frozen(eq=False)
class Inline:
    """A primitive that has its own Python: `operation` names a template of the back end."""

    operation: str
    operands: tuple[Node, ...]
    span: Span


@attrs.frozen(eq=False)
class Gather:
    """The Python list of what a node gives for the elements of a source, or those that the test holds for."""

    variable: Variable
    source: Node
    test: Node | None
    value: Node
    span: Span


@attrs.frozen(eq=False)
class Each:
    """The body for each element of a source; with `result`, it gives that variable's next value, and the last one."""

    variable: Variable
    result: Variable | None
    initial: Node
    source: Node
    body: Node
    span: Span


@attrs.frozen(eq=False)
class Label:
    """Names a Loop for its Jumps."""

    name: str


@attrs.frozen(eq=False)
class Loop:
    """Binds the variables to the initial values and runs the body; a Jump rebinds them and starts over."""

    label: Label
    variables: tuple[Variable, ...]
    initial: tuple[Node, ...]
    body: Node
    span: Span


@attrs.frozen(eq=False)
class Jump:
    """Only in tail position of its Loop's body, or of a Loop that stands there."""

    label: Label
    values: tuple[Node, ...]
    span: Span


@attrs.frozen(eq=False)
class TailCall:
    """A call in tail position that must not grow the stack."""

    operator: Node
    operands: tuple[Node, ...]
    span: Span


@attrs.frozen
class Site:
    """Where an effect stands: the record that the ledger books it under."""

    file: str
    line: int
    column: int
    operation: str
    procedure: str
    ordinal: int


@attrs.frozen(eq=False)
class Woven:
    """An effect and its site; lowered to reserve, perform, settle, void."""

    site: Site
    operands: tuple[Node, ...]
    options: tuple[tuple[str, Node], ...]
    span: Span


@attrs.frozen(eq=False)
class Reentrant:
    """A procedure by its entry in continuation-passing style, whose first parameter is the continuation.

    Called as Python does, it runs that entry on a machine of its own.
    """

    entry: Lambda
    span: Span
    name: str | None = None
    documentation: str | None = None


@attrs.frozen(eq=False)
class Entry:
    """The entry in continuation-passing style of a procedure that surely has one."""

    procedure: Node
    span: Span


@attrs.frozen(eq=False)
class Runtime:
    """Something of the run time that no program can name."""

    name: str
    span: Span


@attrs.frozen(eq=False)
class Step:
    """The next step, as what a step gives: a function and its operands, the first of which is a continuation."""

    operator: Node
    operands: tuple[Node, ...]
    span: Span


@attrs.frozen(eq=False)
class StepOf:
    """The step that performs an effect, and goes on with its value."""

    continuation: Node
    node: Woven
    span: Span


@attrs.frozen(eq=False)
class Define:
    """A top-level definition."""

    variable: Variable
    value: Node
    span: Span


@attrs.frozen(eq=False)
class Companion:
    """The entry in continuation-passing style of a top-level procedure that is defined as plain code."""

    variable: Variable
    entry: Lambda
    span: Span


Node = (
    Constant
    | Reference
    | GlobalReference
    | Imported
    | Builtin
    | Assignment
    | If
    | Lambda
    | Call
    | Let
    | Letrec
    | Sequence
    | Effect
    | Handle
    | Guard
    | Reraise
    | RecordType
    | Inline
    | Gather
    | Each
    | Loop
    | Jump
    | TailCall
    | Woven
    | Reentrant
    | Entry
    | Runtime
    | Step
    | StepOf
)
Item = Define | Companion | Node


@attrs.frozen(eq=False)
class Program:
    """A whole source file.

    `declared` are top-level variables that get their values within an item, in order. `exports` are what other modules
    may import, by name; None stands for all top-level variables. `exposed` variables may be assigned by other modules,
    whose macros do so. With `reentrant`, importers may capture continuations that are entered again.
    """

    items: tuple[Item, ...] = ()
    declared: tuple[Variable, ...] = ()
    imports: tuple[Import, ...] = ()
    exports: dict[str, Variable | External | str] | None = None
    exposed: frozenset[Variable] = frozenset()
    reentrant: bool = False

    @property
    def others_capture(self) -> bool:
        """Whether code of other modules may capture continuations that are entered again."""
        return self.reentrant or any(each.captures for each in self.imports)

    @property
    def definitions(self) -> tuple[Define, ...]:
        """The top-level definitions in order."""
        return tuple(item for item in self.items if isinstance(item, Define))

    @property
    def toplevel(self) -> tuple[Variable, ...]:
        """The top-level variables."""
        return (*(definition.variable for definition in self.definitions), *self.declared)
