"""`omegac fmt`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import attrs
import click
from omega_runtime.control.deep import deep
from omega_runtime.visible import visible_lines, without_controls

from omegac.cli.failures import BAD_SOURCE, fail, say
from omegac.cli.folders import omega_files
from omegac.errors import OmegaSyntaxError
from omegac.files import write_atomically
from omegac.formatting import FormsDiffer, formatted
from omegac.modules.finding import SUFFIXES
from omegac.pipeline.sources import decode_source

WOULD_CHANGE = 1
_STDIN = "-"
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_BOM = b"\xef\xbb\xbf"


@attrs.frozen
class _File:
    """A file's bytes, and those that it should have."""

    name: str
    before: bytes
    after: bytes

    @property
    def changes(self) -> bool:
        return self.before != self.after


@click.command("fmt")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
def command(files: tuple[str, ...], check: bool, diff: bool) -> None:
    """Lay out FILEs: indentation, blanks, blank lines and closing parentheses. docs/EDITORS.md has the rules.

    A folder stands for all .omega files in it and below it; - formats standard input onto standard output. Line ends
    stay where they are, and so does what is within strings and comments. A file is written only when it has the same
    forms and comments as before; lines from `; fmt: off` to `; fmt: on` at the top level aren't touched.

    Exit status: 0 fine, 1 a file would change (--check), 2 bad source or usage.
    """
    failures = 0
    changed = unchanged = 0
    for name in _names(files):
        file = _formatted(name)
        if file is None:
            failures += 1
            continue
        changed, unchanged = changed + file.changes, unchanged + (not file.changes)
        if diff:
            click.echo("".join(_difference(file)), nl=False)
        elif name == _STDIN and not check:
            sys.stdout.buffer.write(file.after)
        elif file.changes:
            _change(file, check)
    if _STDIN not in files and not diff:
        click.echo(_summary(changed, unchanged, failures, check), err=True)
    if failures:
        raise SystemExit(BAD_SOURCE)
    if check and changed:
        raise SystemExit(WOULD_CHANGE)


def _names(files: tuple[str, ...]) -> Iterator[str]:
    for name in dict.fromkeys(files):
        if name != _STDIN and Path(name).is_dir():
            yield from map(str, omega_files(Path(name)))
        else:
            yield name


def _formatted(name: str) -> _File | None:
    """A file and what it should be; None after a message when it can't be read or laid out."""
    if name != _STDIN and Path(name).suffix not in SUFFIXES:
        say(f"{name} is no Omega file")
        return None
    try:
        before = sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
        source = decode_source("<stdin>" if name == _STDIN else name, before)
        after: bytes = deep(formatted, source).encode("utf-8")
    except OmegaSyntaxError as error:
        click.echo(error.render(), err=True)
        return None
    except OSError as error:
        say(f"cannot read {name}: {error.strerror}")
        return None
    except FormsDiffer as error:
        say(str(error))
        return None
    return _File(source.name, before, _BOM + after if before.startswith(_BOM) else after)


def _change(file: _File, is_check: bool) -> None:
    if not is_check:
        try:
            write_atomically(Path(file.name), file.after)
        except OSError as error:
            fail(f"cannot write {file.name}: {error.strerror}")
    click.echo(f"{'would reformat' if is_check else 'reformatted'} {visible_lines(file.name)}", err=True)


def _difference(file: _File) -> Iterator[str]:
    """A unified diff; on a terminal without what that would act upon."""
    before, after = (_LINE.findall(text.decode("utf-8")) for text in (file.before, file.after))
    for line in unified_diff(before, after, file.name, file.name):
        whole = line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        yield without_controls(whole) if sys.stdout.isatty() else whole


def _summary(changed: int, unchanged: int, failures: int, is_check: bool) -> str:
    """What became of the files, in one line."""
    parts = [
        (changed, "would be reformatted" if is_check else "reformatted"),
        (unchanged, "unchanged"),
        (failures, "failed"),
    ]
    return ", ".join(f"{count} {'file' if count == 1 else 'files'} {what}" for count, what in parts if count)
