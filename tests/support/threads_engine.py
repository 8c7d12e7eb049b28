"""An engine whose workers are threads of this process: what is told to workers is the same, whatever starts them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from omega_runtime.remote.engine import WorkerLost
from omega_runtime.remote.worker import Worker


class ThreadsHandle:
    """A worker that can be lost: what it answers from then on nobody hears."""

    def __init__(self, setup: bytes, calls: int) -> None:
        self._worker = Worker(setup)
        self._pool = ThreadPoolExecutor(calls)
        self._lock = Lock()
        self._waiting: list[Future[bytes]] = []
        self.is_lost = False

    def send(self, message: bytes) -> Future[bytes]:
        answer: Future[bytes] = Future()
        with self._lock:
            is_lost = self.is_lost
            self._waiting.append(answer)
        if is_lost:
            answer.set_exception(WorkerLost("it was lost"))
        else:
            self._pool.submit(self._work, message, answer)
        return answer

    def _work(self, message: bytes, answer: Future[bytes]) -> None:
        found = self._worker.answer(message)
        with self._lock:
            if self.is_lost:
                return
            self._waiting.remove(answer)
        answer.set_result(found)

    def kill(self) -> None:
        with self._lock:
            self.is_lost = True
            lost, self._waiting = self._waiting, []
        for each in lost:
            if not each.done():
                each.set_exception(WorkerLost("it was lost"))
        self._pool.shutdown(wait=False)


class ThreadsEngine:
    """Starts such workers, and keeps all that it has started."""

    def __init__(self) -> None:
        self.started: list[ThreadsHandle] = []
        self.is_closed = False

    def start(self, setup: bytes, calls: int) -> ThreadsHandle:
        self.started.append(ThreadsHandle(setup, calls))
        return self.started[-1]

    def close(self) -> None:
        self.is_closed = True
