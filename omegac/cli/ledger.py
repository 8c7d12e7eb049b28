"""`omegac ledger`: what is in a ledger, and what is done by who looks after it."""

from __future__ import annotations

import json
from datetime import datetime

import click
from omega_runtime.ledger.calendar import moment_text, zone
from omega_runtime.ledger.contents import BatchLine, CallLine
from omega_runtime.ledger.report_types import AccountLine, Counters
from omega_runtime.ledger.stores import contents, permit, reset, spending
from omega_runtime.ledger.urls import shown
from omega_runtime.money import dollar_text
from omega_runtime.values.errors import OmegaError
from omega_runtime.visible import visible
from rich.table import Table

from omegac.cli.collecting import collect_command
from omegac.cli.dashboard.command import serve_command
from omegac.cli.failures import fail
from omegac.cli.reconcile import reconcile
from omegac.cli.report import money, sites_table
from omegac.cli.tables import add_row, console, new_table
from omegac.cli.words import per, place

_DAY = 24 * 3600


@click.group("ledger")
def command() -> None:
    """Look into ledger files and ledgers on servers, fetch the answers of batches, and start accounts anew."""


command.add_command(collect_command)
command.add_command(serve_command)


@command.command("show")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--history", type=click.Choice(["day", "hour"]), help="Print what was spent in each day or hour instead.")
def show(file: str, as_json: bool, history: str | None) -> None:
    """Print the accounts, holds and spending in a ledger FILE, or at a URL, over all runs and processes."""
    if history is not None:
        _show_history(file, history, as_json)
        return
    try:
        data = contents(file)
    except OmegaError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps(data, indent=2, default=str))
        return
    out = console()
    for title, table in (
        ("Accounts", _accounts(data["accounts"])),
        ("Under way", _calls(data["holds"])),
        ("Batches to collect", _batches(data["batches"])),
        ("Spent by site", sites_table(data["sites"])),
        ("Spent by model", _models(data["models"])),
        ("Overruns", _calls(data["overruns"])),
    ):
        if table.row_count:
            out.print(title, style="bold")
            out.print(table)
            out.print()


def _show_history(file: str, unit: str, as_json: bool) -> None:
    try:
        lines = spending(file, unit)
    except OmegaError as error:
        fail(str(error))
    if as_json:
        click.echo(json.dumps(lines, indent=2, default=str))
        return
    table = new_table((f"{unit} (UTC)",), ("calls", "tokens", "dollars"))
    for line in lines:
        start = line["start"].replace("T", " ")[: 16 if unit == "hour" else 10]
        add_row(table, (start,), (f"{line['calls']:,}", f"{line['tokens']:,}", money(line["dollars"])))
    if lines:
        console().print(table)
    else:
        click.echo("nothing was spent yet")


@command.command("reset")
@click.argument("file")
@click.option("--account", "accounts", metavar="NAME", multiple=True, help="Only this account; may be repeated.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset_command(file: str, accounts: tuple[str, ...], yes: bool) -> None:
    """Set what the named accounts of FILE, or of a URL, have spent to 0, so that their limits are whole again.

    The calls stay in the file. Refused while calls are under way.
    """
    what = " and ".join(accounts) or "all accounts"
    if not yes:
        click.confirm(visible(f"Set the spending of {what} in {shown(file)} to 0?"), abort=True)
    try:
        names = reset(file, accounts)
    except OmegaError as error:
        fail(str(error))
    click.echo(visible(f"reset: {', '.join(names) or 'there are no named accounts'}"))


command.add_command(reconcile)


@command.command("allow")
@click.argument("url")
@click.argument("role")
@click.option("--answers", is_flag=True, help="Also read the answers of earlier runs, which resuming needs.")
@click.option("--read-only", is_flag=True, help="Only look: enough for ledger show and ledger serve.")
def allow_command(url: str, role: str, answers: bool, read_only: bool) -> None:
    """Let a ROLE of the server at URL work with the ledger there: hold and settle calls, and nothing else.

    With --read-only it may only look, whatever it was allowed before. The ledger is made where there is none.
    """
    if answers and read_only:
        raise click.UsageError("--answers is for roles that resume runs, which --read-only excludes; give one of them")
    try:
        permit(url, role, answers, read_only)
    except OmegaError as error:
        fail(str(error))
    click.echo(visible(f"allowed: {role}"))


@command.command("move")
@click.argument("file")
@click.argument("url")
def move_command(file: str, url: str) -> None:
    """Move the books of FILE onto the server at URL, with all accounts, calls, answers and tasks.

    Refused while calls are under way, and where that database has books already. The file is called FILE.moved then.
    """
    try:
        from omega_runtime.ledger.moving import move

        moved = move(file, url)
    except OmegaError as error:
        fail(str(error))
    click.echo(visible(f"moved to {shown(url)}; the file is {moved} now"))


def _accounts(rows: list[AccountLine]) -> Table:
    columns = ("limit", "spent", "held", "overrun", "$ limit", "$ spent", "$ held")
    has_periods = any(row["timezone"] for row in rows)
    table = new_table(("account",), (*columns, "whole again at") if has_periods else columns)
    for row in rows:
        name = row["name"] if row["open"] else f"{row['name']} ({row['scopes']} ended)"
        limit = "-" if row["limit"] is None else f"{row['limit']:,}{per(row['period'])}"
        dollar_limit = "-"
        if row["dollar_limit"] is not None:
            dollar_limit = dollar_text(row["dollar_limit"]) + per(row["dollar_period"])
        tokens = (f"{each:,}" for each in (row["spent"], row["held"], row["overrun"]))
        dollars = (dollar_limit, money(row["dollars_spent"]), money(row["dollars_held"]))
        add_row(table, (name,), (limit, *tokens, *dollars, *([_ends(row)] if has_periods else [])))
    return table


def _ends(row: AccountLine) -> str:
    """When the current periods of an account end."""
    timezone = row["timezone"]
    if timezone is None:
        return "-"
    ends = sorted({end for end in (row["period_end"], row["dollar_period_end"]) if end is not None})
    return ", ".join(moment_text(datetime.fromisoformat(end).astimezone(zone(timezone))) for end in ends) or "-"


def _calls(rows: list[CallLine]) -> Table:
    table = new_table(("account", "site", "model"), ("held", "spent", "$ held", "$ spent", "lease"))
    for row in rows:
        tokens = (f"{row['held']:,}", f"{row['spent']:,}")
        dollars = (money(row["dollars_held"]), money(row["dollars_spent"]))
        lease = _duration(row["lease"]) if row["lease"] else "-"
        add_row(table, (row["account"], place(row), row["model"]), (*tokens, *dollars, lease))
    return table


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _DAY else f"{seconds / _DAY:.0f} d"


def _batches(rows: list[BatchLine]) -> Table:
    table = new_table(("batch", "program"), ("calls", "held", "$ held", "submitted"))
    for row in rows:
        if row["submitted"] is None:
            name, since = "not sent", "-"
        else:
            name = row["id"] or "not known yet"
            since = moment_text(datetime.fromisoformat(row["submitted"]))
        figures = (f"{row['calls']:,}", f"{row['held']:,}", money(row["dollars_held"]))
        add_row(table, (name, row["program"]), (*figures, since))
    return table


def _models(models: dict[str, Counters]) -> Table:
    table = new_table(("model",), ("calls", "unknown", "voided", "overruns", "tokens", "dollars"))
    for name, row in models.items():
        figures = (row["calls"], row["unknown"], row["voided"], row["overruns"], row["tokens"])
        add_row(table, (name,), (*(f"{each:,}" for each in figures), money(row["dollars"])))
    return table
