"""A real Chromium and real servers; screenshots are kept under `artefacts/` to be looked at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ARTEFACTS = HERE.parents[1] / "artefacts" / "screens"
CHROMIUM = os.environ.get("CIVA_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
#: Milliseconds to wait for what must come; nothing is measured by it.
LONG = 60_000
#: How many times slower the page is to run than this machine would run it.
SLOWER = float(os.environ.get("CIVA_SLOWER", "1"))


class Server:
    """A server in a process of its own; the address of a dashboard holds the token."""

    def __init__(self, command: list[str], folder: Path, cwd: Path, **variables: str) -> None:
        self.folder = folder
        self.log = cwd / "server.log"
        environment = os.environ | {
            "CIVA_TEST_FOLDER": str(folder),
            "PYTHONUNBUFFERED": "1",
            "OPENAI_API_KEY": "of the test",
            **variables,
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=cwd, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.address = self.waited_for(r"http://127\.0\.0\.1:\d+/\S*(?=\s)")

    def waited_for(self, pattern: str) -> str:
        """Wait until the server has said something."""
        for _ in range(3_000):
            found = re.search(pattern, self.log.read_text())
            if found:
                return found[0]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.close()
        raise RuntimeError(f"no {pattern} in {self.log}: {self.log.read_text()}")

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope="module")
def chromium():
    """The browser; no longer than a module, as Playwright's loop runs in this thread meanwhile."""
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: install Chromium, or name it in CIVA_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The page with the minds that misbehave."""
    folder = tmp_path_factory.mktemp("strange")
    one = Server([sys.executable, str(HERE / "serve.py"), "strange_minds"], folder, folder)
    yield one
    one.close()


@pytest.fixture
def requests_elsewhere() -> list[str]:
    return []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Tell fixtures whether their test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report


@pytest.fixture
def open_page(chromium, server, requests_elsewhere, request, keep):
    """Open the page in a browser of its own (own cookies, own session)."""
    contexts = []

    def opened(address: str = "", dark: bool = False, width: int = 1280, height: int = 860):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG)
        page.on(
            "request",
            lambda request: (
                requests_elsewhere.append(request.url)
                if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:"))
                else None
            ),
        )
        if SLOWER > 1:
            throttle = context.new_cdp_session(page)
            throttle.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address or server.address)
        page.get_by_role("button", name="Step", exact=True).wait_for()
        return page

    yield opened
    for number, context in enumerate(contexts):
        if getattr(request.node, "failed", False):
            for page in context.pages:
                keep(page, f"failed-{number}")
        context.close()


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def keep(request):
    """Keep a screenshot, named after the test."""

    def kept(page, name: str = "") -> Path:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        path = ARTEFACTS / f"{request.node.name.removeprefix('test_')}{name and '-' + name}.png"
        page.screenshot(path=path)
        return path

    return kept


@pytest.fixture
def see():
    """Ways of using the page, in a user's words."""
    return Hands


class Hands:
    """What a user does."""

    @staticmethod
    def step(page, to: int) -> None:
        for day in range(1, to + 1):
            page.get_by_role("button", name="Step", exact=True).click()
            page.get_by_text(f"Ready after day {day} of").wait_for()

    @staticmethod
    def tab(page, name: str) -> None:
        page.get_by_role("tab", name=name).click()

    @staticmethod
    def pick(page, resident: int) -> None:
        """Choose a resident on the grid by the keyboard, once the tab has slid in: nothing that is
        not shown yet takes the focus, and the key would go to whatever has it."""
        dot = page.locator(f'[data-resident="{resident}"]')
        dot.wait_for()
        dot.scroll_into_view_if_needed()  # waits until it stands still
        dot.press("Enter")

    @staticmethod
    def choose(page, label: str, option: str, within: str = "body") -> None:
        # The label lies over its field, so what is pressed is the box around both: Playwright can
        # then wait until it stands still, which a field in a tab that slides in does not.
        field = page.locator(within).get_by_label(label, exact=True).first
        field.locator("xpath=ancestor::*[@role='button'][1]").click()
        page.get_by_role("option", name=option, exact=True).click()

    @staticmethod
    def write(page, label: str, text: str) -> None:
        field = page.get_by_label(label)
        field.fill(text)
        field.press("Tab")
        # A user sees a field take what was typed; a click that is faster than the line is not one.
        page.wait_for_function(
            """([field, text]) => {
                const form = field.closest("[data-taken]");
                return !form || form.dataset.taken.includes(text);
            }""",
            arg=[field.element_handle(), text],
        )

    @staticmethod
    def reset(page) -> None:
        page.get_by_role("button", name="Reset", exact=True).click()

    @staticmethod
    def number(page, column: str) -> str:
        return page.locator(f'[data-number="{column}"] b').inner_text()

    @staticmethod
    def slide(page, slider, key: str, times: int) -> None:
        """Move a slider with the keys, as without a mouse: each press when the last has told."""
        slider.focus()
        for _ in range(times):
            before = slider.get_attribute("aria-valuenow")
            slider.press(key)
            page.wait_for_function(
                "([element, before]) => element.getAttribute('aria-valuenow') !== before",
                arg=[slider.element_handle(), before],
            )

    @staticmethod
    def rewind(page, last: int, to: int) -> None:
        """Look at an earlier day."""
        slider = page.get_by_role("slider").first
        for day in range(last - 1, to - 1, -1):
            # A key that is pressed before the page has shown the day before is undone by it.
            page.get_by_text(f"Day {day + 1} of {last}", exact=True).wait_for()
            page.wait_for_function(
                "([element, now]) => element.getAttribute('aria-valuenow') === now",
                arg=[slider.element_handle(), str(day + 1)],
            )
            Hands.slide(page, slider, "ArrowLeft", 1)
            page.get_by_text(f"Day {day} of {last}", exact=True).wait_for()
