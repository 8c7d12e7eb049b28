"""[tool.omegac.check] of pyproject.toml: which rules a file is checked by, and errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from omega_runtime import configure_from

from omegac.check.configuration import BadConfiguration, configuration_for
from omegac.check.rules import RULES

ALL = set(RULES)


def write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ALL),
        ("[tool.ruff]\nline-length = 120", ALL),
        ('[tool.omegac.check]\nselect = ["OM101", "OM103"]', {"OM101", "OM103"}),
        ('[tool.omegac.check]\nignore = ["OM101"]', ALL - {"OM101"}),
        ('[tool.omegac.check]\nselect = ["OM101", "OM103"]\nignore = ["OM101"]', {"OM103"}),
        ('[tool.omegac.check.per-file-ignores]\n"src/*.omega" = ["OM101"]', ALL - {"OM101"}),
        ('[tool.omegac.check.per-file-ignores]\n"a.omega" = ["OM101"]\n"src/*" = ["OM102"]', ALL - {"OM101", "OM102"}),
        ('[tool.omegac.check.per-file-ignores]\n"tests/*" = ["OM101"]', ALL),
    ],
)
def test_what_a_file_is_checked_by(text: str, codes: set[str], tmp_path: Path) -> None:
    write(tmp_path, text)
    assert configuration_for(tmp_path).codes_for(tmp_path / "src" / "deep" / "a.omega") == codes


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "part").mkdir()
    write(tmp_path, '[tool.omegac.check]\nfail-on = "error"')
    write(tmp_path / "part", "[tool.omegac]\nfloor = 20")
    found = configuration_for(tmp_path / "part")
    assert (found.fail_on, found.folder) == ("error", tmp_path.resolve())


def test_the_settings_of_programs_are_not_disturbed(tmp_path: Path) -> None:
    write(tmp_path, '[tool.omegac]\nfloor = 20\n[tool.omegac.check]\nfail-on = "error"')
    undo = configure_from(tmp_path)
    assert undo is not None
    with undo:
        assert configuration_for(tmp_path).fail_on == "error"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('selct = ["OM101"]', "there is no key selct; did you mean select?"),
        ("level = 3", "there is no key level; there are select, ignore, fail-on, per-file-ignores"),
        ('select = "OM101"', """select must be a list of codes such as ["OM101"], but is 'OM101'"""),
        ('ignore = ["OM999"]', "ignore: there is no code OM999; there are OM100 to OM113"),
        ('ignore = ["E501"]', "ignore: there is no code E501; there are OM100 to OM113"),
        ('fail-on = "warnings"', "fail-on must be one of note, warning, error, but is 'warnings'"),
        ('per-file-ignores = ["a"]', "per-file-ignores must be a table such as"),
        ('per-file-ignores = {"a.omega" = "OM101"}', "per-file-ignores.a.omega must be a list of codes"),
    ],
)
def test_errors_name_the_file_and_the_key(text: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, f"[tool.omegac.check]\n{text}")
    with pytest.raises(BadConfiguration) as caught:
        configuration_for(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path.resolve()}/pyproject.toml: [tool.omegac.check]: {message}")


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    write(tmp_path, "[tool")
    with pytest.raises(BadConfiguration, match=r"pyproject.toml cannot be read: "):
        configuration_for(tmp_path)
