"""Whatever a file says: laying it out changes neither forms nor comments, and once is enough."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omegac.errors import Diagnostics, OmegaSyntaxError
from omegac.formatting import formatted
from omegac.formatting.tokens import Kind, tokens
from omegac.forms import text_of
from omegac.reader import read
from omegac.source import Source

WORDS = (
    r"a lambda let define cond else 5 -0.0 +nan.0 #t #xff #!fold-case #\a #\( #\; #\space x: :x |a;b|: @x ... Ω 😀 _"
)
SPACED = ['"s"', '"a\n  b"', '"\\""', '"; no comment"', "|a b|", "|a\n|", "#\\ ", "#\\\n"]
ATOMS = st.sampled_from([*WORDS.split(), *SPACED, "#0=(a #0#)"])
GAPS = st.text(st.sampled_from(" \n\t\r\f"), max_size=5) | st.sampled_from(
    [
        " ",
        "\n",
        " ; c\n",
        "\n; c\n",
        "\n  ;; d  \n\n\n\n",
        "#| b\n c |#",
        "\n#|a #|n|# |#\n",
        "    ; e\n",
        "#;a ",
        "\n#;\n(a  b)",
        "\r\n",
    ]
)
PREFIXES = st.sampled_from(["'", "`", ",", ",@", "#;"])


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.lists(st.tuples(GAPS, inner), max_size=6).map(lambda row: "".join(f"{gap} {item}" for gap, item in row))
    openers, tails = st.sampled_from(["(", "#("]), st.sampled_from(["", "", " . x", " x .\n #;y x"])
    lists = st.tuples(openers, rows, tails, GAPS).map(lambda parts: "".join([*parts, ")"]))
    return lists | st.tuples(PREFIXES, GAPS, inner).map("".join)


TEXTS = st.lists(st.tuples(GAPS, st.recursive(ATOMS, _wrapped, max_leaves=25)), max_size=6).map(
    lambda row: "".join(f"{gap} {item}" for gap, item in row)
)
SOUP = st.text(st.sampled_from("ab()'`,@;#|\\\"\n \r.:0=[!"), max_size=40)


def forms_and_comments(text: str) -> tuple[list[str], list[str]]:
    source = Source("a.omega", text)
    diagnostics = Diagnostics(source)
    forms = read(source, diagnostics)
    diagnostics.check()
    kinds = (Kind.COMMENT, Kind.BLOCK)
    return [text_of(form) for form in forms], [each.text.rstrip() for each in tokens(text) if each.kind in kinds]


def check(text: str) -> None:
    try:
        before = forms_and_comments(text)
    except OmegaSyntaxError:
        with pytest.raises(OmegaSyntaxError):
            formatted(Source("a.omega", text))
        return
    once = formatted(Source("a.omega", text))
    assert forms_and_comments(once) == before
    assert formatted(Source("a.omega", once)) == once
    assert once == "" or (once.endswith("\n") and not once.startswith(("\n", "\r")))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_texts_of_forms(text: str) -> None:
    check(text)


@settings(max_examples=500, deadline=None)
@given(SOUP)
def test_texts_of_any_characters(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None)
@given(SOUP | TEXTS | st.text(max_size=30))
def test_tokens_are_the_text(text: str) -> None:
    found = list(tokens(text))
    assert "".join(each.text for each in found) == text
    assert [each.start for each in found] == [sum(len(each.text) for each in found[:i]) for i in range(len(found))]
