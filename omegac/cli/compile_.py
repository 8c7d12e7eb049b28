"""`omegac compile`."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
import click

from omegac.backend.names import python_name
from omegac.cli.failures import BAD_SOURCE, fail, load_failed, show_findings
from omegac.errors import OmegaSyntaxError
from omegac.files import write_atomically
from omegac.pipeline import PASSES, Compiled, compile_source, dump, read_source

_MARK = "# Compiled by omegac "


@click.command("compile")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", metavar="OUT", help="Write the module to OUT; - is stdout. For one FILE only.")
@click.option("-d", "--directory", metavar="DIR", help="Write the modules to DIR.")
@click.option(
    "--dump",
    "pass_name",
    metavar="PASS",
    type=click.Choice(PASSES),
    help=f"Print the program after a pass ({', '.join(PASSES)}) and write nothing.",
)
def command(files: tuple[str, ...], output: str | None, directory: str | None, pass_name: str | None) -> None:
    """Compile FILEs to Python modules, next to them unless -o or -d says otherwise.

    Nothing is written unless every FILE compiles. Exit status: 0 fine, 2 bad source or usage.
    """
    if output and (directory or len(files) > 1):
        raise click.UsageError("-o goes with one FILE and without -d")
    targets = [_target(file, output, directory) for file in files]
    if len(set(targets)) < len(targets):
        raise click.UsageError("two of the files would become the same module")
    if pass_name:
        for file in files:
            _dump(file, pass_name)
        return
    compiled = [_compile(file, target) for file, target in zip(files, targets, strict=True)]
    if None in compiled:
        raise SystemExit(BAD_SOURCE)
    for module, target in zip(compiled, targets, strict=True):
        if module is not None:
            _write(module, target, overwrite=output is not None)


def _target(file: str, output: str | None, directory: str | None) -> Path | None:
    """The file to write; None is stdout."""
    if output == "-":
        return None
    if output:
        return Path(output)
    name = python_name(Path(file).name.removesuffix(".omega")) + ".py"
    return (Path(directory) if directory else Path(file).parent) / name


def _dump(file: str, pass_name: str) -> None:
    try:
        click.echo(dump(read_source(file), pass_name), nl=False)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(file, error)


def _compile(file: str, target: Path | None) -> Compiled | None:
    """The compiled file, named as seen from the module; None when it has errors, which are printed."""
    try:
        source = read_source(file)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(file, error)
    name = Path(os.path.relpath(file, target.parent)).as_posix() if target else Path(file).name
    try:
        compiled = compile_source(attrs.evolve(source, name=name))
    except OmegaSyntaxError as error:
        show_findings(source, error.diagnostics)
        return None
    show_findings(source, compiled.warnings)
    return compiled


def _write(module: Compiled, target: Path | None, overwrite: bool) -> None:
    text = module.text()
    if target is None:
        click.echo(text, nl=False)
        return
    if not overwrite and _is_foreign(target):
        fail(f"{target} was not written by omegac; move it away, or name it with -o to replace it")
    try:
        if not overwrite:
            target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text)
    except OSError as error:
        fail(f"cannot write {target}: {error.strerror}")


def _is_foreign(target: Path) -> bool:
    """Whether a file is there that the compiler didn't write."""
    try:
        with target.open(encoding="utf-8", errors="replace") as file:
            return not file.readline().startswith(_MARK)
    except OSError:
        return False
