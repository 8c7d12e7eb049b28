"""Settings from a file, which somebody else may have written: [tool.omegac] of pyproject.toml, or omegac.toml."""

from __future__ import annotations

import os
import sys

from omega_runtime.project import project_of
from omega_runtime.settings import Restore, configure
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible
from omega_runtime.world.files import read_regular
from omega_runtime.world.permissions import is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omega_runtime.values import Value

# What a file may set. What a program may do, and where its answers come from, is up to who runs it.
KEYS = frozenset(
    {
        "downgrade",
        "floor",
        "history",
        "ladder",
        "lease",
        "max_tokens",
        "max_wait",
        "model",
        "prices",
        "retries",
        "retry_max",
        "retry_wait",
        "short_answer",
        "similarity",
        "timeout",
        "unbudgeted",
    }
)

# What a file may set these to; `configure` and the command line may set them to anything.
BOUNDS = {
    "lease": (10, 3_600),
    "max_wait": (0, 86_400),
    "retries": (1, 10),
    "retry_max": (0, 600),
    "retry_wait": (0, 60),
    "timeout": (10, 3_600),
}

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
    path = os.path.realpath(os.fspath(place))
    try:
        file, table = (path, _table(path)) if os.path.isfile(path) else _found(path)  # noqa: PTH113
    except Untrusted as error:
        raise OmegaError(str(error)) from None
    if file is None:
        return None
    settings = {name.replace("-", "_"): value for name, value in table.items()}
    try:
        _check(settings, os.path.dirname(file))  # noqa: PTH120
        if "prices" in settings:
            settings["least_prices"] = settings.pop("prices")
        undo = configure(**settings)
    except OmegaError as error:
        message = error.message.removeprefix("configure: ").replace("least_prices must", "prices must")
        raise OmegaError(f"{file}: {message}") from None
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


def _check(settings: dict[str, Value], folder: str) -> None:
    """Raise OmegaError for what a file may not set; `history` becomes a whole path."""
    for name, value in settings.items():
        if name not in KEYS:
            raise OmegaError(f"there is no setting {name!r}; a file may set {', '.join(sorted(KEYS))}")
        if name in BOUNDS and type(value) in (int, float):
            least, most = BOUNDS[name]
            if not least <= value <= most:
                expected = f"must be from {least} to {most:,} in a file"
                raise OmegaError(f"{name} {expected}, but got {value!r}; configure({name}=…) takes any")
    history = settings.get("history")
    if isinstance(history, str):
        path = os.path.realpath(os.path.join(folder, history))  # noqa: PTH118
        if path == folder or not is_below(path, folder):
            raise OmegaError(
                f"history must be below {folder} in a file, but {history!r} is not; configure(history=…) takes any path"
            )
        settings["history"] = path


def _table(file: str) -> dict[str, Value]:
    """The settings of a file; all of omegac.toml, the table [tool.omegac] of any other.

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
