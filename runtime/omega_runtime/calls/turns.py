"""The turns of a conversation with tools: each is a call with its hold, and an answer at the end is always paid for.

Before the first turn, the worst case of an answer without any is held. After each turn that hold is exchanged for that
of an answer to what was said meanwhile; where the budget has no room for that, or for another turn, the answer is asked
for at once, with shorter results of the last turn or, as a last resort, without that turn.
"""

from __future__ import annotations

import json

from omega_runtime.calls.asking import build_request
from omega_runtime.calls.call import Call
from omega_runtime.calls.conversation import Kept
from omega_runtime.calls.economy import fitting_request
from omega_runtime.calls.room import batch_of, held_call, reserve_room
from omega_runtime.ledger.claim import Beside
from omega_runtime.ledger.errors import BudgetExceeded, BudgetTimeout
from omega_runtime.ledger.hold import HELD
from omega_runtime.ledger.keeping import innermost_room
from omega_runtime.models.request import changed
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from omega_runtime.calls.context import Context
    from omega_runtime.calls.conversation import Conversation
    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.keeping import Room
    from omega_runtime.models.request import Request
    from omega_runtime.places import Site
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value

    C = TypeVar("C", bound=Call)


def held_turn(
    context: Context, settings: Settings, site: Site, conversation: Conversation, options: dict[str, Value]
) -> Call:
    """The next call of a conversation, with its worst case held: a turn, or the one for the answer.

    Raises what `Ledger.reserve` raises when there is no room for an answer without tools either, and OmegaError for a
    wrong option and for models that can't call tools.
    """
    written = build_request(settings, site, conversation.operand, **options)
    if conversation.server_tools and not written.provider.takes_server_tools:
        raise OmegaError(f"{site.operation}: {written.provider.name} doesn't search; define a tool that does")
    if not written.provider.takes_tools:
        raise OmegaError(f"{site.operation}: {written.provider.name} can't call tools; leave out tools:")
    written = fitting_request(context, written, context.policy.mode(context.account)[2])
    if context.account.ledger.is_shared:
        answered = _replayed(context, written, conversation)
        if answered is not None:
            return answered
        if batch_of(context.account) is not None:
            raise OmegaError(f"{site.operation}: calls with tools take several turns, and cannot go into a batch")
    if conversation.turns < conversation.most_turns:
        try:
            return (_next if conversation.room.is_kept else _first)(context, written, conversation)
        except BudgetExceeded:
            pass
        except BudgetTimeout:
            if not conversation.room.is_kept:
                raise
    return _held_answer(context, written, conversation)


def _replayed(context: Context, written: Request, conversation: Conversation) -> Call | None:
    """The call with the answer that a resumed run has paid for, whichever request that was."""
    from omega_runtime.calls.replay import replayed

    turn = [_turn(written, conversation)] if conversation.turns < conversation.most_turns else []
    for request in (*turn, *(_final(written, state) for state in _states(conversation))):
        answered = replayed(context, request, None)
        if answered is not None:
            return answered
    return None


def _turn(written: Request, conversation: Conversation) -> Request:
    """The request in which the model may call tools; one that is shortened may break off in the middle of a call."""
    turn = _said(written, conversation, may_call_tools=True, clamp=False)
    if not conversation.server_tools:
        return turn
    from omega_runtime.models.server_tools import unfinished_uses, with_fees

    uses = sum(tool.max_uses for tool in conversation.server_tools) + unfinished_uses(turn.messages)
    fees = with_fees(turn.settings, turn.price, turn.model, turn.provider.biller, uses * turn.attempts)
    return changed(turn, price=fees)


def _final(written: Request, conversation: Conversation) -> Request:
    """The request for the answer."""
    return _said(written, conversation.answerable, may_call_tools=False, clamp=written.clamp)


def _said(written: Request, conversation: Conversation, *, may_call_tools: bool, clamp: bool) -> Request:
    messages = conversation.messages or written.messages or (("user", written.prompt),)
    return changed(
        written,
        messages=messages,
        prompt=json.dumps(messages, ensure_ascii=False),
        tools=tuple(tool.specification for tool in conversation.tools),
        server_tools=conversation.server_tools,
        may_call_tools=may_call_tools,
        clamp=clamp,
    )


