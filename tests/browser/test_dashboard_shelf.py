"""Runs and studies from disk, interventions, keeping a run, and what each control does."""

import shutil
import subprocess
import sys

import pytest

from model.run.runs import replay, run_into
from model.store import load_run
from model.study.design import design_from
from model.study.runner import run_study
from model.world.interventions import Intervention
from model.world.scenario_files import scenario_from

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESIGN = {
    "name": "small",
    "question": "Is it shown?",
    "seed": 5,
    "runs": 2,
    "control_runs": 2,
    "pairing": "none",
    "scenario": {"preset": "growing", "days": 5},
    "factors": {"value": ["BE"], "mode": ["with", "without"], "prevalence": [0.5, 1.0]},
    "registration": {"analysis": "dose", "outcome": "naup"},
}


@pytest.fixture(scope="module")
def shelf(server):
    """A folder with two runs on one seed, a run with a hostile name, and a study."""
    root = server.folder / "shelf"
    run_into(root / "plain", scenario_from({"days": 5}), 3)
    run_into(root / "power", scenario_from({"days": 5, "value": "PO", "prevalence": 1.0}), 3)
    shutil.copytree(root / "plain", root / "<img src=x onerror=obeyed=1> {{ 7 * 7 }}")
    run_study(design_from(DESIGN), root / "study", workers=0)
    return root


@pytest.fixture
def shelf_page(page, see, shelf):
    see.tab(page, "Runs")
    see.write(page, "Folder of runs", str(shelf))
    page.get_by_role("cell", name="plain", exact=True).wait_for()
    return page


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))


def test_a_run_from_disk_is_shown_with_its_numbers_and_rewound(shelf_page, see, shelf, keep):
    page, days = shelf_page, load_run(shelf / "power").days
    row(page, "power").get_by_role("button", name="Open").click()
    page.get_by_text("From disk: power").wait_for()
    page.get_by_text("with PO, ρ = 1").first.wait_for()
    see.rewind(page, last=5, to=3)
    for column in ("population", "stock", "messages"):
        shown = see.number(page, column).replace("\u202f", "")
        assert shown == f"{days.set_index('day').loc[3, column]:.0f}"
    see.tab(page, "Community")
    page.locator('[data-resident="6"]').click()
    page.get_by_role("article", name="Resident").get_by_text("It planned to").wait_for()
    keep(page)
    page.get_by_role("button", name="Back to the living community").click()
    page.get_by_text("Ready after day 0 of 50").first.wait_for()


def test_two_runs_stand_side_by_side_day_by_day(shelf_page, see, shelf, keep):
    page = shelf_page
    row(page, "plain").get_by_role("button", name="Open").click()
    row(page, "power").get_by_role("button", name="Beside").click()
    page.get_by_text("the same seed").wait_for()
    see.rewind(page, last=5, to=2)
    numbers = [load_run(shelf / name).days.set_index("day") for name in ("plain", "power")]
    a, b = (int(one.loc[2, "stock"]) for one in numbers)
    line = page.get_by_role("region", name="Compare").get_by_role("row").filter(has_text="stock")
    line.filter(has_text=f"{a:,}".replace(",", "\u202f")).wait_for()
    cells = [text.replace("\u202f", "") for text in line.get_by_role("cell").all_inner_texts()]
    assert cells == ["stock, units", str(a), str(b), str(a - b)]
    keep(page)


def test_a_name_on_disk_is_shown_as_it_stands(shelf_page):
    page = shelf_page
    assert page.get_by_text("<img src=x onerror=obeyed=1> {{ 7 * 7 }}").is_visible()
    assert page.evaluate("window.obeyed") is None


def test_a_study_opens_cell_by_cell_down_to_its_runs(page, see, shelf, keep):
    see.tab(page, "Studies")
    see.write(page, "Folder of studies", str(shelf))
    page.get_by_text("10 of 10 runs are results").wait_for()
    heat = page.get_by_role("table", name="Heat map")
    assert heat.get_by_role("button").count() == 5
    heat.get_by_role("row").filter(has_text="BE without").get_by_role("button").last.click()
    page.get_by_text("without BE 1", exact=True).wait_for()
    page.get_by_alt_text("Residents by day in the runs of this cell").wait_for()
    keep(page)
    page.get_by_role("button", name="Open", exact=True).first.click()
    page.get_by_text("From disk:").wait_for()
    page.get_by_text("without BE, ρ = 1").wait_for()


def test_an_empty_shelf_says_what_to_do_next(page, see, server):
    (server.folder / "bare").mkdir()
    see.tab(page, "Runs")
    see.write(page, "Folder of runs", "bare")
    page.get_by_text("No run lies under bare.").wait_for()
    see.write(page, "Folder of runs", "missing")
    page.get_by_text("no such folder").wait_for()


@pytest.mark.parametrize("text", ["..", "/etc", "x" * 300])
def test_a_folder_outside_the_dashboard_s_is_refused(page, see, server, text):
    see.tab(page, "Runs")
    see.write(page, "Folder of runs", text)
    told = "lies outside" if len(text) < 300 else "has a name of more than 255 bytes"
    page.get_by_text(told).wait_for()
    see.write(page, "folder, new or empty", text)
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("alert").get_by_text(told).wait_for()
    see.step(page, 1)


