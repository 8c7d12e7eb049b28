"""`omegac doctest`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import omega_runtime
from omega_runtime.control.deep import deep
from omega_runtime.diagnostics.blame import translated
from omega_runtime.values.errors import condition_text
from omega_runtime.values.printing import write_text
from omega_runtime.visible import visible_lines
from omega_runtime.world.arguments import set_command_line

from omegac.cli.execution import configure
from omegac.cli.failures import PROGRAM_ERROR, fail
from omegac.cli.options import ProgramCommand, session_options
from omegac.cli.programs import modules_for, take_over
from omegac.cli.run_options import RunOptions
from omegac.cli.words import count
from omegac.errors import OmegaSyntaxError
from omegac.pipeline import read_source
from omegac.source import Source

if TYPE_CHECKING:
    from omegac.repl.session import Session
    from omegac.repl.transcripts import Example


class _Outcome(NamedTuple):
    """What came of an input: the last value or the error, as in a transcript, and what was displayed."""

    answer: str | None
    displayed: str


@click.command("doctest", cls=ProgramCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--load", metavar="FILE", multiple=True, help="Evaluate a file before the transcripts of each FILE.")
@click.option(
    "--answers",
    metavar="FILE",
    help="The model's answers, as JSON: a list, used up in order in each FILE, or an object by prompt.",
)
@session_options
def command(files: tuple[str, ...], load: tuple[str, ...], answers: str | None, **options: Any) -> None:
    """Check that the transcripts in each FILE hold: in blocks of Markdown, or in the comments of an Omega file.

    Transcripts are inputs behind "Ω> " and answers behind "=> ". The model is offline unless --model or --answers says
    otherwise. Exit status: 0 all hold, 1 one doesn't, 2 a file cannot be read.
    """
    if options["model"] is None:
        options["model"] = "offline"
    run_options = RunOptions(**options, no_journal=True)
    run_options.check()
    configure(run_options, Path())
    set_command_line([])
    script = None if answers is None else _script(answers)
    checked = failed = 0
    for file in files:
        path = Path(file)
        from omegac.repl.transcripts import examples_of

        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"cannot read {file}: {getattr(error, 'strerror', None) or error}")
        examples = examples_of(path, text)
        checked += sum(example.is_transcript for example in examples)
        loaded = [*load, file] if path.suffix == ".omega" and examples else load
        with _surroundings(run_options, script):
            failed += _check(path, examples, loaded, run_options)
    holds = count(checked, "transcript")
    if failed:
        click.echo(f"{failed:,} of {holds} in {count(len(files), 'file')} {'does' if failed == 1 else 'do'} not hold")
        raise SystemExit(PROGRAM_ERROR)
    click.echo(f"{holds} in {count(len(files), 'file')} {'holds' if checked == 1 else 'hold'}")


@contextmanager
def _surroundings(options: RunOptions, script: Any) -> Iterator[None]:
    """A budget and a script to itself for each file."""
    with ExitStack() as stack:
        if options.budget:
            stack.enter_context(omega_runtime.budget(**options.budget, name="doctest"))  # type: ignore[arg-type]
        if script is not None:
            from omega_runtime.testing import scripted_model

            stack.enter_context(scripted_model(script))
        yield


def _script(file: str) -> list[str] | Mapping[str, str]:
    try:
        script = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fail(f"cannot read {file}: {getattr(error, 'strerror', None) or error}")
    texts = script.values() if isinstance(script, dict) else script
    if not isinstance(script, list | dict) or not all(isinstance(text, str) for text in texts):
        fail(f"{file} must hold a list of texts, or an object of texts by prompt")
    return script


def _check(path: Path, examples: list[Example], load: tuple[str, ...] | list[str], options: RunOptions) -> int:
    """Run the examples of a file in one session, and print which don't hold; how many."""
    from omegac.repl.session import Session

    session = Session(modules_for(str(path), options.allow), took=take_over)
    failed = 0
    try:
        for file in load:
            failed += _loaded(session, file)
        for example in examples:
            outcome = _outcome(session, Source(f"{path}:{example.line}", example.text))
            difference = _difference(example, outcome)
            if difference:
                click.echo(_told(path, example, difference))
                failed += 1
    finally:
        session.close()
    return failed


def _loaded(session: Session, file: str) -> int:
    try:
        outcome = _outcome(session, read_source(file))
    except OmegaSyntaxError as error:
        outcome = _Outcome(f"error: {error.msg}", "")
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    if outcome.answer is None or not outcome.answer.startswith("error: "):
        return 0
    click.echo(f"{file}: {visible_lines(outcome.answer)}")
    return 1


def _outcome(session: Session, source: Source) -> _Outcome:
    answer = None
    with redirect_stdout(io.StringIO()) as shown:
        try:
            for value in session.run(source):
                answer = None if value is None else deep(write_text, value)
        except OmegaSyntaxError as error:
            answer = f"error: {error.msg}"
        except SystemExit as error:
            answer = f"error: the program exits with {error.code or 0}"
        except Exception as error:
            answer = f"error: {condition_text(translated(error))}"
    return _Outcome(answer, shown.getvalue())


def _difference(example: Example, outcome: _Outcome) -> list[tuple[str, str, str]]:
    """What isn't as it should be: what that is, how it should be, and how it is."""
    from omegac.repl.transcripts import ERROR, is_answer, is_text

    found = []
    wanted, given = example.answer, outcome.answer
    is_error = given is not None and given.startswith(ERROR)
    if wanted is None:
        # An input without an answer may have any, but no error.
        if is_error:
            found.append(("answer", "no error", given or ""))
    elif wanted.startswith(ERROR) and is_error:
        if not is_text(wanted, given or ""):
            found.append(("answer", wanted, given or ""))
    elif given is None or not is_answer(wanted, given):
        found.append(("answer", wanted, "none" if given is None else given))
    if example.displayed is not None and not is_text(example.displayed, outcome.displayed):
        found.append(("text", example.displayed or "nothing", outcome.displayed.rstrip() or "nothing"))
    return found


def _told(path: Path, example: Example, difference: list[tuple[str, str, str]]) -> str:
    lines = [f"{path}:{example.line}: this does not hold"]
    lines += ["  " + line for line in example.text.strip().splitlines()]
    for what, wanted, given in difference:
        is_answer = what == "answer"
        lines.append(f"  {'expected' if is_answer else 'should display'}: {visible_lines(wanted, '    ')}")
        lines.append(f"  {'got' if is_answer else 'displayed'}: {visible_lines(given, '    ')}")
    return "\n".join(lines)
