"""What is checked, and what makes a check fail: the table [tool.omegac.check] of pyproject.toml."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, TypeVar

import attrs
from omega_runtime.project import project_of

from omegac.check.findings import SEVERITIES, Severity
from omegac.check.rules.table import RULES
from omegac.errors import suggestion

T = TypeVar("T")
_Check = Callable[[str, object], object]
TABLE = "[tool.omegac.check]"


class BadConfiguration(Exception):
    """A setting that can't be; says which one and what it may be."""


@attrs.frozen
class Budget:
    """The most that a run of a file may take: calls, and limits of tokens and dollars as they are written.

    `assume` are sizes by name, `model` is the model that answers.
    """

    max_calls: int | None = None
    max_cost: tuple[str, ...] = ()
    assume: Mapping[str, int] = attrs.field(factory=dict)
    model: str | None = None


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
    max_calls: int | None = None
    max_cost: tuple[str, ...] = ()
    assume: Mapping[str, int] = attrs.field(factory=dict)
    model: str | None = None
    per_file_budgets: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)

    def codes_for(self, file: Path) -> frozenset[str]:
        """The codes of the rules that a file is checked by."""
        return self.select - self.ignore.union(*self._matching(file, self.per_file_ignores))

    def budget_for(self, file: Path) -> Budget:
        """The most that a run of a file may take; what its patterns say stands before what is said of all files."""
        budget = Budget(self.max_calls, self.max_cost, self.assume, self.model)
        for settings in self._matching(file, self.per_file_budgets):
            budget = attrs.evolve(budget, **settings)
        return budget

    def _matching(self, file: Path, patterns: Mapping[str, T]) -> Iterator[T]:
        """What belongs to the patterns that match a file, in their order."""
        path = Path(os.path.relpath(file.resolve(), self.folder)).as_posix()
        for pattern, value in patterns.items():
            if fnmatch(path, pattern) or fnmatch(file.name, pattern):
                yield value


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
    return _settings(table, _KEYS)


def _settings(table: Mapping[str, object], keys: Mapping[str, _Check], place: str = "") -> dict[str, Any]:
    """The values of a table, each checked, by attribute."""
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in keys:
            hint = suggestion(key, keys) or f"there are {', '.join(keys)}"
            raise BadConfiguration(f"there is no key {place}{key}; {hint}")
        settings[key.replace("-", "_")] = keys[key](place + key, value)
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


def _calls(key: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise BadConfiguration(f"{key} must be a whole number of calls from 0 on, but is {value!r}")
    return value


def _limits(key: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(type(each) in (int, str) for each in values):
        raise BadConfiguration(f'{key} must be tokens such as 10000 or dollars such as "$0.50", but is {value!r}')
    return tuple(str(each) for each in values)


def _sizes(key: str, value: object) -> dict[str, int]:
    if not isinstance(value, dict) or not all(type(each) is int and each >= 0 for each in value.values()):
        raise BadConfiguration(f"{key} must be a table such as {{docs = 100, chars = 4000}}, but is {value!r}")
    return value


def _name(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BadConfiguration(f"{key} must be a model's name, but is {value!r}")
    return value


def _budgets(key: str, value: object) -> dict[str, dict[str, Any]]:
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise BadConfiguration(f'{key} must be a table such as {{"tests/*" = {{max-calls = 10}}}}, but is {value!r}')
    return {pattern: _settings(table, _BUDGET_KEYS, f"{key}.{pattern}.") for pattern, table in value.items()}


_BUDGET_KEYS: dict[str, _Check] = {
    "max-calls": _calls,
    "max-cost": _limits,
    "assume": _sizes,
    "model": _name,
}
_KEYS: dict[str, _Check] = {
    "select": codes_of,
    "ignore": codes_of,
    "fail-on": _severity,
    "per-file-ignores": _patterns,
    **_BUDGET_KEYS,
    "per-file-budgets": _budgets,
}
