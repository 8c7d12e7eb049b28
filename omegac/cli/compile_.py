"""`omegac compile`."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import click

from omegac.backend.emit import is_current, uses_of
from omegac.cli.failures import BAD_SOURCE, fail, load_failed, say, show_findings
from omegac.cli.folders import omega_files
from omegac.errors import OmegaSyntaxError
from omegac.files import write_atomically
from omegac.modules import Loaded, Modules, Program, Unavailable, surroundings_of
from omegac.modules.cache import Inclusion
from omegac.modules.finding import SUFFIXES, absolute, place_of, read_bytes, real
from omegac.modules.loading import digest_of, in_order
from omegac.names import module_name
from omegac.pipeline import PASSES, dump, read_source
from omegac.source import Source

_MARK = "# Compiled by omegac "
# Among what the header of a module says that it was made with.
_CAPTURES = "Captures continuations that are entered again"
_REENTRANT = "Reentrant, as an importer captures continuations"
_PASS_NAMES = tuple(each.name for each in PASSES)


@attrs.frozen
class _Job:
    """A file to compile; `target` None is stdout.

    When nobody named it, `module` is its name for those that import it, of which `importer` is one.
    """

    file: Path
    target: Path | None
    module: str | None = None
    importer: Path | None = None

    def source(self) -> Source:
        """The source, named as seen from its module."""
        start = self.target.parent if self.target else self.file.parent
        name = Path(os.path.relpath(self.file, start)).as_posix()
        return attrs.evolve(read_source(self.file), name=name, path=str(self.file))


@attrs.frozen
class _Result:
    """The text to write, "" when the target is current, what that was made with, and the modules that it imports."""

    text: str
    uses: list[str]
    requires: tuple[Loaded, ...]


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

    A folder stands for all .omega files in it and below it. The modules that FILEs import are compiled as well. A
    module that is current isn't written again, and nothing is written unless every file compiles. Stderr tells what
    was.

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
    results = _compile_all(jobs, directory)
    for job, result in results:
        if result.text:
            _write(result.text, job.target, overwrite=output is not None)
            if job.target:
                say(f"wrote {job.target}" + (f", which {job.importer} imports" if job.importer else ""))
    if not any(result.text for _, result in results):
        say(f"{_names(jobs)} up to date; nothing was written")


def _compile_all(jobs: list[_Job], directory: str | None) -> list[tuple[_Job, _Result]]:
    """What becomes of each file, and of those that they import. Ends the command when one doesn't compile."""
    modules = Modules(path=[""])
    results: list[tuple[_Job, _Result | None]] = []
    pending, known = list(jobs), {real(str(job.file)) for job in jobs}
    entered: set[str] = set()
    while pending:
        job = pending.pop(0)
        result = _compile(job, modules)
        results.append((job, result))
        if result and _CAPTURES in result.uses:
            entered |= {real(each.path) for each in in_order(result.requires)}
        for loaded in result.requires if result and job.target else ():
            file = Path(loaded.path)
            if not loaded.is_python and real(loaded.path) not in known:
                known.add(real(loaded.path))
                pending.append(_Job(_from_here(file), _target_of(loaded, directory), loaded.module, job.target))
    done = [(job, result) for job, result in results if result is not None]
    if len(done) < len(results):
        raise SystemExit(BAD_SOURCE)
    return [
        (job, _reentrant(job, result, modules) if real(str(job.file)) in entered else result) for job, result in done
    ]


def _reentrant(job: _Job, result: _Result, modules: Modules) -> _Result:
    """What becomes of a file when an importer captures continuations."""
    if _REENTRANT in result.uses:
        return result
    again = _compile(job, modules, reentrant=True)
    assert again is not None
    return again


def _from_here(file: Path) -> Path:
    """A file as people would call it: from the current folder, if it's below that."""
    return Path(os.path.relpath(file)) if file.is_relative_to(absolute("")) else file


def _target_of(loaded: Loaded, directory: str | None) -> Path:
    """Where the module that somebody imports goes: beside its source, or to where its package is below DIR."""
    file = Path(loaded.path)
    if directory is None:
        return _target(_from_here(file), None, Path())
    below = Path(directory, *loaded.module.split("."))
    return below / "__init__.py" if file.stem == "__init__" else below.with_suffix(".py")


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
    name = module_name(file.stem if file.suffix in SUFFIXES else file.name) + ".py"
    return (Path(directory) / below if directory else file.parent) / name


def _dump(job: _Job, pass_name: str) -> None:
    try:
        source = attrs.evolve(job.source(), name=str(job.file))
        click.echo(dump(source, pass_name, surroundings_of(source)), nl=False)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(job.file), error)


def _compile(job: _Job, modules: Modules, *, reentrant: bool = False) -> _Result | None:
    """What becomes of a file; None when there are errors, which are printed. `reentrant` as in `compile_source`."""
    try:
        source = job.source()
    except (OSError, OmegaSyntaxError) as error:
        load_failed(str(job.file), error)
    before, is_first = _text_of(job), not reentrant
    current = None if reentrant else _if_current(job, source, modules, before)
    if current is not None:
        return current
    # An importer that needed the entries once is there still, perhaps.
    reentrant = reentrant or _REENTRANT in uses_of(before)
    try:
        program = modules.program(source, module=job.module, reentrant=reentrant)
        uses = _uses(program, job, reentrant)
        text = program.compiled.text(uses)
    except OmegaSyntaxError as error:
        show_findings(error.source, error.diagnostics)
        return None
    if is_first:
        show_findings(source, program.compiled.warnings)
    return _Result(text, uses, program.requires)


def _uses(program: Program, job: _Job, reentrant: bool) -> list[str]:
    """What a module was made with besides its source, for its header."""
    start = job.target.parent if job.target else job.file.parent
    lines = [_CAPTURES] if program.compiled.interface.captures else []
    lines += [_REENTRANT] if reentrant else []
    for each in program.dependencies:
        if isinstance(each, Inclusion):
            lines.append(f"Includes {Path(os.path.relpath(each.path, start)).as_posix()} sha256:{each.digest}")
        else:
            asked = each.asked if isinstance(each.asked, str) else f"({' '.join(each.asked)})"
            lines.append(f"Imports {asked} sha256:{each.digest}" if each.path else f"Lacks {asked} sha256:")
    return lines


def _text_of(job: _Job) -> str:
    """What is in a target now; nothing when it is no file that can be read."""
    try:
        return job.target.read_text(encoding="utf-8") if job.target is not None and job.target.is_file() else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _if_current(job: _Job, source: Source, modules: Modules, text: str) -> _Result | None:
    """The result for a target whose text is what compiling would give."""
    if job.target is None or not is_current(text, source):
        return None
    try:
        place = place_of(source.shown, job.module)
        requires = []
        uses = uses_of(text)
        for line in uses:
            if line in (_CAPTURES, _REENTRANT):
                continue
            kind, _, rest = line.partition(" ")
            name, _, digest = rest.rpartition(" sha256:")
            if kind == "Includes":
                if digest_of(read_bytes(str(job.target.parent / name))) != digest:
                    return None
                continue
            asked = tuple(name.strip("()").split()) if name.startswith("(") else name
            found = modules.find(asked, place)
            if (found is None) != (kind == "Lacks"):
                return None
            if found is not None:
                requires.append(modules.load(found))
                if requires[-1].digest != digest:
                    return None
    except (OSError, UnicodeDecodeError, Unavailable, OmegaSyntaxError):
        return None
    return _Result("", uses, tuple(requires))


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
