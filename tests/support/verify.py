"""Verifiers for the borders between the compiler's passes.

`stages` gives a program after each pass, `check_program` says whether it is what that pass may leave, and
`check_calls` whether Python code calls models only as the ledger demands. All raise AssertionError.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from types import UnionType
from typing import Any

from omega_runtime.control.deep import deep

from omegac import core
from omegac.analyse.facts import bound_by, facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.core import Item, Label, Lambda, Node, Program, Variable
from omegac.errors import Diagnostics
from omegac.expand import expand
from omegac.expand.effects import MODEL_OPERATIONS
from omegac.reader import read
from omegac.source import Source, Span
from omegac.transform.simplify import simplify
from omegac.transform.tailcalls import tail_calls
from omegac.transform.weave import weave
from omegac.traverse import children, walk

_EXPANDED = (
    (core.Constant | core.Reference | core.GlobalReference | core.Builtin | core.Assignment | core.If | core.Lambda)
    | (core.Call | core.Let | core.Letrec | core.Sequence | core.Effect | core.Handle | core.Guard | core.Reraise)
    | (core.RecordType | core.Inline | core.Define)
)


def _without(kinds: UnionType, *gone: type) -> tuple[type, ...]:
    return tuple(kind for kind in kinds.__args__ if kind not in gone)


_RESOLVED = _without(_EXPANDED, core.GlobalReference)
_OPTIMISED = (*_RESOLVED, core.Loop, core.Jump, core.TailCall)
GRAMMAR: dict[str, tuple[type, ...]] = {
    "expand": _EXPANDED.__args__,
    "resolve": _RESOLVED,
    "simplify": _RESOLVED,
    "optimise": _OPTIMISED,
    "weave": (*(kind for kind in _OPTIMISED if kind is not core.Effect), core.Woven),
}
"""The kinds of nodes that may occur after each pass."""

# The only primitives that the expander writes; all others come from the simplifier.
_EXPANDER_OPERATIONS = {"item", "make-record", "is-record", "record-field", "set-record-field"}


def stages(source: Source) -> dict[str, Program]:
    """The program after each pass. Raises OmegaSyntaxError when it doesn't compile."""
    found: dict[str, Program] = deep(_stages, source)
    return found


def _stages(source: Source) -> dict[str, Program]:
    diagnostics = Diagnostics(source)
    expanded = expand(read(source, diagnostics), diagnostics)
    resolved = resolve(expanded, diagnostics)
    lint(resolved, facts_of(resolved), diagnostics)
    diagnostics.check()
    simplified = simplify(resolved)
    optimised = tail_calls(simplified)
    programs = (expanded, resolved, simplified, optimised, weave(optimised, source.name))
    return dict(zip(GRAMMAR, programs, strict=True))


def check_program(stage: str, program: Program, source: Source) -> None:
    """Check the kinds of nodes, their places, scopes, jumps and tail calls."""
    deep(_check_program, stage, program, source)


def _check_program(stage: str, program: Program, source: Source) -> None:
    nodes = [node for item in program.items for node in walk(item)]
    for node in nodes:
        name = type(node).__name__
        assert isinstance(node, GRAMMAR[stage]), f"{name} after {stage}"
        if isinstance(node, core.Inline) and stage in ("expand", "resolve"):
            assert node.operation in _EXPANDER_OPERATIONS, f"the primitive {node.operation} after {stage}"
        _check_span(name, node.span, source)
    # Facts are kept by node, so a node with parts stands at one place only.
    twice = [type(node).__name__ for node, count in Counter(nodes).items() if count > 1 and children(node)]
    assert not twice, f"nodes that occur twice after {stage}: {twice}"
    _check_binding_once(program)
    toplevel = [definition.variable for definition in program.definitions]
    assert len(set(toplevel)) == len(toplevel), "a variable is defined twice"
    for item in program.items:
        node = item.value if isinstance(item, core.Define) else item
        _check_scope(node, frozenset(toplevel), in_handler=False)
        _check_tails(node, (), in_procedure=False)
    for node in nodes:
        if isinstance(node, core.Lambda) and node.tail:
            assert any(isinstance(each, core.TailCall) for each in _own_nodes(node)), "`tail`, but no TailCall"


def _check_span(name: str, span: Span, source: Source) -> None:
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    assert (1, 1) <= start <= end, f"{name} ends before it starts: {span}"
    assert end[0] <= len(source.lines), f"{name} ends below the source: {span}"
    for line, column in (start, end):
        assert 1 <= column <= max(1, len(source.line(line))), f"{name} is not on its line: {span}"


def _check_binding_once(program: Program) -> None:
    """Each variable is bound at one place; a procedure's own loop binds the parameters again."""
    bound: set[Variable] = {definition.variable for definition in program.definitions}
    again: set[Item] = set()
    for node in (node for item in program.items for node in walk(item)):
        match node:
            case core.Lambda(parameters=parameters, body=core.Loop(variables=variables) as loop):
                if variables == parameters:
                    again.add(loop)
        for variable in bound_by(node) if node not in again else ():
            assert variable not in bound, f"{variable.name} is bound twice"
            bound.add(variable)