def _states(conversation: Conversation) -> list[Conversation]:
    """What may be answered, the best first."""
    latest = conversation.answerable
    if latest.before is None:
        return [latest]
    return [latest, latest.shortened(), latest.before]


def _first(context: Context, written: Request, conversation: Conversation) -> Call:
    """Hold the turn and the answer at once, waiting for room as any call does; then take the turn out of that."""
    turn = _turn(written, conversation)
    final = _final(written, conversation)
    both = changed(turn, wanted=turn.wanted + final.wanted, attempts=2 * turn.attempts)
    # What tools of the provider's find is input of the turn, and so far nothing was found.
    bound = turn.provider.bound(turn) + turn.provider.bound(final) if turn.server_tools else None
    kept = _call(context, both, Kept())
    reserve_room(kept, turn.settings, turn.settings.max_wait, bound)
    kept.request, kept.output = final, final.wanted
    conversation.room.keep(kept)
    tokens = kept.tokens // 2 if bound is None else turn.provider.bound(final) + final.wanted
    cost = 0 if final.price is None else final.price.worst(tokens - final.wanted, final.wanted)
    return _held(context, turn, Beside(kept, tokens, cost))


def _next(context: Context, written: Request, conversation: Conversation) -> Call:
    """Exchange what is kept for what the answer costs now, and hold the turn beside it."""
    kept = _exchanged(context, conversation.room, _final(written, conversation))
    return _held(context, _turn(written, conversation), Beside(kept, kept.tokens, kept.picodollars))


def _exchanged(context: Context, room: Room, final: Request) -> Kept:
    """Keep room for an answer in place of what is kept."""
    assert room.kept is not None
    kept = _call(context, changed(final, clamp=False), Kept())
    _reserve(kept, Beside(room.kept, 0, 0))
    kept.request = final
    room.keep(kept)
    return kept


def _held(context: Context, turn: Request, beside: Beside[Account]) -> Call:
    call = _call(context, turn, Call())
    _reserve(call, beside)
    return call


def _reserve(call: Call, beside: Beside[Account]) -> None:
    """Hold a call beside what is kept. Raises BudgetExceeded, and BudgetTimeout soon."""
    settings = call.request.settings
    bound = call.request.provider.bound(call.request)
    call.account.ledger.reserve(call, bound, settings.floor, settings.max_wait, beside)


def _call(context: Context, request: Request, call: C) -> C:
    call.account, call.context, call.request, call.cache = context.account, context, request, None
    return call


def _held_answer(context: Context, written: Request, conversation: Conversation) -> Call:
    """The call for the answer, to as much of what was said as there is room for; it uses what is kept."""
    room = conversation.room
    if not room.is_kept:
        return held_call(context, _final(written, conversation))
    for state in _states(conversation)[:2]:
        final = _final(written, state)
        if not _fits(room, final):
            try:
                _exchanged(context, room, final)
            except (BudgetExceeded, BudgetTimeout):
                continue
        answer = _taken(room)
        answer.request, answer.output = final, final.wanted
        return answer
    # Whatever was too much, there is room for what it was kept for.
    return _taken(room)


def answer_instead(turn: Request) -> Call | None:
    """The call for the answer that is kept beside a turn, for which there is no room any more when it has failed."""
    room = innermost_room() if (turn.tools or turn.server_tools) and turn.may_call_tools else None
    return None if room is None else _taken(room)


def answer_again(hold: Call, again: Call, seconds: float) -> Call:
    """Wait before the next attempt at an answer, and exchange the hold of the last one for that of the next.

    Nobody else gets the room meanwhile.
    """
    ledger = hold.account.ledger
    hold.open = HELD
    try:
        if seconds:
            ledger.clock.sleep(seconds)
        _reserve(_call(hold.context, hold.request, again), Beside(hold, 0, 0))
    except BaseException:
        if hold.open:
            ledger.void(hold)
        raise
    return again


def _taken(room: Room) -> Call:
    answer = room.take()
    assert isinstance(answer, Kept)
    answer.attempt = 1
    return answer


def _fits(room: Room, final: Request) -> bool:
    """Whether what is kept is enough for a request."""
    kept = room.kept
    assert kept is not None
    prompt = final.provider.bound(final)
    cost = 0 if final.price is None else final.price.worst(prompt, final.wanted)
    return prompt + final.wanted <= kept.tokens and cost <= kept.picodollars
