"""The pictures of these pages, made again: `python docs/pictures.py [figures] [dashboard]`.

The figures are those of the report of `civa demo`, on white so that they can be read on a dark
page. The demo's residents are decided by the surrogate: they show a control, not a language model.
The dashboard is a real one in a real Chromium (`CIVA_CHROMIUM` names another), thirty days into the
preset `growing`, with a resident chosen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

PICTURES = Path(__file__).parent / "pictures"
CIVA = Path(sys.executable).with_name("civa")
CHROMIUM = os.environ.get("CIVA_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FIGURES = ("population", "conduct", "behaviours", "network", "case_study")
SIZE = {"width": 1280, "height": 860}


def figures() -> None:
    """Figures of the demo's report; the numbers behind each lie in the report's tables."""
    import matplotlib.image
    import numpy as np

    with TemporaryDirectory() as folder:
        subprocess.run([CIVA, "demo", "--out", folder, "--quiet"], check=True)  # noqa: S603
        for name in FIGURES:
            picture = matplotlib.image.imread(Path(folder) / "report" / "figures" / f"{name}.png")
            alpha = picture[:, :, 3:]
            white = np.clip(picture[:, :, :3] * alpha + (1 - alpha), 0, 1)
            matplotlib.image.imsave(PICTURES / f"{name}.png", white)


def dashboard() -> None:
    """The dashboard on day 30 of a growing community."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder:
        server = subprocess.Popen(  # noqa: S603
            [CIVA, "dashboard", "--port", "0", "--no-open"],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            found = re.search(r"http://\S+", server.stdout.readline())
            assert found is not None, "the dashboard did not say where it is"
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
                )
                page = browser.new_page(viewport=SIZE)
                page.goto(found[0])
                page.get_by_role("button", name="Step", exact=True).wait_for()
                for day in range(1, 31):
                    page.get_by_role("button", name="Step", exact=True).click()
                    page.get_by_text(f"Ready after day {day} of").wait_for()
                page.locator("[data-resident]").first.click()
                page.wait_for_timeout(1_500)
                page.screenshot(path=PICTURES / "dashboard.png")
                browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, make in (("figures", figures), ("dashboard", dashboard)):
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            make()
