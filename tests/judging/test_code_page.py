"""The coding page in a real browser: the keyboard alone, resumed after a reload, exported."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from model.asides.coding import PAGE, read_codes, sample_files
from tests.judging.test_coding import ITEMS, write

CHROMIUM = os.environ.get("CIVA_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


@pytest.mark.browser
def test_a_coder_works_by_keys_leaves_comes_back_and_exports(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    write(sample_files(ITEMS, "A sample"), tmp_path)
    trouble: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_context(accept_downloads=True).new_page()
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("request", lambda one: trouble.append(one.url) if "://" in one.url[:8] else None)
        page.goto((tmp_path / PAGE).as_uri())
        trouble.clear()  # the page itself was a request
        page.fill("#coder", "ann")
        for key in ("Escape", "3", "Enter", "1", "1", "Enter"):
            page.keyboard.press(key)
        assert page.inner_text("#where") == "item 3 of 4, 2 done"
        page.reload()
        assert page.inner_text("#where") == "item 3 of 4, 2 done"
        with page.expect_download() as download:
            page.keyboard.press("e")
        assert download.value.suggested_filename == "ann.csv"
        download.value.save_as(tmp_path / "ann.csv")
        browser.close()
    assert [one for one in trouble if PAGE not in one and not one.startswith("blob:")] == []
    codes = read_codes(tmp_path / "ann.csv").set_index(["item", "label"])["code"]
    assert codes[1].to_dict() == {label: float(label == "betrayal") for label in codes[1].index}
    assert (codes[2] == 0).all()
    assert codes[[3, 4]].isna().all()
