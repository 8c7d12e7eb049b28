"""Tools: what a model is told of them, what their calls give, and that there is an answer within the budget."""

from __future__ import annotations

import json
import random
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import (
    BudgetExceeded,
    BudgetTimeout,
    ModelRequest,
    NotBilled,
    OmegaError,
    Reply,
    budget,
    configure,
    hold,
    use_model,
)
from omega_runtime.clock import SystemClock
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.sqlite.ledger import FileLedger
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.parts import Part, tool_call
from omega_runtime.models.provider import Failure, Provider
from omega_runtime.models.request import Request
from omega_runtime.testing import fresh_ledger

from tests.support.interrupts import Interrupt
from tests.support.ledgers import Thread
from tests.support.messages_api import Server, message
from tests.support.omega import Run, compiled, error_of, findings_of, runs_of, value_of

WEATHER = """
(define-tool (weather (city string "where") (days (optional integer)))
  "The weather in a city."
  (list city days))
"""
ASK = '(effect infer.op "What is the weather?" tools: (list weather) max-tokens: 100)'


def results_in(request: ModelRequest) -> list[tuple[str, bool]]:
    """The results of tools that a conversation has, with whether they are errors."""
    parts = [part for _, said in request.said if not isinstance(said, str) for part in said]
    return [(part.text, part.is_error) for part in parts if part.kind == "result"]


def calling(*calls: Part) -> Callable[[ModelRequest], Reply]:
    """A model that makes these calls one after the other, and then answers with their last result."""

    def model(request: ModelRequest) -> Reply:
        results = results_in(request)
        if request.tools and len(results) < len(calls):
            return Reply("", 20, 10, content=[calls[len(results)]])
        return Reply(f"Said: {results[-1][0] if results else 'nothing'}", 20, 10)

    return model


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('"rain"', "rain"),
        ("(list 1 2.5 #t)", "[1, 2.5, true]"),
        ("'()", "[]"),
        ('(hash-table "t" 21)', '{"t": 21}'),
        ("(if #f #f)", "done"),
        ("(cons 1 2)", "(1 . 2)"),
        ('(error "no such city" city)', 'no such city "Rome"'),
        ("(car 1)", "argument 1 must be a pair, but got 1"),
        ("(raise 'gone)", "gone"),
        ("days", "false"),
    ],
)
def test_what_the_model_gets_of_a_tool(body: str, said: str) -> None:
    program = f'(define-tool (weather (city string) (days (optional integer))) "W." {body})' + ASK
    with use_model(calling(tool_call("weather", city="Rome"))):
        assert said in value_of(program).replace("\\", "")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (tool_call("wether", city="Rome"), "there is no tool wether; there are weather"),
        (tool_call("weather"), "wrong arguments: 'city' is a required property"),
        (tool_call("weather", city=1), "wrong arguments: 1 is not of type 'string', at city"),
        (tool_call("weather", city="Rome", town=1), "Additional properties are not allowed"),
    ],
)
def test_wrong_calls_go_back_to_the_model(call: Part, said: str) -> None:
    with use_model(calling(call)):
        assert said in value_of(WEATHER + ASK)


def test_what_a_model_is_told() -> None:
    asked: list[ModelRequest] = []

    def model(request: ModelRequest) -> Reply:
        asked.append(request)
        return Reply("Fine.", 1, 1)

    with use_model(model):
        runs_of(WEATHER + ASK)
    (tool,) = asked[0].tools
    assert (tool["name"], tool["description"]) == ("weather", "The weather in a city.")
    assert tool["input_schema"]["properties"] == {
        "city": {"type": "string", "description": "where"},
        "days": {"type": "integer"},
    }
    assert tool["input_schema"]["required"] == ["city"]
    assert asked[0].messages == [{"role": "user", "content": "What is the weather?"}]


