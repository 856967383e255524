"""The picture of the dashboard in the README: `python -m tests.browser.screenshot [FILE]`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, LONG, QUIET, Hands, Server

DAYS, RESIDENT = 9, 7


def main(target: Path) -> None:
    """Play a community for some days, select a resident, and take the picture."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        command = [sys.executable, "-m", "civa", "dashboard", "--port", "0", "--no-open"]
        server = Server(command, Path(folder), Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            page = browser.new_page(
                viewport={"width": 1280, "height": 860}, device_scale_factor=1.5
            )
            page.set_default_timeout(LONG)
            page.goto(server.address)
            Hands.choose(page, "value", "power (PO)")
            slider = page.get_by_role("slider", name="prevalence")
            Hands.slide(page, slider, "ArrowRight", 8)
            Hands.reset(page)
            page.get_by_text("with PO, ρ = 0.4").wait_for()
            Hands.step(page, DAYS)
            page.locator(f'[data-resident="{RESIDENT}"]').focus()
            page.keyboard.press("Enter")
            page.get_by_role("article", name="Resident").wait_for()
            page.get_by_role("button", name="messages").click()
            page.mouse.move(640, 840)
            page.wait_for_timeout(800)
            page.screenshot(path=target)
        finally:
            browser.close()
            server.close()
    print(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/dashboard.png"))
