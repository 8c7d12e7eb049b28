"""The compiler: passes in order, from a source to a lowered module, and what each leaves for `--dump`."""

from __future__ import annotations

import ast
import linecache
import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from types import CodeType

import attrs
from hy.models import Object
from omega_runtime.control.deep import deep

from omegac.analyse.effects import calls_models, effect_rows
from omegac.analyse.facts import Facts, facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.backend.emit import emit_code, emit_text
from omegac.backend.lower import Lowered, lower
from omegac.core import Program
from omegac.dump import dump_forms, dump_program, dump_python, dump_rows
from omegac.errors import CompilerBug, Diagnostic, Diagnostics, Malformed, OmegaSyntaxError
from omegac.expand import expand
from omegac.reader import read
from omegac.source import Source, Span
from omegac.transform.parallelise import parallelise
from omegac.transform.reenter import reenter
from omegac.transform.simplify import simplify
from omegac.transform.tailcalls import tail_calls
from omegac.transform.weave import weave
from omegac.verify.calls import check_calls
from omegac.verify.effects import check_effects
from omegac.verify.grammar import EXPANDED, OPTIMISED, REENTERED, RESOLVED, SIMPLIFIED, WOVEN, Grammar
from omegac.verify.programs import check_program


@attrs.frozen(eq=False)
class Unit:
    """A source on its way through the passes: what they have made of it so far.

    With `result`, the module leaves the value of its last expression in `__result__`; for `everywhere` see `reenter`.
    """

    source: Source
    diagnostics: Diagnostics
    result: bool = False
    everywhere: bool = False
    forms: tuple[Object, ...] = ()
    program: Program = attrs.field(factory=Program)
    lowered: Lowered | None = None

    @cached_property
    def facts(self) -> Facts:
        """The facts about the program as it is now."""
        return facts_of(self.program)

    def with_program(self, program: Program) -> Unit:
        """This unit with another program."""
        return attrs.evolve(self, program=program)


@attrs.frozen
class Pass:
    """A step of the pipeline: what it makes of a unit, what `--dump` prints then, and the border behind it.

    `grammar` says what the program may be made of after the pass; None where there is no core program yet, or any more.
    """

    name: str
    run: Callable[[Unit], Unit]
    text: Callable[[Unit], str]
    grammar: Grammar | None = None


def _read(unit: Unit) -> Unit:
    return attrs.evolve(unit, forms=tuple(read(unit.source, unit.diagnostics)))


def _expand(unit: Unit) -> Unit:
    return unit.with_program(expand(unit.forms, unit.diagnostics))


def _resolve(unit: Unit) -> Unit:
    return unit.with_program(resolve(unit.program, unit.diagnostics))


def _analyse(unit: Unit) -> Unit:
    lint(unit.program, unit.facts, unit.diagnostics)
    unit.diagnostics.check()
    return unit


def _simplify(unit: Unit) -> Unit:
    return unit.with_program(simplify(unit.program, unit.facts))


def _parallelise(unit: Unit) -> Unit:
    return unit.with_program(parallelise(unit.program, unit.facts))


def _reenter(unit: Unit) -> Unit:
    return unit.with_program(reenter(unit.program, unit.facts, everywhere=unit.everywhere))


def _optimise(unit: Unit) -> Unit:
    return unit.with_program(tail_calls(unit.program, unit.facts))


def _weave(unit: Unit) -> Unit:
    return unit.with_program(weave(unit.program, unit.source.name))


def _lower(unit: Unit) -> Unit:
    try:
        lowered = lower(unit.program, unit.facts, unit.source, unit.diagnostics, unit.result)
    except Malformed as error:
        raise OmegaSyntaxError(unit.source, [error.diagnostic]) from None
    return attrs.evolve(unit, lowered=lowered)


def _emit(unit: Unit) -> Unit:
    """Text and code are made when they are asked for: nobody needs both."""
    return unit


def _program_text(unit: Unit) -> str:
    return dump_program(unit.program)


def _lowered(unit: Unit) -> Lowered:
    if unit.lowered is None:
        raise CompilerBug("the module is asked for before it is lowered")
    return unit.lowered


