"""The compiler: passes in order, from a source to a lowered module, and what each leaves for `--dump`."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from types import CodeType

import attrs
from hy.models import Object
from omega_runtime.control.deep import deep

from omegac.analyse.effects import calls_models, effect_rows, effects_of
from omegac.analyse.facts import Facts, facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.analyse.signatures import signatures
from omegac.backend.emit import emit_code, emit_text
from omegac.backend.lower import Lowered, lower
from omegac.core import Define, External, Lambda, Program, RecordType, Signature, Variable
from omegac.dump import dump_forms, dump_program, dump_python, dump_rows
from omegac.errors import CompilerBug, Diagnostic, Diagnostics, Malformed, OmegaSyntaxError
from omegac.expand import Expansion, expand
from omegac.expand.surroundings import Surroundings
from omegac.interface import Interface, interface_of
from omegac.pipeline.namespaces import Evaluation
from omegac.pipeline.purity import check_pure
from omegac.reader import read
from omegac.source import Source
from omegac.transform.fuse import fuse
from omegac.transform.merge import merge
from omegac.transform.open import open_calls
from omegac.transform.parallelise import parallelise
from omegac.transform.reenter import reenter
from omegac.transform.share import share
from omegac.transform.simplify import simplify
from omegac.transform.situate import situate
from omegac.transform.tailcalls import tail_calls
from omegac.transform.unbox import unbox
from omegac.transform.weave import weave
from omegac.verify.calls import check_calls
from omegac.verify.effects import check_effects
from omegac.verify.grammar import EXPANDED, FUSED, OPTIMISED, REENTERED, RESOLVED, SIMPLIFIED, WOVEN, Grammar
from omegac.verify.programs import check_program


@attrs.frozen(eq=False)
class Unit:
    """A source on its way through the passes: what they have made of it so far.

    With `result`, the module leaves the value of its last expression in `__result__`; for `everywhere` see `reenter`.
    With `reentrant`, importers may capture continuations that are entered again.
    """

    source: Source
    diagnostics: Diagnostics
    surroundings: Surroundings
    result: bool = False
    everywhere: bool = False
    reentrant: bool = False
    evaluation: Evaluation | None = None
    forms: tuple[Object, ...] = ()
    expansion: Expansion | None = None
    program: Program = attrs.field(factory=Program)
    signatures: dict[Variable, Signature] = attrs.field(factory=dict)
    captures: bool = False
    lowered: Lowered | None = None
    externals: dict[Variable, External] = attrs.field(factory=dict)
    interface: Interface = attrs.field(factory=lambda: Interface({}))

    @cached_property
    def facts(self) -> Facts:
        """The facts about the program as it is now."""
        return facts_of(self.program)

    def with_program(self, program: Program) -> Unit:
        """This unit with another program; with the same one, what is known of it stays known."""
        return self if program is self.program else attrs.evolve(self, program=program)


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
    return unit if unit.forms else attrs.evolve(unit, forms=tuple(read(unit.source, unit.diagnostics)))


def _expand(unit: Unit) -> Unit:
    from omegac.pipeline.sandbox import Sandbox  # which runs the passes itself

    scope = unit.evaluation.scope if unit.evaluation else None
    sandboxes = partial(Sandbox, unit.source)
    expansion = expand(unit.forms, unit.diagnostics, unit.surroundings, sandboxes, scope)
    program = attrs.evolve(expansion.program, reentrant=unit.reentrant or _is_entered(unit, expansion.program))
    return attrs.evolve(unit, expansion=expansion, program=program)


def _is_entered(unit: Unit, program: Program) -> bool:
    """Whether code of a session is made to be entered again: procedures always, the rest once something captures."""
    if unit.evaluation is None or not unit.evaluation.is_session:
        return False
    procedures = (isinstance(item, Define) and isinstance(item.value, Lambda) for item in program.items)
    return unit.evaluation.captures or all(procedures)


def _resolve(unit: Unit) -> Unit:
    program = unit.program
    if unit.evaluation is not None:
        visible = frozenset(unit.evaluation.scope.bindings.values())
        program, externals = situate(program, unit.evaluation.module, visible)
        unit = attrs.evolve(unit, externals=externals)
    program = resolve(program, unit.diagnostics)
    if unit.evaluation is not None and unit.evaluation.is_sandbox:
        check_pure(program, unit.diagnostics)
    return unit.with_program(program)


def _analyse(unit: Unit) -> Unit:
    lint(unit.program, unit.facts, unit.diagnostics)
    unit.diagnostics.check()
    # What importers see doesn't depend on who they are.
    effects = effects_of(attrs.evolve(unit.program, reentrant=False), unit.facts)
    captures = effects.captures or any(each.captures for each in unit.program.imports)
    return attrs.evolve(unit, signatures=signatures(unit.program, unit.facts, effects), captures=captures)


def _simplify(unit: Unit) -> Unit:
    return unit.with_program(simplify(unit.program, unit.facts))


def _parallelise(unit: Unit) -> Unit:
    return unit.with_program(parallelise(unit.program, unit.facts))


def _reenter(unit: Unit) -> Unit:
    is_session = unit.evaluation is not None and unit.evaluation.is_session
    if not (unit.captures or unit.everywhere or unit.reentrant or is_session):
        return unit
    return unit.with_program(reenter(unit.program, unit.facts, everywhere=unit.everywhere, is_session=is_session))


def _fuse(unit: Unit) -> Unit:
    return unit.with_program(fuse(unit.program, unit.facts))


def _optimise(unit: Unit) -> Unit:
    unit = unit.with_program(tail_calls(*merge(unit.program, unit.facts)))
    unit = unit.with_program(open_calls(unit.program, unit.facts))
    unit = unit.with_program(unbox(unit.program, unit.facts))
    return unit.with_program(share(unit.program, unit.facts))


def _weave(unit: Unit) -> Unit:
    return unit.with_program(weave(unit.program, unit.source.name))


def _lower(unit: Unit) -> Unit:
    try:
        lowered = lower(unit.program, unit.facts, unit.source, unit.diagnostics, unit.result)
    except Malformed as error:
        raise OmegaSyntaxError(unit.source, [error.diagnostic]) from None
    if unit.evaluation is not None:
        return attrs.evolve(unit, lowered=lowered)
    assert unit.expansion is not None
    externals = {
        variable: External("", name, unit.signatures.get(variable), variable in unit.facts.assigned)
        for variable, name in lowered.names.items()
    }
    records = {each.variable for each in unit.program.definitions if isinstance(each.value, RecordType)}
    interface = interface_of(unit.expansion, externals, dict.fromkeys(records, "record type"), unit.captures)
    lowered = attrs.evolve(lowered, interface=interface.literal())
    return attrs.evolve(unit, lowered=lowered, externals=externals, interface=interface)


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
    Pass("fuse", _fuse, _program_text, FUSED),
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

    interface: Interface
    expansion: Expansion
    externals: dict[Variable, External]
    """How other modules see the top-level variables; the module's own name is left out."""

    def text(self, uses: Sequence[str] = ()) -> str:
        """The Python module as text, which says what else it was made with.

        Raises OmegaSyntaxError when it is nested deeper than Python can read.
        """
        try:
            result: str = deep(emit_text, self.lowered, self.source, uses)
        except Malformed as error:
            raise OmegaSyntaxError(self.source, [error.diagnostic]) from None
        return result

    def code(self) -> CodeType:
        """The Python module as a code object with Omega's lines, which error messages then find."""
        for source in self.lowered.lines.sources:
            lines = source.text.splitlines(keepends=True)
            linecache.cache[source.name] = (len(source.text), None, lines, source.name)
        result: CodeType = deep(emit_code, self.lowered, self.source)
        return result