def _check_scope(node: Node, visible: frozenset[Variable], in_handler: bool) -> None:
    """Variables are used where they are visible, and Reraise where there is something to raise again."""
    if isinstance(node, core.Reference | core.Assignment):
        assert node.variable in visible, f"{node.variable.name} is out of scope at line {node.span.line}"
    assert in_handler or not isinstance(node, core.Reraise), "Reraise outside of a guard's handler"
    inner = visible | set(bound_by(node))
    match node:
        case core.Let():
            around, inside = [value for _, value in node.bindings], [node.body]
        case core.Loop():
            around, inside = [*node.initial], [node.body]
        case core.Guard():
            around, inside = [node.body], [node.handler]
        case _:
            around, inside = [], [*children(node)]
    for child in around:
        _check_scope(child, visible, in_handler)
    for child in inside:
        keeps = isinstance(node, core.Guard) or (in_handler and not isinstance(node, core.Lambda))
        _check_scope(child, inner, keeps)


def _check_tails(node: Node, loops: tuple[core.Loop, ...], in_procedure: bool) -> None:
    """`loops`: those whose tail position this is, outermost first; `in_procedure`: likewise, with `tail` set."""
    tail: tuple[Node, ...] = ()
    inside = loops
    match node:
        case core.Jump():
            # Python's `break` and `continue` reach the loop itself and the one around it.
            target = next((loop for loop in loops[-2:] if loop.label is node.label), None)
            assert target is not None, f"the jump to {node.label.name} is not in tail position of its loop"
            assert len(node.values) == len(target.variables), f"the jump to {node.label.name} has a wrong size"
        case core.TailCall():
            assert in_procedure, f"TailCall outside of tail position at line {node.span.line}"
        case core.If():
            tail = (node.then, node.otherwise)
        case core.Sequence():
            tail = node.items[-1:]
        case core.Let() | core.Letrec():
            tail = (node.body,)
        case core.Guard():
            tail = (node.handler,)
        case core.Loop():
            assert len(node.initial) == len(node.variables), f"the loop {node.label.name} has a wrong size"
            tail, inside = (node.body,), (*loops, node)
        case core.Lambda():
            _check_tails(node.body, (), node.tail)
            return
    for child in children(node):
        if any(child is each for each in tail):
            _check_tails(child, inside, in_procedure)
        else:
            _check_tails(child, (), in_procedure=False)


def _own_nodes(procedure: Lambda) -> Iterator[Node]:
    """The nodes of a procedure's body, without those of procedures inside."""
    pending = [procedure.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, core.Lambda):
            pending.extend(children(node))


def labels(program: Program) -> list[Label]:
    """The labels of all loops."""
    return [node.label for item in program.items for node in walk(item) if isinstance(node, core.Loop)]


Effect = tuple[str, int, int]
"""An effect's operation, line and column."""


def effects(program: Program) -> Counter[Effect]:
    """How often each effect of the source occurs in a program, woven or not."""
    return Counter(effect for item in program.items for node in walk(item) if (effect := _effect(node)))


def _effect(node: Item) -> Effect | None:
    match node:
        case core.Effect():
            return node.operation, node.span.line, node.span.column
        case core.Woven():
            return node.site.operation, node.site.line, node.site.column
    return None


def reachable_effects(resolved: Program) -> Counter[Effect]:
    """The effects of a resolved program that no pass may drop.

    Those of a branch that a constant test excludes can't happen, nor those of a procedure whose value nobody gets.
    """
    items = [item.value if isinstance(item, core.Define) else item for item in resolved.items]
    return Counter(effect for item in items for effect in deep(lambda item=item: list(_reachable(item, True))))


def _reachable(node: Node, is_used: bool) -> Iterator[Effect]:
    """`is_used`: whether anything can get the node's value."""
    effect = _effect(node)
    if effect:
        yield effect
    match node:
        case core.Lambda() if not is_used:
            return
        case core.If():
            test = simplify(Program((node.test,))).items[0]
            yield from _reachable(node.test, True)
            if not isinstance(test, core.Constant) or test.value is not False:
                yield from _reachable(node.then, is_used)
            if not isinstance(test, core.Constant) or test.value is False:
                yield from _reachable(node.otherwise, is_used)
        case core.Sequence():
            for item in node.items[:-1]:
                yield from _reachable(item, False)
            yield from _reachable(node.items[-1], is_used)
        case _:
            for child in children(node):
                yield from _reachable(child, True)


