"""Answers that a resumed run has paid for before: what the journal knows them by, and how they are given again."""

from __future__ import annotations

import sys

from omega_runtime.calls.call import Call, answered_call
from omega_runtime.calls.delivery import deliver
from omega_runtime.control.positions import position
from omega_runtime.ledger.journal import journal_entry
from omega_runtime.ledger.shared import SharedAccount
from omega_runtime.models.details import read_details, written_details
from omega_runtime.models.reply import Reply
from omega_runtime.models.request import changed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from omega_runtime.calls.context import Context
    from omega_runtime.ledger.account import Account
    from omega_runtime.ledger.journal import JournalEntry
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import Asking
    from omega_runtime.values import Value


def replayed(context: Context, request: Request, cache: Asking | None) -> Call | None:
    """The call with its recorded answer, delivered as a fresh one is; None when it has to be paid for."""
    account = context.account
    assert isinstance(account, SharedAccount)
    journal = account.journal
    found = None if journal is None else journal.take(call_key(request), lambda: call_path(request))
    if journal is None or found is None:
        return None
    reply = Reply(
        found.text,
        found.input_tokens,
        found.output_tokens,
        found.stop_reason,
        **{"model": found.model, **({} if found.details is None else read_details(found.details))},
    )
    if found.model:
        # Budgets may have changed the model, and it was another budget then.
        request = changed(request, model=found.model)
    account.ledger.replay(account, request, found)
    # A cut answer had no more room than it filled, whatever is asked for now.
    room = found.output_tokens if found.stop_reason == "max_tokens" else request.wanted
    return answered_call(deliver(context, request, reply, cache, room, is_again=True))


def entry_of(account: Account, request: Request, reply: Reply) -> JournalEntry | None:
    """What the account's journal keeps of an answer, if it has one."""
    if not isinstance(account, SharedAccount) or account.journal is None:
        return None
    return journal_entry(call_key(request), call_path(request), reply.text, reply.stop_reason, written_details(reply))


def call_key(request: Request) -> str:
    """A hash of who is asked, by which procedure and what, but for what budgets change about it."""
    import hashlib
    import json

    asked = (
        request.provider.identity,
        request.site.procedure,
        request.prompt,
        request.asked or request.instead_of or request.model,
        request.system,
        request.stop,
        request.wanted,
        request.clamp,
    )
    more: tuple[Value, ...] = ()
    if request.messages or request.sampling:
        more = bool(request.messages), request.sampling
    if request.schema is not None:
        more += request.schema, request.attempts
    if request.thinking:
        more += ("thinking", request.thinking)
    if request.embeds is not None:
        more += ("embeds",)
    if request.server_tools:
        more += ([tool.described for tool in request.server_tools],)
    if request.tools or request.server_tools:
        more += request.tools, request.may_call_tools
    return hashlib.sha256(json.dumps((*asked, *more), ensure_ascii=True).encode()).hexdigest()


def procedures_around() -> list[str]:
    """The qualified names of the Omega procedures around the code that runs here, innermost first."""
    names = []
    here = position.get()
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if "__omega_source__" in frame.f_globals:
            names.append(frame.f_code.co_qualname)
        frame = frame.f_back
        while frame is None and here is not None:
            names += here.around
            frame, here = here.frame, here.outer
    return names


def call_path(request: Request) -> str:
    """A hash of the call's number in its procedure and of the names of the procedures around, without lines.

    In a map also of the place of the element, so that it does not matter who is answered first. It tells calls apart
    that ask the same. A hash, so that a deep recursion is not written out.
    """
    import hashlib
    import re

    here = position.get()
    indices = () if here is None else here.indices
    names = [str(request.site.ordinal), *map(str, indices), *procedures_around()]
    return hashlib.sha256(re.sub(r"\b_line_\d+", "_line", "/".join(names)).encode()).hexdigest()
