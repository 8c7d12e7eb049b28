"""The compiler: passes in order, from a source to a lowered module, and what each leaves for `--dump`."""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any

import attrs
from omega_runtime.control.deep import deep

from omegac.analyse.effects import calls_models, effect_rows
from omegac.analyse.facts import facts_of
from omegac.analyse.lint import lint
from omegac.analyse.resolve import resolve
from omegac.backend.emit import emit_code, emit_text
from omegac.backend.lower import Lowered, lower
from omegac.dump import dump_forms, dump_program, dump_rows
from omegac.errors import Diagnostic, Diagnostics, Malformed, OmegaSyntaxError
from omegac.expand import expand
from omegac.reader import read
from omegac.source import Source, Span
from omegac.transform.simplify import simplify
from omegac.transform.tailcalls import tail_calls
from omegac.transform.weave import weave

PASSES = ("read", "expand", "resolve", "analyse", "optimise", "weave", "lower", "emit")


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


def compile_source(source: Source, *, result: bool = False) -> Compiled:
    """Compile a source. Raises OmegaSyntaxError with every error of it.

    With `result`, the module leaves the value of its last expression in `__result__`.
    """
    compiled: Compiled = deep(_compile, source, result, None)
    return compiled


def dump(source: Source, pass_name: str) -> str:
    """The program as text after one of PASSES. Raises OmegaSyntaxError with the errors up to there."""
    texts: dict[str, str] = {}

    def keep(name: str, text: Callable[[], str]) -> None:
        if name == pass_name:
            texts[name] = text()

    deep(_compile, source, False, keep)
    return texts[pass_name]


def _compile(source: Source, result: bool, keep: Callable[[str, Callable[[], str]], None] | None) -> Any:
    def after(name: str, text: Callable[[], str]) -> None:
        if keep is not None:
            keep(name, text)

    diagnostics = Diagnostics(source)
    forms = read(source, diagnostics)
    after("read", lambda: dump_forms(forms))
    program = expand(forms, diagnostics)
    after("expand", lambda: dump_program(program))
    program = resolve(program, diagnostics)
    after("resolve", lambda: dump_program(program))
    facts = facts_of(program)
    lint(program, facts, diagnostics)
    diagnostics.check()
    after("analyse", lambda: dump_rows(effect_rows(program, facts)))
    program = tail_calls(simplify(program))
    after("optimise", lambda: dump_program(program))
    program = weave(program, source.name)
    after("weave", lambda: dump_program(program))
    has_model_calls = calls_models(program)
    lowered = lower(program, source, diagnostics, result)
    after("lower", lambda: _unparse(lowered))
    after("emit", lambda: emit_text(lowered, source))
    return Compiled(source, lowered, tuple(diagnostics.warnings), has_model_calls)


def _unparse(lowered: Lowered) -> str:
    import ast

    return ast.dump(lowered.tree(), indent=2) + "\n"


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
