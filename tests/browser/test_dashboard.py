"""The page of `omegac ledger serve` in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from omega_runtime import budget, configure, use_model
from omega_runtime.calls import infer
from omega_runtime.ledger.account import Account
from omega_runtime.models.reply import Reply
from playwright.sync_api import expect

from tests.support.auditor import FlatPrice, Rates
from tests.support.dashboard import dashboard
from tests.support.ledgers import SITE, eventually, hold

HOSTILE = "</script><img src=x onerror=document.title='owned'><b>"
PRICE = FlatPrice(Rates(3, 3, 3, 15_000_000))
LIGHT, DARK = "252,252,251", "26,26,25"


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Account]:
    """An account with some spending, in which others are open, one of them with a name from a stranger."""
    with configure(prices={"m": (3, 15)}):
        with budget("100000/day", dollars=5, ledger=tmp_path / "team.ledger", name="research") as team:
            with budget(400, ledger=tmp_path / "team.ledger", name=HOSTILE), budget(100):
                spend()
            yield team
    team.ledger.close()


def spend() -> None:
    with use_model(m), configure(model="m"):
        infer(SITE, "p", max_tokens=20)


def m(prompt: str) -> Reply:
    return Reply("a", 6, 4)


@pytest.fixture
def url(team: Account, tmp_path: Path) -> Iterator[str]:
    with dashboard(tmp_path / "team.ledger") as url:
        yield url


def rows(watched: Any, section: str) -> list[list[str]]:
    found = watched.page.locator(f"#{section} tbody tr")
    expect(found.first).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in found.all()]


def test_accounts_with_what_is_left(visit: Callable[..., Any], url: str) -> None:
    watched = visit(url)
    found = {name: figures for name, _, *figures in rows(watched, "accounts")}
    assert list(found) == ["all calls", "research", HOSTILE, "budget (1 ended)"]
    tokens_and_dollars = ["10", "0", "99,990", "100,000/day", "$0.000078", "$0.00", "$5.00", "$5.00"]
    assert found["research"][:8] == tokens_and_dollars
    assert found[HOSTILE][:4] == ["10", "0", "390", "400"]
    assert found["all calls"][:4] == ["10", "0", "–", "–"]
    assert found["research"][8] != "–"
    assert watched.page.locator("#holds").inner_text() == "No calls are under way."
    assert watched.page.locator("#hours rect").count() == 48
    assert watched.page.locator("#days rect").count() == 30


def test_the_page_keeps_itself_up_to_date(visit: Callable[..., Any], url: str, team: Account) -> None:
    watched = visit(url)
    spent = watched.page.locator("#totals dd").first
    expect(spent).to_have_text("10")
    spend()
    expect(spent).to_have_text("20", timeout=15_000)
    held = hold(team, 0, 300, price=PRICE)
    expect(watched.page.locator("#holds tbody tr")).to_have_count(1, timeout=15_000)
    account, site, model, run, who, _, tokens, *_ = rows(watched, "holds")[0]
    assert (account, site, model, run, tokens) == ("research", "test.omega:1", "m", "–", "300")
    assert who.startswith("process ")
    team.ledger.void(held)
    expect(watched.page.locator("#holds")).to_have_text("No calls are under way.", timeout=15_000)


def test_names_are_text_and_nothing_is_asked_of_others(visit: Callable[..., Any], url: str, tmp_path: Path) -> None:
    watched = visit(url)
    assert rows(watched, "accounts")[2][0] == HOSTILE
    watched.page.get_by_label("dollars").check()
    expect(watched.page.locator("#hours text").first).to_have_text("$0.000078")
    assert watched.page.locator("img, b").count() == 0
    assert watched.page.title() == str(tmp_path / "team.ledger")
    eventually(lambda: (watched.page.wait_for_timeout(200), len(watched.asked) > 3)[1])
    assert {address.removeprefix(url) for address in watched.asked} == {"", "ledger.json"}
    assert watched.said == []


def test_scripts_of_others_do_not_run(visit: Callable[..., Any], url: str) -> None:
    watched = visit(url)
    watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
    watched.page.wait_for_timeout(300)
    assert watched.page.title() != "1"
    assert any("Content Security Policy" in text for text in watched.said)


def test_a_ledger_that_is_away_is_told(visit: Callable[..., Any], url: str, tmp_path: Path) -> None:
    watched = visit(url)
    state = watched.page.locator("#state")
    expect(state).to_contain_text("as of")
    path = tmp_path / "team.ledger"
    path.rename(tmp_path / "away")
    expect(state).to_contain_text("This can't be read now: there is no ledger file", timeout=15_000)
    expect(state).to_contain_text("The figures are those of")
    (tmp_path / "away").rename(path)
    expect(state).to_contain_text("as of", timeout=15_000)


def test_a_page_that_nobody_serves_any_more_says_so(visit: Callable[..., Any], team: Account, tmp_path: Path) -> None:
    with dashboard(tmp_path / "team.ledger") as url:
        watched = visit(url)
        expect(watched.page.locator("#state")).to_contain_text("as of")
    expect(watched.page.locator("#state")).to_contain_text("start omegac ledger serve again", timeout=15_000)


@pytest.mark.parametrize(("scheme", "paper"), [("light", LIGHT), ("dark", DARK)])
def test_light_and_dark(
    visit: Callable[..., Any],
    url: str,
    scheme: str,
    paper: str,
    team: Account,
    colours: Callable[[Any], dict[str, float]],
) -> None:
    held = hold(team, 0, 30_000, price=PRICE)
    watched = visit(url, scheme)
    rows(watched, "accounts")
    found = colours(watched.page)
    assert 0.7 < found[paper] < 0.99
    assert len(found) > 50
    team.ledger.void(held)


def test_a_narrow_window_shows_all_by_scrolling(visit: Callable[..., Any], url: str) -> None:
    watched = visit(url)
    rows(watched, "accounts")
    watched.page.set_viewport_size({"width": 420, "height": 800})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= 420
