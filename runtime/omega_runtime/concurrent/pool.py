"""The threads that help: a few for the whole process, which wait for work and end when there has been none."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Condition, local

from omega_runtime import forks
from omega_runtime.control.deep import is_deep, start_helper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Task = Callable[[], None]

# Seconds without work after which a thread ends.
IDLE_SECONDS = 10.0


class Pool:
    """Tasks in order of their arrival, and the threads that take them.

    Threads are daemons: an interrupted program does not wait for what its calls are waiting for.
    """

    def __init__(self) -> None:
        self._tasks: deque[Task] = deque()
        self._lock = forks.fresh_lock()
        self._changed = Condition(self._lock)
        self._idle = 0
        self.threads = 0

    def offer(self, task: Task, most: int) -> bool:
        """Have the task done by a thread as soon as one is free; a new one is started while there are below `most`.

        The task must not raise. False, and it is not taken, when no thread can be started and there is none.
        """
        with self._lock:
            self._tasks.append(task)
            starts = len(self._tasks) > self._idle and self.threads < most
            self.threads += starts
            self._changed.notify()
        if not starts:
            return True
        # Not under the lock, as starting takes another one.
        try:
            is_started = start_helper(self._work, "omega helper")
        except BaseException:
            with self._lock:
                self.threads -= 1
            raise
        if is_started:
            return True
        with self._lock:
            self.threads -= 1
            if self.threads or task not in self._tasks:
                return True
            self._tasks.remove(task)
            return False

    def withdraw(self, task: Task) -> bool:
        """Take a task back that no thread has begun; whether that was so."""
        with self._lock:
            try:
                self._tasks.remove(task)
            except ValueError:
                return False
            return True

    def _work(self) -> None:
        _here.is_helper = True
        while (task := self._next()) is not None:
            # An interrupt that comes too late for the task is nobody else's.
            with suppress(KeyboardInterrupt):
                task()
            del task  # what it refers to must not live until the next one comes

    def _next(self) -> Task | None:
        """The next task; None, after which the thread must end, when none came for a while."""
        with self._lock:
            self._idle += 1
            try:
                if not self._tasks:
                    self._changed.wait(IDLE_SECONDS)
                if self._tasks:
                    return self._tasks.popleft()
            finally:
                self._idle -= 1
            self.threads -= 1
            return None


_here = local()


def is_helper() -> bool:
    """Whether the code that runs here is in a thread of a pool."""
    return getattr(_here, "is_helper", False)


_pools = {False: Pool(), True: Pool()}


def pool() -> Pool:
    """The pool for code that runs here: of threads with the large stack where the caller has it."""
    return _pools[is_deep()]


def _forget() -> None:
    """In a forked child there are none of the parent's threads."""
    _pools.update({False: Pool(), True: Pool()})


forks.in_child(_forget)
