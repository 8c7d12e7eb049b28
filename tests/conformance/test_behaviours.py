"""What every provider does in the same way, whatever protocol it speaks: answers, failures, and what is booked."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from omega_runtime import EmptyAnswer, ModelRequest, Reply, budget, configure, report, use_model
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.errors import BudgetExceeded
from omega_runtime.lib.conversations import assistant, user
from omega_runtime.models.provider import ModelError, NotBilled
from omega_runtime.testing import fresh_ledger
from omega_runtime.values.pairs import list_from

from tests.support.conformance import SUBJECTS, ProtocolServer, Subject, ask, environment_of
from tests.support.messages_api import KEY, Answer, Behaviour, CutOff, Hang, gateway
from tests.support.wires import Billed, Body, Wire

PROMPT = "The launch code is 7-alpha-99-omega."
MOST = 100
# What each answer costs.
COST = Billed(12, 5, dear=False)

Act = Callable[[Wire, Body], Behaviour]


def says(text: str, *, is_cut: bool = False) -> Act:
    """An answer."""
    return lambda wire, body: wire.answer(body, text, COST, is_cut=is_cut)


def calls(name: str, arguments: str) -> Act:
    """A call of a tool, where one may be called."""
    return lambda wire, body: wire.answer(body, "", COST, (name, arguments))


def refuses(wire: Wire, body: Body) -> Behaviour:
    """The provider's own word that nothing was done."""
    return wire.refusal()


def does(behaviour: Behaviour) -> Act:
    """Anything else."""
    return lambda wire, body: behaviour


class Scripted(ProtocolServer):
    """Does one act after the other."""

    def __init__(self, wire: Wire, acts: tuple[Act, ...]) -> None:
        super().__init__(wire)
        self._left = iter(acts)
        self.counted: list[Body] = []

    def count(self, body: Body) -> Answer:
        """None is to be had."""
        self.counted.append(body)
        return self.wire.refusal()

    def answer(self, body: Body) -> Behaviour:
        """The next act."""
        return next(self._left)(self.wire, body)


class World:
    """A subject, and what it is asked of; `asked` counts requests."""

    def __init__(self, subject: Subject, server: Scripted | None = None) -> None:
        self.subject = subject
        self.server = server

    @property
    def asked(self) -> int:
        """How many requests came."""
        return len(self.server.requests) if self.server is not None else 0

    def ask(self, operand: Any = PROMPT, **options: Any) -> Any:
        """Make a call."""
        given = {"model": self.subject.models[0], "max_tokens": MOST, **options}
        return ask(self.subject, operand, given, tools=given.pop("tools", False))


@contextmanager
def world(subject: Subject, *acts: Act) -> Iterator[tuple[World, Account]]:
    """A subject whose server follows a script, in a budget."""
    with ExitStack() as stack:
        stack.enter_context(fresh_ledger())
        stack.enter_context(configure(provider=None, retries=3, retry_wait=0.0, jitter=lambda: 0.0))
        assert subject.wire is not None
        server = stack.enter_context(Scripted(subject.wire(), acts))
        stack.enter_context(environment_of(subject, server.url, KEY))
        account = stack.enter_context(budget(tokens=100_000))
        yield World(subject, server), account


NETWORKED = [subject for subject in SUBJECTS if subject.wire is not None]
every_networked = pytest.mark.parametrize("subject", NETWORKED, ids=str)
every_trusted = pytest.mark.parametrize("subject", [each for each in NETWORKED if each.is_trusted], ids=str)


@every_networked
def test_an_answer_is_booked_as_it_was_billed(subject: Subject) -> None:
    with world(subject, says("Hello.")) as (there, account):
        assert there.ask() == "Hello."
        assert (account.spent, account.held, there.asked) == (17, 0, 1)
        (figures,) = report()["models"].values()
        assert (figures["input_tokens"], figures["output_tokens"]) == (12, 5)


