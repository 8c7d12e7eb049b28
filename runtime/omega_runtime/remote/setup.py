"""What workers are told before anything else: versions that must be theirs, and the settings of the program."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from omega_runtime import settings
from omega_runtime.models.function import FunctionProvider
from omega_runtime.settings.table import SETTINGS
from omega_runtime.values.errors import OmegaError
from omega_runtime.version import INTERFACE, __version__
from omega_runtime.world.arguments import arguments, set_command_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Settings that are no data; where they matter, they are looked at one by one.
_OBJECTS = frozenset({"embed", "jitter", "provider"})
_RATES = ("requests_per_minute", "tokens_per_minute")


def version_here() -> list[Any]:
    """What has to be equal in the program and its workers."""
    return [__version__, INTERFACE, list(sys.version_info[:2])]


def machine() -> str:
    """What tells this machine from others, as far as ledger files go."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return socket.gethostname()


def check_version(told: list[Any]) -> None:
    """Raise OmegaError unless the program and this worker are of one version."""
    own = version_here()
    if told != own:
        shown = ["omegac {} (interface {}) under Python {}.{}".format(*each[:2], *each[2]) for each in (told, own)]
        raise OmegaError(f"the program has {shown[0]}, a worker on {socket.gethostname()} {shown[1]}; install the same")


def settings_for(workers: int) -> dict[str, Any]:
    """The settings for each of so many workers; rates are shared out. Raises OmegaError for what can't travel."""
    active = settings.active
    if active.embed is not None and active.similarity is not None:
        raise OmegaError("workers: the setting embed is a function and cannot travel; leave it out, or similarity")
    told = {name: getattr(active, name) for name in SETTINGS if name not in _OBJECTS}
    for name in _RATES:
        told[name] = {model: _share(name, model, most, workers) for model, most in told[name].items()}
    if active.provider is not None:
        if type(active.provider) is not FunctionProvider:
            raise OmegaError(
                "workers: a provider that is an object cannot travel; name a model, for which workers find theirs"
            )
        told["provider"] = active.provider.function
    return told


def _share(name: str, model: str, most: int, workers: int) -> int:
    if most < workers:
        raise OmegaError(f"workers: {name} of {model} is {most}, too few to share among {workers} workers; have fewer")
    return most // workers


def setup_for(workers: int, jobs: int) -> dict[str, Any]:
    """What each of so many workers is told."""
    return {
        "version": version_here(),
        "settings": {**settings_for(workers), "jobs": jobs},
        "arguments": list(arguments()),
    }


def take_up(told: dict[str, Any]) -> None:
    """Be set up as a worker. Raises OmegaError."""
    wanted = dict(told["settings"])
    function = wanted.pop("provider", None)
    settings.active = settings.Settings(
        **{**{name: row.default for name, row in SETTINGS.items()}, **wanted},
    )
    if function is not None:
        settings.active = settings.active.replaced(provider=FunctionProvider(function))
    set_command_line(told["arguments"])


def identity_of(path: str) -> list[Any]:
    """What tells a file from others, on whatever machine; raises OSError when it is not there."""
    status = os.stat(path)  # noqa: PTH116
    return [machine(), status.st_dev, status.st_ino]


def check_file(path: str, identity: list[Any]) -> None:
    """Raise OmegaError unless a ledger file is the very one of the program."""
    try:
        is_same = identity_of(path) == identity
    except OSError:
        is_same = False
    if not is_same:
        raise OmegaError(
            f'the ledger file "{path}" is not there on {socket.gethostname()}, and a file serves one machine only; '
            "keep the budget on a server: --ledger postgresql://…"
        )
