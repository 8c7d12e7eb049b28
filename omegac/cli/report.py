"""What a run spent, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from omega_runtime.ledger.account import Account
from omega_runtime.ledger.explanations import text_of
from omega_runtime.ledger.report_types import DecisionLine, Report, SiteLine
from omega_runtime.money import dollar_text
from omega_runtime.visible import visible
from rich.table import Table

from omegac.cli.tables import add_row, console, new_table
from omegac.cli.words import count, place


def show_report(data: Report, account: Account, whole: str | None = None) -> None:
    """Print the totals and the spending of each site to stderr; `account` is that of the whole run.

    With `whole`, more than this run was paid from it, and the text says what.
    """
    out = console(stderr=True)
    totals = data["totals"]
    if account.parent is None or whole is not None:
        spent = _with_money(f"{totals['tokens']:,} tokens", totals["dollars"])
    else:
        spent = against(account)
    out.print(f"spent {spent} in {count(totals['calls'], 'call')}", style="bold")
    if whole is not None:
        out.print(f"{visible(whole)} {against(account)}")
    if account.held:
        out.print(f"{account.held:,} tokens more are held by calls that had not ended")
    if data["sites"]:
        out.print(sites_table(data["sites"]))
    for line in _truncated(data["sites"]):
        out.print(line)
    for number, text in (
        (totals["unknown"], "may have been billed and count in full"),
        (totals["voided"], "failed and cost nothing"),
        (totals["overruns"], "cost more than was held"),
        (totals["hits"], "got an answer from the cache, for nothing"),
        (totals["replayed"], "got the answer that an earlier execution paid for"),
    ):
        if number:
            out.print(f"{count(number, 'call')} {text}")
    for each in data["downgrades"]:
        calls = count(each["calls"], "call")
        out.print(
            f"{calls} at {visible(place(each))} went to {visible(each['used'])} instead of {visible(each['asked'])}"
        )
    for pair in data["substitutions"]:
        out.print(f"{visible(pair['asked'])} is not available here: {visible(pair['used'])} answered for it")
    for line in _decided(data["decisions"]):
        out.print(line)


def _truncated(sites: list[SiteLine]) -> Iterator[str]:
    """Which answers have no end, and why: a line for each cause and site, in as few words as it takes."""
    for site in sites:
        at = visible(place(site))
        clamped = site["truncated_by_budget"]
        if clamped:
            were = "was" if clamped == 1 else "were"
            yield f"{count(clamped, 'answer')} at {at} {were} cut short by what was left of the budget"
        full = site["truncated"] - clamped
        if full:
            them = "it" if full == 1 else "them"
            yield f"{count(full, 'answer')} at {at} ran into max-tokens; a larger max-tokens: gives {them} room"


def _decided(decisions: list[DecisionLine]) -> Iterator[str]:
    """Which calls waited, got less than they asked for or were refused: a line for each kind, site and account."""
    alike: dict[tuple[str, str, str], list[DecisionLine]] = {}
    for each in decisions:
        alike.setdefault((each["kind"], place(each), each["account"]), []).append(each)
    for (_, at, _), lines in alike.items():
        more = f"; {count(len(lines) - 1, 'other call')} likewise" if len(lines) > 1 else ""
        yield f"a call at {visible(at)} {visible(text_of(lines[0]))}{more}"


def against(account: Account) -> str:
    """What was spent: such as "90 of 100 tokens, $0.05 of $0.10", or "90 of 100 tokens this hour"."""
    money, of_limit = account.dollars, "" if account.limit is None else f" of {account.limit:,}"
    text = f"{account.spent:,}{of_limit} tokens{_this(account.period)}"
    with_money = _with_money(text, money.spent, money.limit)
    return with_money if with_money == text else with_money + _this(money.period)


def _this(period: str | None) -> str:
    return f" this {period}" if period else ""


def _with_money(text: str, dollars: Decimal | None, limit: Decimal | None = None) -> str:
    if dollars is None or (not dollars and limit is None):
        return text
    of_limit = "" if limit is None else f" of {dollar_text(limit)}"
    return f"{text}, {dollar_text(dollars)}{of_limit}"


# What is counted besides, where it happened at all: by the head of its column.
_RARE: dict[str, Literal["hits", "replayed", "downgraded", "clamped", "overruns", "unknown"]] = {
    "cached": "hits",
    "replayed": "replayed",
    "downgraded": "downgraded",
    "cut": "clamped",
    "overruns": "overruns",
    "unknown": "unknown",
}


def sites_table(sites: list[SiteLine]) -> Table:
    """One line a site and model."""
    rare = {head: counter for head, counter in _RARE.items() if any(site[counter] for site in sites)}
    table = new_table(("site", "procedure", "model"), ("calls", "input", "output", "dollars", *rare))
    for site in sites:
        figures = [f"{each:,}" for each in (site["calls"], site["input_tokens"], site["output_tokens"])]
        figures += [money(site["dollars"]), *(f"{site[counter]:,}" for counter in rare.values())]
        add_row(table, (place(site), site["procedure"], site["model"]), tuple(figures))
    return table


def money(amount: Decimal | None) -> str:
    """An amount, or "?" where a price is not known."""
    return "?" if amount is None else dollar_text(amount)
