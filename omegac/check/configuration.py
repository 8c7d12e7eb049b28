"""What is checked, and what makes a check fail: the table [tool.omegac.check] of pyproject.toml."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import attrs
from omega_runtime.project import project_of

from omegac.check.findings import SEVERITIES, Severity
from omegac.check.rules.table import RULES
from omegac.errors import suggestion

TABLE = "[tool.omegac.check]"


class BadConfiguration(Exception):
    """A setting that can't be; says which one and what it may be."""


@attrs.frozen
class Configuration:
    """The rules that are looked at: those of `select` that neither `ignore` nor the file's own patterns rule out.

    Patterns are those of shells, for a file's path from `folder` or for its name.
    """

    folder: Path
    select: frozenset[str] = frozenset(RULES)
    ignore: frozenset[str] = frozenset()
    fail_on: Severity = "warning"
    per_file_ignores: Mapping[str, frozenset[str]] = attrs.field(factory=dict)

    def codes_for(self, file: Path) -> frozenset[str]:
        """The codes of the rules that a file is checked by."""
        path = Path(os.path.relpath(file.resolve(), self.folder)).as_posix()
        ignored = self.ignore.union(
            *(
                codes
                for pattern, codes in self.per_file_ignores.items()
                if fnmatch(path, pattern) or fnmatch(file.name, pattern)
            )
        )
        return self.select - ignored


def configuration_for(folder: Path) -> Configuration:
    """The configuration in the nearest pyproject.toml of a folder's project that has one.

    Raises BadConfiguration, which names the file and the key.
    """
    folder = folder.resolve()
    for each in project_of(str(folder)).inside:
        file = Path(each) / "pyproject.toml"
        table = _table(file) if file.is_file() else None
        if table is not None:
            try:
                return Configuration(file.parent, **_checked(table))
            except BadConfiguration as error:
                raise BadConfiguration(f"{file}: {TABLE}: {error}") from None
    return Configuration(folder)


def _table(file: Path) -> Any:
    """The table of a file; None without one."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadConfiguration(f"{file} cannot be read: {error}") from None
    tool = data.get("tool")
    omegac = tool.get("omegac") if isinstance(tool, dict) else None
    return omegac.get("check") if isinstance(omegac, dict) else None


def _checked(table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise BadConfiguration("must be a table")
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            hint = suggestion(key, _KEYS) or f"there are {', '.join(_KEYS)}"
            raise BadConfiguration(f"there is no key {key}; {hint}")
        settings[key.replace("-", "_")] = _KEYS[key](key, value)
    return settings


def codes_of(key: str, value: object) -> frozenset[str]:
    """The codes of a list of codes. Raises BadConfiguration with the key."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadConfiguration(f'{key} must be a list of codes such as ["OM101"], but is {value!r}')
    return frozenset(_known(key, value))


def _known(key: str, codes: Iterable[str]) -> Iterable[str]:
    for code in codes:
        if code not in RULES:
            raise BadConfiguration(f"{key}: there is no code {code}; there are {min(RULES)} to {max(RULES)}")
        yield code


def _severity(key: str, value: object) -> Severity:
    for severity in SEVERITIES:
        if value == severity:
            return severity
    raise BadConfiguration(f"{key} must be one of {', '.join(SEVERITIES)}, but is {value!r}")


def _patterns(key: str, value: object) -> dict[str, frozenset[str]]:
    if not isinstance(value, dict):
        raise BadConfiguration(f'{key} must be a table such as {{"tests/*" = ["OM101"]}}, but is {value!r}')
    return {pattern: codes_of(f"{key}.{pattern}", codes) for pattern, codes in value.items()}


_KEYS: dict[str, Callable[[str, object], object]] = {
    "select": codes_of,
    "ignore": codes_of,
    "fail-on": _severity,
    "per-file-ignores": _patterns,
}
