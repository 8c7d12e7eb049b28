"""`omegac stubs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from omegac import core
from omegac.cli.failures import fail, load_failed
from omegac.cli.folders import omega_files
from omegac.core import Lambda, Variable
from omegac.errors import OmegaSyntaxError
from omegac.files import write_atomically
from omegac.modules import Program
from omegac.modules.finding import SUFFIXES
from omegac.modules.loading import Modules
from omegac.names import module_name, python_name
from omegac.pipeline import read_source


@click.command("stubs")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def command(paths: tuple[str, ...]) -> None:
    """Write a stub (.pyi) next to each Omega file, or each one in a folder, for type checkers and editors.

    So `import tools` of tools.omega, by `omegac.importer` or compiled, is known to them with the procedures it has.
    """
    modules = Modules(path=[""])
    for path in paths:
        for file in omega_files(Path(path)) if Path(path).is_dir() else [Path(path)]:
            if file.suffix not in SUFFIXES:
                fail(f"{file} is no Omega file")
            try:
                program = modules.program(read_source(file))
            except (OSError, OmegaSyntaxError) as error:
                load_failed(str(file), error)
            stub = file.with_name(module_name(file.stem) + ".pyi")
            try:
                write_atomically(stub, stub_of(program))
            except OSError as error:
                fail(f"cannot write {stub}: {error.strerror}")


def stub_of(program: Program) -> str:
    """The stub of a module: its procedures with their parameters, its record types and its variables."""
    compiled = program.compiled
    procedures = {
        each.variable: each.value
        for each in compiled.expansion.program.definitions
        if isinstance(each.value, Lambda | core.RecordType)
    }
    by_name = {external.name: variable for variable, external in compiled.externals.items()}
    lines: list[str] = []
    for name, entry in compiled.interface.exports.items():
        own = str(entry.get("name", python_name(name)))
        if entry["kind"] not in ("syntax", "library", "python") and "module" not in entry:
            lines += _declared(own, procedures.get(by_name.get(own)))  # type: ignore[arg-type]
    head = [f"# What {compiled.source.name} defines; made by `omegac stubs`.", "from typing import Any", ""]
    return "\n".join([*head, *lines]) + "\n"


def _declared(name: str, value: Lambda | core.RecordType | None) -> Iterator[str]:
    if isinstance(value, core.RecordType):
        yield f"class {name}:"
        yield from (f"    {python_name(field)}: Any" for field in value.fields)
        if not value.fields:
            yield "    ..."
    elif isinstance(value, Lambda):
        parameters = [_parameter(each) for each in value.parameters]
        if value.rest is not None:
            parameters.append(f"*{_parameter(value.rest)}")
        yield f"def {name}({', '.join(parameters)}) -> Any: ..."
    else:
        yield f"{name}: Any"


def _parameter(variable: Variable) -> str:
    return f"{python_name(variable.name)}: Any"
