"""What starts workers elsewhere, and carries bytes there and back. Ray is one; another is another module like it."""

from __future__ import annotations

from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Protocol

    class Handle(Protocol):
        """One worker: a process in which `worker.Worker` answers messages."""

        def send(self, message: bytes) -> Future[bytes]:
            """The answer to come; WorkerLost when the worker is gone before it is there. Never sent twice."""

        def kill(self) -> None:
            """End the worker's process at once, whatever it does."""

    class Engine(Protocol):
        """A connection to what starts processes."""

        def start(self, setup: bytes, calls: int) -> Handle:
            """A new worker that answers up to so many messages at once. Raises OmegaError."""

        def close(self) -> None:
            """End the connection, and what it has started."""


ENGINES = ("ray", "ray://HOST:PORT")
"""Where workers may be."""


class WorkerLost(Exception):
    """A worker is gone, and what it was doing with it."""


def engine_at(where: str) -> Engine:
    """The engine at a place. Raises OmegaError for an unknown one, and for one that cannot be reached."""
    if where == "ray" or where.startswith("ray://"):
        from omega_runtime.remote.ray_engine import RayEngine

        return RayEngine(where)
    raise OmegaError(f"workers: {where!r} is no place of workers; there is {' and '.join(ENGINES)}")