def check_calls(tree: ast.Module, woven: Program) -> None:
    """Check the Python of a program: one call for each woven effect, and each call to a model held and settled."""
    names = _effect_names(tree)
    sites = _sites(tree, names.get("Site"))
    expected = effects(woven)
    assert Counter(sites.values()) == expected, "the sites are not those of the woven program"
    performed: list[str] = []
    for block in _blocks(tree):
        for i, statement in enumerate(block):
            if _called(_assigned_value(statement)) == names.get("reserve", ""):
                assert isinstance(statement, ast.Assign)
                _check_protocol(statement, block[i + 1], names)
                performed.append(_site_of(statement.value))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    performed += [_site_of(call) for call in calls if _called(call) == names.get("effect", "")]
    assert sorted(performed) == sorted(sites), f"the sites are performed at {performed}"
    is_model = [operation in MODEL_OPERATIONS for operation, _, _ in sites.values()]
    for name in ("reserve", "perform", "settle", "void"):
        uses = sum(isinstance(node, ast.Name) and node.id == names.get(name) for node in ast.walk(tree))
        assert uses == sum(is_model), f"{name} is used elsewhere than at the sites of models"


_EFFECT_NAMES = ("Site", "effect", "handle", "perform", "reserve", "settle", "void")


def _effect_names(tree: ast.Module) -> dict[str, str]:
    """What the module calls the parts of an effect; it gives these names no other meaning."""
    names = {
        alias.name: alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "omega_runtime.compiled"
        for alias in node.names
        if alias.name in _EFFECT_NAMES
    }
    for node in ast.walk(tree):
        bound: Any = None
        match node:
            case ast.Name(ctx=ast.Store()):
                bound = node.id
            case ast.arg():
                bound = node.arg
            case ast.FunctionDef() | ast.ClassDef() | ast.ExceptHandler():
                bound = node.name
        assert bound not in names.values(), f"{bound} is bound again"
    return names


def _sites(tree: ast.Module, constructor: str | None) -> dict[str, Effect]:
    """The names of the site records, and the effects that they stand for."""
    found: dict[str, Effect] = {}
    for statement in tree.body:
        value = _assigned_value(statement)
        if isinstance(value, ast.Call) and constructor and _called(value) == constructor:
            assert isinstance(statement, ast.Assign)
            assert isinstance(statement.targets[0], ast.Name)
            _, line, column, operation, _, _ = [ast.literal_eval(argument) for argument in value.args]
            found[statement.targets[0].id] = (operation, line, column)
    return found


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield block


def _assigned_value(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, ast.Assign) else None


def _called(value: ast.expr | None) -> str | None:
    return value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else None


def _site_of(call: ast.expr) -> str:
    assert isinstance(call, ast.Call)
    assert isinstance(call.args[0], ast.Name)
    return call.args[0].id


_PROTOCOL = """\
while {hold}.open:
    try:
        {reply} = {perform}({hold})
    except {BaseException} as {exc}:
        {hold} = {void}({hold}, {exc})
    else:
        {settle}({hold}, {reply})
"""


def _check_protocol(reserved: ast.Assign, attempt: ast.stmt, names: dict[str, str]) -> None:
    """The statement after a reservation is the loop of perform, void and settle, and nothing else."""
    match reserved.targets, attempt:
        case (
            [ast.Name(id=hold)],
            ast.While(
                body=[
                    ast.Try(
                        body=[ast.Assign(targets=[ast.Name(id=reply)])],
                        handlers=[ast.ExceptHandler(type=ast.Name(id=base), name=exc)],
                    )
                ]
            ),
        ):
            text = _PROTOCOL.format(hold=hold, reply=reply, exc=exc, BaseException=base, **names)
            assert ast.unparse(attempt) + "\n" == text, f"a reservation is followed by {ast.unparse(attempt)}"
            assert len({hold, reply, exc}) == 3, "hold, reply and error share a variable"
        case _:
            raise AssertionError(f"a reservation is followed by {ast.unparse(attempt)}")


def verify(text: str, name: str = "test.omega") -> dict[str, Program]:
    """Check a program after each pass and its Python; gives the stages."""
    from omegac.pipeline import compile_source

    source = Source(name, text)
    found = stages(source)
    for stage, program in found.items():
        check_program(stage, program, source)
    assert len(set(labels(found["optimise"]))) == len(labels(found["optimise"])), "two loops share a label"
    assert effects(found["expand"]) == effects(found["resolve"])
    assert effects(found["simplify"]) <= effects(found["resolve"]), "the simplifier made an effect"
    assert effects(found["simplify"]) >= reachable_effects(found["resolve"]), "the simplifier lost an effect"
    assert effects(found["optimise"]) == effects(found["simplify"]), "an effect got lost, or is there twice"
    assert effects(found["weave"]) == effects(found["optimise"]), "an effect is not woven"
    compiled = compile_source(source, result=True)
    check_calls(compiled.lowered.tree(), found["weave"])
    check_calls(ast.parse(compiled.text()), found["weave"])
    return found
