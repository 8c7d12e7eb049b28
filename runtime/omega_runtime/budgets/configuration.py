"""Settings from a file: the table [tool.omegac] of pyproject.toml, or omegac.toml."""

from __future__ import annotations

import os

from omega_runtime.budgets.settings import Restore, configure
from omega_runtime.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def configure_from(place: str | os.PathLike[str] = ".") -> Restore | None:
    """Apply the settings of a file, or of the nearest one for a folder: omegac.toml, or pyproject.toml with its table.

    The names are those of `configure`, with - or _. Gives what `configure` gives, None where there is no such file.
    Raises OmegaError that names the file for one that cannot be read, or has an unknown or impossible setting.
    """
    file = find_file(os.path.abspath(os.fspath(place)))  # noqa: PTH100
    if file is None:
        return None
    table = {name.replace("-", "_"): value for name, value in _table(file).items()}
    for name in table:
        if name not in KEYS:
            raise OmegaError(f"{file}: there is no setting {name!r}; a file may set {', '.join(sorted(KEYS))}")
    if isinstance(table.get("history"), str):
        table["history"] = os.path.join(os.path.dirname(file), table["history"])  # noqa: PTH118, PTH120
    try:
        return configure(**table)
    except OmegaError as error:
        raise OmegaError(f"{file}: {error.message.removeprefix('configure: ')}") from None


def find_file(place: str) -> str | None:
    """The file of settings for a place: itself if it is a file, or the nearest one in a folder or above it."""
    if os.path.isfile(place):  # noqa: PTH113
        return place
    while True:
        for name in ("omegac.toml", "pyproject.toml"):
            file = os.path.join(place, name)  # noqa: PTH118
            if os.path.isfile(file) and (name == "omegac.toml" or _table(file)):  # noqa: PTH113
                return file
        above = os.path.dirname(place)  # noqa: PTH120
        if above == place:
            return None
        place = above


def _table(file: str) -> dict[str, Value]:
    """The settings of a file; all of omegac.toml, the table [tool.omegac] of any other."""
    import tomllib

    try:
        with open(file, "rb") as opened:  # noqa: PTH123
            data = tomllib.load(opened)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OmegaError(f"{file} cannot be read: {error}") from None
    if os.path.basename(file) != "pyproject.toml":  # noqa: PTH119
        return data
    tool = data.get("tool")
    table = tool.get("omegac", {}) if isinstance(tool, dict) else {}
    return table if isinstance(table, dict) else {}