def test_arguments_go_by_their_names() -> None:
    program = """
        (define-tool (f (z string) (a integer) (m (optional boolean))) "F." (list a m z))
        (effect infer.op "?" tools: (list f))
    """
    with use_model(calling(tool_call("f", m=True, z="last", a=1))):
        assert value_of(program).replace("\\", "") == '"Said: [1, true, "last"]"'


def test_a_tool_is_a_procedure() -> None:
    assert value_of(WEATHER + '(weather "Rome" 2)') == '("Rome" 2)'


def test_options_and_prompt_are_computed_once() -> None:
    program = WEATHER + (
        "(define n 0) (define (once value) (set! n (+ n 1)) value)"
        '(effect infer.op (once "Hm?") tools: (once (list weather)) max-tokens: (once 100) system: (once "S")) n'
    )
    with use_model(calling(tool_call("weather", city="Rome"), tool_call("weather", city="Oslo"))):
        assert value_of(program) == "4"


def test_turns_end_with_an_answer() -> None:
    calls = [tool_call("weather", city=f"City {number}") for number in range(50)]
    with use_model(calling(*calls)):
        for turns, last in (("", 8), ("max-turns: 3", 3), ("max-turns: 0", 0)):
            said = f'["City {last - 1}", false]' if last else "nothing"
            assert value_of(WEATHER + ASK[:-1] + " " + turns + ")").replace("\\", "") == f'"Said: {said}"'


def test_a_conversation_goes_on_with_tools() -> None:
    program = WEATHER + '(effect infer.op (list (user "Hi") (assistant "Hello") (user "So?")) tools: (list weather))'
    with use_model(calling(tool_call("weather", city="Rome"))):
        assert "Rome" in value_of(program)


def test_a_handler_answers_in_place_of_the_model() -> None:
    program = WEATHER + f'(handle {ASK} (infer.op (prompt k) (k (string-append prompt " Sun."))))'
    assert value_of(program) == '"What is the weather? Sun."'


def test_tools_may_choose_and_control_may_come_back() -> None:
    program = (
        '(define-tool (guess) "Guesses." (amb 1 2 3))'
        '(let ((answer (effect infer.op "?" tools: (list guess) max-tokens: 50))) '
        '(require (string=? answer "Said: 3")) answer)'
    )
    with use_model(calling(tool_call("guess"))):
        assert value_of(program) == '"Said: 3"'


def test_tools_pay_from_the_same_budget() -> None:
    program = (
        '(define-tool (think (about string)) "Thinks." (effect infer.op about max-tokens: 50))'
        '(effect infer.op "?" tools: (list think) max-tokens: 50)'
    )

    def model(request: ModelRequest) -> Reply:
        if request.tools and not results_in(request):
            return Reply("", 20, 10, content=[tool_call("think", about="life")])
        return Reply("42", 20, 10)

    with fresh_ledger(), use_model(model), budget(10_000) as account:
        assert Run(compiled(program).code()).value == '"42"'
        assert (account.spent, account.held) == (90, 0)


@pytest.mark.parametrize(
    ("program", "finding"),
    [
        ('(define-tool (f (a string)) "" 1)', "a tool needs a description, by which the model knows when to call it"),
        ("(define-tool (f (a string)) 5 1)", "a tool needs a description, by which the model knows when to call it"),
        ('(define-tool (f (a strin)) "F." 1)', "expected a type such as string, (list string), (enum 1 2)"),
        ('(define-tool (f (a string) (a string)) "F." 1)', "duplicate parameter a"),
        ('(define-tool (f a) "F." 1)', "malformed define-tool"),
        ('(define-tool f "F." 1)', "malformed define-tool"),
        ('(effect search.op "?" tools: (list car))', "search.op takes no tools; infer.op does"),
        ('(effect infer.op "?" max-turns: 3)', "the option max-turns: goes with tools:"),
    ],
)
def test_errors_at_compile_time(program: str, finding: str) -> None:
    assert any(finding in each for each in findings_of(program))


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ("(list car)", "is no tool; define it with define-tool"),
        ("'()", "option tools: must be a list of tools, but got ()"),
        ("weather", "option tools: must be a list of tools"),
        ("(list weather) max-turns: -1", "option max-turns: must be an exact integer from 0 on, but got -1"),
        ("(list weather weather) max-turns: 1.5", "option max-turns: must be an exact integer from 0 on, but got 1.5"),
        ("(list weather) temperature: 9", "temperature"),
    ],
)
def test_errors_at_run_time(tools: str, message: str) -> None:
    with use_model(calling()):
        assert message in error_of(WEATHER + f'(effect infer.op "?" tools: {tools})')


