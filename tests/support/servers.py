"""PostgreSQL servers that tests start by themselves, in temporary folders, and databases with ledgers on them."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from omega_runtime.clock import SystemClock
from omega_runtime.ledger.postgres.auditing import problems
from omega_runtime.ledger.postgres.connection import Connection
from omega_runtime.ledger.postgres.ledger import ServerLedger

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=on")
SAFE = ("fsync=on",)


def programs() -> Path | None:
    """The folder with the server's programs: those in PATH, or the newest where Debian has them."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server of its own, on a loopback port; it never runs as root."""

    def __init__(self, *settings: str, environment: dict[str, str] | None = None) -> None:
        found = programs()
        assert found is not None, "there is no PostgreSQL server: apt-get install postgresql"
        self.programs = found
        self.settings = list(settings)
        self.environment = {"PATH": os.environ["PATH"], **(environment or {})}
        self.folder = Path(tempfile.mkdtemp(prefix="omegac-pg-"))
        self.port = free_port()
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            self.user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        self.data = self.folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.databases = 0
        self._pid = os.getpid()
        self._templates: dict[bool, str] = {}
        initdb = ["-D", str(self.data), "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
        self._run("initdb", *initdb)
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            **self.user,
        )

    def own(self, path: Path) -> None:
        """Copy a file into the server's folder, for its eyes only."""
        copy = self.data / path.name
        shutil.copy(path, copy)
        copy.chmod(0o600)
        if self.user:
            shutil.chown(copy, self.user["user"], self.user["group"])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}"]
        options += ["max_connections=200", *self.settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *(part for each in options for part in ("-c", each))],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                **self.user,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.execute("SELECT 1")
                return
            except Exception:
                if time.monotonic() > deadline:
                    raise AssertionError(self.log()) from None
                time.sleep(0.05)

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: SIGINT ends what is under way, SIGQUIT is as a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)

    def crash(self) -> None:
        """As when the machine loses power, but for what the operating system has."""
        self.stop(signal.SIGQUIT)

    def freeze(self) -> list[int]:
        """Stop all of its processes for a while; `thaw` lets them go on."""
        import psutil

        assert self.process is not None
        main = psutil.Process(self.process.pid)
        pids = [main.pid, *(child.pid for child in main.children(recursive=True))]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        return pids

    def thaw(self, pids: list[int]) -> None:
        for pid in reversed(pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """What another program does, as the owner of everything."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as db:
            cursor = db.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str, user: str = "owner", port: int | None = None) -> str:
        return f"postgresql://{user}@127.0.0.1:{port or self.port}/{database}"

    def database(self, template: str = "template1") -> str:
        """A new database; its name."""
        self.databases += 1
        name = f"books{self.databases}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def books(self, is_steered: bool = False) -> str:
        """The URL of a new database with empty books; with a clock that tests set."""
        if is_steered not in self._templates:
            template = self._templates[is_steered] = self.database()
            ServerLedger(self.url(template), keep=False).close()
            if is_steered:
                self.execute(STEERED, template)
        return self.url(self.database(self._templates[is_steered]))

    def close(self) -> None:
        """Stop it and remove its folder; a forked child leaves it alone."""
        if os.getpid() != self._pid:
            return
        with suppress(Exception):
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


_servers: dict[tuple[str, ...], Server] = {}


def shared_server() -> Server:
    """A quick server for all tests of this process."""
    if FAST not in _servers:
        _servers[FAST] = Server(*FAST)
    return _servers[FAST]


@atexit.register
def _close_servers() -> None:
    for server in _servers.values():
        server.close()


class SteeredClock:
    """The clock of the books in a database, set to that of a test before each operation."""

    def __init__(self, url: str, clock: SystemClock) -> None:
        import psycopg

        self._db = psycopg.connect(url, autocommit=True)
        self._clock = clock
        self._told = 0.0

    def tell(self) -> None:
        time = self._clock.time()
        if time != self._told:
            self._db.execute("UPDATE omega.test_clock SET time = %s", (time,))
            self._told = time

    def close(self) -> None:
        self._db.close()


STEERED = """
CREATE TABLE omega.test_clock (time double precision);
INSERT INTO omega.test_clock VALUES (0);
CREATE OR REPLACE FUNCTION omega.server_time() RETURNS double precision LANGUAGE sql
    SECURITY DEFINER SET search_path = omega, pg_temp AS 'SELECT time FROM omega.test_clock';
CREATE OR REPLACE FUNCTION omega.awake_since() RETURNS double precision LANGUAGE sql AS 'SELECT 0::double precision';
"""


class SteeredConnection(Connection):
    __slots__ = ("_steered",)

    def __init__(self, url: str, steered: SteeredClock) -> None:
        super().__init__(url)
        self._steered = steered

    def run_locked(self, work: Any) -> Any:
        self._steered.tell()
        return super().run_locked(work)


class SteeredLedger(ServerLedger):
    """A ledger whose server goes by the clock of its process, as a file does; nobody renews its leases."""

    __slots__ = ("_steered",)

    def __init__(self, url: str, clock: SystemClock, lease: float = 60.0) -> None:
        self._steered = SteeredClock(url, clock)
        super().__init__(url, clock, lease=lease, keep=False)

    def _connection(self, url: str) -> Connection:
        return SteeredConnection(url, self._steered)

    def close(self) -> None:
        super().close()
        self._steered.close()


def audit(url: str) -> list[str]:
    """What does not agree in the books."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as db:
        return problems(db)
