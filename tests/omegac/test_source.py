"""Places in a source: characters, bytes, carets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omegac.errors import Diagnostics, OmegaSyntaxError, suggestion
from omegac.pipeline import compile_source
from omegac.source import Source, Span

TEXT = '(define λ "é")\n\t(display λ)\n(表示 x)'


@pytest.mark.parametrize(
    ("line", "column", "byte"), [(1, 1, 0), (1, 9, 8), (1, 10, 10), (1, 12, 12), (1, 13, 14), (3, 2, 1), (3, 4, 7)]
)
def test_columns_are_characters_and_python_counts_bytes(line: int, column: int, byte: int) -> None:
    source = Source("s", TEXT)
    assert source.byte_offset(line, column) == byte
    assert source.column(line, byte + 1) == column


@given(st.text(alphabet=st.characters(blacklist_characters="\n\r", blacklist_categories=["Cs"])), st.data())
def test_byte_offsets_and_columns_are_inverse(text: str, data: st.DataObject) -> None:
    source = Source("s", text)
    column = data.draw(st.integers(1, len(text) + 1))
    assert source.column(1, source.byte_offset(1, column) + 1) == column


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span(1, 9, 1, 9), '  1 | (define λ "é")\n    |         ^'),
        (Span(2, 11, 2, 11), "  2 | \t(display λ)\n    | \t         ^"),
        (Span(3, 2, 3, 3), "  3 | (表示 x)\n    |  ^^^^"),
        (Span(1, 1, 3, 2), '  1 | (define λ "é")\n    | ^^^^^^^^^^^^^^'),
        (Span(9, 1, 9, 1), "  9 | \n    | ^"),
    ],
)
def test_excerpts_point_at_what_they_mean(span: Span, shown: str) -> None:
    assert Source("s", TEXT).excerpt(span) == shown


def test_errors_are_reported_in_source_order_and_once() -> None:
    diagnostics = Diagnostics(Source("s.omega", TEXT))
    diagnostics.error("second", Span(2, 2, 2, 3), "mend it")
    diagnostics.warning("first", Span(1, 1, 1, 1))
    diagnostics.error("second", Span(2, 2, 2, 3), "mend it")
    with pytest.raises(OmegaSyntaxError) as caught:
        diagnostics.check()
    error = caught.value
    assert [d.message for d in error.diagnostics] == ["first", "second"]
    assert (error.filename, error.lineno, error.offset, error.text) == ("s.omega", 2, 2, "\t(display λ)")
    assert error.render().startswith("s.omega:1:1: warning: first\n")
    assert error.render().endswith("s.omega:2:2: error: second\n  2 | \t(display λ)\n    | \t^^\n  help: mend it")


def test_warnings_alone_pass() -> None:
    diagnostics = Diagnostics(Source("s.omega", TEXT))
    diagnostics.warning("only", Span(1, 1, 1, 1))
    diagnostics.check()
    assert [d.message for d in diagnostics.warnings] == ["only"]


@pytest.mark.parametrize(
    ("name", "help"),
    [("dsplay", "did you mean display?"), ("vector-lenght", "did you mean vector-length?"), ("zzz", None)],
)
def test_suggestions(name: str, help: str | None) -> None:
    assert suggestion(name, ["display", "vector-length", "car"]) == help


@pytest.mark.parametrize(
    ("column", "shown", "below"),
    [
        (1, "b" + "a" * 159 + "…", "^"),
        (500, "…" + "a" * 40 + "b" + "a" * 119 + "…", " " * 41 + "^"),
        (999, "…" + "a" * 158 + "ba", " " * 159 + "^"),
    ],
)
def test_long_lines_are_cut_around_the_caret(column: int, shown: str, below: str) -> None:
    text = "a" * (column - 1) + "b" + "a" * (1000 - column)
    assert Source("s", text).excerpt(Span(1, column, 1, column)) == f"  1 | {shown}\n    | {below}"


def test_a_long_form_has_carets_as_far_as_it_is_shown() -> None:
    _, below = Source("s", f"(list {'a' * 1000})").excerpt(Span(1, 1, 1, 1007)).split("\n")
    assert below == "    | " + "^" * 160


def test_of_many_errors_some_are_shown() -> None:
    with pytest.raises(OmegaSyntaxError) as caught:
        compile_source(Source("s", ")" * 250))
    text = caught.value.render()
    assert text.count("error: ") == 100
    assert text.endswith("\n… and 150 more errors")
    assert caught.value.__notes__[-1] == "… and 149 more errors"
