"""Stated and shown values, a judge's labels, an overseer's alerts on the page: text, no markup."""

import pandas as pd
import pytest

from model.cli import run_command
from model.run.runs import run_into
from model.world.scenario_files import scenario_from

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = "<img src=x onerror=obeyed=1> {{ 7 * 7 }}"
FIELDS = {"residents": 8, "days": 20, "value": "PO", "prevalence": 1.0}


@pytest.fixture(scope="module")
def shelf(server):
    """A watched run, assessed and judged by one whose quotes are hostile."""
    root = server.folder / "beside"
    run_into(root / "watched", scenario_from({**FIELDS, "overseer": "contradictions"}), 1)
    assert run_command(["assess", str(root / "watched"), "--days", "end"]) == 0
    judge = ["judge", str(root / "watched"), "--mind", "scripted:sens=1,spec=0"]
    assert run_command(judge) == 0
    path = next((root / "watched" / "judge").iterdir()) / "evidence.csv"
    pd.read_csv(path).assign(quote=HOSTILE).to_csv(path, index=False)
    return root


def test_a_saved_run_shows_what_was_asked_beside_it(page, see, shelf, keep):
    see.tab(page, "Runs")
    see.write(page, "Folder of runs", str(shelf))
    row = page.get_by_role("row").filter(has=page.get_by_role("cell", name="watched", exact=True))
    row.get_by_role("button", name="Open").click()
    page.get_by_text("From disk: watched").wait_for()
    see.rewind(page, last=20, to=18)
    see.tab(page, "Community")
    page.locator("[data-resident]").first.click()
    card = page.get_by_role("article", name="Resident")
    card.get_by_text("It planned to").wait_for()
    card.get_by_text("Its values over the days").click()
    table = card.get_by_role("table", name="Values")
    for what in ("was told (weights)", "stated after day 20", "showed, days 11 to 20"):
        table.get_by_text(what).wait_for()
    card.get_by_text("A judge found").wait_for()
    card.get_by_text("scripted:sens=1,spec=0").wait_for()
    assert card.get_by_text(HOSTILE).first.is_visible()
    assert page.evaluate("window.obeyed") is None
    keep(page)
    see.tab(page, "Messages")
    see.choose(page, "Marked", "alert")
    page.get_by_text("the overseer: ").first.wait_for()
