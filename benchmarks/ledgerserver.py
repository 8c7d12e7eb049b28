"""How many calls a second a PostgreSQL server keeps the books of, beside a ledger file on the same disk; how long
calls wait there for each other, and how many round trips they take.

`python -m benchmarks.ledgerserver` needs a server's programs and a C compiler: a small library that is loaded into both
has each flush to the disk take so many milliseconds longer, as on slower disks and in data centres.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click

from benchmarks.ledgerfile import calls_on
from benchmarks.ledgerwaits import percentiles, round_trips, wake_ups
from tests.support.servers import SAFE, Server

_SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
static void wait_for_disk(void) {
    const char *text = getenv("FLUSH_MICROSECONDS");
    long microseconds = text ? atol(text) : 0;
    struct timespec pause = {microseconds / 1000000, microseconds % 1000000 * 1000};
    if (microseconds) nanosleep(&pause, 0);
}
int fsync(int file) { wait_for_disk(); return ((int (*)(int)) dlsym(RTLD_NEXT, "fsync"))(file); }
int fdatasync(int file) { wait_for_disk(); return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(file); }
"""


def slow_disk(folder: Path, milliseconds: float) -> dict[str, str]:
    """An environment in which flushes take longer."""
    source, library = folder / "slow.c", folder / "slow.so"
    if not library.exists():
        source.write_text(_SLOW)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)  # noqa: S603, S607
        folder.chmod(0o755)
    return {"LD_PRELOAD": str(library), "FLUSH_MICROSECONDS": str(round(milliseconds * 1000))}


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True)
@click.option("--delay", "delays", type=float, multiple=True, default=(0.1, 2.0), help="Milliseconds for each flush.")
@click.option("--waits", default=300, show_default=True, help="How often one process waits for the other.")
def command(rounds: int, seconds: float, delays: tuple[float, ...], waits: int) -> None:
    """Calls a second, each reserved and settled on three nested accounts of which the outermost is everybody's.

    Then the time from when a process settles until another, which waits for that, has its hold; and round trips.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for delay in delays:
            environment = {**os.environ, **slow_disk(folder, delay)}
            server = Server(*SAFE, environment=slow_disk(folder, delay))
            try:
                for processes, threads in ((1, 1), (1, 16), (4, 1), (4, 16)):
                    files, servers = [], []
                    for _ in range(rounds):
                        with TemporaryDirectory(dir=folder) as place:
                            path = str(Path(place) / "bench.ledger")
                            files.append(calls_on(path, processes, threads, seconds, environment))
                        servers.append(calls_on(server.books(), processes, threads, seconds))
                    file, own = median(files), median(servers)
                    click.echo(
                        f"{delay:g} ms a flush, {processes} x {threads:2}: file {file:6.0f}, "
                        f"server {own:6.0f} calls/s ({own / file:.2f})"
                    )
                median_wait, long_wait = percentiles(wake_ups(server, waits))
                click.echo(f"{delay:g} ms a flush: from settle to grant {median_wait:.1f} ms, p95 {long_wait:.1f} ms")
                held, settled = round_trips(server, 50)
                click.echo(f"{delay:g} ms a flush: {held:.2f} round trips to hold, {settled:.2f} to settle")
            finally:
                server.close()


if __name__ == "__main__":
    command(prog_name="python -m benchmarks.ledgerserver")
