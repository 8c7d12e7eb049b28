"""Programs as text, for `omegac compile --dump`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from hy.models import Object
from omega_runtime.values.printing import write_text

from omegac import core
from omegac.analyse.effects import Row
from omegac.core import Item, Node, Program
from omegac.forms import Broken, text_of
from omegac.operations import is_model_call
from omegac.source import Span
from omegac.traverse import children

_WIDTH = 100
Tree = str | list["Tree"]


def dump_forms(forms: Iterable[Object]) -> str:
    """Forms as the reader got them, one after another."""
    placed = [(Span.of(form), form) for form in forms if not isinstance(form, Broken)]
    return "".join(f"{span.line}:{span.column} {text_of(form)}\n" for span, form in placed)


def dump_program(program: Program) -> str:
    """A core program in the notation of `core`."""
    return "".join(_layout(_tree(item), 0) + "\n" for item in program.items)


def dump_rows(rows: dict[core.Lambda, Row]) -> str:
    """The procedures of a program and what calling each may do."""
    lines = []
    for procedure, row in rows.items():
        name = procedure.name or "lambda"
        lines.append(f"{procedure.span.line}:{procedure.span.column} {name}: {row}\n")
    return "".join(lines)


def dump_python(tree: ast.Module) -> str:
    """A Python module as its syntax tree."""
    return ast.dump(tree, indent=2) + "\n"


def _tree(node: Item) -> Tree:
    match node:
        case core.Define():
            return ["define", node.variable.name, _tree(node.value)]
        case core.Constant():
            return ["quote", write_text(node.value)] if _needs_quote(node.value) else write_text(node.value)
        case core.Reference():
            return node.variable.name
        case core.GlobalReference():
            return ["global", node.name]
        case core.Builtin():
            return ["builtin", node.name]
        case core.Runtime():
            return ["runtime", node.name]
        case core.Companion():
            return ["companion", node.variable.name, _tree(node.entry)]
        case core.Imported(external=external):
            return ["imported", external.module, *([external.name] if external.name else [])]
        case core.Lambda():
            return _lambda(node)
        case core.Let() | core.Letrec():
            keyword = type(node).__name__.lower()
            bindings: Tree = [[variable.name, _tree(value)] for variable, value in node.bindings]
            return [keyword, bindings, _tree(node.body)]
        case core.Loop():
            pairs: Tree = [[v.name, _tree(value)] for v, value in zip(node.variables, node.initial, strict=True)]
            return ["loop", node.label.name, pairs, _tree(node.body)]
        case core.Gather():
            return ["gather", node.variable.name, *map(_tree, children(node))]
        case core.Each(result=result):
            return ["each", *([result.name] if result else []), node.variable.name, *map(_tree, children(node))]
        case core.Woven():
            return _woven(node)
    return [*_head(node), *_rest(node)]


def _needs_quote(value: object) -> bool:
    return not isinstance(value, bool | int | float | str) and value is not None


def _lambda(node: core.Lambda) -> Tree:
    parameters: list[Tree] = [variable.name for variable in node.parameters]
    if node.rest:
        parameters += [".", node.rest.name]
    return ["lambda.tail" if node.tail else "lambda", parameters, _tree(node.body)]


def _woven(node: core.Woven) -> Tree:
    site = node.site
    place = f"{site.file}:{site.line}:{site.column}"
    steps: list[Tree] = ["reserve", *_options(node.operands, node.options)]
    if not is_model_call(site.operation):
        return ["effect", site.operation, place, *_options(node.operands, node.options)]
    return ["woven", site.operation, place, steps, ["perform"], ["settle"], ["void"]]


def _options(operands: Iterable[Node], options: Iterable[tuple[str, Node]]) -> Iterator[Tree]:
    yield from map(_tree, operands)
    for name, value in options:
        yield name + ":"
        yield _tree(value)


def _head(node: Item) -> list[Tree]:
    match node:
        case core.Assignment():
            return ["set!", node.variable.name]
        case core.Effect():
            return ["effect", node.operation]
        case core.Guard():
            return ["guard", node.variable.name]
        case core.RecordType():
            return ["record-type", node.name, *node.fields]
        case core.Inline():
            return [node.operation]
        case core.Jump():
            return ["jump", node.label.name]
        case core.Call():
            return []
        case core.TailCall():
            return ["tail-call"]
        case core.Sequence():
            return ["begin"]
    return [type(node).__name__.lower()]


def _rest(node: Item) -> Iterator[Tree]:
    match node:
        case core.Effect():
            yield from _options(node.operands, node.options)
        case core.Handle():
            yield _tree(node.body)
            for clause in node.clauses:
                yield ["on", clause.operation, _tree(clause.procedure)]
            for keyword, end in (("return", node.returned), ("finally", node.final)):
                if end is not None:
                    yield [keyword, _tree(end)]
        case core.RecordType() | core.Reraise():
            return
        case _:
            yield from map(_tree, children(node))


def _layout(tree: Tree, indent: int) -> str:
    """A tree on one line when it fits, else with its parts below each other."""
    flat = _flat(tree)
    if isinstance(tree, str) or indent + len(flat) <= _WIDTH:
        return flat
    head = [_flat(part) for part in tree[:2]] if isinstance(tree[0], str) else []
    if head and indent + len(head[-1]) > _WIDTH:
        head.pop()
    parts = tree[len(head) :]
    margin = indent + 2
    lines = [_layout(part, margin) for part in parts]
    opening = "(" + " ".join(head)
    separator = "\n" + " " * margin
    return opening + (separator if head else "") + separator.join(lines) + ")"


def _flat(tree: Tree) -> str:
    return tree if isinstance(tree, str) else "(" + " ".join(map(_flat, tree)) + ")"
