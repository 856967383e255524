"""A fault anywhere in the page: a banner where it was raised, and the community lives on."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from conftest import HERE, Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEAD = ("The theme switch", "The next community", "Keep this run", "The progress", "The faults",
        "The numbers", "The day slider", "The grid", "The card", "The theme")  # fmt: skip
TABS = ("Over time", "Messages", "Intervene", "Runs", "Studies")
CONTROLS = "Play and Reset"
SOFT = ("effect", "handler", "thread", "message")

DAY_IS_SHOWN = """([day, without]) => {
    const text = document.body.innerText;
    return (without === "The progress" || text.includes(`Ready after day ${day} of`))
        && (without === "The day slider" || text.includes(`Day ${day} of ${day}`));
}"""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faulty")
    one = Server([sys.executable, str(HERE / "serve.py"), "faulty_panels"], folder, folder)
    yield one
    one.close()


@pytest.fixture
def page(open_page, faulty):
    return open_page(faulty.address)


def raise_in(page, panel: str, kind: str) -> None:
    page.locator(f'[data-fault="{panel}: {kind}"]').dispatch_event("click")


def fallen(page, panel: str):
    return page.locator(f'[data-fallen="{panel}"]')


def live_a_day(page, day: int, without: str = "") -> None:
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function(DAY_IS_SHOWN, arg=[day, without])


def show_again(page, panel: str) -> None:
    fallen(page, panel).get_by_role("button", name="Show again").click()
    fallen(page, panel).wait_for(state="detached")


class Trial:
    """All faults in one panel after the other, a day lived while it is away and one after it."""

    def __init__(self, page) -> None:
        self.page, self.day = page, 0

    def of(self, panel: str) -> None:
        for kind in ("memo", "render"):
            raise_in(self.page, panel, kind)
            fallen(self.page, panel).wait_for()
            told = fallen(self.page, panel).get_by_role("alert").inner_text()
            assert told.startswith(f"{panel} cannot be shown: Planned: {kind} <img"), told
            assert self.page.locator("[data-fallen]").count() == 1, "the other panels stay"
            if kind == "render":
                self.live(without=panel)
            show_again(self.page, panel)
        for number, kind in enumerate(SOFT, start=1):
            raise_in(self.page, panel, kind)
            # An effect runs when its drawing is over: another click before would take its place.
            self.page.locator(f'[data-faults="{number}"]').wait_for()
        told = self.page.locator("[data-faults]").inner_text()
        assert [kind for kind in SOFT if f"{panel}: Planned: {kind} <img" in told] == list(SOFT)
        assert self.page.locator("[data-fallen]").count() == 0, "the panel stays"
        self.live()
        self.page.locator("[data-faults]").get_by_role("button", name="Dismiss").click()
        self.page.locator("[data-faults]").wait_for(state="detached")

    def live(self, without: str = "") -> None:
        self.day += 1
        live_a_day(self.page, self.day, without)


def test_a_fault_in_any_panel_is_a_banner_and_the_next_day_is_lived(page, see, keep):
    trial = Trial(page)
    for panel in HEAD:
        trial.of(panel)
    for tab in TABS:
        see.tab(page, tab)
        trial.of(tab)
    assert page.evaluate("window.obeyed") is None, "a fault's words are text"
    assert trial.day == 2 * (len(HEAD) + len(TABS))


@pytest.mark.parametrize("panel", [CONTROLS, "The page"])
def test_the_days_go_on_while_what_steers_them_is_away(page, see, keep, panel):
    see.choose(page, "Speed", "5 days/s")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => /Day [1-9]\\d* of/.test(document.body.innerText)")
    raise_in(page, panel, "render")
    fallen(page, panel).wait_for()
    assert page.get_by_role("button", name="Pause", exact=True).count() == 0
    keep(page)
    if panel == CONTROLS:  # all else shows the days go by
        page.wait_for_function("() => /Day ([4-9]|[1-4]\\d) of/.test(document.body.innerText)")
    show_again(page, panel)
    page.wait_for_function("() => /Day ([5-9]|[1-4]\\d) of/.test(document.body.innerText)")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_text("Ready after day").wait_for()


def test_what_goes_on_failing_stays_a_banner_until_a_new_community_is_started(page, see, keep):
    live_a_day(page, 1)
    raise_in(page, "The grid", "again")
    fallen(page, "The grid").wait_for()
    for day in (2, 3):
        fallen(page, "The grid").get_by_role("button", name="Show again").click()
        live_a_day(page, day)
        fallen(page, "The grid").wait_for()
    keep(page)
    fallen(page, "The grid").get_by_role("button", name="Start a new community").click()
    page.get_by_text("Ready after day 0 of 50").wait_for()
    fallen(page, "The grid").wait_for(state="detached")
    page.locator('[data-resident="7"]').wait_for()
    live_a_day(page, 1)


def test_a_panel_that_falls_does_not_take_along_what_was_typed(page, see):
    see.write(page, "seed", "77")
    raise_in(page, "The next community", "render")
    fallen(page, "The next community").wait_for()
    show_again(page, "The next community")
    assert page.get_by_label("seed").input_value() == "77"
    see.reset(page)
    page.get_by_text("seed 77").wait_for()


def test_the_same_fault_many_times_is_one_banner_with_a_number(page):
    for _ in range(3):
        raise_in(page, "The card", "message")
    page.get_by_text("The card (3 times): Planned: message").wait_for()
    assert page.locator("[data-faults] .civa-banner").count() == 1


def test_a_first_community_that_cannot_be_founded_is_a_banner_over_usable_controls(
    open_page, faulty, see, keep
):
    (faulty.folder / "unfounded").touch()
    page = open_page(faulty.address)
    page.get_by_text("No community lives: mind: nobody can be asked").wait_for()
    assert page.locator("[data-fallen]").count() == 0
    keep(page)
    see.tab(page, "Runs")
    page.get_by_label("Folder of runs").wait_for()
    see.write(page, "seed", "5")
    see.reset(page)
    (faulty.folder / "unfounded").unlink()
    see.reset(page)
    page.get_by_text("seed 5").wait_for()
    live_a_day(page, 1)