def test_a_function_that_takes_no_tools() -> None:
    with use_model(lambda prompt: "Fine."):
        assert "can't be told of messages and tools" in error_of(WEATHER + ASK)


# Budgets


class Greedy(Provider):
    """Bills all that a call may cost, and calls tools as often as it may, with much to say."""

    takes_tools = True
    overhead = 5
    part_overhead = 3
    is_priced = True

    def __init__(self, seed: int = 0) -> None:
        self.random = random.Random(seed)
        self.asked: list[Request] = []

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        self.asked.append(request)
        cost = self.bound(request), max_tokens
        if request.tools and request.may_call_tools:
            number = self.random.randint(1, 3)
            calls = [
                tool_call("lookup", id=f"c{place}", size=self.random.choice((1, 50, 400))) for place in range(number)
            ]
            return Reply("", *cost, content=calls)
        return Reply("The answer.", *cost, stop_reason="end_turn")


LOOKUP = '(define-tool (lookup (size integer)) "L." (make-string size #\\x))'
LOOP = LOOKUP + '(effect infer.op "Look it up." tools: (list lookup) max-tokens: 40)'


@pytest.mark.parametrize("backend", ["memory", "file"])
def test_a_loop_always_ends_with_an_answer(backend: str, tmp_path: Path) -> None:
    program = compiled(LOOP)
    turns = set()
    for limit in range(30, 3_000, 180 if backend == "file" else 20):
        provider = Greedy(limit)
        where: dict[str, Any] = {"ledger": tmp_path / f"{limit}.ledger", "name": "a"} if backend == "file" else {}
        with fresh_ledger(), configure(provider=provider), budget(limit, **where) as account:
            run = Run(program.code())
            if run.error is not None:
                assert isinstance(run.error, BudgetExceeded)
                assert not provider.asked
            else:
                assert run.value == '"The answer."'
            assert account.spent <= limit
            assert account.held == account.overrun == 0
            turns.add(len(provider.asked))
            ledger = account.ledger
        if isinstance(ledger, FileLedger):
            ledger.close()
    assert turns > {0, 1, 2, 3}


def test_a_loop_in_dollars() -> None:
    program = compiled(LOOP.replace("max-tokens", 'model: "m" max-tokens'))
    turns = set()
    for cents in range(1, 120):
        provider = Greedy(cents)
        prices = {"m": (3, 15)}
        limit = f"${cents / 10_000}"
        with fresh_ledger(), configure(provider=provider, prices=prices), budget(dollars=limit) as account:
            run = Run(program.code())
            assert run.value == '"The answer."' or isinstance(run.error, BudgetExceeded)
            assert account.dollars.spent is not None
            assert account.dollars.limit is not None
            assert account.dollars.spent <= account.dollars.limit
            assert account.held == 0
            turns.add(len(provider.asked))
    assert turns > {0, 1, 2, 3}


@pytest.mark.parametrize("backend", ["memory", "file"])
def test_loops_at_once_keep_to_one_budget(backend: str, tmp_path: Path) -> None:
    program = compiled(LOOP)
    where: dict[str, Any] = {"ledger": tmp_path / "l", "name": "a"} if backend == "file" else {}
    with fresh_ledger(), configure(provider=Greedy(), max_wait=1.0), budget(6_000, **where) as account:
        threads = [Thread(lambda: Run(program.code())) for _ in range(8)]
        runs = [thread.result(60) for thread in threads]
        assert all(
            run.value == '"The answer."' or isinstance(run.error, (BudgetExceeded, BudgetTimeout)) for run in runs
        )
        assert sum(run.error is None for run in runs) >= 1
        assert account.spent <= 6_000
        assert account.held == account.overrun == 0
        ledger = account.ledger
    if isinstance(ledger, FileLedger):
        ledger.close()


