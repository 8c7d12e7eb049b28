"""Servers as people have them: URLs, roles, certificates, versions, other programs, and none at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from omega_runtime.budgets.scope import budget
from omega_runtime.calls import infer
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.postgres import schema
from omega_runtime.ledger.postgres.connection import Connection, defaults
from omega_runtime.ledger.postgres.ledger import ServerLedger
from omega_runtime.ledger.stores import contents, overview, permit, reset
from omega_runtime.ledger.urls import shown, without_passwords
from omega_runtime.models.choose import use_model
from omega_runtime.models.reply import Reply
from omega_runtime.values.errors import OmegaError

from tests.support.command import omegac
from tests.support.dashboard import dashboard
from tests.support.ledgers import SITE, cost, hold, settle
from tests.support.servers import FAST, Server, audit

# A URL -> how it is told
URLS = {
    "postgresql://me:secret@host:5433/books": "postgresql://me:…@host:5433/books",
    "postgresql://me:secret@host/books?sslmode=require&password=secret": "postgresql://me:…@host/books",
    "postgres://me:se/cr@et@host/books": "postgres://me:…@host/books",
    "postgresql://host/books": "postgresql://host/books",
    "postgresql://me@host": "postgresql://me@host",
    "team.ledger": "team.ledger",
}


@pytest.mark.parametrize(("url", "told"), URLS.items())
def test_what_is_told_of_a_url(url: str, told: str) -> None:
    assert shown(url) == told
    assert "secret" not in without_passwords(f"omegac run p.omega --ledger={url} --resume")


# What can't be used -> what is said of it; {port} and {database} are those of a server
UNUSABLE = {
    "postgresql://me:s3cr3t@127.0.0.1:1/books": "Connection refused",
    "postgresql://me:s3cr3t@127.0.0.1:{port}/nowhere": "does not exist",
    "postgresql://me:s3cr3t@127.0.0.1:port/books": "invalid integer value",
    "postgresql://me:s3cr3t@[::1/books": "; write postgresql://HOST/DATABASE",
    "postgresql://me:s3cr3t@127.0.0.1:{port}/{database}?sslmode=verify-full": "SSL",
}


@pytest.mark.parametrize(("url", "message"), UNUSABLE.items())
def test_what_cannot_be_used_is_told_without_the_password(server: Server, url: str, message: str) -> None:
    url = url.format(port=server.port, database="postgres")
    with pytest.raises(LedgerFileError, match=message) as caught, budget(10, ledger=url):
        pass
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None


# A URL -> how other machines prove who they are
PROOFS = {
    "postgresql://db.example.com/books": ("verify-full", "system"),
    "postgresql://db.example.com/books?sslrootcert=/ca.pem": ("verify-full", None),
    "postgresql://127.0.0.1,db.example.com/books": ("verify-full", "system"),
    "postgresql://db.example.com/books?sslmode=verify-ca": (None, None),
    "postgresql://localhost/books": (None, None),
    "postgresql:///books?host=/run/postgresql": (None, None),
}


@pytest.mark.parametrize(("url", "proof"), PROOFS.items())
def test_other_machines_must_prove_who_they_are(url: str, proof: tuple[str | None, str | None]) -> None:
    made = defaults(url)
    assert (made.get("sslmode"), made.get("sslrootcert")) == proof


def test_without_the_driver_a_url_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "import omega_runtime\n"
        "try:\n"
        "    with omega_runtime.budget(10, ledger='postgresql://me:secret@host/books'): pass\n"
        "except omega_runtime.LedgerFileError as error: print(error)\n"
        "with omega_runtime.budget(10, ledger='file.ledger'): print('files work')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert "pip install 'omegac[postgres]'" in done.stdout
    assert "files work" in done.stdout
    assert "secret" not in done.stdout + done.stderr


def test_nothing_of_the_driver_is_loaded_without_a_url(tmp_path: Path) -> None:
    code = (
        "import sys, omega_runtime\n"
        "with omega_runtime.budget(10, ledger='file.ledger'): print('psycopg' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "False\n"


# The schema


def test_many_processes_that_come_first_make_the_schema_once(server: Server) -> None:
    url = server.url(server.database())
    errors: list[BaseException] = []

    def come() -> None:
        try:
            ServerLedger(url, keep=False).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=come) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert errors == []
    assert server.execute("SELECT count(*) FROM omega.accounts", url.rpartition("/")[2]) == [(1,)]


def test_a_newer_version_is_refused(server: Server) -> None:
    url = server.books()
    server.execute(f"UPDATE omega.versions SET version = {schema.VERSION + 1}", url.rpartition("/")[2])
    with pytest.raises(LedgerFileError, match="use a newer omegac"):
        ServerLedger(url, keep=False)
    with pytest.raises(LedgerFileError, match="use a newer omegac"):
        contents(url)


def test_a_schema_of_another_program_is_left_alone(server: Server) -> None:
    database = server.database()
    server.execute("CREATE SCHEMA omega", database)
    with pytest.raises(LedgerFileError, match="of another program"):
        ServerLedger(server.url(database), keep=False)


def test_looking_makes_no_ledger(server: Server) -> None:
    database = server.database()
    with pytest.raises(LedgerFileError, match="there is no ledger on postgresql://owner@"):
        contents(server.url(database))
    assert server.execute("SELECT to_regnamespace('omega') IS NULL", database) == [(True,)]


# Roles


@pytest.fixture
def worker(server: Server) -> Iterator[tuple[str, str]]:
    """The URL of the owner, and that of a role that may work with the ledger."""
    database = server.database()
    url = server.url(database)
    role = f"worker_{database}"
    server.execute(f"CREATE ROLE {role} LOGIN")
    permit(url, role, with_answers=False)
    yield url, server.url(database, role)
    assert audit(url) == []


FORBIDDEN = (
    "SELECT * FROM omega.replies",
    "SELECT * FROM omega.calls",
    "UPDATE omega.accounts SET limit_tokens = 1000000",
    "INSERT INTO omega.resets VALUES (1, 0, 0, 0)",
    "DELETE FROM omega.calls",
    "SELECT omega.reset(1)",
    "SELECT * FROM omega.answers(1, 1)",
    "SELECT omega.change('{1}', 0, 0, -100, 0, 0, 0, 0, true)",
    "CREATE TABLE omega.mine (a int)",
    "DROP SCHEMA omega CASCADE",
)


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_worker_may_only_call_functions(worker: tuple[str, str], sql: str) -> None:
    with psycopg.connect(worker[1], autocommit=True) as db:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
            db.execute(sql.encode())


def test_a_workers_own_schema_does_not_lead_functions_astray(worker: tuple[str, str], server: Server) -> None:
    database = worker[0].rpartition("/")[2]
    server.execute(f"CREATE SCHEMA trap AUTHORIZATION worker_{database}", database)
    ledger = ServerLedger(f"{worker[1]}?options=-csearch_path%3Dtrap", keep=False)
    with psycopg.connect(worker[1], autocommit=True) as db:
        db.execute("CREATE TABLE trap.accounts (id bigint, path bigint[])")
        db.execute("CREATE FUNCTION trap.server_time() RETURNS double precision LANGUAGE sql AS 'SELECT 0.0::float8'")
    account = ledger.open_named("a", 100, None, ledger.root, False)
    held = hold(account, 0, 60)
    assert (account.spent, account.held) == (0, 60)
    settle(held, cost(0, 60))
    ledger.close()


def test_a_worker_spends_and_reports(worker: tuple[str, str]) -> None:
    with use_model(lambda prompt: Reply("a", 6, 4)), budget(100, ledger=worker[1], run="job") as account:
        infer(SITE, "p", max_tokens=20)
        assert (account.spent, account.held) == (10, 0)
        account.ledger.account_lines()
    account.ledger.close()
    assert contents(worker[1])["totals"]["calls"] == 1
    with pytest.raises(LedgerFileError, match="permission denied"):
        reset(worker[1])


def test_answers_are_another_grant(worker: tuple[str, str]) -> None:
    def run(resume: bool) -> Any:
        with use_model(lambda prompt: Reply("a", 6, 4)), budget(100, ledger=worker[1], run="job", resume=resume) as b:
            infer(SITE, "p", max_tokens=20)
        b.ledger.close()
        return b.journal_counts

    run(False)
    with pytest.raises(OmegaError, match="may not read the answers"):
        run(True)
    permit(worker[0], f"worker_{worker[0].rpartition('/')[2]}", with_answers=True)
    assert run(True) == (1, 0)


def test_grants_outlast_newer_versions(worker: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    script = schema._script
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "next.sql"))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema, "_script", lambda name: b"SELECT 1" if name == "next.sql" else script(name))
    with pytest.raises(LedgerFileError, match="its owner does so with omegac ledger allow"):
        ServerLedger(worker[1], keep=False)
    ServerLedger(worker[0], keep=False).close()
    ledger = ServerLedger(worker[1], keep=False)
    account = ledger.open_account("a", 100, ledger.root)
    settle(hold(account, 0, 60), cost(0, 60))
    ledger.close()
    with psycopg.connect(worker[1], autocommit=True) as db:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("SELECT * FROM omega.answers(1, 1)")


READ_ONLY = (
    "SELECT * FROM omega.calls",
    "SELECT * FROM omega.call_lines",
    "SELECT omega.expire_one()",
    "SELECT omega.close_account(1)",
    "SELECT omega.reset(1)",
    "SELECT * FROM omega.all_tasks()",
    "SELECT * FROM omega.answers(1, 1)",
)


def test_a_role_that_only_looks(worker: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with use_model(lambda prompt: Reply("a", 6, 4)), budget(100, ledger=worker[1], name="job") as account:
        infer(SITE, "p", max_tokens=20)
    account.ledger.close()
    permit(worker[0], f"worker_{worker[0].rpartition('/')[2]}", with_answers=False, only_reading=True)
    script = schema._script
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "next.sql"))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema, "_script", lambda name: b"SELECT 1" if name == "next.sql" else script(name))
    with pytest.raises(LedgerFileError, match="older than this omegac; its owner updates it with omegac ledger show"):
        overview(worker[1], {"hour": 0, "day": 0})
    ServerLedger(worker[0], keep=False).close()
    assert overview(worker[1], {"hour": 0, "day": 0})["accounts"][1]["spent"] == 10
    assert contents(worker[1])["totals"]["calls"] == 1
    with psycopg.connect(worker[1], autocommit=True) as db:
        for sql in READ_ONLY:
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
                db.execute(sql.encode())


def test_the_page_of_a_server(worker: tuple[str, str]) -> None:
    permit(worker[0], f"worker_{worker[0].rpartition('/')[2]}", with_answers=False, only_reading=True)
    with dashboard(worker[1].replace("@", ":secret@")) as url, budget(100, ledger=worker[0], name="job") as account:
        held = hold(account, 0, 30)
        answer = httpx2.get(f"{url}ledger.json")
        account.ledger.void(held)
    account.ledger.close()
    data = answer.json()
    assert "secret" not in answer.text
    assert data["ledger"].endswith(worker[1].rpartition("@")[2])
    assert [each["name"] for each in data["accounts"]] == ["all calls", "job"]
    (line,) = data["holds"]
    assert (line["machine"], line["process"], line["held"]) == (socket.gethostname(), os.getpid(), 30)


def test_who_only_looks_has_a_connection_that_cannot_write(server: Server) -> None:
    connection = Connection(server.books(), only_reads=True)
    with pytest.raises(LedgerFileError, match="read-only transaction"):
        connection.run(lambda db: db.execute("UPDATE omega.accounts SET limit_tokens = 1"))
    connection.close()


def test_a_role_without_any_grant_is_told_so(server: Server) -> None:
    url = server.books()
    server.execute("CREATE ROLE nobody_here LOGIN")
    with pytest.raises(LedgerFileError, match="permission denied"):
        ServerLedger(server.url(url.rpartition("/")[2], "nobody_here"), keep=False)


# Commands


def test_show_reset_and_allow(server: Server) -> None:
    url = server.books()
    database = url.rpartition("/")[2]
    with use_model(lambda prompt: Reply("a", 6, 4)), budget(1000, ledger=url, name="job") as account:
        infer(SITE, "p", max_tokens=20)
        held = hold(account, 0, 30)
        shown_now = omegac("ledger", "show", url)
        assert "Under way" in shown_now.stdout
        refused = omegac("ledger", "reset", url, "--yes")
        assert "has calls under way" in refused.stderr
        account.ledger.void(held)
    account.ledger.close()
    done = omegac("ledger", "reset", url, "--yes")
    assert (done.stdout, done.returncode) == ("reset: job\n", 0)
    assert contents(url)["accounts"][1]["spent"] == 0
    server.execute(f"CREATE ROLE r_{database} LOGIN")
    assert omegac("ledger", "allow", url, f"r_{database}").stdout == f"allowed: r_{database}\n"
    missing = omegac("ledger", "allow", url.replace("owner@", "owner:secret@"), "nobody_of_this_name")
    assert missing.returncode == 2
    assert "does not exist" in missing.stderr
    assert "secret" not in missing.stderr
    assert audit(url) == []


# Certificates


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server with a certificate for localhost, and that certificate."""
    folder = tmp_path_factory.mktemp("certificates")
    certificate, key = folder / "server.crt", folder / "server.key"
    made = ["openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*made, *names], check=True, capture_output=True)
    server = Server(*FAST)
    server.stop()
    for path in (certificate, key):
        server.own(path)
    server.settings += ["ssl=on", "ssl_cert_file=server.crt", "ssl_key_file=server.key"]
    server.start()
    yield server, certificate
    server.close()


def test_a_certificate_is_verified(secure: tuple[Server, Path]) -> None:
    server, certificate = secure
    database = server.database()
    address = f"postgresql://owner@localhost:{server.port}/{database}?sslmode=verify-full"
    ledger = ServerLedger(f"{address}&sslrootcert={certificate}", keep=False)
    assert ledger.read(
        lambda db: db.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    ) == (True,)
    ledger.close()
    with pytest.raises(LedgerFileError, match="certificate verify failed"):
        ServerLedger(f"{address}&sslrootcert=system", keep=False)
    other = address.replace("localhost", "127.0.0.1")
    with pytest.raises(LedgerFileError, match="does not match host name"):
        ServerLedger(f"{other}&sslrootcert={certificate}", keep=False)
