"""From operands and options to requests."""

from __future__ import annotations

from typing import Any

import pytest
from omega_runtime import settings
from omega_runtime.calls import infer
from omega_runtime.calls.asking import build_request
from omega_runtime.models.provider import text_bound
from omega_runtime.settings import configure
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.errors import OmegaError
from omega_runtime.values.pairs import NIL, Pair, make_list
from omega_runtime.values.symbols import Symbol
from omega_runtime.values.vectors import Vector

from tests.support.ledgers import SITE, Figures

PROMPTS = {
    "a string": ("Hello", "Hello"),
    "a list of strings": (make_list("Title only: ", "text"), "Title only: text"),
    "a list of anything": (make_list("n = ", 2.0, " ", Symbol("x"), " ", True), "n = 2 x #t"),
    "a list in a list": (make_list("of ", make_list("a", 1)), "of (a 1)"),
    "a Python list": (["a", 1], "a1"),
    "a Python tuple": (("a", "b"), "ab"),
    "the empty list": (NIL, ""),
    "a pair that is no list": (Pair("a", "b"), "(a . b)"),
    "a vector": (Vector(["a", 1]), "#(a 1)"),
    "a number": (42, "42"),
    "a symbol": (Symbol("hello"), "hello"),
}


@pytest.mark.parametrize(("operand", "prompt"), PROMPTS.values(), ids=PROMPTS)
def test_prompts(operand: Any, prompt: str) -> None:
    with configure(provider=Figures(1)):
        assert build_request(settings.active, SITE, operand).prompt == prompt


OPTIONS = {
    "model as a symbol": ({"model": Symbol("gpt-4")}, "model", "gpt-4"),
    "model as a string": ({"model": "gpt-4"}, "model", "gpt-4"),
    "no model": ({"model": False}, "model", "figures"),
    "max-tokens": ({"max_tokens": 300}, "wanted", 300),
    "max-tokens as a whole float": ({"max_tokens": 300.0}, "wanted", 300),
    "max-tokens not given": ({"max_tokens": False}, "wanted", 1024),
    "system": ({"system": "Be short."}, "system", "Be short."),
    "system as a list": ({"system": make_list("Use ", 5, " words")}, "system", "Use 5 words"),
    "stop": ({"stop": make_list("a", "b")}, "stop", ("a", "b")),
    "stop as a string": ({"stop": "END"}, "stop", ("END",)),
    "clamp": ({"clamp": False}, "clamp", False),
    "clamp not given": ({}, "clamp", True),
}


@pytest.mark.parametrize(("options", "name", "value"), OPTIONS.values(), ids=OPTIONS)
def test_options(options: dict[str, Any], name: str, value: Any) -> None:
    with configure(provider=Figures(1)):
        assert getattr(build_request(settings.active, SITE, "p", **options), name) == value


WRONG = {
    "max-tokens 0": ({"max_tokens": 0}, "option max-tokens: must be an integer >= 1, but got 0"),
    "max-tokens -5": ({"max_tokens": -5}, "max-tokens"),
    "max-tokens #t": ({"max_tokens": True}, "max-tokens"),
    "max-tokens 1.5": ({"max_tokens": 1.5}, "max-tokens"),
    "max-tokens nan": ({"max_tokens": float("nan")}, "max-tokens"),
    "max-tokens as a string": ({"max_tokens": "5"}, 'but got "5"'),
    "model as a number": ({"model": 4}, "option model: must be a model's name, but got 4"),
    "model empty": ({"model": ""}, "model:"),
    "system as a number": ({"system": 4}, "option system: must be a string or a list, but got 4"),
    "stop as a number": ({"stop": 4}, "option stop: must be"),
    "stop with an empty text": ({"stop": make_list("")}, "option stop: must be"),
    "stop with a symbol": ({"stop": make_list(Symbol("a"))}, "option stop: must be"),
}


@pytest.mark.parametrize(("options", "message"), WRONG.values(), ids=WRONG)
def test_wrong_options_name_the_option(options: dict[str, Any], message: str) -> None:
    with fresh_ledger() as ledger, configure(provider=Figures(1)):
        with pytest.raises(OmegaError) as caught:
            infer(SITE, "p", **options)
        assert caught.value.message.startswith("infer.op: ")
        assert message in caught.value.message
        assert ledger.root.held == 0


@pytest.mark.parametrize(
    ("text", "bound"), [("", 0), ("abc", 3), ("é", 2), ("e\u0301", 3), ("ﷺ", 33), ("日本", 6), ("a\0", 2)]
)
def test_the_bound_of_a_text_is_its_bytes_in_the_larger_form(text: str, bound: int) -> None:
    assert text_bound(text) == bound


def test_half_a_character_is_a_clear_error() -> None:
    with (
        fresh_ledger(),
        configure(provider=None, model="offline"),
        pytest.raises(OmegaError, match="index 1"),
    ):
        infer(SITE, "a\ud800")
