"""The language page is a complete reference: it has every form and procedure, and its examples give what it says.

A name without a row fails with a row to fill in.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest
from omega_runtime.models.reply import Reply
from omega_runtime.testing import fresh_ledger, scripted_model

import omegac.pipeline  # noqa: F401 (registers every special form)
from omegac.errors import OmegaSyntaxError
from omegac.expand.special import SPECIAL_FORMS
from omegac.library import CONSTANTS, arity, library
from omegac.operations import operations
from tests.support import ROOT
from tests.support.omega import Run, codes_of
from tests.support.reference import ARROW, Row, arity_of, name_of, rows, section_of

PAGE = ROOT / "docs" / "LANGUAGE.md"
TEXT = PAGE.read_text()
FORMS = rows(section_of(TEXT, "Forms"))
EFFECTS = rows(section_of(TEXT, "Effects"))
LIBRARY = rows(section_of(TEXT, "The library"))
ROWS = rows(TEXT)
PROCEDURES = {name for name in library() if not name.startswith("%")}
NAMES = PROCEDURES | CONSTANTS.keys()
# Syntax that is no special form by itself.
WITHIN_OTHERS = {"er-macro-transformer", "make-transformer", "syntax-rules"}


def lacking(names: set[str], found: list[Row]) -> set[str]:
    return names - {name for row in found for name in row.names}


def to_fill_in(names: set[str]) -> str:
    """Rows for procedures, as their signatures and documentation have it."""
    by_function: dict[object, list[str]] = {}
    for name in library():
        if name in names:
            by_function.setdefault(library()[name].function, []).append(name)
    lines = []
    for function, aliases in by_function.items():
        parameters = "".join(map(_shown, inspect.signature(function).parameters.values()))  # type: ignore[arg-type]
        patterns = " ".join(f"`({alias}{parameters})`" for alias in aliases)
        lines.append(f"| {patterns} | {(inspect.getdoc(function) or '').splitlines()[0]} | `…` {ARROW} `…` |")
    return "\n".join(lines)


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f" {parameter.name} …"
    return f" {parameter.name}" if parameter.default is parameter.empty else f" [{parameter.name}]"


def test_every_procedure_has_a_row() -> None:
    missing = lacking(NAMES, LIBRARY)
    assert not missing, f"these rows are missing in a table below 'The library' in {PAGE}:\n{to_fill_in(missing)}"


def test_every_special_form_has_a_row() -> None:
    missing = lacking(set(SPECIAL_FORMS) | WITHIN_OTHERS, FORMS)
    lines = [f"| `{SPECIAL_FORMS[name].shape}` | … | `…` {ARROW} `…` |" for name in SPECIAL_FORMS if name in missing]
    assert not missing, f"these rows are missing in a table below 'Forms' in {PAGE}:\n" + "\n".join(lines)


def test_every_operation_has_a_row() -> None:
    assert not lacking(set(operations()), EFFECTS)


@pytest.mark.parametrize(
    ("found", "known"),
    [(LIBRARY, NAMES), (FORMS, set(SPECIAL_FORMS) | WITHIN_OTHERS), (EFFECTS, set(operations()))],
    ids=["library", "forms", "effects"],
)
def test_every_row_is_about_something_that_exists_and_only_there(found: list[Row], known: set[str]) -> None:
    names = [name for row in found for name in row.names]
    assert [name for name in names if name not in known] == []
    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize("row", LIBRARY, ids=lambda row: row.names[0])
def test_patterns_show_how_many_arguments_there_are(row: Row) -> None:
    for pattern in row.patterns:
        if pattern.startswith("("):
            assert arity_of(pattern) == arity(name_of(pattern)), pattern


def test_every_row_says_what_it_means_and_has_an_example() -> None:
    assert [row.patterns for row in ROWS if not row.meaning or not row.examples] == []
    assert [row.no_example for row in ROWS if row.no_example] == []


EXAMPLES = [example for row in ROWS for example in row.examples]
ALIASES = [example for row in [*FORMS, *LIBRARY] for example in row.renamed()]


@pytest.mark.parametrize(("program", "result"), [*EXAMPLES, *ALIASES], ids=lambda each: each[:70])
def test_examples_give_what_the_page_says(
    program: str, result: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert set(outcomes(program, result)) == {result}


def outcomes(program: str, expected: str) -> Iterator[str]:
    """How a program ends, run in both ways, each with a ledger of its own."""
    try:
        codes = codes_of(program)
    except OmegaSyntaxError as refused:
        yield f"error: {refused.msg}"
        return
    for code in codes:
        with fresh_ledger(), scripted_model(lambda _: Reply("Hello!", 8, 2)):
            yield outcome(code, expected)


def outcome(code: CodeType, expected: str) -> str:
    """How a run ends, told in the way that `expected` has: error: …, prints …, exits with … or a value."""
    try:
        run = Run(code)
    except SystemExit as ending:
        return f"exits with {ending.code}"
    if run.message is not None:
        return f"error: {run.message}"
    return f"prints {run.output}" if expected.startswith("prints ") else str(run.value)
