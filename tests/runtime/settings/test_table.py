"""The table of settings, and what follows from it."""

from __future__ import annotations

import inspect
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import OmegaError, configuration, configure, configure_from, settings
from omega_runtime.settings import Settings
from omega_runtime.settings.ladder import DEFAULT_LADDER
from omega_runtime.settings.table import SETTINGS, Setting

from tests.support import ROOT

PAGE = ROOT / "docs" / "BUDGETS.md"
HEAD = "| setting | default | in a file | what it is |\n|---|---|---|---|\n"


def shown(row: Setting) -> str:
    """A row of the documentation."""
    default = "see above" if row.default is DEFAULT_LADDER else f"`{word(row.default)}`" if row.default else "none"
    return f"| `{row.name}` | {default} | {'no' if row.in_file is None else row.in_file.says} | {row.doc} |\n"


def word(value: Any) -> str:
    if isinstance(value, frozenset):
        return ", ".join(map(word, sorted(value)))
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def test_the_documentation_has_the_ladder() -> None:
    found = re.findall(r"```toml\n(\[ladder\].*?)```", PAGE.read_text(), re.DOTALL)
    ladders = [tomllib.loads(text)["ladder"] for text in found]
    assert [tuple((tier, tuple(models)) for tier, models in each.items()) for each in ladders] == [DEFAULT_LADDER]


def test_the_documentation_has_the_table() -> None:
    """OMEGA_UPDATE_GOLDEN=1 writes it anew."""
    text = PAGE.read_text()
    before, head, rest = text.partition(HEAD)
    after = rest[rest.index("\n\n") + 1 :] if "\n\n" in rest else ""
    expected = before + head + "".join(map(shown, SETTINGS.values())) + after
    if os.environ.get("OMEGA_UPDATE_GOLDEN"):
        PAGE.write_text(expected)
    assert head
    assert PAGE.read_text() == expected


def test_the_types_are_those_of_the_table() -> None:
    assert inspect.get_annotations(Settings).keys() - {"plan"} == SETTINGS.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_default_is_what_its_check_gives(name: str) -> None:
    default = SETTINGS[name].default
    assert SETTINGS[name].check(name, default) == default
    assert type(SETTINGS[name].check(name, default)) is type(default)


@pytest.mark.parametrize("row", SETTINGS.values(), ids=SETTINGS)
def test_the_documentation_of_a_setting_is_one_line(row: Setting) -> None:
    assert row.doc
    assert not {"\n", "|"} & {*row.doc}
    assert row.doc == row.doc.strip().rstrip(".")


def test_unknown_names_are_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(OmegaError, match=f"the settings are {', '.join(SETTINGS)}$"):
        configure(nothing=1)
    (tmp_path / "omegac.toml").write_text("nothing = 1")
    may = ", ".join(sorted(name for name, row in SETTINGS.items() if row.in_file))
    with pytest.raises(OmegaError, match=f"a file may set {may}$"):
        configure_from(tmp_path)


@pytest.mark.parametrize("name", [name for name, row in SETTINGS.items() if row.in_file is None])
def test_what_no_file_may_set(tmp_path: Path, name: str) -> None:
    (tmp_path / "omegac.toml").write_text(f'{name.replace("_", "-")} = "x"')
    before = settings.active
    with pytest.raises(OmegaError, match=f"omegac.toml: there is no setting '{name}'"):
        configure_from(tmp_path)
    assert settings.active is before


@pytest.mark.parametrize("name", [name for name, row in SETTINGS.items() if row.in_file and row.in_file.bounds])
def test_a_file_may_go_to_its_bounds(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "_told", set())
    rule = SETTINGS[name].in_file
    assert rule is not None
    assert rule.bounds is not None
    least, most = rule.bounds
    for value in rule.bounds:
        (tmp_path / "omegac.toml").write_text(f"{name} = {value}")
        undo = configure_from(tmp_path)
        assert undo is not None
        with undo:
            assert getattr(settings.active, name) == value
    for value in (least - 1, most + 1):
        (tmp_path / "omegac.toml").write_text(f"{name} = {value}")
        with pytest.raises(OmegaError, match=f"{name} must be from {least:,} to {most:,} in a file"):
            configure_from(tmp_path)
