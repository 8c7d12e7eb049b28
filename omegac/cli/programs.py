"""The files that a program on the command line may be made of."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from omega_runtime.project import project_of
from omega_runtime.world.permissions import is_below

from omegac.cli.failures import load_failed, show_findings
from omegac.cli.kept import kept_file, make_room
from omegac.modules import Loaded, Modules, Program, Unavailable
from omegac.modules.finding import absolute, real
from omegac.modules.loading import in_order


def compiled_program(
    compiled: Callable[[Modules], Program], shown: str, allow: Iterable[str]
) -> tuple[Program, Modules]:
    """A program with what it includes and imports, and the modules that these are. Ends the command where that fails.

    `compiled` gives it; `allow` are the permissions, `shown` is what the program is called.
    """
    modules = modules_for(shown, allow)
    try:
        program = compiled(modules)
    except (OSError, SyntaxError) as error:
        load_failed(shown, error)
    if not program.is_kept:
        make_room()
        show_findings(program.compiled.source, program.compiled.warnings)
    take_over(program.requires)
    program.keep(modules)
    return program, modules


def modules_for(shown: str, allow: Iterable[str]) -> Modules:
    """The modules of a program, which is called that; `allow` are the permissions."""
    return Modules(_inside(str(Path(absolute(shown)).parent), allow), cache_file=kept_file)


def name_of_text(command: str, text: str) -> str:
    """What a program is known by that is in no file: a hash, as ledger files hold no prompts."""
    from hashlib import sha256

    return f"{command} {sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def take_over(requires: tuple[Loaded, ...]) -> None:
    """Show what is to be said of modules that were compiled for a program, and keep them."""
    for each in in_order(requires):
        fresh = each.take_warnings()
        if fresh is not None:
            show_findings(fresh.source, fresh.warnings)
        each.keep()


def _inside(folder: str, allow: Iterable[str]) -> Callable[[str], None]:
    """Refuses the files of other places: what a program includes it could show, and send to a model."""
    if "read" in allow:
        return lambda _: None
    home = real(folder)
    folders = [project_of(home).inside[-1], real("."), *map(real, filter(None, sys.path))]
    folders += [each[5:] for each in allow if each.startswith("read=")]

    def check(path: str) -> None:
        if not any(is_below(real(path), each) for each in folders):
            above = os.path.dirname(real(path))  # noqa: PTH120
            raise Unavailable(
                f"{path} is outside of the program's project, {folders[0]}", f"allow it with --allow read={above}"
            )

    return check
