"""Anthropic's Messages API through its SDK, which is imported at the first call."""

from __future__ import annotations

import json
import os

from omega_runtime.models.parts import DOCUMENT, blocks_of, content_parts, described
from omega_runtime.models.prices import context_window, price_of
from omega_runtime.models.provider import Failure
from omega_runtime.models.sdk import COUNT_SECONDS, SdkProvider, texts_of, usable_key
from omega_runtime.models.streams import ListenerFailed, StreamedMessage, heard, listener_of
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from anthropic import Anthropic
    from anthropic.resources import Messages

    from omega_runtime.models.batches import Batches
    from omega_runtime.models.connections import Attempt
    from omega_runtime.models.failures import AttemptFailed
    from omega_runtime.models.parts import Part
    from omega_runtime.models.prices import Price
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.request import Request
    from omega_runtime.settings import Settings
    from omega_runtime.values import Value

DEFAULT_MODEL = "claude-sonnet-5-5"

# Assumed, not promised by the provider: the most input tokens that framing adds to a message and to a system
# prompt. Should a call be billed more than was held all the same, the ledger records an overrun.
MESSAGE_OVERHEAD = 32
SYSTEM_OVERHEAD = 32
# What the provider tells the model about a schema, beside it, and about tools: documented with up to some 800.
SCHEMA_OVERHEAD = 1_000
TOOLS_OVERHEAD = 1_000
# A picture is documented with at most about 4,800.
IMAGE_MOST = 5_000


class AnthropicProvider(SdkProvider):
    """Calls `messages.create`."""

    __slots__ = ()
    name = "anthropic"
    home = "https://api.anthropic.com"
    default_model = DEFAULT_MODEL
    overhead = MESSAGE_OVERHEAD
    system_overhead = SYSTEM_OVERHEAD
    schema_overhead = SCHEMA_OVERHEAD
    tools_overhead = TOOLS_OVERHEAD
    part_overhead = MESSAGE_OVERHEAD
    takes_schemas = True
    takes_tools = True
    takes_server_tools = True
    takes_batches = True
    batch_limits = (100_000, 256_000_000)
    takes_thinking = True
    takes_cache_marks = True
    streams = True
    is_priced = True
    biller: str | None = "anthropic"

    @property
    def most_factor(self) -> Decimal:
        """What inference in one region costs more."""
        from omega_runtime.models.anthropic_usage import REGIONAL

        return REGIONAL

    def bound(self, request: Request) -> int:
        """A sure bound; that of documents is what the model takes, whose price rises with the length perhaps."""
        has_documents = any(part.kind == DOCUMENT for _, content in request.messages for part in content_parts(content))
        if request.server_tools:
            from omega_runtime.models.server_tools import input_most, is_used_in

            if request.may_call_tools:
                uses = sum(tool.max_uses for tool in request.server_tools)
                return input_most(request.model, self.biller, uses) * request.attempts
            has_documents = has_documents or is_used_in(request.messages)
        if not has_documents:
            return super().bound(request) + (self.tools_overhead * len(request.server_tools) * request.attempts)
        window = context_window(request.model, self.biller)
        if window is None:
            raise OmegaError(f"a PDF has no sure bound for {request.model}, of which nobody knows how much it takes")
        return window * request.attempts

    def attachment_bound(self, part: Part) -> int:  # noqa: ARG002
        """The most tokens that a picture takes."""
        return IMAGE_MOST

    def price(self, model: str) -> Price | None:
        """What Anthropic takes for the model, at most, in any region; None when the price data does not know it."""
        return price_of(model, self.biller, self.most_factor)

    def _counted(self, request: Request) -> int | AttemptFailed | None:
        if request.server_tools and request.may_call_tools:
            return None  # nobody can count what is found
        from omega_runtime.models.usage import count

        attempt = self._attempt(min(COUNT_SECONDS, request.settings.timeout))
        try:
            messages = self._connected().messages.with_raw_response
            with attempt as timeout:
                answer = messages.count_tokens(**_countable(request), timeout=timeout)
                return count(answer.http_response.json(), "input_tokens")
        except Exception as error:
            return self._failed(error, attempt, request)

    def complete(
        self,
        request: Request,
        max_tokens: int,
        seconds: float | None = None,
        confirm: Callable[[], None] | None = None,
    ) -> Reply:
        """One request to the Messages API; blocks of the answer that are no text are left out.

        Raises AttemptFailed, without context: the SDK's exceptions hold the key, the prompt and any answer.
        """
        from omega_runtime.models.anthropic_usage import read_reply

        attempt = self._attempt(request.settings.timeout if seconds is None else seconds, confirm)
        try:
            # Raw, as the SDK builds the types of its answers under locks that are held in a child of another thread.
            messages = self._connected().messages
            listener = listener_of(request)
            with attempt as timeout:
                options = _options(request, max_tokens)
                if listener is not None:
                    return _streamed(messages, listener, {**options, "timeout": timeout})
                answer = messages.with_raw_response.create(**options, timeout=timeout).http_response
                return read_reply(answer.json(), answer.headers.get("request-id"))
        except ListenerFailed as error:
            failed: Exception = error
        except Exception as error:
            failed = attempt.refusal or self._failed(error, attempt, request)
        raise failed

    async def complete_async(
        self,
        request: Request,
        max_tokens: int,
        seconds: float | None = None,
        confirm: Callable[[], None] | None = None,
    ) -> Reply:
        """As `complete`."""
        from omega_runtime.models.anthropic_usage import read_reply
        from omega_runtime.models.async_connections import async_anthropic_client, current_attempt, let_others_run

        attempt = self._attempt(request.settings.timeout if seconds is None else seconds, confirm)
        current_attempt.set(attempt)
        let_others_run()
        try:
            messages = async_anthropic_client(self._key, self._base_url).messages.with_raw_response
            answer = await messages.create(**_options(request, max_tokens), timeout=attempt.begin())
            return read_reply(answer.http_response.json(), answer.http_response.headers.get("request-id"))
        except Exception as error:
            failed = attempt.refusal or self._failed(error, attempt, request)
        raise failed

    def batched(self, request: Request, max_tokens: int) -> dict[str, Value]:
        """What a batch says of a request."""
        options = _options(request, max_tokens)
        return {**options.pop("extra_body", {}), **options}

    def batches(self) -> Batches:
        """Its batches of messages. Raises ImportError where the SDK can't be imported."""
        from omega_runtime.models.anthropic_batches import AnthropicBatches

        return AnthropicBatches(self._connected(), self._key)

    def batched_reply(self, message: Value) -> Reply:
        """The reply in a result of a batch. Raises UnreadableAnswer."""
        from omega_runtime.models.anthropic_usage import read_reply

        return read_reply(message)

    def batch_price(self, settings: Settings, price: Price, model: str) -> Price:  # noqa: ARG002
        """Half of it, for every model."""
        from omega_runtime.models.prices import HalfPrice

        return HalfPrice(price)

    def failure(self, error: Exception) -> Failure:
        """What is known about an attempt."""
        if isinstance(error, ImportError):
            return Failure(f"anthropic: the SDK cannot be imported ({error}); reinstall omegac", billed="no")
        return super().failure(error)

    def _failed(self, error: Exception, attempt: Attempt, request: Request) -> AttemptFailed:
        from omega_runtime.models.anthropic_failures import SDK
        from omega_runtime.models.failures import failed_attempt

        return failed_attempt(error, attempt, self._key, texts_of(request), request.settings.timeout, SDK)

    def _connected(self) -> Anthropic:
        """The SDK's client, made once in each process; safe to share between threads."""
        from omega_runtime.models.connections import anthropic_client

        return anthropic_client(self._key, self._base_url)


