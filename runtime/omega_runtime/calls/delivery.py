"""What becomes of an answer that was paid for, whether fresh or given again: caches, trackers, and its text."""

from __future__ import annotations

from omega_runtime.models.answer import ToolCalls, answered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omega_runtime.calls.context import Context
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.savings.cache import Asking
    from omega_runtime.values import Value


def deliver(
    context: Context, request: Request, reply: Reply, cache: Asking | None, room: int, is_again: bool = False
) -> Value:
    """What the program gets, after the cache has kept it and the trackers have heard, innermost first.

    `room` are the output tokens that the answer had; `is_again` says that it was paid for before. What a tracker raises
    comes out of here, and EmptyAnswer for an answer without text, SchemaMismatch for one that doesn't fit its schema.
    """
    if cache is not None:
        cache.remember(request, reply, room)
    for tracker in context.trackers:
        tracker(reply.input_tokens + reply.output_tokens)
    return given(request, reply, room, is_again)


def given(request: Request, reply: Reply, room: int, is_again: bool) -> Value:
    """What the program gets of a reply: the text is told to who listens, if it was not told as it came."""
    if request.on_text is not None and not reply.is_streamed and reply.text:
        request.on_text(reply.text)
    if request.embeds is not None:
        from omega_runtime.models.embeddings import vectors_in

        return vectors_in(request, reply)
    value = reply.text if reply.stop_reason is None and request.schema is None else answered(request, reply)
    if not request.details or isinstance(value, ToolCalls):
        return value
    from omega_runtime.models.details import details_of

    return details_of(request, reply, value, room, is_again)
