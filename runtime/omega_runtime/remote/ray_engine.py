"""Workers as actors of Ray. Nothing else knows of Ray, and to Ray everything is bytes."""

from __future__ import annotations

import logging
import os
import signal
from concurrent.futures import Future
from contextlib import suppress
from threading import current_thread, main_thread

from omega_runtime.remote.engine import WorkerLost
from omega_runtime.remote.worker import Worker
from omega_runtime.values.errors import OmegaError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of the objects of a Ray that is started here, in bytes: messages are small.
_STORE_BYTES = 100_000_000
# Ray must neither try again what may have been paid for, nor start a worker that nobody has set up.
_ONCE = {"max_restarts": 0, "max_task_retries": 0, "num_cpus": 0, "scheduling_strategy": "SPREAD"}


class RayEngine:
    """A Ray cluster at `ray://HOST:PORT`, or for `ray` one of this process's own, on this machine."""

    def __init__(self, where: str) -> None:
        try:
            import ray
        except ImportError:
            raise OmegaError(
                f"workers: {where} needs Ray, which is not installed; pip install 'omegac[ray]' brings it"
            ) from None
        self._ray: Any = ray
        self._is_own = not ray.is_initialized()
        if self._is_own:
            _connect(ray, where)
        self._actor = ray.remote(Worker)

    def start(self, setup: bytes, calls: int) -> _Actor:
        """As `Engine.start`."""
        return _Actor(self._ray, self._actor.options(max_concurrency=calls, **_ONCE).remote(setup))

    def close(self) -> None:
        """As `Engine.close`; a Ray that the program has started itself stays."""
        if self._is_own:
            self._ray.shutdown()


def _connect(ray: Any, where: str) -> None:
    # It would install this process's project on the workers, from its lock file.
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        if where == "ray":
            ray.init("local", include_dashboard=False, object_store_memory=_STORE_BYTES, **quiet)
        else:
            ray.init(where, **quiet)
    except Exception as error:
        raise OmegaError(f"workers: {where} cannot be reached: {error}") from None
    finally:
        # Ray would have the process end at once, when it is told to end.
        for number, handler in handlers.items() if current_thread() is main_thread() else ():
            signal.signal(number, handler)


class _Actor:
    """One actor."""

    def __init__(self, ray: Any, actor: Any) -> None:
        self._ray = ray
        self._actor = actor
        # Of answers that are not there yet; Ray forgets those that nobody refers to.
        self._references: dict[int, Any] = {}

    def send(self, message: bytes) -> Future[bytes]:
        """As `Handle.send`."""
        answer: Future[bytes] = Future()
        try:
            reference = self._actor.answer.remote(message)
        except self._ray.exceptions.RayError as error:
            answer.set_exception(WorkerLost(str(error)))
            return answer
        self._references[id(answer)] = reference

        def deliver(done: Future[Any]) -> None:
            self._references.pop(id(answer), None)
            error = done.exception()
            if error is None:
                answer.set_result(done.result())
            else:
                answer.set_exception(WorkerLost(str(error)))

        reference.future().add_done_callback(deliver)
        return answer

    def kill(self) -> None:
        """As `Handle.kill`."""
        with suppress(Exception):
            self._ray.kill(self._actor)
