"""The command line."""

from __future__ import annotations

import atexit
import gc
import os
import sys

# New objects before the garbage collector looks at them, and how often it does before it looks at older ones. Programs
# and the compiler make many objects, few of which refer to each other in a circle.
COLLECTOR_THRESHOLDS = (50_000, 20, 100)


def main() -> None:
    """The `omegac` command."""
    _open_streams()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    gc.disable()
    atexit.register(gc.freeze)  # at its end Python would look once more at all there is
    if _is_plain_run(sys.argv[1:]):
        from omegac.cli.running import run_plainly

        run_plainly(sys.argv[2], sys.argv[3:])
        return
    from omegac.cli.commands import cli

    cli(complete_var="_OMEGAC_COMPLETE")


def collect_seldom(is_enabled: bool = True) -> None:
    """Collect garbage less often than Python does by itself; what was imported stays to the end of the process."""
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
    if is_enabled:
        gc.enable()


def _is_plain_run(arguments: list[str]) -> bool:
    """Whether a program is to be run without options: a short one would take less time than the import of click."""
    if arguments[:1] != ["run"] or len(arguments) < 2 or "_OMEGAC_COMPLETE" in os.environ:
        return False
    # On Windows click makes file names of patterns.
    return sys.platform != "win32" and not any(each.startswith("-") for each in arguments)


def _open_streams() -> None:
    """Open what the shell closed (`<&-`, `>&-`): nothing to read, and nowhere to write."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
