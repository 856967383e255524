"""How soon the dashboard answers: first paint, a day, clicks while a mind is held, a thousand."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from browser.conftest import CHROMIUM, HERE, LONG, QUIET, Hands, Server
from playwright.sync_api import sync_playwright

CLICKS = 5


def run() -> dict[str, float]:
    """Seconds (days a second for the last), each as a user in front of a browser sees it."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        server = Server([sys.executable, str(HERE / "serve.py"), "strange_minds"], folder, folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 860})
            page.set_default_timeout(LONG)
            found = {"first paint, s": seconds(lambda: _open(page, server.address))}
            found["a day of 25 residents, s"] = min(
                seconds(lambda day=day: _step(page, day)) for day in range(1, CLICKS + 1)
            )
            found["a click while a mind is held, s"] = _held(page)
            (folder / "release").touch()
            found["days/s of 1,000 residents, redrawn every 5"] = _thousand(page)
        finally:
            browser.close()
            server.close()
    return found


def seconds(act: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _open(page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Step", exact=True).wait_for()


def _step(page, day: int) -> None:
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text(f"Ready after day {day} of").wait_for()


def _held(page) -> float:
    """The slowest of some clicks on Pause and Play while no answer comes."""
    Hands.choose(page, "mind", "random")
    Hands.reset(page)
    page.get_by_text("mind random").wait_for()
    slowest = 0.0
    for _ in range(CLICKS):
        for button, then in (("Play", "residents asked at morning"), ("Pause", "Ready after day")):
            click = page.get_by_role("button", name=button, exact=True).click
            answer = page.get_by_text(then).wait_for
            slowest = max(slowest, seconds(lambda c=click, a=answer: (c(), a())))
    return slowest


def _thousand(page) -> float:
    Hands.choose(page, "mind", "surrogate")
    Hands.choose(page, "Redraw", "every 5")
    for label, text in (
        ("residents, 1 to 20000", "1000"),
        ("outputs", ", ".join(["280", "40", "20"] * 20)),
        ("halves", ", ".join(["940", "300", "200"] * 20)),
        ("other parameters, one name = value a line", "width = 60\nheight = 60"),
    ):
        Hands.write(page, label, text)
    Hands.reset(page)
    page.wait_for_function("() => document.querySelectorAll('[data-resident]').length == 1000")
    page.get_by_role("button", name="Play", exact=True).click()
    return 50 / seconds(lambda: page.get_by_text("Ended after day 50").wait_for(timeout=600_000))
