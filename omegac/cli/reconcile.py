"""`omegac ledger reconcile`: whether the books and a provider's bill agree."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

import attrs
import click
from omega_runtime.ledger.stores import bookings
from omega_runtime.money import dollar_text
from omega_runtime.values.errors import OmegaError

from omegac.cli.failures import PROGRAM_ERROR, fail
from omegac.cli.tables import add_row, console, new_table
from omegac.cli.words import count

# Half of a cent: bills are rounded.
_ROUNDED = Decimal("0.005")
_MONEY_WORDS = ("cost", "amount", "dollar", "usd", "price")


@attrs.define
class _Sum:
    """What was booked or billed for a model, or on one day for one; `unknown` is what may have been billed besides."""

    input_tokens: int = 0
    output_tokens: int = 0
    dollars: Decimal | None = Decimal(0)
    unknown_tokens: int = 0
    unknown_dollars: Decimal = Decimal(0)

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


@attrs.frozen
class _Columns:
    """The columns of a bill by what they hold."""

    model: str
    day: str | None
    input: tuple[str, ...]
    output: tuple[str, ...]
    money: str | None


_Key = tuple[str, str]


@click.command("reconcile")
@click.argument("file")
@click.option("--invoice", metavar="CSV", required=True, help="The provider's bill or export of usage, with a header.")
@click.option(
    "--tolerance",
    metavar="PERCENT",
    type=click.FloatRange(min=0),
    default=0.0,
    help="How far the bill may be from the books (0).",
)
def reconcile(file: str, invoice: str, tolerance: float) -> None:
    """Compare what a ledger FILE has booked with a bill, by model, and by day (UTC) where the bill has days.

    The columns are found by their names: model, date, input and output tokens, cost. Calls that may have been billed
    are a range. Exit status: 0 they agree, 1 they don't, 2 a file cannot be read.
    """
    try:
        columns, billed = _billed(invoice)
        booked = _booked(file, has_days=columns.day is not None, models={model for _, model in billed})
    except OmegaError as error:
        fail(str(error))
    except UnicodeDecodeError:
        fail(f"{invoice} isn't UTF-8; save it as CSV in UTF-8")
    except (OSError, csv.Error) as error:
        fail(f"cannot read {invoice}: {getattr(error, 'strerror', None) or error}")
    share = Decimal(str(tolerance)) / 100
    table = new_table(("day", "model"), ("booked", "billed", "perhaps", "booked $", "billed $", ""))
    differing = 0
    for key in sorted({*booked, *billed}):
        ours, theirs = booked.get(key, _Sum()), billed.get(key, _Sum())
        agree = _agree(ours, theirs, columns, share)
        differing += not agree
        figures = (
            f"{ours.tokens:,}",
            f"{theirs.tokens:,}" if columns.input or columns.output else "",
            f"{ours.unknown_tokens:,}" if ours.unknown_tokens else "",
            "?" if ours.dollars is None else dollar_text(ours.dollars),
            dollar_text(theirs.dollars or Decimal(0)) if columns.money else "",
            "" if agree else "differs",
        )
        add_row(table, key, figures)
    console().print(table)
    if differing:
        click.echo(f"\nThe books and the bill differ in {count(differing, 'line')}.")
        raise SystemExit(PROGRAM_ERROR)
    click.echo("\nThe books and the bill agree.")


def _agree(ours: _Sum, theirs: _Sum, columns: _Columns, share: Decimal) -> bool:
    """Whether what was billed is what was booked, or up to what may have been billed besides."""
    if columns.input or columns.output:
        own = (ours.input_tokens if columns.input else 0) + (ours.output_tokens if columns.output else 0)
        if not -own * share <= theirs.tokens - own <= ours.unknown_tokens + own * share:
            return False
    if columns.money is None or ours.dollars is None or theirs.dollars is None:
        return True
    more = theirs.dollars - ours.dollars
    slack = ours.dollars * share + _ROUNDED
    return -slack <= more <= ours.unknown_dollars + slack


def _booked(file: str, *, has_days: bool, models: Iterable[str]) -> dict[_Key, _Sum]:
    """The books by day and model, under the bill's names of models, which may have a date at their end."""
    sums: dict[_Key, _Sum] = {}
    for each in bookings(file):
        name = next((model for model in models if _is_same(model, each["model"])), each["model"])
        found = sums.setdefault((each["day"] if has_days else "", name), _Sum())
        found.input_tokens += each["input_tokens"]
        found.output_tokens += each["output_tokens"]
        found.unknown_tokens += each["unknown_tokens"]
        if each["dollars"] is None or found.dollars is None:
            found.dollars = None
        else:
            found.dollars += each["dollars"]
            found.unknown_dollars += each["unknown_dollars"] or 0
    return sums


def _is_same(billed: str, booked: str) -> bool:
    """Whether a bill's name of a model is one of the books: claude-sonnet-4-5-20250929 is claude-sonnet-4-5."""
    rest = billed.removeprefix(booked)
    return billed == booked or (rest != billed and rest.startswith(("-", "@")) and rest[1:].isdigit() and len(rest) > 8)


def _billed(invoice: str) -> tuple[_Columns, dict[_Key, _Sum]]:
    """The bill by day and model. Raises OmegaError for what it lacks, OSError and csv.Error."""
    sums: dict[_Key, _Sum] = {}
    with open(invoice, newline="", encoding="utf-8-sig") as text:  # noqa: PTH123
        rows = csv.DictReader(text)
        columns = _columns(invoice, rows.fieldnames or ())
        for row in rows:
            where = f"{invoice}, line {rows.line_num}"
            day = (row[columns.day] or "")[:10] if columns.day else ""
            found = sums.setdefault((day, row[columns.model] or ""), _Sum())
            found.input_tokens += sum(int(_number(where, row, column)) for column in columns.input)
            found.output_tokens += sum(int(_number(where, row, column)) for column in columns.output)
            if columns.money is not None and found.dollars is not None:
                found.dollars += _number(where, row, columns.money)
    return columns, sums


def _columns(invoice: str, header: Iterable[str]) -> _Columns:
    names = {name: name.lower() for name in header}
    tokens = {name: lower for name, lower in names.items() if "token" in lower}
    model = next((name for name, lower in names.items() if "model" in lower), None)
    money = next((n for n, lower in names.items() if n not in tokens and any(w in lower for w in _MONEY_WORDS)), None)
    columns = _Columns(
        model or "",
        next((name for name, lower in names.items() if "date" in lower or "day" in lower), None),
        tuple(name for name, lower in tokens.items() if "input" in lower or "prompt" in lower),
        tuple(name for name, lower in tokens.items() if "output" in lower or "completion" in lower),
        money,
    )
    if model is None or not (columns.input or columns.output or columns.money):
        raise OmegaError(f"{invoice} needs a header with a column for the model, and some for tokens or the cost")
    return columns


def _number(where: str, row: Mapping[str, str | None], column: str) -> Decimal:
    text = (row[column] or "0").strip().replace(",", "").lstrip("$") or "0"
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise OmegaError(f"{where}: {column} must be a number, but is {text!r}") from None
    if not number.is_finite():
        raise OmegaError(f"{where}: {column} must be a number, but is {text!r}")
    return number
