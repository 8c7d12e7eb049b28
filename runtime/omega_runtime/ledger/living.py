"""Whether processes of this machine still live."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def living(processes: Iterable[tuple[int, float]]) -> Iterator[int]:
    """Those of the processes, given with the time at which they were there, that still live."""
    import psutil

    for pid, seen in processes:
        try:
            # A process that was born later has only got the same number.
            other = psutil.Process(pid)
            if other.create_time() <= seen and other.status() != psutil.STATUS_ZOMBIE:
                yield pid
        except psutil.Error:
            continue
