"""`omegac run --workers ray`, as a user starts and stops it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.command import environment, omegac
from tests.support.counting_server import CountingServer
from tests.support.ledgers import eventually

PROGRAM = """
(define (ask n) (effect infer.op (list "Summary of document " n ".") max-tokens: 60))
(define (both n) (string-append (ask n) " " (ask (+ n 1000))))
(for-each (lambda (each) (display each) (newline)) (parallel-map both (iota 60)))
"""
RUN = ("run", "p.omega", "--model", "claude-sonnet-4-6", "--workers", "ray", "--worker-count", "2", "--jobs", "4")


def served(server: CountingServer) -> dict[str, str]:
    return {"ANTHROPIC_API_KEY": "test-key", "ANTHROPIC_BASE_URL": server.url}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_what_is_stopped_leaves_nothing_behind_and_goes_on(tmp_path: Path, number: int, status: int) -> None:
    (tmp_path / "p.omega").write_text(PROGRAM)
    with CountingServer(1) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "omegac", *RUN],
            cwd=tmp_path,
            env=environment(**served(server)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        eventually(lambda: len(server.arrived) >= 30, 60)
        started = psutil.Process(process.pid).children(recursive=True)
        working = {each.pid for each in started if each.name().startswith("ray::Worker")}
        assert working
        # As Ctrl-C does, which every process of the terminal hears; the others are sent to one.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        begun = time.monotonic()
        output, said = process.communicate(timeout=60)
        assert (process.returncode, output) == (status, ""), said
        assert time.monotonic() - begun < 20
        # Agents of Ray's own look for the process that started them now and then only, if that was killed.
        workers = [each for each in started if number != signal.SIGKILL or each.pid in working]
        assert not psutil.wait_procs(workers, timeout=20)[1]
        eventually(lambda: server.pending == 0)
        before = len(server.bill)
        again = omegac(*RUN, "--resume", cwd=tmp_path, **served(server))
        assert again.returncode == 0, again.stderr
        assert len(again.stdout.splitlines()) == 60
        told = next(line for line in again.stderr.splitlines() if "replayed" in line)
        replayed = int(told.split(": ")[-1].split()[0])
        # What was under way when the run stopped was billed, and heard by nobody.
        assert before - 2 * 4 <= replayed <= before
        assert len(server.bill) == 120 + before - replayed


@pytest.fixture
def cluster_of_others() -> Iterator[str]:
    """The address of a Ray that this process has not started by itself."""
    gcs, client = free_ports(2)
    where = ["--node-ip-address=127.0.0.1", f"--port={gcs}", f"--ray-client-server-port={client}"]
    size = ["--num-cpus=2", "--object-store-memory=80000000", "--include-dashboard=false", "--disable-usage-stats"]
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", *where, *size]
    process = subprocess.Popen(ray, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        assert any("Ray runtime started" in line for line in process.stdout)
        yield f"ray://127.0.0.1:{client}"
    finally:
        started = [process, *psutil.Process(process.pid).children(recursive=True)]
        for each in started:
            with suppress(psutil.Error):
                each.kill()
        process.communicate()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses, below those that Ray gives its workers."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", random.randint(5_000, 9_999)))
            found.append(one.getsockname()[1])
    return found


def test_workers_of_a_cluster_make_the_calls(tmp_path: Path, cluster_of_others: str) -> None:
    (tmp_path / "p.omega").write_text(PROGRAM.replace("(iota 60)", "(iota 8)"))
    options = ("--model", "offline", "--workers", cluster_of_others, "--worker-count", "2")
    done = omegac("run", "p.omega", *options, "--budget", "100k", "--report", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line[:22] for line in done.stdout.splitlines()] == [f"Summary of document {n}." for n in range(8)]
    assert " tokens in 16 calls" in done.stderr


def test_a_cluster_that_is_not_there_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text('(display (effect infer.op "never asked"))')
    done = omegac("run", "p.omega", "--model", "offline", "--workers", "ray://127.0.0.1:1", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "ray://127.0.0.1:1 cannot be reached" in done.stderr


def test_a_report_counts_the_calls_of_workers(tmp_path: Path) -> None:
    (tmp_path / "p.omega").write_text(PROGRAM)
    with CountingServer(1) as server:
        done = omegac(*RUN, "--budget", "100k", "--report", cwd=tmp_path, **served(server))
        assert done.returncode == 0, done.stderr
        assert f"spent {sum(each.tokens for each in server.bill):,} of 100,000 tokens, $" in done.stderr
        assert " in 120 calls" in done.stderr
