"""The files that a program on the command line may be made of."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from omega_runtime.project import project_of
from omega_runtime.world.permissions import is_below

from omegac.cli.failures import load_failed, show_findings
from omegac.errors import OmegaSyntaxError
from omegac.modules import Modules, Program, Unavailable
from omegac.modules.finding import absolute, real
from omegac.modules.loading import in_order
from omegac.source import Source


def compiled_program(
    read: Callable[[], Source], shown: str, allow: Iterable[str], *, result: bool = False
) -> tuple[Program, Modules]:
    """A program with what it includes and imports, and the modules that these are. Ends the command where that fails.

    `allow` are the permissions; `shown` is what the program is called.
    """
    modules = Modules(_inside(str(Path(absolute(shown)).parent), allow))
    try:
        program = modules.program(read(), result=result)
    except (OSError, OmegaSyntaxError) as error:
        load_failed(shown, error)
    show_findings(program.compiled.source, program.compiled.warnings)
    for each in in_order(program.requires):
        fresh = each.take_warnings()
        if fresh is not None:
            show_findings(fresh.source, fresh.warnings)
        each.keep()
    return program, modules


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
