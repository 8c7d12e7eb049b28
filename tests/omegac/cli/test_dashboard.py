"""omegac ledger serve: what the page is given, and whom it answers; how it looks is tested in tests/browser."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from omega_runtime import budget, use_model
from omega_runtime.calls import infer
from omega_runtime.ledger.contents import Overview, TreeLine
from omega_runtime.models.reply import Reply

from omegac.cli.dashboard.figures import DAYS, HOURS, MOST_ROWS, figures
from tests.support.command import omegac
from tests.support.dashboard import dashboard
from tests.support.ledgers import SITE

NOON = datetime(2026, 7, 5, 12, tzinfo=UTC).timestamp()
DAY = ("2026-07-05T00:00:00+00:00", "2026-07-06T00:00:00+00:00")
NEW_DAY = ("2026-07-05T11:59:00+00:00", "2026-07-06T11:59:00+00:00")


def line(**given: Any) -> TreeLine:
    nothing: dict[str, Any] = dict.fromkeys(TreeLine.__annotations__)
    plain = {"name": "team", "depth": 1, "named": True, "open": True, "scopes": 1, "spent": 0, "held": 0}
    return {**nothing, **plain, "dollars_spent": Decimal(0), "dollars_held": Decimal(0), **given}  # type: ignore[typeddict-item]


def overview_of(*accounts: TreeLine, **given: Any) -> Overview:
    return {"time": NOON, "accounts": list(accounts), "holds": [], "hours": [], "days": [], **given}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("limit", "spent", "held", "period", "left", "expected", "gone"),
    [
        (None, 500, 0, None, None, None, None),
        (1000, 500, 100, None, 400, None, None),
        (1000, 1100, 0, None, 0, None, None),
        (1000, 400, 0, DAY, 600, 800, None),
        (1000, 0, 100, DAY, 900, None, None),
        (1000, 750, 0, DAY, 250, 1500, "2026-07-05T16:00:00+00:00"),
        (1000, 1000, 0, DAY, 0, 2000, "2026-07-05T12:00:00+00:00"),
        (1000, 1200, 0, DAY, 0, 2400, "2026-07-05T12:00:00+00:00"),
        (1000, 900, 0, NEW_DAY, 100, None, None),
    ],
)
def test_what_is_left_and_what_the_period_will_see(
    limit: int | None,
    spent: int,
    held: int,
    period: tuple[str, str] | None,
    left: int | None,
    expected: float | None,
    gone: str | None,
) -> None:
    start, end = period or (None, None)
    unit = period and "day"
    tokens = line(limit=limit, spent=spent, held=held, start=start, period_end=end, period=unit)
    dollars = line(
        dollar_limit=limit and Decimal(limit) / 100,
        dollars_spent=Decimal(spent) / 100,
        dollars_held=Decimal(held) / 100,
        dollar_start=start,
        dollar_period_end=end,
        dollar_period=unit,
    )
    found = figures(overview_of(tokens, dollars), "l")["accounts"]
    assert found[0]["tokens"] == {
        "limit": limit,
        "spent": spent,
        "held": held,
        "left": left,
        "period": unit,
        "end": end,
        "expected": expected,
        "gone": gone,
    }
    assert found[1]["dollars"]["left"] == (None if left is None else Decimal(left) / 100)
    assert found[1]["dollars"]["expected"] == pytest.approx(None if expected is None else expected / 100)
    assert (found[1]["dollars"]["gone"] or "")[:16] == (gone or "")[:16]


def test_dollars_that_nobody_knows_leave_nothing_known() -> None:
    account = line(
        dollar_limit=Decimal(5), dollars_spent=None, dollars_held=None, dollar_start=DAY[0], dollar_period_end=DAY[1]
    )
    (found,) = figures(overview_of(account), "l")["accounts"]
    assert (found["dollars"]["left"], found["dollars"]["expected"]) == (None, None)


def test_hours_and_days_have_no_gaps() -> None:
    spent = {"start": "2026-07-05T10:00:00+00:00", "calls": 1, "tokens": 5, "dollars": None}
    found = figures(overview_of(line(), hours=[spent]), "l")
    assert (len(found["hours"]), len(found["days"])) == (HOURS, DAYS)
    assert [each["tokens"] for each in found["hours"][-4:]] == [0, 5, 0, 0][-4:]
    assert found["hours"][-1]["start"] == "2026-07-05T12:00:00+00:00"
    assert found["days"][0]["start"] == "2026-06-06T00:00:00+00:00"


def test_of_many_rows_some_are_left_out() -> None:
    holds = [{"age": age} for age in range(MOST_ROWS + 7)]
    found = figures(overview_of(*[line()] * (MOST_ROWS + 5), holds=holds), "l")
    assert (len(found["accounts"]), found["more_accounts"]) == (MOST_ROWS, 5)
    assert (found["holds"][0]["age"], len(found["holds"]), found["more_holds"]) == (MOST_ROWS + 6, MOST_ROWS, 7)


# Served


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "team.ledger"
    with use_model(lambda prompt: Reply("a", 6, 4)), budget("1000/day", ledger=path, name="team") as account:
        infer(SITE, "p", max_tokens=20)
    account.ledger.close()
    return path


def test_the_page_and_its_figures(path: Path) -> None:
    with dashboard(path) as url:
        page, found = httpx2.get(url), httpx2.get(f"{url}ledger.json")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "<h1" in page.text
    data = found.json()
    assert data["ledger"] == str(path)
    assert [each["name"] for each in data["accounts"]] == ["all calls", "team"]
    assert data["accounts"][1]["tokens"]["left"] == 990
    assert sum(each["tokens"] for each in data["hours"]) == 10
    for answer in (page, found):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:1", 200),
        ("[::1]:80", 200),
        ("BOARD.example:80", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example:127", 421),
        ("", 421),
    ],
)
def test_only_by_its_own_names(served: str, host: str, status: int) -> None:
    for each in ("", "ledger.json"):
        assert httpx2.get(served + each, headers={"Host": host}).status_code == status
    refused = httpx2.get(served, headers={"Host": "evil.example"}).text
    assert refused == "This page does not go by that name here; omegac ledger serve --name NAME allows one more.\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_reading(served: str, method: str) -> None:
    for each in ("", "ledger.json"):
        assert httpx2.request(method, served + each).status_code == 405
    assert httpx2.get(f"{served}other").status_code == 404


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("served") / "l.ledger"
    with budget(1000, ledger=path, name="team") as account:
        pass
    account.ledger.close()
    with dashboard(path, "--name", "board.example") as url:
        yield url


def test_a_ledger_that_goes_away_and_comes_back(path: Path) -> None:
    away = path.with_name("away")
    with dashboard(path) as url:
        path.rename(away)
        gone = httpx2.get(f"{url}ledger.json")
        away.rename(path)
        assert (gone.status_code, gone.json()) == (503, {"error": f'there is no ledger file "{path}"'})


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("nowhere.ledger", 'there is no ledger file "nowhere.ledger"'),
        ("postgresql://me:secret@127.0.0.1:1/db", "the ledger postgresql://me:…@127.0.0.1:1/db cannot be used"),
    ],
)
def test_what_cannot_be_shown(tmp_path: Path, where: str, message: str) -> None:
    done = omegac("ledger", "serve", where, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "secret" not in done.stderr


def test_a_role_that_only_looks_resumes_nothing(tmp_path: Path) -> None:
    done = omegac("ledger", "allow", "postgresql://h/d", "r", "--answers", "--read-only", cwd=tmp_path)
    assert done.returncode == 2
    assert "give one of them" in done.stderr


@pytest.mark.parametrize("command", [("ledger", "serve", "team.ledger"), ("serve",)])
def test_an_address_that_cannot_be_had(path: Path, command: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for options, message in (
            (("--port", port), f"cannot listen at 127.0.0.1, port {port}: Address already in use; --port 0 takes any"),
            (("--host", "nowhere.invalid"), "cannot listen at nowhere.invalid, port 87"),
        ):
            done = omegac(*command, *options, cwd=path.parent)
            assert (done.returncode, done.stdout) == (2, "")
            assert message in done.stderr
