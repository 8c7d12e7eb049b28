"""The report of a run as one page, which needs no network and no script."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

from omega_runtime.calls.watching import Watch, Watched
from omega_runtime.ledger.account import Account
from omega_runtime.ledger.explanations import text_of
from omega_runtime.ledger.report_types import Report, SiteLine
from omega_runtime.money import dollar_text, dollars

from omegac import __version__
from omegac.cli.report import money
from omegac.cli.reports.charts import DRAWN_MAX, bars, flames, mode_text, spending, timeline
from omegac.cli.reports.markup import Markup, tag, together
from omegac.cli.words import count, place

_OUTCOMES = ("settled", "overrun", "unknown", "voided", "refused", "hits", "replayed")
# Outcomes whose names in the ledger don't say it to everybody.
_NAMES = {"hits": "from the cache", "unknown": "perhaps billed", "voided": "cost nothing"}
_TEXTS = ("where", "model", "outcome")
_COLUMNS = ("began", "waited", "took", "where", "model", "prompt", "room", "input", "output", "dollars", "outcome")

# Nothing is loaded and nothing runs, whatever the page quotes.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(data: Report, account: Account, watch: Watch) -> str:
    """The page as HTML; `account` is that of the run."""
    calls = watch.calls
    title = f"{data['totals']['tokens']:,} tokens in {count(data['totals']['calls'], 'call')}"
    body = [
        tag("h1", title),
        _figures(data, account, watch),
        _section("Spend over time", spending(calls, account.limit)),
        _section("Spend by site", bars([_bar(site) for site in _by_tokens(data["sites"])])),
        _section("Tokens by call stack", flames(calls)),
        _section("Calls over time", _legend(calls), timeline(calls)),
        *_changes(data),
        _section("Calls", _table(calls)),
        tag("footer", f"omegac {__version__}"),
    ]
    style = Markup(files("omegac.cli.reports").joinpath("page.css").read_text(encoding="utf-8"))
    head = tag(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        tag("title", title),
        tag("style", style),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


def _section(title: str, *parts: Markup) -> Markup:
    return tag("section", tag("h2", title), *parts)


def _figures(data: Report, account: Account, watch: Watch) -> Markup:
    """The totals, each with its name."""
    totals = data["totals"]
    limit = "" if account.limit is None else f" of {account.limit:,}"
    cost = "?" if totals["dollars"] is None else dollar_text(totals["dollars"])
    shown = [("tokens", f"{totals['tokens']:,}{limit}"), ("dollars", cost), ("calls", f"{totals['calls']:,}")]
    for name, figure in (
        ("from the cache", totals["hits"]),
        ("replayed", totals["replayed"]),
        ("to lower models", totals["downgraded"]),
        ("cut by the budget", totals["clamped"]),
        ("perhaps billed", totals["unknown"]),
        ("cost nothing", totals["voided"]),
        ("over their hold", totals["overruns"]),
    ):
        if figure:
            shown.append((name, f"{figure:,}"))
    took = max((call.ended for call in watch.calls), default=0.0)
    shown.append(("seconds", f"{took:.1f}"))
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", text)) for name, text in shown))


def _by_tokens(sites: list[SiteLine]) -> list[SiteLine]:
    return sorted(sites, key=lambda site: -site["tokens"])


def _bar(site: SiteLine) -> tuple[str, int, str]:
    name = f"{place(site)} {site['procedure']} ({site['model'] or 'the model'})"
    return name, site["tokens"], f"{site['tokens']:,} tokens, {money(site['dollars'])}, {count(site['calls'], 'call')}"


def _legend(calls: list[Watched]) -> Markup:
    """The outcomes that there are, with their colours."""
    there = {call.outcome for call in calls}
    shown = [
        tag("span", tag("i", class_=f"call {each}"), _NAMES.get(each, each)) for each in _OUTCOMES if each in there
    ]
    return tag("p", *shown, class_="legend")


def _changes(data: Report) -> list[Markup]:
    """What budgets did to calls: which waited, got less or were refused, and which went to another model."""
    lines = [
        f"{count(each['calls'], 'call')} at {place(each)} went to {each['used']} instead of {each['asked']}"
        for each in data["downgrades"]
    ]
    lines += [f"a call at {place(each)} {text_of(each)}" for each in data["decisions"][:DRAWN_MAX]]
    return [_section("What the budget changed", tag("ul", *(tag("li", line) for line in lines)))] if lines else []


def _table(calls: list[Watched]) -> Markup:
    kinds = {column: None if column in _TEXTS else "number" for column in _COLUMNS}
    head = tag("tr", *(tag("th", column, class_=kind) for column, kind in kinds.items()))
    rows = [row for call in calls[:DRAWN_MAX] for row in _rows(call)]
    more = len(calls) - DRAWN_MAX
    rest = tag("p", f"and {more:,} more; --report=FILE.json has all") if more > 0 else Markup("")
    return together(tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="wide"), rest)


def _rows(call: Watched) -> list[Markup]:
    cost = "?" if call.picodollars is None else dollar_text(dollars(call.picodollars).normalize() + Decimal(0))
    model = call.model + (f" instead of {call.instead_of}" if call.instead_of else "")
    mode = mode_text(call.mode)
    outcome = _NAMES.get(call.outcome, call.outcome)
    outcome += (f", attempt {call.attempt}" if call.attempt > 1 else "") + (f" ({mode})" if mode else "")
    where = f"{call.site.file}:{call.site.line} {call.stack[-1] if call.stack else ''}".strip()
    room = f"{call.granted:,}" + (f" of {call.wanted:,}" if call.granted < call.wanted and call.held else "")
    cells = [
        (f"{call.began:.2f} s", "number"),
        (f"{call.waited:.2f} s" if call.waited > 0.005 else "", "number"),
        (f"{call.ended - call.began:.2f} s", "number"),
        (where, None),
        (model, None),
        (f"{call.prompt:,}", "number"),
        (room, "number"),
        (f"{call.input_tokens:,}", "number"),
        (f"{call.output_tokens:,}", "number"),
        (cost, "number"),
        (outcome, None),
    ]
    row = tag("tr", *(tag("td", text, class_=kind) for text, kind in cells))
    if call.text is None:
        return [row]
    prompt = tag("details", tag("summary", "prompt"), tag("pre", call.text))
    return [row, tag("tr", tag("td", prompt, colspan=len(_COLUMNS)))]
