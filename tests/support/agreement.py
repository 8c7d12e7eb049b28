"""Run a program in every way there is, and compare how the runs ended.

The ways are the compiled code object, the compiled module's text, and a reference: the interpreter or, for programs
whose continuations are entered again, the machine, which also has the compiled program in continuation-passing style
beside it. Each gets the same scripted model. What they must agree on is the `Outcome`.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from types import CodeType
from typing import Any

import attrs
from omega_runtime.control.deep import deep
from omega_runtime.diagnostics.conditions import condition
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model
from omega_runtime.values.errors import OmegaError, condition_text
from omega_runtime.values.printing import write_text

from benchmarks.interpreter import prepare
from omegac.pipeline import compile_source
from omegac.source import Source
from tests.support.machine import prepare as machine_prepare
from tests.support.omega import alike

NAME = "test.omega"


@attrs.frozen
class Outcome:
    """How a run ended: the written value or the error's message, what was printed, what the model was asked."""

    value: str | None
    error: str | None
    output: str
    prompts: tuple[str, ...]
    spent: int


def answer(prompt: str) -> Reply:
    """What the model says: as many tokens as characters; it fails for prompts of 7 characters."""
    if len(prompt) == 7:
        raise OmegaError("the model is down", prompt)
    text = f"answer {len(prompt)}"
    return Reply(text, len(prompt), len(text))


def outcome(run: Callable[[], Any]) -> Outcome:
    """The outcome of a run, given what runs the program and returns its last value."""
    printed = io.StringIO()
    value = error = None
    with fresh_ledger() as ledger, scripted_model(answer) as model, contextlib.redirect_stdout(printed):
        try:
            value = deep(lambda: write_text(run()))
        except SystemExit as ending:
            error = f"exit {ending.code}"
        except Exception as failure:
            error = comparable(told(failure))
    return Outcome(value, error, printed.getvalue(), tuple(model.prompts), ledger.root.spent)


def told(failure: Exception) -> str:
    """What the program's user is told about an error."""
    seen = condition(failure)
    return condition_text(seen if isinstance(seen, Exception) else failure)


# Inlined code may know less about an error than the library: which operand it was, or how it looked.
_LESS_KNOWN = (
    (r"#<error (\S+): (an argument is not|argument \d+ must be) a number.*>", r"#<error \1: not a number>"),
    (r"^(\S+): (an? ?argument( \d+)? (must be|is not) a number).*", r"\1: not a number"),
    (r"^(\S+): argument \d+ must be a number.*", r"\1: not a number"),
    (r"^(\S+): wrong number of arguments.*", r"\1: wrong number of arguments"),
    (r"^not a procedure: .*", "not a procedure"),
    # A module whose source isn't at hand knows Python's spelling of a local name.
    (r"^.+ is used before it is defined$", "a variable is used before it is defined"),
)


def comparable(message: str) -> str:
    """The part of an error's message that doesn't depend on how the program runs."""
    for pattern, short in _LESS_KNOWN:
        message = re.sub(pattern, short, message, flags=re.DOTALL)
    return message


def compiled_runs(text: str) -> dict[str, Callable[[], Any]]:
    """What runs a program compiled, as a code object and as the text of a module."""
    compiled = compile_source(Source(NAME, text), result=True)
    module = compile(compiled.text(), "module.py", "exec", dont_inherit=True)
    return {"compiled code": _runner(compiled.code()), "compiled text": _runner(module)}


def _runner(code: CodeType) -> Callable[[], Any]:
    def run() -> Any:
        names: dict[str, Any] = {"__name__": "omega_program"}
        exec(code, names)
        return names.get("__result__")

    return run


def outcomes(text: str) -> dict[str, Outcome]:
    """The outcome of a program for every way to run it."""
    interpreted = prepare(Source(NAME, text))
    runs = {"interpreter": lambda: interpreted.run()["__result__"], **compiled_runs(text)}
    return {way: outcome(run) for way, run in runs.items()}


def check_agreement(text: str) -> Outcome:
    """The outcome that all ways to run a program have in common; AssertionError shows the program."""
    return _common(text, outcomes(text))


def machine_outcomes(text: str) -> dict[str, Outcome]:
    """The outcome of a program on the machine, and compiled in every way. Raises TooLong when it takes too long."""
    machine = machine_prepare(Source(NAME, text))
    steps = compile_source(Source(NAME, text), result=True, everywhere=True).code()
    runs = {"machine": machine.run, **compiled_runs(text), "continuation-passing": _runner(steps)}
    found = {way: outcome(run) for way, run in runs.items()}
    return {way: attrs.evolve(each, error=alike(each.error), value=alike(each.value)) for way, each in found.items()}


def check_agreement_with_machine(text: str) -> Outcome:
    """As `check_agreement`, with the machine as the reference. Raises TooLong when the program takes too long."""
    return _common(text, machine_outcomes(text))


def _common(text: str, found: dict[str, Outcome]) -> Outcome:
    expected = next(iter(found.values()))
    if any(each != expected for each in found.values()):
        lines = [f"{way:>14}: {each}" for way, each in found.items()]
        raise AssertionError("\n".join(["these runs differ:", *lines, "of the program", text]))
    return expected
