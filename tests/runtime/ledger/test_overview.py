"""What a stored ledger says of now, as the page shows it; looking writes nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import budget, use_model
from omega_runtime.calls import infer
from omega_runtime.ledger.contents import Overview
from omega_runtime.ledger.errors import LedgerFileError
from omega_runtime.ledger.hold import Hold
from omega_runtime.ledger.stores import overview, shared_ledger, spending
from omega_runtime.models.reply import Reply

from tests.support.ledgers import BACKENDS, SITE, hold

ALWAYS = {"hour": 0.0, "day": 0.0}


@pytest.fixture(params=BACKENDS[1:])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new ledger is, which is closed at the end."""
    if request.param == "file":
        where = str(tmp_path / "team.ledger")
    else:
        from tests.support.servers import shared_server

        where = shared_server().books()
    yield where
    shared_ledger(where).close()


def call() -> None:
    with use_model(lambda prompt: Reply("a", 6, 4)):
        infer(SITE, "p", max_tokens=20)


def lines(found: Overview) -> list[tuple[Any, ...]]:
    names = ("depth", "name", "named", "open", "limit", "spent", "held", "scopes")
    return [tuple(line[name] for name in names) for line in found["accounts"]]  # type: ignore[literal-required]


def test_accounts_are_a_tree(place: str) -> None:
    with budget(1000, ledger=place, name="team") as team:
        with budget(500, ledger=place, name="b"):
            call()
            for _ in range(2):
                with budget(100):
                    call()
        with budget(400, ledger=place, name="a"), budget(50):
            held = hold(team, 0, 30)
            found = lines(overview(place, ALWAYS))
        team.ledger.void(held)
    assert found == [
        (0, "all calls", False, True, None, 30, 30, 1),
        (1, "team", True, True, 1000, 30, 30, 1),
        (2, "a", True, True, 400, 0, 0, 1),
        (3, "budget", False, True, 50, 0, 0, 1),
        (2, "b", True, True, 500, 30, 0, 1),
        (3, "budget", False, False, 200, 20, 0, 2),
    ]


def test_periods_have_a_start_and_an_end(place: str) -> None:
    with budget("1000/day", dollars="5/hour", timezone="Asia/Kolkata", ledger=place, name="team"):
        (_, line) = overview(place, ALWAYS)["accounts"]
    day, hour = (line["start"], line["period_end"]), (line["dollar_start"], line["dollar_period_end"])
    assert [each and each[10:] for each in day] == ["T00:00:00+05:30"] * 2
    assert [each and each[13:] for each in hour] == [":00:00+05:30"] * 2
    assert day[0] < day[1]  # type: ignore[operator]
    assert hour[0] < hour[1]  # type: ignore[operator]


def test_who_holds_what(place: str) -> None:
    held: list[Hold] = []

    def model(prompt: str) -> Reply:
        held.extend(overview(place, ALWAYS)["holds"])  # type: ignore[arg-type]
        return Reply("a", 6, 4)

    with use_model(model), budget(1000, ledger=place, name="team", run="nightly"):
        infer(SITE, "p", max_tokens=20)
    (line,) = held
    names = ("account", "file", "line", "model", "program", "process")
    assert [line[name] for name in names] == ["team", "test.omega", 1, "model", "nightly", os.getpid()]  # type: ignore[index]
    assert 0 <= line["age"] < 30 < line["lease"] <= 60  # type: ignore[index]
    assert overview(place, ALWAYS)["holds"] == []


def test_spending_by_hour_and_day(place: str) -> None:
    with budget(1000, ledger=place, name="team"):
        call()
        call()
    for unit, places in (("hour", ":00:00+00:00"), ("day", "T00:00:00+00:00")):
        found = spending(place, unit)
        assert (sum(each["calls"] for each in found), sum(each["tokens"] for each in found)) == (2, 20)
        assert all(each["start"].endswith(places) for each in found)
    assert overview(place, {"hour": 9e9, "day": 9e9})["hours"] == []


# Files


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}


def test_looking_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "l.ledger"
    with budget(1000, ledger=path, name="team") as team:
        call()
    team.ledger.close()
    before = state(tmp_path)
    assert overview(str(path), ALWAYS)["accounts"][1]["spent"] == 10
    assert state(tmp_path) == before


def test_what_a_killed_process_left_is_seen(tmp_path: Path) -> None:
    code = """
import os
from omega_runtime import budget, use_model
from omega_runtime.calls import infer
from tests.support.ledgers import SITE
with use_model(lambda prompt: os._exit(7)), budget(1000, ledger="l.ledger", name="team"):
    infer(SITE, "p", max_tokens=20)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 7
    path = tmp_path / "l.ledger"
    before = path.read_bytes()
    (line,) = overview(str(path), ALWAYS)["holds"]
    assert line["process"] != os.getpid()
    assert path.read_bytes() == before


def test_an_older_file_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "l.ledger"
    with budget(1000, ledger=path, name="team") as team:
        pass
    team.ledger.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 5")
    db.close()
    before = state(tmp_path)
    with pytest.raises(LedgerFileError, match="omegac ledger show FILE brings it up to date"):
        overview(str(path), ALWAYS)
    assert state(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no ledger file"), (b"", "is empty, not a ledger"), (b"nothing\n" * 200, "is not a ledger")],
)
def test_what_is_no_ledger(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "l.ledger"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)
    with pytest.raises(LedgerFileError, match=message):
        overview(str(path), ALWAYS)
