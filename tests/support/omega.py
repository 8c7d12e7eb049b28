"""Compile and run short Omega programs in tests, in all ways that a program can be run.

Every program runs as a code object and as the text of its .py module; the two must agree. Tables of cases are
written as text, one program and what it gives on each side of an arrow:

    (+ 1 2)                   ⇒ 3
    (define (f) 5)            A program may take several lines,
    (f)                       ⇒ 5
"""

from __future__ import annotations

import contextlib
import io
import linecache
import re
from types import CodeType
from typing import Any

import pytest
from omega_runtime.control.deep import deep
from omega_runtime.diagnostics.blame import translated
from omega_runtime.places.frames import omega_place
from omega_runtime.values.errors import condition_text
from omega_runtime.values.printing import write_text

from omegac.errors import OmegaSyntaxError
from omegac.pipeline import Compiled, compile_source
from omegac.source import Source

NAME = "test.omega"
RUNS = 3  # of each program: its code, that of its text, and that in continuation-passing style
ARROW = "⇒"


class Run:
    """How one run ended: the written `value`, or the `error` with its Omega `place`; and the `output`."""

    def __init__(self, code: CodeType) -> None:
        self.names: dict[str, Any] = {"__name__": "omega_program"}
        self.value: str | None = None
        self.error: BaseException | None = None
        self.place: tuple[int, int] | None = None
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                deep(exec, code, self.names)
            self.value = deep(write_text, self.names.get("__result__"))
        except Exception as error:
            self.error = translated(error)
            found = omega_place(self.error.__traceback__)
            self.place = found[1:] if found else None
        self.output = printed.getvalue()

    @property
    def message(self) -> str | None:
        """The error's message and irritants."""
        return None if self.error is None else condition_text(self.error)


def compiled(text: str, name: str = NAME) -> Compiled:
    """A program, compiled so that its last value can be read."""
    return compile_source(Source(name, text), result=True)


def python_of(text: str, name: str = NAME) -> str:
    """The text of the .py module that a program becomes."""
    return compile_source(Source(name, text)).text()


def codes_of(text: str, name: str = NAME) -> tuple[CodeType, CodeType]:
    """The two ways to run a program: its code object, and that of its text."""
    program = compiled(text, name)
    python = program.text()
    # Error messages read the table at the end of a module.
    linecache.cache["module.py"] = (len(python), None, python.splitlines(keepends=True), "module.py")
    return program.code(), compile(python, "module.py", "exec", dont_inherit=True)


def runs_of(text: str, name: str = NAME) -> tuple[Run, Run]:
    """The run of a program's code object, and that of its text; they agree on all but the error's place.

    And so does the program in continuation-passing style.
    """
    direct, module = map(Run, codes_of(text, name))
    assert (module.value, module.message, module.output) == (direct.value, direct.message, direct.output)
    assert type(module.error) is type(direct.error)
    entered = Run(compile_source(Source(name, text), result=True, everywhere=True).code())
    assert (alike(entered.value), entered.output) == (alike(direct.value), direct.output)
    assert alike(entered.message) == alike(direct.message)
    return direct, module


def alike(text: str | None) -> str | None:
    """A text without what errors say of something that is called but is no procedure: how much they know differs."""
    return text and re.sub(r"not a procedure: .*|apply: argument 1 must be a procedure.*", "…", text)


def value_of(text: str) -> str:
    """What a program's last expression evaluates to, in write form."""
    direct, _ = runs_of(text)
    if direct.error is not None:
        raise direct.error
    assert direct.value is not None
    return direct.value


def output_of(text: str) -> str:
    """What a program prints."""
    direct, _ = runs_of(text)
    if direct.error is not None:
        raise direct.error
    return direct.output


def error_of(text: str) -> str:
    """The message and irritants of the error that a program ends with."""
    direct, _ = runs_of(text)
    assert direct.message is not None, f"no error, but the value {direct.value}"
    return direct.message


def places_of_error(text: str) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Line and column of the error that a program ends with: in the code object, and in the text."""
    direct, module = runs_of(text)
    assert direct.error is not None, f"no error, but the value {direct.value}"
    return direct.place, module.place


def findings_of(text: str) -> list[str]:
    """The compiler's findings as `line:column: severity: message`, in order."""
    try:
        found = list(compile_source(Source(NAME, text)).warnings)
    except OmegaSyntaxError as error:
        found = error.diagnostics
    return [f"{d.span.line}:{d.span.column}: {d.severity}: {d.message}" for d in found]


def rendered(text: str) -> str:
    """The compiler's findings as a user sees them."""
    try:
        program = compile_source(Source(NAME, text))
    except OmegaSyntaxError as error:
        return error.render()
    return "\n".join(d.render(program.source) for d in program.warnings)


def table(text: str) -> list[Any]:
    """The cases of a table: parameter sets of a program and what stands behind its arrow."""
    cases, lines = [], []
    for line in text.strip("\n").splitlines():
        program, arrow, expected = line.partition(ARROW)
        lines.append(program.rstrip())
        if arrow:
            program = "\n".join(lines).strip()
            cases.append(pytest.param(program, expected.strip(), id=" ".join(program.split())[:70]))
            lines = []
    assert not "".join(lines).strip(), f"no arrow after {lines}"
    return cases