def test_what_is_done_from_outside_shows_on_the_next_day(page, see, keep):
    see.step(page, 1)
    before = int(see.number(page, "stock").replace("\u202f", ""))
    see.tab(page, "Intervene")
    see.write(page, "units a member", "50")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("Will act at the start of day 2").wait_for()
    keep(page)
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("Ready after day 2 of").wait_for()
    after = int(see.number(page, "stock").replace("\u202f", ""))
    assert after > before + 50 * 20
    see.tab(page, "Community")
    page.get_by_text("from outside: aid").wait_for()


def test_what_cannot_be_done_is_refused_with_a_remedy(page, see):
    see.tab(page, "Intervene")
    see.choose(page, "what to do", "outage")
    see.write(page, "factory", "9")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("outage of factory 9, which does not exist; use 1 to 3").wait_for()


def test_a_resident_is_given_other_values_and_shows_them(page, see):
    see.tab(page, "Intervene")
    see.choose(page, "what to do", "retrain")
    see.write(page, "resident, 0 for a share of all", "5")
    see.choose(page, "value", "power", within=".civa-page")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("Will act at the start of day 1").wait_for()
    see.step(page, 1)
    see.tab(page, "Community")
    page.locator('[data-resident="5"]').click()
    page.get_by_role("article", name="Resident").get_by_text("with power").wait_for()


def test_a_run_kept_from_the_page_replays_to_the_same_hash(page, see, server):
    kept = server.folder / "kept"
    see.write(page, "days, 1 to 5000", "4")
    see.reset(page)
    page.get_by_text("Ready after day 0 of 4").wait_for()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("Ready after day 1 of").wait_for()
    see.tab(page, "Intervene")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("Will act at the start of day 2").wait_for()
    see.write(page, "folder, new or empty", "kept")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_text("day by day").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Ended after day 4 of 4").wait_for()
    again = replay(kept)
    assert again.same
    assert again.days == 4
    assert load_run(kept).interventions == (Intervention(day=2, kind="aid", size=10),)


def test_every_control_changes_what_it_says(page, see):
    see.choose(page, "preset", "scarce")
    see.choose(page, "value", "power (PO)")
    see.choose(page, "mode", "against")
    see.slide(page, page.get_by_role("slider", name="prevalence"), "ArrowRight", 20)
    for label, text in (
        ("seed", "7"),
        ("residents, 1 to 20000", "9"),
        ("days, 1 to 5000", "6"),
        ("outputs", "50, 60"),
        ("halves", "300, 310"),
        ("other parameters, one name = value a line", "sight = 4"),
    ):
        see.write(page, label, text)
    for label, option in (
        ("regime", "contribution"),
        ("network", "complete"),
        ("wording", "neutral"),
        ("cognition", "staged"),
        ("mind", "scripted:crew"),
    ):
        see.choose(page, label, option)
    see.reset(page)
    page.get_by_text("scarce, against PO, ρ = 1").wait_for()
    page.get_by_text("mind scripted:crew · seed 7").wait_for()
    page.get_by_text("Ready after day 0 of 6").wait_for()
    for kind, number in (("resident", 9), ("factory", 2)):
        page.wait_for_function(
            "([kind, number]) => document.querySelectorAll(`[data-${kind}]`).length === number",
            arg=[kind, number],
        )
    page.locator('[data-resident="1"]').click()
    page.get_by_role("article", name="Resident").get_by_text("against power").wait_for()


@pytest.mark.parametrize(
    ("label", "text", "told"),
    [
        ("residents, 1 to 20000", "none", "residents: 'none' is not usable"),
        ("seed", "-1", "seed: '-1' is not usable"),
        ("outputs", "1, 2", "outputs: needs one entry for each of halves"),
        ("other parameters, one name = value a line", "sigth = 3", "did you mean sight?"),
        ("other parameters, one name = value a line", "= 3", "other parameters: not TOML"),
    ],
)
def test_what_cannot_be_founded_is_refused_and_the_community_lives_on(page, see, label, text, told):
    see.step(page, 1)
    see.write(page, label, text)
    see.reset(page)
    page.get_by_role("alert").get_by_text(told).wait_for()
    page.get_by_role("button", name="Step", exact=True).click()
    page.get_by_text("Ready after day 2 of").wait_for()


def test_the_command_answers_on_loopback_and_names_the_folder(shelf, open_page, tmp_path, see):
    from tests.browser.conftest import Server

    command = [sys.executable, "-m", "civa", "dashboard", str(shelf), "--port", "0", "--no-open"]
    server = Server(command, tmp_path, tmp_path)
    try:
        page = open_page(server.address)
        assert "<title>civa</title>" in page.request.get(server.address).text()
        see.tab(page, "Runs")
        page.get_by_role("cell", name="power", exact=True).wait_for()
    finally:
        server.close()


def test_a_folder_that_is_none_is_bad_input(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "civa", "dashboard", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such folder" in done.stderr