@every_networked
def test_a_cut_answer_says_so(subject: Subject) -> None:
    with world(subject, says("Hel", is_cut=True)) as (there, _):
        answer = there.ask()
    assert (answer, answer.stop_reason, answer.is_truncated) == ("Hel", "max_tokens", True)


@every_networked
def test_an_empty_answer_is_paid_and_no_answer(subject: Subject) -> None:
    with world(subject, says("")) as (there, account):
        with pytest.raises(EmptyAnswer, match="without any text"):
            there.ask()
        assert account.spent == 17


@every_networked
def test_a_conversation_comes_as_one(subject: Subject) -> None:
    said = [user("What is a tide?"), assistant("Water that rises."), user("Why?")]
    with world(subject, says("The moon.")) as (there, _):
        assert there.ask(list_from(said), system="Be short.") == "The moon."
        assert there.server is not None
        ((_, body),) = there.server.requests
    told = json.dumps(body)
    places = [told.index(text) for text in ("What is a tide?", "Water that rises.", "Why?")]
    assert places == sorted(places)
    assert "Be short." in told


@every_networked
def test_an_answer_that_does_not_fit_its_schema_is_asked_for_again_in_one_hold(subject: Subject) -> None:
    schema = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'
    with world(subject, says('{"n": "one"}'), says('{"n": 1}')) as (there, account):
        assert there.ask(schema=schema)["n"] == 1
        assert (account.spent, there.asked, report()["totals"]["calls"]) == (34, 2, 1)


@pytest.mark.parametrize("subject", [each for each in NETWORKED if not each.is_async], ids=str)
def test_tools_are_called_until_there_is_an_answer(subject: Subject) -> None:
    script = (calls("weather", '{"place": "Rome"}'), calls("weather", '{"place": "Oslo"}'), says("Rain."))
    with world(subject, *script) as (there, account):
        assert there.ask(tools=True) == "Rain."
        assert (account.spent, account.held) == (3 * 17, 0)
        assert there.server is not None
        first, second, third = (json.dumps(body) for _, body in there.server.requests)
    assert "no weather today" not in first
    assert "no weather today" in second
    assert "Regen und Wind" in third


@every_trusted
def test_what_the_provider_refuses_costs_nothing_and_is_tried_again(subject: Subject) -> None:
    with world(subject, refuses, refuses, says("Hello.")) as (there, account):
        assert there.ask() == "Hello."
        assert (account.spent, there.asked) == (17, 3)


@every_networked
def test_a_provider_that_refuses_for_good_costs_nothing(subject: Subject) -> None:
    with world(subject, refuses, refuses, refuses) as (there, account):
        with pytest.raises(ModelError) as caught:
            there.ask()
        assert (account.spent, account.held, caught.value.billed) == (0, 0, "no")


UNKNOWN: dict[str, tuple[Behaviour, str]] = {
    "a gateway": (gateway(), "status 502"),
    "a gateway with the provider's status": (Answer(500, b'{"error": "no"}'), "status 500"),
    "a gateway that takes too long": (Answer(504, b""), "status 504"),
    "a redirect": (Answer(307, b"", location="https://evil.example/"), "redirects to https://evil.example"),
    "half an answer": (CutOff(), "connection was lost"),
    "no JSON": (Answer(200, b"<html>"), "could not be read"),
    "another object": (Answer(200, b'{"id": "x"}'), "could not be read"),
    "a list": (Answer(200, b"[]"), "could not be read"),
    "too deep": (Answer(200, b"[" * 100_000), "could not be read"),
}


