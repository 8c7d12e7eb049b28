"""Settings from a file, which somebody else may have written: [tool.omegac] of pyproject.toml, or omegac.toml."""

from __future__ import annotations

import os
import sys

from omega_runtime import settings
from omega_runtime.project import project_of
from omega_runtime.settings import Restore, configure
from omega_runtime.settings.checks import UNBUDGETED, prices
from omega_runtime.settings.table import BELOW_FOLDER, NEVER_LAXER, NEVER_LOWER, SETTINGS
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible
from omega_runtime.world.files import read_regular
from omega_runtime.world.permissions import is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from omega_runtime.values import Value

MOST_BYTES = 1_000_000

_told: set[str] = set()


class Untrusted(Exception):
    """A file of settings is not to be used; says why."""


def configure_from(place: str | os.PathLike[str] = ".") -> Restore | None:
    """Apply the settings of a file, or of the nearest one of a folder's project: omegac.toml, or pyproject.toml.

    The names are those of `configure`, with - or _. Gives what `configure` gives, None where there is no such file.
    Which file is used is said on stderr, once; so is which one is not, as it lies outside the project or belongs to
    somebody else. Raises OmegaError that names the file for one that cannot be read, or has an unknown or impossible
    setting, and for a file that was asked for by its name and is somebody else's.
    """
    try:
        path = os.path.realpath(os.fspath(place))
    except FileNotFoundError:
        return None  # the current folder is gone
    try:
        file, table = (path, _table(path)) if os.path.isfile(path) else _found(path)  # noqa: PTH113
    except Untrusted as error:
        raise OmegaError(str(error)) from None
    if file is None:
        return None
    try:
        undo = configure(**_settings(file, table))
    except OmegaError as error:
        raise OmegaError(f"{file}: {error.message.removeprefix('configure: ')}") from None
    _tell(f"settings from {file}")
    return undo


def _found(place: str) -> tuple[str | None, dict[str, Value]]:
    """The nearest file with settings in a folder's project, and its table; None and none without one."""
    project = project_of(place)
    for file in _files(project.inside):
        try:
            table = _table(file)
        except Untrusted as error:
            _tell(f"{error}; it is ignored")
            continue
        if table or os.path.basename(file) == "omegac.toml":  # noqa: PTH119
            return file, table
    for file in _files(project.outside):
        if os.path.basename(file) == "omegac.toml":  # noqa: PTH119
            _tell(f"{file} is outside of the project, which is {project.inside[-1]}; it is ignored")
    return None, {}


def _files(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        for name in ("omegac.toml", "pyproject.toml"):
            file = os.path.join(folder, name)  # noqa: PTH118
            if os.path.isfile(file):  # noqa: PTH113
                yield file


def _settings(file: str, table: dict[str, Value]) -> dict[str, Value]:
    """What to configure for a file's table; raises OmegaError for what a file may not set."""
    wanted: dict[str, Value] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        rule = SETTINGS[name].in_file if name in SETTINGS else None
        if rule is None:
            names = sorted(each for each, row in SETTINGS.items() if row.in_file is not None)
            raise OmegaError(f"there is no setting {name!r}; a file may set {', '.join(names)}")
        if rule.bounds is not None:
            _check_bounds(name, value, *rule.bounds)
        if rule is NEVER_LOWER:
            wanted[f"least_{name}"] = _prices(file, name, value)
        elif rule is BELOW_FOLDER:
            wanted[name] = _below(name, value, os.path.dirname(file))  # noqa: PTH120
        elif rule is not NEVER_LAXER or not _is_laxer(file, name, value):
            wanted[name] = value
    return wanted


def _prices(file: str, name: str, value: Value) -> dict[str, tuple[Decimal, Decimal]]:
    """Checked prices; says which of them cannot count, as a dollar limit would then limit nothing."""
    found = prices(name, value)
    for model, pair in found.items():
        if not all(pair):
            _tell(
                f"{file}: {name}.{model} has a 0: no file can make a model free, so it costs what the price data "
                f"says, if anything; only configure({name}=…) can say so"
            )
    return found


def _is_laxer(file: str, name: str, value: Value) -> bool:
    """Whether a file wants to allow more than what is allowed now, which is said then."""
    now = getattr(settings.active, name)
    if value not in UNBUDGETED or UNBUDGETED.index(value) >= UNBUDGETED.index(now):
        return False
    _tell(f'{file}: {name} = "{value}" is laxer than "{now}", which stays; only configure({name}="{value}") can say so')
    return True


def _check_bounds(name: str, value: Value, least: int, most: int) -> None:
    if type(value) in (int, float) and not least <= value <= most:
        expected = f"must be from {least} to {most:,} in a file"
        raise OmegaError(f"{name} {expected}, but got {value!r}; configure({name}=…) takes any")


def _below(name: str, value: Value, folder: str) -> Value:
    """The whole path of what must be below a folder; what is no path is left to the setting's own check."""
    if not isinstance(value, str):
        return value
    path = os.path.realpath(os.path.join(folder, value))  # noqa: PTH118
    if path == folder or not is_below(path, folder):
        raise OmegaError(
            f"{name} must be below {folder} in a file, but {value!r} is not; configure({name}=…) takes any path"
        )
    return path


def run_settings(place: str | os.PathLike[str] = ".") -> tuple[str, dict[str, Value]]:
    """What the project of a folder says of its runs: the table [tool.omegac.run], and the file that has it.

    It is that of the nearest file which has one, or "" and none. Files that are not to be trusted have none.
    """
    for file in _files(project_of(os.path.realpath(os.fspath(place))).inside):
        try:
            table = _whole_table(file).get("run")
        except Untrusted:
            continue
        if isinstance(table, dict):
            return file, table
    return "", {}


def _table(file: str) -> dict[str, Value]:
    """The settings of a file: its table without those that are not for `configure`. Raises as `_whole_table`."""
    return {key: value for key, value in _whole_table(file).items() if key not in ("check", "run")}


def _whole_table(file: str) -> dict[str, Value]:
    """All of omegac.toml, the table [tool.omegac] of any other file.

    Raises Untrusted for a file of another user or one that everybody can write, if it has settings; OmegaError for one
    that cannot be read.
    """
    import tomllib

    is_whole = os.path.basename(file) != "pyproject.toml"  # noqa: PTH119
    try:
        content, status = read_regular(os.path.realpath(file), MOST_BYTES)
        why = _distrust(status)
        if why and is_whole:
            raise Untrusted(f"{file} {why}")
        data = tomllib.loads(content.decode())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OmegaError(f"{file} cannot be read: {error}") from None
    if is_whole:
        return data
    tool = data.get("tool")
    table = tool.get("omegac", {}) if isinstance(tool, dict) else {}
    if why and table:
        raise Untrusted(f"{file} {why}")
    return table if isinstance(table, dict) else {}


def _distrust(status: os.stat_result) -> str | None:
    """Why a file is not to be trusted, if it isn't."""
    if status.st_uid not in (os.geteuid(), 0):
        return f"belongs to another user (number {status.st_uid})"
    if status.st_mode & 0o002:
        return "can be written by everybody (chmod o-w mends that)"
    return None


def _tell(notice: str) -> None:
    """Say something on stderr, once in this process."""
    if notice not in _told:
        _told.add(notice)
        print(f"omegac: {visible(notice)}", file=sys.stderr)
