"""OpenAI, and any server that speaks chat completions, through OpenAI's SDK, which is imported at the first call.

OpenAI itself is asked by Responses, the only protocol in which all of its models take tools; for calls with stop
texts, which Responses doesn't know, and by other servers, chat completions are spoken.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from omega_runtime.models import completions, embeddings, responses
from omega_runtime.models.bounds import Unbounded
from omega_runtime.models.openai_hosts import is_openai, is_regional
from omega_runtime.models.prices import batch_price_of, context_window, price_of
from omega_runtime.models.provider import Failure, text_bound
from omega_runtime.models.request import Request
from omega_runtime.models.sdk import COUNT_SECONDS, SdkProvider, texts_of, usable_key
from omega_runtime.models.streams import ListenerFailed, StreamedCompletion, StreamedResponse, heard, listener_of
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from typing import Any

    from omega_runtime.models.batches import Batches
    from omega_runtime.models.connections import Attempt
    from omega_runtime.models.failures import AttemptFailed
    from omega_runtime.models.prices import Price
    from omega_runtime.models.reply import Reply
    from omega_runtime.models.streams import Streamed
    from omega_runtime.settings import Settings

    Body = dict[str, Any]

# All that is added to a plain prompt, in either protocol, and the most for a system prompt.
PLAIN_OVERHEAD = completions.OVERHEAD + 2 * completions.MESSAGE_OVERHEAD
SYSTEM_OVERHEAD = completions.MESSAGE_OVERHEAD + len('{"role": "system"}')
# Servers other than OpenAI that refuse the old name of the most tokens, which all others know.
_NEW_NAMES = ".openai.azure.com"
# What inference in one region costs more, in prices of others.
_REGIONAL = "1.1"
# A server of one's own may need none, but the SDK does.
_NO_KEY = "none"

_INPUT = ("model", "input", "instructions", "reasoning", "text", "tool_choice", "tools")


class _Protocol(NamedTuple):
    """How a request is said and bounded, and its answer read; `limit` is the option for the most tokens, if it has one.

    `streamed` puts an answer together that comes in events, which `streaming` are the options for.
    """

    body: Callable[[Request], Body]
    bound: Callable[[Mapping[str, Any]], int | None]
    read: Callable[[Any], Reply]
    resource: Callable[[Any], Any]
    limit: str
    path: str
    streamed: Callable[[], Streamed] | None = None
    streaming: Body | None = None


_RESPONSES = _Protocol(
    responses.body_of,
    responses.input_bound,
    responses.read_answer,
    lambda client: client.responses,
    "max_output_tokens",
    "/v1/responses",
    StreamedResponse,
    {"stream": True},
)
_COMPLETIONS = _Protocol(
    completions.body_of,
    completions.input_bound,
    completions.read_answer,
    lambda client: client.chat.completions,
    "max_completion_tokens",
    "/v1/chat/completions",
    StreamedCompletion,
    {"stream": True, "stream_options": {"include_usage": True}},
)
_EMBEDDINGS = _Protocol(
    embeddings.body_of,
    lambda body: embeddings.embeddings_bound(body["input"]),
    embeddings.read_answer,
    lambda client: client.embeddings,
    "",
    "/v1/embeddings",
)
_OLD_COMPLETIONS = _COMPLETIONS._replace(limit="max_tokens")


class OpenAIProvider(SdkProvider):
    """Asks OpenAI, or the server at a base URL; the key is empty for one that needs none."""

    __slots__ = ()
    name = "openai"
    home = "https://api.openai.com/v1"
    overhead = PLAIN_OVERHEAD
    system_overhead = SYSTEM_OVERHEAD
    takes_schemas = True
    takes_tools = True
    takes_embeddings = True
    batch_limits = (50_000, 200_000_000)
    streams = True
    is_priced = True
    biller = "openai"

    @property
    def _host(self) -> str:
        from urllib.parse import urlsplit

        return urlsplit(self._base_url or self.home).hostname or ""

    @property
    def is_openai(self) -> bool:
        """Whether OpenAI itself is asked."""
        return is_openai(self._host)

    @property
    def takes_batches(self) -> bool:  # type: ignore[override]
        """Only OpenAI itself, of which the prices in batches are known."""
        return self.is_openai

    @property
    def most_factor(self) -> int | Decimal:
        """What a region costs more; other servers may have what they pass on done at a higher price."""
        return self._region if self.is_openai else completions.PRIORITY

    @property
    def _region(self) -> Decimal:
        from decimal import Decimal

        return Decimal(_REGIONAL if is_regional(self._host) else 1)

    def price(self, model: str) -> Price | None:
        """What OpenAI takes for a model of that name, at most; None when the price data doesn't know it."""
        return price_of(model, self.biller, self.most_factor)

    def embedding_price(self, model: str) -> Price | None:
        """What OpenAI takes for vectors by a model of that name, at most."""
        return price_of(model, self.biller, self.most_factor, has_output=False)

    def bound(self, request: Request) -> int:
        """A sure upper bound of the input tokens. Raises Unbounded when there is none."""
        if type(request) is Request:
            return PLAIN_OVERHEAD + text_bound(request.prompt)
        if request.embeds is not None:
            most = context_window(request.model, self.biller) if self.is_openai else None
            return embeddings.embeddings_bound(embeddings.texts_of(request), most)
        protocol = self._protocol(request)
        tokens = protocol.bound(protocol.body(request))
        if tokens is None:
            tokens = context_window(request.model, self.biller)
        if tokens is None:
            raise Unbounded(
                f"a call with parts that have no sure bound isn't sent, as nobody knows how much the model \""
                f'{request.model}" takes; send texts'
            )
        return tokens * request.attempts

    def complete(
        self,
        request: Request,
        max_tokens: int,
        seconds: float | None = None,
        confirm: Callable[[], None] | None = None,
    ) -> Reply:
        """One request. Raises AttemptFailed, without context: the SDK's exceptions hold the key, prompt and answer."""
        from omega_runtime.models.connections import openai_client

        attempt = self._attempt(request.settings.timeout if seconds is None else seconds, confirm)
        protocol = self._protocol(request)
        try:
            # Raw, as the SDK builds the types of its answers under locks that are held in a child of another thread.
            resource = protocol.resource(openai_client(self._key or _NO_KEY, self._base_url))
            listener = listener_of(request)
            options = self._options(protocol, request, max_tokens)
            with attempt as timeout:
                if listener is not None:
                    return self._streamed(protocol, resource, listener, {**options, "timeout": timeout})
                answer = resource.with_raw_response.create(**options, timeout=timeout).http_response
                return self._read(protocol, answer.json(), answer)
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
        from omega_runtime.models.async_connections import async_openai_client, current_attempt, let_others_run

        attempt = self._attempt(request.settings.timeout if seconds is None else seconds, confirm)
        protocol = self._protocol(request)
        current_attempt.set(attempt)
        let_others_run()
        try:
            resource = protocol.resource(async_openai_client(self._key or _NO_KEY, self._base_url)).with_raw_response
            options = self._options(protocol, request, max_tokens)
            answer = await resource.create(**options, timeout=attempt.begin())
            return self._read(protocol, answer.http_response.json(), answer.http_response)
        except Exception as error:
            failed = attempt.refusal or self._failed(error, attempt, request)
        raise failed

    def failure(self, error: Exception) -> Failure:
        """What is known about an attempt."""
        if isinstance(error, ImportError):
            message = f"openai: the SDK cannot be imported ({error}); pip install 'omegac[openai]'"
            return Failure(message, billed="no")
        return super().failure(error)

    def batches(self) -> Batches:
        """OpenAI's batches. Raises ImportError without the SDK."""
        from omega_runtime.models.connections import openai_client
        from omega_runtime.models.openai_batches import OpenAIBatches

        return OpenAIBatches(openai_client(self._key or _NO_KEY, self._base_url), self._key)

    def batched(self, request: Request, max_tokens: int) -> Body:
        """What a batch says of a request."""
        protocol = self._protocol(request)
        body = {**protocol.body(request), protocol.limit: max_tokens, "store": False}
        return {"url": protocol.path, "body": body}

    def batch_of(self, request: Request) -> str:
        """A batch has requests of one model, in one protocol."""
        return f"{request.model} at {self._protocol(request).path}"

    def batched_reply(self, message: Any) -> Reply:
        """The reply in a result of a batch. Raises UnreadableAnswer."""
        is_response = isinstance(message, dict) and message.get("object") == "response"
        reply = (_RESPONSES if is_response else _COMPLETIONS).read(message)
        reply.price_factor *= self._region
        return reply

    def batch_price(self, settings: Settings, price: Price, model: str) -> Price:
        """What the price data says of batches; what else is said of a price says nothing of these."""
        if model in settings.prices or model in settings.least_prices:
            return price
        return batch_price_of(model, self.biller, self.most_factor) or price

    def _protocol(self, request: Request) -> _Protocol:
        if request.embeds is not None:
            return _EMBEDDINGS
        if self.is_openai:
            return _COMPLETIONS if request.stop else _RESPONSES
        return _COMPLETIONS if self._host.endswith(_NEW_NAMES) else _OLD_COMPLETIONS

    def _options(self, protocol: _Protocol, request: Request, max_tokens: int) -> Body:
        if not protocol.limit:
            return protocol.body(request)
        options = {**protocol.body(request), protocol.limit: max_tokens}
        if self.is_openai:
            # Else the project's settings may ask for a dearer one, and all that is said is kept for others to refer to.
            options |= {"service_tier": "default", "store": False}
        return options

    def _streamed(self, protocol: _Protocol, resource: Any, listener: Callable[[str], None], options: Body) -> Reply:
        """The reply to a request whose answer comes in events. Raises ListenerFailed."""
        assert protocol.streamed is not None
        assert protocol.streaming is not None
        with resource.with_streaming_response.create(**options, **protocol.streaming) as answer:
            body = heard(answer.http_response.iter_bytes(), protocol.streamed(), listener)
            reply = self._read(protocol, body, answer.http_response)
        reply.is_streamed = True
        return reply

    def _read(self, protocol: _Protocol, body: Any, response: Any) -> Reply:
        reply = protocol.read(body)
        reply.price_factor *= self._region
        reply.request_id = response.headers.get("x-request-id")
        return reply

    def _counted(self, request: Request) -> int | AttemptFailed | None:
        """OpenAI's own count, which it has for Responses."""
        if not self.is_openai or request.stop or request.embeds is not None:
            return None
        from omega_runtime.models.connections import openai_client
        from omega_runtime.models.usage import count

        attempt = self._attempt(min(COUNT_SECONDS, request.settings.timeout))
        try:
            tokens = openai_client(self._key or _NO_KEY, self._base_url).responses.input_tokens.with_raw_response
            with attempt as timeout:
                answer = tokens.count(**_countable(request), timeout=timeout)
                return count(answer.http_response.json(), "input_tokens")
        except Exception as error:
            return self._failed(error, attempt, request)

    def _failed(self, error: Exception, attempt: Attempt, request: Request) -> AttemptFailed:
        from omega_runtime.models.failures import failed_attempt
        from omega_runtime.models.openai_failures import SDK

        return failed_attempt(error, attempt, self._key, texts_of(request), request.settings.timeout, SDK)


def _countable(request: Request) -> Body:
    """What a count is asked of: all that is input."""
    body = responses.body_of(request)
    return {name: body[name] for name in _INPUT if name in body}


def can_ask() -> bool:
    """Whether there is a key, or a server that may need none."""
    return bool(os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL"))


def sells(model: str) -> bool:
    """Whether OpenAI is to be asked for a model of that name: it sells one, and there is a key for it."""
    return bool(os.environ.get("OPENAI_API_KEY")) and price_of(model, OpenAIProvider.biller) is not None


def openai_provider(model: str) -> OpenAIProvider:
    """The provider for OPENAI_API_KEY and OPENAI_BASE_URL as they are now, for a model.

    Raises OmegaError when there is neither, or a key that cannot be sent, and Unbounded for a model that searches.
    """
    if not can_ask():
        raise OmegaError(
            "OPENAI_API_KEY is not set; set it, or OPENAI_BASE_URL for a server of your own, or use the offline model "
            "with --model offline"
        )
    completions.check_model(model)
    return OpenAIProvider(usable_key("OPENAI_API_KEY"), os.environ.get("OPENAI_BASE_URL") or None)
