"""Python functions as models: what they are given, and that nothing is dropped."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from omega_runtime import EmptyAnswer, ModelRequest, OmegaError, Reply, budget, use_model
from omega_runtime.calls import infer
from omega_runtime.calls.report import report
from omega_runtime.chapter.emergency import use_minimal_prompts
from omega_runtime.models.tokens import count_tokens
from omega_runtime.testing import fresh_ledger

from tests.support.ledgers import SITE

Keep = Callable[..., str]
OPTIONS = {"max_tokens": 50, "model": "m", "system": "Be brief.", "stop": ["END", "FIN"]}
WHOLE = ModelRequest("p", "Be brief.", 50, ("END", "FIN"), "m")
MESSAGES = [{"role": "user", "content": "p"}]


class Method:
    def __call__(self, prompt: str, stop: Any) -> Any:
        return (prompt, stop)


def positional(prompt: Any, /, system: Any) -> Any:
    return (prompt, system)


FUNCTIONS: dict[str, tuple[Callable[..., Any], Any]] = {
    "the prompt": (lambda text: text, "Be brief.\n\np"),
    "any arguments": (lambda *texts: texts, ("Be brief.\n\np",)),
    "system": (lambda prompt, system: (prompt, system), ("p", "Be brief.")),
    "system first": (lambda system, prompt: (system, prompt), ("Be brief.", "p")),
    "system with a default": (lambda prompt, system="none": (prompt, system), ("p", "Be brief.")),
    "keywords": (lambda prompt, *, max_tokens, model: (prompt, max_tokens, model), ("Be brief.\n\np", 50, "m")),
    "keywords only": (lambda *, prompt, system: (prompt, system), ("p", "Be brief.")),
    "all": (
        lambda prompt, **options: (prompt, options),
        ("p", {"system": "Be brief.", "max_tokens": 50, "stop": ("END", "FIN"), "model": "m", "messages": MESSAGES}),
    ),
    "all by name": (lambda **options: (options["prompt"], options["system"]), ("p", "Be brief.")),
    "messages": (lambda messages: messages, [{"role": "system", "content": "Be brief."}, *MESSAGES]),
    "messages and system": (lambda messages, system: (messages, system), (MESSAGES, "Be brief.")),
    "the request": (lambda request: request, WHOLE),
    "prompt and request": (lambda prompt, request: (prompt, request), ("p", WHOLE)),
    "a default that stays": (lambda prompt, system, temperature=1: temperature, 1),
    "an object": (Method(), ("Be brief.\n\np", ("END", "FIN"))),
    "a part": (functools.partial(lambda key, prompt, system: (key, prompt, system), "k"), ("k", "p", "Be brief.")),
    "places only": (positional, ("p", "Be brief.")),
}


@pytest.mark.parametrize(("function", "expected"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_what_a_function_is_given(function: Callable[..., Any], expected: Any) -> None:
    given = []

    @functools.wraps(function, assigned=())
    def model(*arguments: Any, **keywords: Any) -> str:
        given.append(function(*arguments, **keywords))
        return "answer"

    model.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    with fresh_ledger(), use_model(model), budget(tokens=5000) as account:
        assert infer(SITE, "p", **OPTIONS) == "answer"
        assert account.overrun == 0
    assert given == [expected]


def test_a_call_without_options_leaves_defaults_alone() -> None:
    given = []

    def model(prompt: str, system: str = "mine", stop: Any = "mine", max_tokens: int = 5, **rest: Any) -> str:
        given.append((prompt, system, stop, max_tokens, rest))
        return "answer"

    with fresh_ledger(), use_model(model):
        infer(SITE, "p")
    assert given == [("p", "mine", "mine", 1024, {"model": "model", "messages": MESSAGES})]
    with fresh_ledger(), use_model(lambda prompt, system, stop: f"{system} {stop}"):
        assert infer(SITE, "p") == "None ()"


def test_the_request_cannot_be_changed() -> None:
    def model(request: ModelRequest) -> str:
        request.prompt = "other"  # type: ignore[misc]
        return "answer"

    with fresh_ledger(), use_model(model), pytest.raises(OmegaError, match="AttributeError"):
        infer(SITE, "p")


WRONG: dict[str, tuple[Callable[..., Any], str]] = {
    "nothing at all": (lambda: "x", "takes neither a prompt nor messages nor a request"),
    "no prompt": (lambda system, model: "x", "takes neither a prompt nor messages nor a request"),
    "what is not known": (
        lambda prompt, seed: "x",
        'nothing for its parameter "seed"; give it a default',
    ),
    "a keyword that is not known": (lambda prompt, *, key: "x", 'nothing for its parameter "key"'),
}


@pytest.mark.parametrize(("function", "message"), WRONG.values(), ids=WRONG)
def test_a_function_that_cannot_be_called_is_refused_at_once(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(OmegaError, match=message):
        use_model(function)


def test_async_functions_are_refused_at_once() -> None:
    async def model(prompt: str) -> str:
        return prompt

    class Model:
        async def __call__(self, prompt: str) -> str:
            return prompt

    for each in (model, Model()):
        with pytest.raises(OmegaError, match="can't be an async function"):
            use_model(each)  # type: ignore[arg-type]


def test_the_signature_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_ledger(), use_model(lambda prompt, system=None: "answer"):
        monkeypatch.setattr(inspect, "signature", None)
        assert infer(SITE, "p", system="s") == infer(SITE, "p") == "answer"


def test_stop_texts_cut_the_answer_of_a_function_that_does_not_take_them() -> None:
    with fresh_ledger(), use_model(lambda prompt: "one FIN two END three"), budget(tokens=5000) as account:
        assert infer(SITE, "p", stop=["END", "FIN"]) == "one "
        assert infer(SITE, "p", stop=["nowhere"]) == "one FIN two END three"
        assert account.spent == 2 * (1 + count_tokens("one FIN two END three"))
    with fresh_ledger(), use_model(lambda prompt: Reply("a END b", 3, 4, "max_tokens")), budget(tokens=5000) as account:
        assert type(infer(SITE, "p", stop="END")) is str
        assert account.spent == 7
    with fresh_ledger(), use_model(lambda prompt, stop: "a END b"):
        assert infer(SITE, "p", stop="END") == "a END b"
    with fresh_ledger(), use_model(lambda prompt: "END"), pytest.raises(EmptyAnswer, match="a stop text came first"):
        infer(SITE, "p", stop="END")


def test_a_joined_system_prompt_is_counted_as_it_is_sent_and_held() -> None:
    with fresh_ledger(), use_model(lambda prompt: "x"), budget(tokens=100) as account:
        infer(SITE, "é" * 5, system="é" * 5, max_tokens=1, clamp=False)
        assert account.spent == count_tokens("é" * 5 + "\n\n" + "é" * 5) + 1
        assert report()["totals"]["overruns"] == 0


def test_the_short_answers_of_minimal_prompts_reach_a_plain_function() -> None:
    given = []

    def model(prompt: str) -> str:
        given.append(prompt)
        return "x"

    with fresh_ledger(), use_model(model), budget(tokens=5000):
        use_minimal_prompts()
        infer(SITE, "What is the sea?")
    assert given[0].endswith("\n\nWhat is the sea?")
    assert len(given[0]) > len("What is the sea?") + 2


def test_functions_that_say_nothing_of_their_parameters_get_the_prompt() -> None:
    with fresh_ledger(), use_model(str):
        assert infer(SITE, "p") == "p"
