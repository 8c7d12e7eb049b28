"""Limits per period on the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import omegac

PROGRAM = '(display (effect infer.op "Say hello." max-tokens: 20))'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.omega").write_text(PROGRAM)
    return tmp_path


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return omegac("run", "p.omega", "--model", "offline", *options, cwd=folder)


def test_periods_on_the_command_line(folder: Path) -> None:
    done = run(folder, "--ledger", "l.db", "--budget", "10000/year", "--budget", "$5/month", "--timezone", "Asia/Tokyo")
    assert done.returncode == 0, done.stderr
    done = run(folder, "--ledger", "l.db", "--budget", "10000/year", "--report")
    assert done.returncode == 0, done.stderr
    assert "have spent" in done.stderr
    assert "of 10,000 tokens this year, $0.00 of $5.00 this month" in done.stderr
    told = json.loads(omegac("ledger", "show", "l.db", "--json", cwd=folder).stdout)
    row = next(each for each in told["accounts"] if each["name"] == "default")
    assert (row["period"], row["dollar_period"], row["timezone"]) == ("year", "month", "Asia/Tokyo")
    assert [each["unit"] for each in told["periods"]] == ["year", "month"]
    table = omegac("ledger", "show", "l.db", cwd=folder).stdout
    assert "10,000/year" in table
    assert "$5.00/month" in table
    assert "-01-01 00:00 JST" in table
    done = run(folder, "--ledger", "l.db", "--budget", "10000/month")
    assert done.returncode == 2
    assert "has another limit, 10,000 tokens/year and $5.00/month (Asia/Tokyo)" in done.stderr


def test_a_period_without_a_ledger_file_is_of_this_run(folder: Path) -> None:
    done = run(folder, "--budget", "1000/hour", "--report")
    assert done.returncode == 0, done.stderr
    assert "of 1,000 tokens this hour" in done.stderr
    assert "each run has a limit per period of its own; --ledger FILE keeps one for all" in done.stderr


def test_a_refusal_on_the_command_line_says_when(folder: Path) -> None:
    done = run(folder, "--ledger", "l.db", "--budget", "20/year")
    assert done.returncode == 0, done.stderr
    done = run(folder, "--ledger", "l.db")
    assert done.returncode == 3
    assert "of the 20 tokens/year of account" in done.stderr
    assert "wait until 20" in done.stderr
    assert "-01-01 00:00 UTC, when the limit is whole again" in done.stderr
    assert "/year --raise-limit" in done.stderr


WRONG_OPTIONS = {
    "a unit that is none": (["--budget", "5/fortnight"], "a limit is per minute, hour, day, week, month or year"),
    "no number": (["--budget", "many/day"], "'many/day'"),
    "no money": (["--budget", "$many/day"], "'$many/day'"),
    "a zone that is none": (["--budget", "5/day", "--timezone", "Europe/Nowhere"], 'no time zone "Europe/Nowhere"'),
    "a zone without a period": (["--budget", "500", "--timezone", "UTC"], "--timezone needs a limit per period"),
    "a zone alone": (["--timezone", "UTC"], "--timezone needs a limit per period"),
}


@pytest.mark.parametrize(("options", "message"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_wrong_options(folder: Path, options: list[str], message: str) -> None:
    done = run(folder, *options)
    assert done.returncode == 2
    assert message in done.stderr