# A text of its own: it includes and imports nothing but the standard libraries and Python's modules.
_ALONE = Surroundings()


def compile_source(
    source: Source,
    surroundings: Surroundings = _ALONE,
    *,
    result: bool = False,
    everywhere: bool = False,
    reentrant: bool = False,
) -> Compiled:
    """Compile a source. Raises OmegaSyntaxError with every error of it.

    `surroundings` has the files that it may include and import; see `omegac.modules`. With `result`, the module leaves
    the value of its last expression in `__result__`; with `reentrant`, importers may capture continuations that are
    entered again; for `everywhere` see `reenter`.
    """
    unit = deep(_last, Unit(source, Diagnostics(source), surroundings, result, everywhere, reentrant))
    assert unit.expansion is not None
    warnings, has_model_calls = tuple(unit.diagnostics.warnings), calls_models(unit.program)
    return Compiled(source, _lowered(unit), warnings, has_model_calls, unit.interface, unit.expansion, unit.externals)


def analysed(source: Source, surroundings: Surroundings = _ALONE) -> Unit:
    """A source as the analysis leaves it, names resolved and nothing changed yet. Raises OmegaSyntaxError."""
    unit: Unit = deep(_analysed, source, surroundings)
    return unit


def dump(source: Source, pass_name: str, surroundings: Surroundings = _ALONE) -> str:
    """The program as text after the pass of that name. Raises OmegaSyntaxError with the errors up to there."""
    return deep(_dumped, source, pass_name, surroundings)


def verify(source: Source, surroundings: Surroundings = _ALONE) -> dict[str, Program]:
    """Compile a source and check what is at each border, and the Python; gives the program after each pass.

    Raises CompilerBug for what a pass may not leave, and OmegaSyntaxError for a source that doesn't compile.
    """
    return deep(_verified, source, surroundings)


def units(source: Source, surroundings: Surroundings = _ALONE) -> Iterator[tuple[Pass, Unit]]:
    """Each pass and what it left, in order; deep programs need `omega_runtime.deep` around."""
    yield from run_passes(Unit(source, Diagnostics(source), surroundings))


def run_passes(unit: Unit) -> Iterator[tuple[Pass, Unit]]:
    """As `units`, from a unit that may know more."""
    for each in PASSES:
        unit = each.run(unit)
        yield each, unit


def _last(unit: Unit) -> Unit:
    *_, (_, unit) = run_passes(unit)
    return unit


def _analysed(source: Source, surroundings: Surroundings) -> Unit:
    return next(unit for each, unit in units(source, surroundings) if each.name == "analyse")


def _dumped(source: Source, pass_name: str, surroundings: Surroundings) -> str:
    return next(each.text(unit) for each, unit in units(source, surroundings) if each.name == pass_name)


def _verified(source: Source, surroundings: Surroundings) -> dict[str, Program]:
    programs: dict[str, Program] = {}
    for each, unit in units(source, surroundings):
        if each.grammar is not None:
            check_program(each.name, unit.program, each.grammar, source)
            programs[each.name] = unit.program
    check_effects(programs)
    lowered = _lowered(unit)
    check_calls(lowered.tree(), programs["optimise"])
    check_calls(ast.parse(emit_text(lowered, source)), programs["optimise"])
    return programs
