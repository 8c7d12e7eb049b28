"""The page of `omegac run --report=FILE.html` in a browser, opened as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.command import omegac

PROGRAM = """
(define (summarize text) (effect infer.op (list "Sum up: " text) max-tokens: 100))
(define (title text) (effect infer.op (list "<script>document.title='owned'</script>" text) max-tokens: 40))
(parallel-map (lambda (text) (title (summarize text))) '("one" "two" "three" "four"))
(guard (_ (#t #f)) (with-budget 10 (lambda () (summarize "refused"))))
"""
LIGHT, DARK = "252,252,251", "26,26,25"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    (folder / "p.omega").write_text(PROGRAM)
    options = ("--model", "offline", "--budget", "5000", "--report=out.html", "--report-prompts")
    done = omegac("run", "p.omega", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "out.html").as_uri()


def test_the_graphs_have_the_sites(visit: Callable[..., Any], report: str) -> None:
    page = visit(report).page
    assert "tokens in 8 calls" in page.locator("h1").inner_text()
    for title in ("Spend over time", "Spend by site", "Tokens by call stack", "Calls over time"):
        section = page.locator("section", has=page.get_by_role("heading", name=title))
        assert section.locator("svg, .bars").first.bounding_box()["height"] > 10, title
    bars = page.locator(".bars .name").all_inner_texts()
    assert sorted(each.partition(" ")[0] for each in bars) == ["p.omega:2:26", "p.omega:3:22"]
    flames = page.locator("g > title").all_text_contents()
    assert {each.partition(":")[0] for each in flames} >= {"summarize", "title", "p.omega"}
    for shape in page.locator("g > rect").all():
        box = shape.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1280


def test_nothing_is_asked_of_the_network_and_nothing_runs(visit: Callable[..., Any], report: str) -> None:
    watched = visit(report, offline=True)
    watched.page.wait_for_timeout(300)
    assert watched.asked == [report]
    assert watched.said == []
    assert watched.page.title() != "owned"
    assert "<script>document.title='owned'</script>" in watched.page.locator("main").text_content()


@pytest.mark.parametrize(("scheme", "paper"), [("light", LIGHT), ("dark", DARK)])
def test_light_and_dark(
    visit: Callable[..., Any], report: str, scheme: str, paper: str, colours: Callable[[Any], dict[str, float]]
) -> None:
    found = colours(visit(report, scheme).page)
    assert 0.6 < found[paper] < 0.98
    assert len(found) > 50


def test_a_narrow_window_shows_all_by_scrolling(visit: Callable[..., Any], report: str) -> None:
    page = visit(report).page
    page.set_viewport_size({"width": 420, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
