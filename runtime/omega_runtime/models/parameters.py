"""What a Python function that is used as a model wants to be given, by the names of its parameters."""

from __future__ import annotations

from typing import NamedTuple

from omega_runtime.models.parts import blocks_of, described, text_of, texts_in
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter
    from typing import Any

    from omega_runtime.models.parts import Content
    from omega_runtime.models.request import Request
    from omega_runtime.values import Value


class ModelRequest(NamedTuple):
    """What a model is asked: a function with a parameter called `request` gets it.

    `prompt` is the text of the last message of a conversation, or of the results that tools gave, `said` the roles and
    contents of all of it, empty for a single prompt.
    `system` is None without a system prompt, `max_tokens` the most output tokens, `stop` the texts that end the answer.
    `temperature`, `top_p` and `effort` are None where the program doesn't say them. `tools` are those that it may call,
    by a `Reply` with such `content`: each a dict with "name", "description" and "input_schema".
    """

    prompt: str
    system: str | None
    max_tokens: int
    stop: tuple[str, ...]
    model: str
    said: tuple[tuple[str, Content], ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    effort: str | None = None
    tools: tuple[dict[str, Any], ...] = ()

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation, as the Messages API has it; that of one message when there is but a prompt."""
        return [{"role": role, "content": blocks_of(said)} for role, said in self.said or (("user", self.prompt),)]


# Between a system prompt and the prompt, where a function takes them as one text.
SYSTEM_END = "\n\n"

# What parameters of these names get as keywords; `**` gets all but the request.
_SAMPLING = ("temperature", "top_p", "effort")
_NAMED = ("system", "max_tokens", "stop", "model", "messages", "tools", *_SAMPLING, "request")


class Parameters:
    """What a function takes, looked at once.

    `is_plain` is whether the prompt is all that it needs, `takes_system` and `takes_stop` whether it can have these.
    """

    __slots__ = ("is_plain", "names", "optional", "prompt", "takes_stop", "takes_system")

    def __init__(self, function: Callable[..., Value]) -> None:
        # The keyword that the prompt goes by: "" is the first place, None that it goes nowhere by itself.
        self.prompt: str | None = None
        self.names: list[str] = []
        self.optional: set[str] = set()
        parameters = _parameters(function)
        if parameters is None:
            self.prompt = ""
        for each in parameters or ():
            self._take(each)
        if self.prompt is None and not {"messages", "request"} & set(self.names):
            raise OmegaError("use_model: the function takes neither a prompt nor messages nor a request")
        self.is_plain = self.prompt == "" and set(self.names) <= self.optional & {"system", "stop"}
        self.takes_system = bool({"system", "request"} & set(self.names))
        self.takes_stop = bool({"stop", "request"} & set(self.names))

    def _take(self, parameter: Parameter) -> None:
        kind, name = parameter.kind, parameter.name
        is_optional = parameter.default is not parameter.empty
        if kind == parameter.VAR_KEYWORD:
            rest = [each for each in _NAMED[:-1] if each not in self.names]
            self.names += rest
            self.optional.update(rest)
            self.prompt = "prompt" if self.prompt is None else self.prompt
        elif name in _NAMED and kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            self.names.append(name)
            if is_optional:
                self.optional.add(name)
        elif self.prompt is None and kind != parameter.KEYWORD_ONLY and not self.names:
            self.prompt = ""
        elif self.prompt is None and (name == "prompt" or kind == parameter.POSITIONAL_OR_KEYWORD):
            self.prompt = name
        elif kind != parameter.VAR_POSITIONAL and not is_optional:
            raise OmegaError(
                f'use_model: a model function has nothing for its parameter "{name}"; give it a default, or take '
                f"the prompt and any of {', '.join(_NAMED)}"
            )

    def call(self, function: Callable[..., Value], request: Request, max_tokens: int) -> Value:
        """Call the function; a system prompt that it can't be told of stands in front of the prompt."""
        last = request.messages[-1][1] if request.messages else request.prompt
        prompt = text_of(last) or "\n".join(texts_in(last))
        sampling = dict(request.sampling)
        asked = ModelRequest(
            prompt, request.system, max_tokens, request.stop, request.model, request.messages, **sampling
        )
        if request.tools and request.may_call_tools:
            asked = asked._replace(tools=tuple(map(described, request.tools)))
        given = {name: asked if name == "request" else getattr(asked, name) for name in self.names}
        for name in ("system", "stop", "tools", *_SAMPLING):
            # Without one, a default of the function's stays.
            if name in self.optional and not given[name]:
                del given[name]
        if "messages" in given and request.system is not None and not self.takes_system:
            given["messages"] = [{"role": "system", "content": request.system}, *asked.messages]
        if self.prompt is None:
            return function(**given)
        prompt = self.prompt_of(request.system, prompt)
        return function(prompt, **given) if self.prompt == "" else function(**{self.prompt: prompt, **given})

    def prompt_of(self, system: str | None, prompt: str) -> str:
        """The prompt, behind the system prompt where the function doesn't take that."""
        return prompt if system is None or self.takes_system else system + SYSTEM_END + prompt

    def check(self, request: Request, name: str) -> None:
        """Raise OmegaError when a request has parts that the function, of that name, can't be told of."""
        lacking = [each for each, _ in request.sampling if not {each, "request"} & set(self.names)]
        if request.messages and not {"messages", "request"} & set(self.names):
            lacking.append("messages")
        if request.tools and not {"tools", "request"} & set(self.names):
            lacking.append("tools")
        if lacking:
            raise OmegaError(
                f"{name} can't be told of {' and '.join(lacking)}, which the call has; give it a parameter of that name"
            )


def _parameters(function: Callable[..., Value]) -> list[Parameter] | None:
    """The function's parameters; None for one that doesn't say, such as `str`. Raises OmegaError for an async one."""
    from inspect import iscoroutinefunction, signature

    if iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None)):  # noqa: B004
        raise OmegaError("use_model: a model can't be an async function; have a plain one run it, as with asyncio.run")
    try:
        return list(signature(function).parameters.values())
    except (TypeError, ValueError):
        return None