def anthropic_provider() -> AnthropicProvider:
    """The provider for ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL as they are now.

    Raises OmegaError when there is no key, or one that cannot be sent.
    """
    key = usable_key("ANTHROPIC_API_KEY")
    if not key:
        raise OmegaError("ANTHROPIC_API_KEY is not set; set it, or use the offline model with --model offline")
    return AnthropicProvider(key, os.environ.get("ANTHROPIC_BASE_URL") or None)


def _prompt(request: Request) -> dict[str, Value]:
    messages = request.messages or (("user", request.prompt),)
    prompt: dict[str, Value] = {
        "model": request.model,
        "messages": [{"role": role, "content": blocks_of(content)} for role, content in messages],
    }
    if request.system is not None:
        prompt["system"] = request.system
    if request.tools or request.server_tools:
        prompt["tools"] = [*map(described, request.tools), *(tool.described for tool in request.server_tools)]
        prompt["tool_choice"] = {"type": "auto" if request.may_call_tools else "none"}
    return prompt


# What is input, and so counts: with a schema, what the model is told of that.
_INPUT = ("model", "messages", "system", "tools", "tool_choice", "output_config", "thinking")


def _countable(request: Request) -> dict[str, Value]:
    options = _options(request, request.wanted)
    return {name: options[name] for name in _INPUT if name in options}


def _options(request: Request, max_tokens: int) -> dict[str, Value]:
    options: dict[str, Value] = {"max_tokens": max_tokens, **_prompt(request)}
    if request.cache is not None:
        _mark(options, {"type": "ephemeral", "ttl": request.cache})
    if request.thinking:
        options["thinking"] = {"type": "enabled", "budget_tokens": request.thinking}
    if request.stop:
        options["stop_sequences"] = list(request.stop)
    sampling = dict(request.sampling)
    output: dict[str, Value] = {"effort": sampling.pop("effort")} if "effort" in sampling else {}
    if request.schema is not None:
        output["format"] = {"type": "json_schema", "schema": json.loads(request.schema)}
    if output:
        options["output_config"] = output
    if sampling:
        # The SDK has no parameters for what only older models take.
        options["extra_body"] = sampling
    return options


def _mark(options: dict[str, Value], mark: Value) -> None:
    """Have the provider keep the prompt up to the ends of its tools, its system prompt and its messages."""
    if "tools" in options:
        options["tools"][-1]["cache_control"] = mark
    if "system" in options:
        options["system"] = [{"type": "text", "text": options["system"], "cache_control": mark}]
    last = options["messages"][-1]
    if isinstance(last["content"], str):
        last["content"] = [{"type": "text", "text": last["content"]}]
    last["content"][-1]["cache_control"] = mark


def _streamed(messages: Messages, listener: Callable[[str], None], options: dict[str, Value]) -> Reply:
    """The reply to a request whose answer comes in events. Raises ListenerFailed."""
    from omega_runtime.models.anthropic_usage import read_reply

    with messages.with_streaming_response.create(**options, stream=True) as answer:
        body = heard(answer.http_response.iter_bytes(), StreamedMessage(), listener)
        reply = read_reply(body, answer.http_response.headers.get("request-id"))
    reply.is_streamed = True
    return reply
