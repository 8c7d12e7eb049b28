"""Ledger files on the command line: run --ledger, ledger show, ledger reset."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import omegac

PROGRAM = """
(define (ask n) (effect infer.op (list "Say something about number " n ".") max-tokens: 20))
(for-each (lambda (n) (display (ask n)) (newline)) (iota (string->number (car (command-line)))))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.omega").write_text(PROGRAM)
    return tmp_path


def run(folder: Path, *options: str, count: int = 3) -> subprocess.CompletedProcess[str]:
    return omegac("run", "p.omega", "--model", "offline", *options, "--", str(count), cwd=folder)


def shown(folder: Path) -> dict[str, Any]:
    done = omegac("ledger", "show", "l.db", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def account(folder: Path, name: str) -> dict[str, Any]:
    return next(each for each in shown(folder)["accounts"] if each["name"] == name)


def test_an_accounts_limit_covers_all_runs(folder: Path) -> None:
    spent = 0
    statuses = []
    for _ in range(12):
        done = run(folder, "--ledger", "l.db", "--account", "team", "--budget", "200", "--report")
        statuses.append(done.returncode)
        team = account(folder, "team")
        assert spent <= team["spent"] <= team["limit"] == 200
        spent = team["spent"]
        assert f'all runs on account "team" have spent {spent} of 200 tokens' in done.stderr
        if done.returncode:
            break
    assert statuses[0] == 0
    assert statuses[-1] == 3


WRONG = {
    "another limit": (["--budget", "300"], 2, "has another limit, 200 tokens"),
    "another limit, in dollars": (["--budget", "$1"], 2, "has another limit, 200 tokens"),
    "no limit": ([], 0, ""),
    "the same limit": (["--budget", "200"], 0, ""),
    "a raised limit": (["--budget", "300", "--raise-limit"], 0, ""),
    "a raised limit, in dollars": (["--budget", "$1.50", "--raise-limit"], 0, ""),
    "raise-limit without a limit": (["--raise-limit"], 2, "--raise-limit needs the new limit"),
}


@pytest.mark.parametrize(("options", "status", "message"), WRONG.values(), ids=WRONG)
def test_limits_of_a_stored_account(folder: Path, options: list[str], status: int, message: str) -> None:
    assert run(folder, "--ledger", "l.db", "--budget", "200", count=1).returncode == 0
    done = run(folder, "--ledger", "l.db", *options, count=1)
    assert (done.returncode, message in done.stderr) == (status, True), done.stderr


@pytest.mark.parametrize("option", [["--account", "a"], ["--raise-limit"], ["--resume"]])
def test_options_that_need_a_ledger(folder: Path, option: list[str]) -> None:
    done = run(folder, *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option[0]} needs --ledger FILE" in done.stderr


def test_show_prints_accounts_sites_and_models(folder: Path) -> None:
    run(folder, "--ledger", "l.db", "--budget", "900", "--budget", "$0.5")
    data = shown(folder)
    (site,) = data["sites"]
    assert (site["line"], site["procedure"], site["model"], site["calls"]) == (2, "ask", "offline", 3)
    default = account(folder, "default")
    assert (default["limit"], default["dollar_limit"], default["dollars_spent"]) == (900, "0.5", "0")
    assert default["spent"] == data["totals"]["tokens"] == data["models"]["offline"]["tokens"] > 0
    printed = omegac("ledger", "show", "l.db", cwd=folder).stdout
    for text in ("Accounts", "default", "$0.50", "Spent by site", "p.omega:2:17", "Spent by model", "offline"):
        assert text in printed
    assert "Under way" not in printed
    assert "Overruns" not in printed


def test_show_lists_what_is_under_way_and_what_overran(folder: Path) -> None:
    code = """
import os, omega_runtime
from omega_runtime.calls import Site, infer
site = Site("x.omega", 7, 3, "infer.op", "ask", 1)
with omega_runtime.use_model(lambda prompt: omega_runtime.Reply("a", 500, 500)):
    with omega_runtime.budget(5000, ledger="l.db", name="team"):
        infer(site, "hello", max_tokens=10)
with omega_runtime.use_model(lambda prompt: os._exit(7)):
    with omega_runtime.budget(5000, ledger="l.db", name="team"):
        infer(site, "hello", max_tokens=20)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 7
    data = shown(folder)
    (hold,) = data["holds"]
    assert (hold["account"], hold["file"], hold["line"], hold["held"]) == ("team", "x.omega", 7, 25)
    assert 0 < hold["lease"] <= 60
    (overrun,) = data["overruns"]
    assert (overrun["held"], overrun["spent"]) == (15, 1000)
    printed = omegac("ledger", "show", "l.db", cwd=folder).stdout
    assert "Under way" in printed
    assert "Overruns" in printed
    refused = omegac("ledger", "reset", "l.db", "--yes", cwd=folder)
    assert (refused.returncode, "has calls under way" in refused.stderr) == (2, True)


def test_reset_asks_and_gives_the_whole_limit_back(folder: Path) -> None:
    for name in ("a", "b"):
        run(folder, "--ledger", "l.db", "--account", name, "--budget", "900")
    spent = account(folder, "a")["spent"]
    assert spent > 0
    no = subprocess.run(
        [sys.executable, "-m", "omegac", "ledger", "reset", "l.db"],
        cwd=folder,
        input="n\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert no.returncode == 1
    assert account(folder, "a")["spent"] == spent
    done = omegac("ledger", "reset", "l.db", "--account", "a", "--yes", cwd=folder)
    assert done.stdout == "reset: a\n"
    assert (account(folder, "a")["spent"], account(folder, "b")["spent"]) == (0, spent)
    assert shown(folder)["totals"]["calls"] == 6
    assert run(folder, "--ledger", "l.db", "--account", "a").returncode == 0
    unknown = omegac("ledger", "reset", "l.db", "--account", "c", "--yes", cwd=folder)
    assert (unknown.returncode, 'has no account "c"' in unknown.stderr) == (2, True)


def foreign(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE t (a)")
    database.commit()
    database.close()


FILES = {
    "missing": (lambda path: None, "there is no ledger file"),
    "empty": (lambda path: path.write_bytes(b""), "is empty, not a ledger"),
    "text": (lambda path: path.write_text("hello " * 1000), "is not a ledger"),
    "another database": (foreign, "is a database of another program"),
}


@pytest.mark.parametrize(("make", "message"), FILES.values(), ids=FILES)
def test_files_that_are_no_ledgers(folder: Path, make: Any, message: str) -> None:
    make(folder / "l.db")
    before = (folder / "l.db").read_bytes() if (folder / "l.db").exists() else None
    done = omegac("ledger", "show", "l.db", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    if before is not None:
        assert run(folder, "--ledger", "l.db").returncode == 2
        assert (folder / "l.db").read_bytes() == before


HOURS = ("2026-11-27 22:59:59", "2026-11-28 23:00:00", "2026-11-28 23:59:59", "2026-11-29 00:00:00")


@pytest.mark.parametrize(
    ("unit", "lines"),
    [
        (
            "hour",
            [
                ("2026-11-27 22:00", "1", "40"),
                ("2026-11-28 23:00", "2", "80"),
                ("2026-11-29 00:00", "1", "40"),
            ],
        ),
        ("day", [("2026-11-27", "1", "40"), ("2026-11-28", "2", "80"), ("2026-11-29", "1", "40")]),
    ],
)
def test_the_history_of_spending(folder: Path, unit: str, lines: list[tuple[str, ...]]) -> None:
    assert run(folder, "--ledger", "l.db", count=4).returncode == 0
    with closing(sqlite3.connect(folder / "l.db", isolation_level=None)) as db:
        calls = [row[0] for row in db.execute("SELECT id FROM calls")]
        for call, time in zip(calls, HOURS, strict=True):
            db.execute("UPDATE calls SET started = unixepoch(?), spent_tokens = 40 WHERE id = ?", (time, call))
    done = omegac("ledger", "show", "l.db", "--history", unit, cwd=folder)
    head, *printed = done.stdout.splitlines()
    assert head.split() == [unit, "(UTC)", "calls", "tokens", "dollars"]
    assert [tuple(line.rsplit(maxsplit=3)[:3]) for line in printed] == lines
    data = json.loads(omegac("ledger", "show", "l.db", "--history", unit, "--json", cwd=folder).stdout)
    assert [(each["start"][:10], str(each["calls"])) for each in data] == [(start[:10], n) for start, n, _ in lines]
    assert data[0]["dollars"] == "0"


def test_a_history_of_nothing(folder: Path) -> None:
    run(folder, "--ledger", "l.db", count=0)
    assert omegac("ledger", "show", "l.db", "--history", "day", cwd=folder).stdout == "nothing was spent yet\n"
