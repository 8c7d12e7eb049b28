"""What the terminal makes of an input while it is typed: completion, colours."""

from __future__ import annotations

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Generic, Keyword, Name, Number, String, _TokenType

from omegac.modules import Modules
from omegac.repl.editing import Names
from omegac.repl.highlight import OmegaLexer
from omegac.repl.session import Session
from tests.support import ROOT


@pytest.mark.parametrize(
    ("before", "completed"),
    [
        ("(string-upc", ["string-upcase"]),
        ("(my-own", ["my-own-procedure"]),
        ("(list my-own", ["my-own-procedure"]),
        (",ti", [",time"]),
        ("(f ,ti", []),
        ("(", []),
        ("(define-rec", ["define-record-type"]),
    ],
)
def test_completion(before: str, completed: list[str]) -> None:
    session = Session(Modules())
    list(session.run(session.source("(define (my-own-procedure) 1)")))
    names = Names(session, lambda: [(",time", "how long"), (",help", "these")])
    found = [each.text for each in names.get_completions(Document(before), CompleteEvent())]
    assert found == completed


@pytest.mark.parametrize(
    ("text", "token", "kind"),
    [
        ("(define x 1)", "define", Keyword.Declaration),
        ("(if a b)", "if", Keyword),
        ("(car a)", "car", Name.Builtin),
        ("(mine a)", "mine", Name.Variable),
        ("(f -1.5e3)", "-1.5e3", Number),
        ("(f 1/2)", "1/2", Number),
        ("(f max-tokens: 3)", "max-tokens:", Name.Attribute),
        ('(f "a b")', "a b", String),
        ("(f #\\space)", "#\\space", String.Char),
        ("(f) ; why", "; why", Comment.Single),
        ("#| a #| b |# c |# d", "d", Name.Variable),
        ("Ω> (f)", "Ω>", Generic.Prompt),
        ("(f)\n=> 3", "=>", Generic.Prompt),
        ("#t", "#t", Keyword.Constant),
    ],
)
def test_highlighting(text: str, token: str, kind: _TokenType) -> None:
    assert (kind, token) in list(OmegaLexer().get_tokens(text))


def test_the_lexer_is_found_by_name_and_reads_all_examples() -> None:
    assert isinstance(get_lexer_by_name("omega"), OmegaLexer)
    assert isinstance(get_lexer_for_filename("a.omega"), OmegaLexer)
    for file in (ROOT / "examples").glob("*.omega"):
        text = file.read_text()
        assert "".join(value for _, value in OmegaLexer(stripnl=False).get_tokens(text)) == text
