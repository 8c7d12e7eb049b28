"""A browser for the tests of this folder, without a window; the tests are skipped where there is none."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# `make test-browser` says that a browser is wanted, and which.
if "OMEGA_CHROMIUM" not in os.environ:
    collect_ignore_glob = ["test_*.py"]

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    program = os.environ["OMEGA_CHROMIUM"]
    if shutil.which(program) is None:
        pytest.skip(f'there is no browser "{program}"; install chromium, or set OMEGA_CHROMIUM to its path')
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=list(OPTIONS))
        yield browser
        browser.close()


class Watched:
    """A page with what it has said on the console, and the addresses it has asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Watched]]:
    """Opens addresses, each in a browser without a past."""
    contexts = []

    def open_page(url: str, scheme: str = "light", **options: Any) -> Watched:
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        watched = Watched(context.new_page())
        watched.page.goto(url)
        return watched

    yield open_page
    for context in contexts:
        context.close()


_COLOURS = """
async (png) => {
  const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  const found = {};
  const data = canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
  for (let i = 0; i < data.length; i += 4) {
    const colour = [data[i], data[i + 1], data[i + 2]];
    found[colour] = (found[colour] || 0) + 1;
  }
  return found;
}
"""


@pytest.fixture
def colours(request: pytest.FixtureRequest, browser: Any) -> Callable[[Any], dict[str, float]]:
    """The part of a page's picture that each colour has, such as {"255,255,255": 0.9}.

    OMEGA_SCREENSHOTS is a folder that keeps the pictures.
    """

    def look(page: Any) -> dict[str, float]:
        picture = page.screenshot(full_page=True)
        if "OMEGA_SCREENSHOTS" in os.environ:
            folder = Path(os.environ["OMEGA_SCREENSHOTS"])
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{request.path.stem}-{request.node.name}.png").write_bytes(picture)
        blank = browser.new_page()
        found = blank.evaluate(_COLOURS, base64.b64encode(picture).decode())
        blank.close()
        total = sum(found.values())
        return {colour: count / total for colour, count in found.items()}

    return look