@pytest.mark.parametrize("backend", ["memory", "file"])
def test_nobody_gets_the_room_for_an_answer_between_its_attempts(
    backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[tuple[int, int]] = []
    failures = [NotBilled("busy", transient=True), NotBilled("still busy", transient=True)]

    def model(request: ModelRequest) -> Reply:
        if request.tools:
            return Reply("", 20, 10, content=[tool_call("weather", city="Rome")])
        if failures:
            raise failures.pop()
        return Reply("Rain.", 20, 10)

    monkeypatch.setattr(SystemClock, "sleep", lambda self, seconds: held.append((account.held, account.spent)))
    where: dict[str, Any] = {"ledger": tmp_path / "l", "name": "a"} if backend == "file" else {}
    program = compiled(WEATHER + ASK.replace("max-tokens", "max-turns: 1 max-tokens"))
    with fresh_ledger(), use_model(model), budget(5_000, **where) as account:
        assert Run(program.code()).value == '"Rain."'
        assert (account.spent, account.held) == (60, 0)
        ledger = account.ledger
    assert [spent for _, spent in held] == [30, 30]
    assert all(tokens > 100 for tokens, _ in held)
    if isinstance(ledger, FileLedger):
        ledger.close()


def test_an_interrupt_between_attempts_at_an_answer_leaves_nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    def model(request: ModelRequest) -> Reply:
        if request.tools:
            return Reply("", 20, 10, content=[tool_call("weather", city="Rome")])
        raise NotBilled("busy", transient=True)

    def interrupted(clock: SystemClock, seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SystemClock, "sleep", interrupted)
    program = compiled(WEATHER + ASK.replace("max-tokens", "max-turns: 1 max-tokens"))
    with fresh_ledger(), use_model(model), budget(5_000) as account:
        with pytest.raises(KeyboardInterrupt):
            Run(program.code())
        assert (account.spent, account.held) == (30, 0)


def test_a_limit_per_hour() -> None:
    for limit in range(100, 3_000, 100):
        with fresh_ledger(), configure(provider=Greedy(limit)), budget(f"{limit}/hour") as account:
            run = Run(compiled(LOOP).code())
            assert run.value == '"The answer."' or isinstance(run.error, BudgetExceeded)
            assert account.spent <= limit
            assert account.held == 0


@pytest.mark.parametrize("backend", ["memory", "file"])
@pytest.mark.parametrize("period", ["", "/day"])
def test_a_turn_needs_as_much_in_a_period_as_ever(backend: str, period: str, tmp_path: Path) -> None:
    def turns(limit: int) -> int:
        asked: list[bool] = []

        def model(request: ModelRequest) -> Reply:
            asked.append(bool(request.tools))
            return Reply("Rain.", 20, 10)

        where: dict[str, Any] = {"ledger": tmp_path / f"{limit}", "name": "a"} if backend == "file" else {}
        with (
            fresh_ledger(),
            use_model(model),
            configure(max_wait=0.1),
            budget(f"{limit}{period}" if period else limit, **where) as account,
        ):
            Run(program.code())
            ledger = account.ledger
        if isinstance(ledger, FileLedger):
            ledger.close()
        return sum(asked)

    program = compiled(WEATHER + ASK.replace("max-tokens", "clamp: #f max-tokens"))
    least = next(limit for limit in range(200, 2_000, 10) if turns(limit))
    assert least == 320


def test_an_error_or_an_escape_leaves_nothing_held() -> None:
    for tool in ("(exit 3)", "(k 7)"):
        program = f"""
            (define k #f)
            (define-tool (lookup (size integer)) "L." {tool})
            (call/cc (lambda (out) (set! k out) (effect infer.op "?" tools: (list lookup))))
        """
        with fresh_ledger(), configure(provider=Greedy(1), max_tokens=50), budget(10_000) as account:
            with suppress(SystemExit):
                Run(compiled(program).code())
            assert account.held == 0
            assert account.spent > 0


def test_a_cut_call_is_not_made() -> None:
    def model(request: ModelRequest) -> Reply:
        if request.tools:
            return Reply("", 5, 100, stop_reason="max_tokens", content=[tool_call("weather", city="Ro")])
        return Reply(f"{len(request.said)}", 5, 5)

    with use_model(model):
        assert value_of(WEATHER + ASK) == '"1"'


# The real SDK

TOOL_USE = [
    {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
    {"type": "text", "text": "I look."},
    {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
]


def test_the_messages_api() -> None:
    program = WEATHER + '(effect infer.op "?" tools: (list weather) model: "claude-test" max-tokens: 100 max-turns: 1)'
    with Server(message(blocks=TOOL_USE, stop_reason="tool_use"), message("Sun.")) as server:
        with fresh_ledger(), configure(provider=AnthropicProvider("key", server.url)), budget(100_000) as account:
            assert Run(compiled(program).code()).value == '"Sun."'
            assert (account.spent, account.held) == (30, 0)
    first, second = server.bodies()
    assert first["tools"][0]["input_schema"]["properties"]["city"] == {"type": "string", "description": "where"}
    assert (first["tool_choice"], second["tool_choice"]) == ({"type": "auto"}, {"type": "none"})
    assert second["messages"][1] == {"role": "assistant", "content": TOOL_USE}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": '["Rome", false]', "is_error": False}
    assert second["messages"][2] == {"role": "user", "content": [result]}


def test_a_resumed_run_pays_no_turn_twice(tmp_path: Path) -> None:
    program = compiled(LOOP)
    asked = []
    for attempt in range(2):
        provider = Greedy(3)
        scope = budget(10_000, ledger=tmp_path / "l", name="a", run="job", resume=True)
        with fresh_ledger(), configure(provider=provider), scope as account:
            assert Run(program.code()).value == '"The answer."', attempt
            assert account.held == 0
            asked.append(len(provider.asked))
            spent = account.spent
            ledger = account.ledger
        assert isinstance(ledger, FileLedger)
        ledger.close()
    assert asked[0] > 3
    assert asked[1] == 0
    assert spent <= 10_000


def test_a_failed_turn_is_the_programs_error() -> None:
    def model(request: ModelRequest) -> Reply:
        raise OmegaError("no connection")

    with fresh_ledger(), use_model(model), budget(10_000) as account:
        run = Run(compiled(WEATHER + ASK).code())
        assert run.message is not None
        assert "no connection" in run.message
        assert account.held == 0
        assert account.spent > 0


def test_the_offline_model_calls_each_tool_once() -> None:
    with configure(model="offline"), fresh_ledger():
        run = Run(compiled(WEATHER + ASK).code())
    assert run.value is not None
    assert "What is the weather?" in json.loads(run.value)


def test_reports_count_turns_and_nothing_else() -> None:
    with fresh_ledger(), use_model(calling(tool_call("weather", city="Rome"))), budget(10_000) as account:
        assert isinstance(account, Account)
        Run(compiled(WEATHER + ASK).code())
        ((_, _, counted),) = account.ledger.entries()
        assert (counted.calls, counted.voided, counted.unknown) == (2, 0, 0)


class Asked(Provider):
    """Calls a tool once, and then answers with what that gave; bills little of what it may."""

    takes_tools = True

    def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
        if request.may_call_tools and request.tools and len(request.messages) < 3:
            return Reply("", 10, 10, content=[tool_call("lookup", size=9)])
        return Reply(request.prompt, 10, 10, stop_reason="end_turn")


@pytest.mark.parametrize("backend", ["memory", "file"])
def test_a_call_in_a_tool_never_waits_for_the_room_of_its_own_answer(backend: str, tmp_path: Path) -> None:
    inner = "(effect infer.op (make-string 900 #\\x) max-tokens: 100 clamp: #f)"
    for number, tool in enumerate((inner, f"(with-budget 2000 (lambda () {inner}))")):
        program = f'(define-tool (lookup (size integer)) "L." {tool}) {ASK.replace("list weather", "list lookup")}'
        where: dict[str, Any] = {"ledger": tmp_path / f"{number}", "name": "a"} if backend == "file" else {}
        with fresh_ledger(), configure(provider=Asked()), budget(1_050, **where) as account:
            run = Run(compiled(program).code())
            assert "1000 786" in str(run.value)
            assert (account.spent, account.held) == (40, 0)
            ledger = account.ledger
        if isinstance(ledger, FileLedger):
            ledger.close()


def test_calls_in_tools_of_two_loops_do_not_wait_for_each_other_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omega_runtime.ledger.ledger.MOST_WAIT", 0.2)
    both = threading.Barrier(2, timeout=30)

    class Meeting(Asked):
        def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
            if request.may_call_tools and request.tools:
                both.wait()
            return super().complete(request, max_tokens, seconds)

    inner = "(effect infer.op (make-string 800 #\\x) max-tokens: 100 clamp: #f)"
    program = compiled(
        f'(define-tool (lookup (size integer)) "L." {inner})'
        '(effect infer.op "?" tools: (list lookup) max-tokens: 100 max-turns: 1)'
    )
    with fresh_ledger(), configure(provider=Meeting()), budget(1_250) as account:
        runs = [thread.result(60) for thread in [Thread(lambda: Run(program.code())) for _ in range(2)]]
        assert all(run.error is None for run in runs)
        assert any("room" in str(run.value) for run in runs)
        assert account.held == 0


def test_a_turn_that_has_no_room_for_another_attempt_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Asked):
        def complete(self, request: Request, max_tokens: int, seconds: float | None = None) -> Reply:
            if request.may_call_tools:
                raise NotBilled("busy", transient=True)
            return Reply("The answer.", 10, 10, stop_reason="end_turn")

        def failure(self, error: Exception) -> Failure:
            return Failure(str(error), billed="no", transient=True)

    def others(*_: Any) -> None:
        with suppress(BudgetExceeded), hold("another", input_tokens=1, max_tokens=1_000):
            pass

    monkeypatch.setattr("omega_runtime.clock.SystemClock.sleep", others)
    with fresh_ledger(), configure(provider=Failing()), budget(1_000) as account:
        run = Run(compiled(LOOP).code())
        assert (run.message, run.value) == (None, '"The answer."')
        assert account.held == account.overrun == 0


@pytest.mark.parametrize(("city", "result"), [("Ro\ud800", '"x"'), ("Rome", '(json-parse "\\"\\\\ud800\\"")')])
def test_half_characters_go_back_as_question_marks(city: str, result: str) -> None:
    program = f'(define-tool (weather (city string)) "W." {result}) {ASK}'
    with use_model(calling(tool_call("weather", city=city))):
        assert value_of(program) in ('"Said: x"', '"Said: ?"')


def test_an_interrupt_at_any_moment_leaves_nothing_held() -> None:
    code = compiled(LOOP).code()
    moment, happened = 1, True
    while happened:
        with fresh_ledger(), configure(provider=Greedy(3)), budget(3_000) as account:
            interrupt = Interrupt(moment, ("omega_runtime.calls", "omega_runtime.ledger"))
            sys.settrace(interrupt)
            try:
                with suppress(KeyboardInterrupt):
                    exec(code, {"__name__": "omega_program"})
            finally:
                sys.settrace(None)
            account.ledger.reclaim()
            assert account.held == account.overrun == 0
            assert account.spent <= 3_000
        moment, happened = moment + 5, interrupt.happened
    assert moment > 500
