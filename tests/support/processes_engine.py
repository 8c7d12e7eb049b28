"""An engine whose workers are processes of this machine, so that tests need no Ray; they are told the very same.

Each message and each answer goes through a pipe as its number, its length and its bytes.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Thread
from typing import IO

from omega_runtime.remote.engine import WorkerLost

from tests.support import ROOT

_HEAD = struct.Struct("!QQ")


class ProcessHandle:
    """A worker; `process` can be killed."""

    def __init__(self, setup: bytes, calls: int) -> None:
        path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.processes_engine", str(calls)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        self._lock = Lock()
        self._waiting: dict[int, Future[bytes]] = {}
        self._is_lost = False
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._write(0, setup)

    def send(self, message: bytes) -> Future[bytes]:
        """As an engine's handle does."""
        answer: Future[bytes] = Future()
        with self._lock:
            number = id(answer)
            self._waiting[number] = answer
            is_lost = self._is_lost
        if is_lost or not self._write(number, message):
            self._lose()
        return answer

    def _write(self, number: int, data: bytes) -> bool:
        assert self.process.stdin is not None
        try:
            with self._lock:
                self.process.stdin.write(_HEAD.pack(number, len(data)) + data)
                self.process.stdin.flush()
        except OSError:
            return False
        return True

    def _read(self) -> None:
        assert self.process.stdout is not None
        while (frame := _frame(self.process.stdout)) is not None:
            with self._lock:
                answer = self._waiting.pop(frame[0])
            answer.set_result(frame[1])
        self._lose()

    def _lose(self) -> None:
        with self._lock:
            self._is_lost = True
            lost = list(self._waiting.values())
            self._waiting.clear()
        for each in lost:
            each.set_exception(WorkerLost("its process is gone"))

    def kill(self) -> None:
        """As an engine's handle does."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                continue


class ProcessesEngine:
    """Starts such workers, and keeps all that it has started."""

    def __init__(self) -> None:
        self.started: list[ProcessHandle] = []
        self.is_closed = False

    def start(self, setup: bytes, calls: int) -> ProcessHandle:
        """As an engine does."""
        self.started.append(ProcessHandle(setup, calls))
        return self.started[-1]

    def close(self) -> None:
        """As an engine does."""
        self.is_closed = True


def _frame(pipe: IO[bytes]) -> tuple[int, bytes] | None:
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    number, length = _HEAD.unpack(head)
    data = pipe.read(length)
    return (number, data) if len(data) == length else None


def _serve(calls: int) -> None:
    """What the process of a worker does."""
    from omega_runtime.remote.worker import Worker

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a program prints is no answer
    lock = Lock()
    setup = _frame(sys.stdin.buffer)
    assert setup is not None
    worker = Worker(setup[1])

    def answer(number: int, message: bytes) -> None:
        found = worker.answer(message)
        with lock:
            answers.write(_HEAD.pack(number, len(found)) + found)
            answers.flush()

    work: Callable[..., object] = ThreadPoolExecutor(calls).submit
    while (frame := _frame(sys.stdin.buffer)) is not None:
        work(answer, *frame)
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
