"""The verifier finds faults: each case breaks one rule."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from omegac import core
from omegac.core import Label, Lambda, Node, Program, Variable
from omegac.errors import CompilerBug
from omegac.pipeline import PASSES, compile_source, verify
from omegac.source import START, Source, Span
from omegac.verify.calls import check_calls
from omegac.verify.programs import check_program

SOURCE = Source("test.omega", '(define (ask x) (effect infer.op x))\n(effect foo (ask "a") (car (list 1)))\n')
STAGES = verify(SOURCE)
GRAMMARS = {each.name: each.grammar for each in PASSES if each.grammar is not None}
LABEL, OUTER, OUTERMOST = Label("loop"), Label("outer"), Label("outermost")
X = Variable("x")
ONE = core.Constant(1, START)


def program(node: Node) -> Program:
    return Program((node,))


def loop(label: Label, body: Node) -> core.Loop:
    return core.Loop(label, (), (), body, START)


def jump(label: Label, *values: Node) -> core.Jump:
    return core.Jump(label, values, START)


def step() -> core.Step:
    return core.Step(core.Runtime("call", START), (ONE,), START)


def tail_call() -> core.TailCall:
    return core.TailCall(core.Builtin("f", START), (), START)


def both(*nodes: Node) -> core.Call:
    return core.Call(core.Builtin("list", START), nodes, START)


REFERENCE = core.Reference(X, START)

FAULTS = [
    ("resolve", STAGES["expand"], "GlobalReference after resolve"),
    ("resolve", STAGES["simplify"], "the primitive car after resolve"),
    ("weave", STAGES["simplify"], "Effect after weave"),
    ("simplify", STAGES["weave"], "Woven after simplify"),
    ("simplify", program(loop(LABEL, ONE)), "Loop after simplify"),
    ("optimise", program(core.Constant(1, Span(9, 1, 9, 1))), "Constant ends below the source"),
    ("optimise", program(core.Constant(1, Span(1, 1, 1, 99))), "Constant is not on its line"),
    ("optimise", program(core.Constant(1, Span(2, 1, 1, 1))), "Constant ends before it starts"),
    ("optimise", program(REFERENCE), "x is out of scope"),
    ("optimise", program(core.Assignment(X, ONE, START)), "x is out of scope"),
    ("optimise", program(core.Let(((X, REFERENCE),), ONE, START)), "x is out of scope"),
    ("optimise", program(core.Loop(LABEL, (X,), (REFERENCE,), ONE, START)), "x is out of scope"),
    ("optimise", program(core.Guard(REFERENCE, X, ONE, START)), "x is out of scope"),
    ("optimise", program(both(Lambda((X,), None, ONE, START), REFERENCE)), "x is out of scope"),
    ("optimise", program(core.Let(((X, ONE),), Lambda((X,), None, ONE, START), START)), "x is bound twice"),
    ("optimise", Program((core.Define(X, ONE, START), core.Define(X, ONE, START))), "a variable is defined twice"),
    ("optimise", program(core.Reraise(START)), "Reraise outside of a guard's handler"),
    ("optimise", program(core.Guard(core.Reraise(START), X, ONE, START)), "Reraise outside of a guard's handler"),
    ("optimise", program(jump(LABEL)), "the jump to loop is not in tail position"),
    ("optimise", program(loop(LABEL, both(jump(LABEL)))), "the jump to loop is not in tail position"),
    (
        "optimise",
        program(loop(LABEL, Lambda((), None, jump(LABEL), START))),
        "the jump to loop is not in tail position",
    ),
    (
        "optimise",
        program(loop(OUTERMOST, loop(OUTER, loop(LABEL, jump(OUTERMOST))))),
        "the jump to outermost is not in tail position",
    ),
    ("optimise", program(loop(LABEL, jump(LABEL, ONE))), "the jump to loop has a wrong size"),
    ("optimise", program(core.Loop(LABEL, (X,), (), ONE, START)), "the loop loop has a wrong size"),
    ("optimise", program(tail_call()), "TailCall outside of tail position"),
    ("optimise", program(Lambda((), None, tail_call(), START)), "TailCall outside of tail position"),
    ("optimise", program(Lambda((), None, both(tail_call()), START, tail=True)), "TailCall outside of tail position"),
    ("optimise", program(Lambda((), None, ONE, START, tail=True)), "`tail`, but no TailCall"),
    ("optimise", program(step()), "a step is not the last thing"),
    ("optimise", program(Lambda((), None, both(step()), START)), "a step is not the last thing"),
    ("optimise", program(Lambda((), None, core.If(ONE, step(), ONE, START), START)), "on some ways only"),
    ("optimise", program(core.Reentrant(Lambda((X,), None, ONE, START), START)), "an entry ends without a step"),
    ("optimise", program(both(same := both(), same)), "nodes that occur twice after optimise: ['Call']"),
]


@pytest.mark.parametrize(("stage", "broken", "fault"), FAULTS, ids=[fault for _, _, fault in FAULTS])
def test_programs_that_break_a_rule(stage: str, broken: Program, fault: str) -> None:
    with pytest.raises(CompilerBug) as found:
        check_program(stage, broken, GRAMMARS[stage], SOURCE)
    assert fault in str(found.value)


RULES_KEPT: list[Node] = [
    loop(OUTER, loop(LABEL, core.If(ONE, jump(OUTER), jump(LABEL), START))),
    Lambda((), None, core.Sequence((ONE, loop(LABEL, tail_call())), START), START, tail=True),
    core.Guard(ONE, X, core.If(REFERENCE, ONE, core.Reraise(START), START), START),
    Lambda((X,), None, core.Loop(LABEL, (X,), (REFERENCE,), jump(LABEL, ONE), START), START),
]


@pytest.mark.parametrize("node", RULES_KEPT, ids=lambda node: type(node).__name__)
def test_programs_that_keep_the_rules(node: Node) -> None:
    check_program("optimise", program(node), GRAMMARS["optimise"], SOURCE)


PYTHON = compile_source(SOURCE).text()


def cut(text: str, start: str, end: str) -> str:
    return text[: text.index(start)] + text[text.index(end) :]


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


TAMPERED: list[tuple[Callable[[str], str], str]] = [
    (lambda text: cut(text, "    while", "    return hold.value"), "a reservation is followed by return hold.value"),
    (replaced("            settle(hold, reply)", "            pass"), "a reservation is followed by while"),
    (replaced("settle(hold, reply)", "settle(hold, hold)"), "a reservation is followed by while"),
    (replaced("hold = void(hold, exc)", "raise"), "a reservation is followed by while"),
    (replaced("while hold.open", "while True"), "a reservation is followed by while"),
    (replaced("return hold.value", "return perform(hold).text"), "perform is used elsewhere"),
    (replaced("return hold.value", "settle(hold, reply)"), "settle is used elsewhere"),
    (replaced("return hold.value", "reserve = print"), "reserve is bound again"),
    (replaced("return hold.value", "return effect(SITE_1)"), "the sites are performed at"),
    (replaced("effect(SITE_2, ", "print("), "the sites are performed at"),
    (replaced('"infer.op"', '"int.op"'), "the sites are not those of the woven program"),
]


@pytest.mark.parametrize(("tamper", "fault"), TAMPERED)
def test_python_that_cheats_the_ledger(tamper: Callable[[str], str], fault: str) -> None:
    with pytest.raises(CompilerBug) as found:
        check_calls(ast.parse(tamper(PYTHON)), STAGES["optimise"])
    assert fault in str(found.value)


SAMPLING = Source("test.omega", "(define (ask x) (effect search.op x n: 3))\n")
SAMPLED = compile_source(SAMPLING).text()

TAMPERED_SAMPLES: list[tuple[Callable[[str], str], str]] = [
    (replaced("while samples.open", "while True"), "samples are taken while True"),
    (replaced("samples.add(hold.value)", "samples.add(prompt)"), "a sample ends with samples.add(prompt)"),
    (replaced("samples.add(hold.value)", "pass"), "a sample ends with pass"),
    (replaced("        samples.add(hold.value)\n", ""), "a sampling is followed by while"),
    (
        replaced("samples = sample(SITE_1, prompt, 3)", "samples = print(SITE_1)"),
        "the sites of search.op are sampled at",
    ),
    (replaced("settle(hold, reply)", "pass"), "a reservation is followed by while"),
]


@pytest.mark.parametrize(("tamper", "fault"), TAMPERED_SAMPLES)
def test_python_that_samples_otherwise(tamper: Callable[[str], str], fault: str) -> None:
    woven = verify(SAMPLING)["weave"]
    check_calls(ast.parse(SAMPLED), woven)
    with pytest.raises(CompilerBug) as found:
        check_calls(ast.parse(tamper(SAMPLED)), woven)
    assert fault in str(found.value)


def test_the_python_as_it_is_passes() -> None:
    check_calls(ast.parse(PYTHON), STAGES["optimise"])
