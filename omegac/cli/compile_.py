"""`omegac compile`."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import click

from omegac.backend.emit import is_current
from omegac.backend.names import module_name
from omegac.cli.failures import BAD_SOURCE, fail, load_failed, say, show_findings
from omegac.cli.folders import omega_files
from omegac.errors import OmegaSyntaxError
from omegac.files import write_atomically
from omegac.pipeline import PASSES, compile_source, dump, read_source
from omegac.source import Source

_MARK = "# Compiled by omegac "
_PASS_NAMES = tuple(each.name for each in PASSES)


@attrs.frozen
class _Job:
    """A file to compile; `target` None is stdout."""

    file: Path
    target: Path | None

    def source(self) -> Source:
        """The source, named as seen from its module."""
        start = self.target.parent if self.target else self.file.parent
        name = Path(os.path.relpath(self.file, start)).as_posix()
        return attrs.evolve(read_source(self.file), name=name)

    def is_done(self, source: Source) -> bool:
        """Whether the target is what compiling would give."""
        if self.target is None or not self.target.is_file():
            return False
        try:
            return is_current(self.target.read_text(encoding="utf-8"), source)
        except (OSError, UnicodeDecodeError):
            return False


@click.command("compile")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", metavar="OUT", help="Write the module to OUT; - is stdout. For one FILE only.")
@click.option("-d", "--directory", metavar="DIR", help="Write the modules to DIR.")
@click.option(
    "--dump",
    "pass_name",
    metavar="PASS",
    type=click.Choice(_PASS_NAMES),
    help=f"Print the program after a pass ({', '.join(_PASS_NAMES)}) and write nothing.",
)
def command(files: tuple[str, ...], output: str | None, directory: str | None, pass_name: str | None) -> None:
    """Compile FILEs to Python modules, next to them unless -o or -d says otherwise.

    A folder stands for all .omega files in it and below it. A module that is current isn't written again, and
    nothing is written unless every FILE compiles. Stderr tells what was.

    Exit status: 0 fine, 2 bad source or usage.
    """
    if output and (directory or len(files) > 1 or Path(files[0]).is_dir()):
        raise click.UsageError("-o goes with one FILE and without -d")
    jobs = [job for file in files for job in _jobs(Path(file), output, directory)]
    if pass_name:
        for job in jobs:
            _dump(job, pass_name)
        return
    targets = [job.target for job in jobs]
    if len(set(targets)) < len(targets):
        raise click.UsageError("two of the files would become the same module")
    texts = [_compile(job) for job in jobs]
    if None in texts:
        raise SystemExit(BAD_SOURCE)
    for job, text in zip(jobs, texts, strict=True):
        if text:
            _write(text, job.target, overwrite=output is not None)
            if job.target:
                say(f"wrote {job.target}")
    if not any(texts):
        say(f"{_names(jobs)} up to date; nothing was written")


def _names(jobs: list[_Job]) -> str:
    """The modules, with the verb that goes with them."""
    return f"{jobs[0].target} is" if len(jobs) == 1 else f"all {len(jobs):,} modules are"


def _jobs(file: Path, output: str | None, directory: str | None) -> list[_Job]:
    """What a FILE on the command line asks for."""
    if file.is_dir():
        found = omega_files(file)
        return [_Job(path, _target(path, directory, path.parent.relative_to(file))) for path in found]
    if output:
        return [_Job(file, None if output == "-" else Path(output))]
    return [_Job(file, _target(file, directory, Path()))]


def _target(file: Path, directory: str | None, below: Path) -> Path:
    name = module_name(file.name.removesuffix(".omega")) + ".py"
    return (Path(directory) / below if directory else file.parent) / name


def _dump(job: _Job, pass_name: str) -> None:
    try:
        click.echo(dump(attrs.evolve(job.source(), name=str(job.file)), pass_name), nl=False)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(job.file), error)


def _compile(job: _Job) -> str | None:
    """The module's text, "" when the target is current, None when there are errors, which are printed."""
    try:
        source = job.source()
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(job.file), error)
    if job.is_done(source):
        return ""
    seen_from_here = attrs.evolve(source, name=str(job.file))
    try:
        compiled = compile_source(source)
        text = compiled.text()
    except OmegaSyntaxError as error:
        show_findings(seen_from_here, error.diagnostics)
        return None
    show_findings(seen_from_here, compiled.warnings)
    return text


def _write(text: str, target: Path | None, overwrite: bool) -> None:
    if target is None:
        click.echo(text, nl=False)
        return
    if not overwrite and _is_foreign(target):
        fail(f"{target} was not written by omegac; move it away, or name it with -o to replace it")
    try:
        if not overwrite:
            target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}")


def _is_foreign(target: Path) -> bool:
    """Whether something is there that the compiler didn't write."""
    if target.exists() and not target.is_file():
        return True
    try:
        with target.open(encoding="utf-8", errors="replace") as file:
            return not file.readline().startswith(_MARK)
    except OSError:
        return False