PASSES = (
    Pass("read", _read, lambda unit: dump_forms(unit.forms)),
    Pass("expand", _expand, _program_text, EXPANDED),
    Pass("resolve", _resolve, _program_text, RESOLVED),
    Pass("analyse", _analyse, lambda unit: dump_rows(effect_rows(unit.program, unit.facts)), RESOLVED),
    Pass("simplify", _simplify, _program_text, SIMPLIFIED),
    Pass("parallelise", _parallelise, _program_text, SIMPLIFIED),
    Pass("weave", _weave, _program_text, WOVEN),
    Pass("reenter", _reenter, _program_text, REENTERED),
    Pass("optimise", _optimise, _program_text, OPTIMISED),
    Pass("lower", _lower, lambda unit: dump_python(_lowered(unit).tree())),
    Pass("emit", _emit, lambda unit: emit_text(_lowered(unit), unit.source)),
)
"""The passes in order."""


@attrs.frozen(eq=False)
class Compiled:
    """A program that compiled."""

    source: Source
    lowered: Lowered
    warnings: tuple[Diagnostic, ...]
    has_model_calls: bool
    """Whether it has a call to a model, or one of the library's procedures that make some."""

    def text(self) -> str:
        """The Python module as text. Raises OmegaSyntaxError when it is nested deeper than Python can read."""
        try:
            result: str = deep(emit_text, self.lowered, self.source)
        except Malformed as error:
            raise OmegaSyntaxError(self.source, [error.diagnostic]) from None
        return result

    def code(self) -> CodeType:
        """The Python module as a code object with Omega's lines, which error messages then find."""
        text = self.source.text
        linecache.cache[self.source.name] = (len(text), None, text.splitlines(keepends=True), self.source.name)
        result: CodeType = deep(emit_code, self.lowered, self.source)
        return result


def compile_source(source: Source, *, result: bool = False, everywhere: bool = False) -> Compiled:
    """Compile a source. Raises OmegaSyntaxError with every error of it.

    With `result`, the module leaves the value of its last expression in `__result__`; for `everywhere` see `reenter`.
    """
    unit = deep(_last, source, result, everywhere)
    return Compiled(source, _lowered(unit), tuple(unit.diagnostics.warnings), calls_models(unit.program))


def analysed(source: Source) -> Unit:
    """A source as the analysis leaves it, names resolved and nothing changed yet. Raises OmegaSyntaxError."""
    unit: Unit = deep(_analysed, source)
    return unit


def dump(source: Source, pass_name: str) -> str:
    """The program as text after the pass of that name. Raises OmegaSyntaxError with the errors up to there."""
    return deep(_dumped, source, pass_name)


def verify(source: Source) -> dict[str, Program]:
    """Compile a source and check what is at each border, and the Python; gives the program after each pass.

    Raises CompilerBug for what a pass may not leave, and OmegaSyntaxError for a source that doesn't compile.
    """
    return deep(_verified, source)


def units(source: Source, result: bool = False, everywhere: bool = False) -> Iterator[tuple[Pass, Unit]]:
    """Each pass and what it left, in order; deep programs need `omega_runtime.deep` around."""
    unit = Unit(source, Diagnostics(source), result, everywhere)
    for each in PASSES:
        unit = each.run(unit)
        yield each, unit


def _last(source: Source, result: bool, everywhere: bool) -> Unit:
    *_, (_, unit) = units(source, result, everywhere)
    return unit


def _analysed(source: Source) -> Unit:
    return next(unit for each, unit in units(source) if each.name == "analyse")


def _dumped(source: Source, pass_name: str) -> str:
    return next(each.text(unit) for each, unit in units(source) if each.name == pass_name)


def _verified(source: Source) -> dict[str, Program]:
    programs: dict[str, Program] = {}
    for each, unit in units(source):
        if each.grammar is not None:
            check_program(each.name, unit.program, each.grammar, source)
            programs[each.name] = unit.program
    check_effects(programs)
    lowered = _lowered(unit)
    check_calls(lowered.tree(), programs["optimise"])
    check_calls(ast.parse(emit_text(lowered, source)), programs["optimise"])
    return programs


def read_source(path: str | os.PathLike[str]) -> Source:
    """The source in a file. Raises OSError when it can't be read, OmegaSyntaxError when it isn't UTF-8."""
    return decode_source(os.fspath(path), Path(path).read_bytes())


def decode_source(name: str, data: bytes) -> Source:
    """The source in the bytes of a file. Raises OmegaSyntaxError when they aren't UTF-8."""
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        source = Source(name, data.decode("utf-8", "replace"))
        problem = Diagnostic(
            "error",
            f"this file isn't UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}",
            Span(line, column, line, column),
            "save it as UTF-8",
        )
        raise OmegaSyntaxError(source, [problem]) from None


def compile_file(path: str | os.PathLike[str]) -> Compiled:
    """Compile a file; see `read_source` and `compile_source` for what they raise."""
    return compile_source(read_source(path))