@every_networked
@pytest.mark.parametrize(("behaviour", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_may_have_been_billed_is_booked_whole_and_not_tried_again(
    subject: Subject, behaviour: Behaviour, said: str
) -> None:
    with world(subject, does(behaviour), says("Hello.")) as (there, account):
        with pytest.raises(ModelError, match=said) as caught:
            there.ask()
        assert there.asked == 1
        assert account.spent > len(PROMPT) + MOST
        assert (account.held, caught.value.billed, report()["totals"]["unknown"]) == (0, "unknown", 1)


@every_networked
def test_an_answer_has_a_time_to_come(subject: Subject) -> None:
    with world(subject, does(Hang())) as (there, account), configure(timeout=1):
        with pytest.raises(ModelError, match="no whole answer within 1 s"):
            there.ask()
        assert account.spent > len(PROMPT) + MOST


@every_networked
def test_what_can_not_be_sent_costs_nothing(subject: Subject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with world(subject) as (there, account), environment_of(subject, address, KEY):
        with pytest.raises(ModelError, match="no connection") as caught:
            there.ask()
        assert (account.spent, account.held, caught.value.billed) == (0, 0, "no")


@every_networked
def test_errors_hold_neither_the_key_nor_the_prompt(subject: Subject) -> None:
    said = f"you sent {KEY} and {PROMPT}"
    own = {"message": said, "type": "authentication_error"}
    body = {"error": own} if subject.variables[0] == "OPENAI_API_KEY" else {"type": "error", "error": own}
    for answer in (Answer(401, json.dumps(body).encode()), Answer(502, said.encode(), "text/html")):
        with world(subject, does(answer)) as (there, _):
            with pytest.raises(ModelError) as caught:
                there.ask()
        for text in (str(caught.value), repr(vars(caught.value)), repr(caught.value.__cause__)):
            assert KEY not in text
            assert PROMPT[4:20] not in text


@every_networked
def test_what_does_not_fit_is_not_sent(subject: Subject) -> None:
    with world(subject) as (there, _), budget(tokens=40):
        with pytest.raises(BudgetExceeded):
            there.ask("x" * 2_000)
        assert there.asked == 0


@every_trusted
def test_what_is_counted_is_all_of_the_input(subject: Subject) -> None:
    schema = '{"type": "object", "properties": {"zebras": {"type": "integer"}}}'
    with world(subject) as (there, _), budget(tokens=120):
        with pytest.raises(BudgetExceeded):
            there.ask("x" * 200, schema=schema, system="Be short.", attempts=1)
        assert there.server is not None
        told = json.dumps(there.server.counted[-1])
    assert all(text in told for text in ("x" * 200, "zebras", "Be short."))


@every_networked
def test_an_answer_is_shortened_to_what_the_budget_has(subject: Subject) -> None:
    with world(subject, says("Hello.")) as (there, _), budget(tokens=180):
        there.ask(max_tokens=1_000)
        assert there.server is not None
        assert subject.wire is not None
        body = there.server.requests[-1][1]
        assert 20 <= subject.wire().limit(body) < 180


# A function that is the model


def test_a_function_that_is_the_model_conforms_as_well() -> None:
    acts: list[Any] = [
        Reply("Hello.", 12, 5, "end_turn"),
        Reply("Hel", 12, 5, "max_tokens"),
        Reply("", 12, 5, "end_turn"),
        NotBilled("busy", transient=True, retry_after=0),
        Reply("Hello again.", 12, 5),
        NotBilled("gone"),
        ValueError("no"),
    ]

    def model(request: ModelRequest) -> Reply:
        act = acts.pop(0)
        if isinstance(act, Exception):
            raise act
        assert isinstance(act, Reply)
        return act

    there = World(SUBJECTS[-1])
    with fresh_ledger(), use_model(model), configure(retries=3), budget(tokens=100_000) as account:
        assert there.ask() == "Hello."
        assert there.ask().is_truncated
        with pytest.raises(EmptyAnswer):
            there.ask()
        assert account.spent == 3 * 17
        assert there.ask() == "Hello again."
        with pytest.raises(NotBilled, match="gone"):
            there.ask()
        assert account.spent == 4 * 17
        with pytest.raises(ModelError, match="ValueError"):
            there.ask()
        assert account.spent == 4 * 17 + len(PROMPT) + MOST
