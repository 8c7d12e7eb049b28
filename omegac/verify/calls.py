"""Whether Python code calls models only as the ledger demands."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from omegac.core import Program
from omegac.errors import CompilerBug
from omegac.operations import EMBEDDING, is_model_call
from omegac.verify.effects import Effect, effects
from omegac.verify.programs import ensure


def check_calls(tree: ast.Module, woven: Program) -> None:
    """Check the Python of a program: one call for each woven effect, and each call to a model held and settled."""
    names = _effect_names(tree)
    sites = _sites(tree, names.get("Site"))
    expected = effects(woven)
    ensure(Counter(sites.values()) == expected, "the sites are not those of the woven program")
    reserving = {names[name] for name in _RESERVING if name in names}
    performed: list[str] = []
    sampled: list[str] = []
    for block in _blocks(tree):
        for i, statement in enumerate(block):
            if _called(_assigned_value(statement)) == names.get("sample", ""):
                assert isinstance(statement, ast.Assign)
                _check_sampling(statement, block[i + 1])
                sampled.append(_site_of(statement.value))
            if _called(_assigned_value(statement)) in reserving:
                assert isinstance(statement, ast.Assign)
                _check_protocol(statement, block[i + 1], names)
                performed.append(_site_of(statement.value))
                is_embedding = _called(statement.value) == names.get("reserve_embedding")
                ensure(is_embedding == (sites[performed[-1]][0] == EMBEDDING), "embeddings are reserved as such")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    performed += [_site_of(call) for call in calls if _called(call) == names.get("effect", "")]
    steps = list(_performed_in_steps(tree, names.get("perform_step")))
    performed += steps
    ensure(sorted(performed) == sorted(sites), f"the sites are performed at {performed}")
    searches = [name for name, (operation, _, _) in sites.items() if operation == "search.op"]
    ensure(sorted(sampled) == sorted(searches), f"the sites of search.op are sampled at {sampled}")
    is_model = [is_model_call(operation) for name, (operation, _, _) in sites.items() if name not in steps]
    for used in (_RESERVING, ("perform",), ("settle",), ("void",)):
        known = {names[name] for name in used if name in names}
        uses = sum(isinstance(node, ast.Name) and node.id in known for node in ast.walk(tree))
        ensure(uses == sum(is_model), f"{used[0]} is used elsewhere than at the sites of models")


_RESERVING = ("reserve", "reserve_embedding")
_EFFECT_NAMES = ("Site", "effect", "handle", "perform", "perform_step", "sample", "settle", "void", *_RESERVING)


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
        ensure(bound not in names.values(), f"{bound} is bound again")
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


def _performed_in_steps(tree: ast.Module, step: str | None) -> Iterator[str]:
    """The sites of effects in continuation-passing style: `(perform_step, k, SITE_1, …)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Tuple(elts=[ast.Name(id=name), _, ast.Name(id=site), *_]) if name == step:
                yield site


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
            ensure(ast.unparse(attempt) + "\n" == text, f"a reservation is followed by {ast.unparse(attempt)}")
            ensure(len({hold, reply, exc}) == 3, "hold, reply and error share a variable")
        case _:
            raise CompilerBug(f"a reservation is followed by {ast.unparse(attempt)}")


def _check_sampling(begun: ast.Assign, loop: ast.stmt) -> None:
    """The statement after the beginning of a sampling asks once for each sample, at the same site."""
    match begun.targets, loop:
        case (
            [ast.Name(id=samples)],
            ast.While(body=[ast.Assign(targets=[ast.Name(id=hold)]) as reserved, ast.While(), added]),
        ):
            ensure(ast.unparse(loop.test) == f"{samples}.open", f"samples are taken while {ast.unparse(loop.test)}")
            ensure(ast.unparse(added) == f"{samples}.add({hold}.value)", f"a sample ends with {ast.unparse(added)}")
            ensure(_site_of(reserved.value) == _site_of(begun.value), "a sample is asked for at another site")
        case _:
            raise CompilerBug(f"a sampling is followed by {ast.unparse(loop)}")
