from contextlib import redirect_stdout
from io import StringIO

import pytest

from agents.errors import InputError
from model.cli import run_command
from model.commands.demo import CONDITIONS, one_run
from model.store import load_run
from tests.report.material import live

pytestmark = pytest.mark.xdist_group("demo")

WORDS = ("--seeds", "1", "--days", "4")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo: its folder, and what it printed."""
    place = tmp_path_factory.mktemp("demo") / "runs"
    with redirect_stdout(StringIO()) as printed:
        assert run_command(["demo", "--out", str(place), *WORDS]) == 0
    return place, printed.getvalue()


@pytest.fixture(scope="module")
def folder(demo):
    return demo[0]


def test_the_demo_lives_four_conditions_on_the_same_seeds(folder):
    runs = [load_run(path.parent) for path in sorted(folder.glob("*/run.json"))]
    assert len(runs) == len(CONDITIONS) == 4
    assert {run.meta.seed for run in runs} == {1}
    treatments = {tuple(run.meta.scenario[x] for x in ("value", "mode")) for run in runs}
    assert treatments == {("", "with"), ("BE", "without"), ("BE", "with"), ("PO", "with")}
    assert {run.meta.scenario["preset"] for run in runs} == {"growing"}
    assert {run.meta.scenario["population"] for run in runs} == {"pan-cultural"}
    assert {run.meta.status for run in runs} == {"done"}


def test_everybody_or_nobody_is_treated(folder):
    for path in folder.glob("*/run.json"):
        run = load_run(path.parent)
        treated = set(run.people["treated"])
        assert treated == ({True} if run.meta.scenario["value"] else {False})


def test_its_report_lies_in_its_folder_and_is_printed_last(demo):
    folder, printed = demo
    page = folder / "report" / "report.html"
    assert printed.splitlines()[-1] == str(page)
    assert page.is_file()


def test_what_was_done_is_not_done_again(folder):
    card = folder / "with-power-01" / "run.json"
    before = card.read_bytes()
    found = one_run(card.parent, "with-power", 1, 4)
    assert card.read_bytes() == before
    assert found.meta.hash == load_run(card.parent).meta.hash


def test_the_report_is_that_of_the_report_command(folder):
    shown = (folder / "report" / "tables" / "runs.csv").read_text(encoding="utf-8")
    assert run_command(["report", str(folder)]) == 0
    assert (folder / "report" / "tables" / "runs.csv").read_text(encoding="utf-8") == shown


def test_runs_that_are_not_the_demos_are_kept_out_of_it(tmp_path, capsys):
    live(tmp_path, 1, days=1)
    before = sorted(tmp_path.rglob("*"))
    assert run_command(["demo", "--out", str(tmp_path), *WORDS]) == 2
    assert "holds other runs (run-0" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_run_of_other_length_in_the_demos_place_is_refused(folder):
    with pytest.raises(InputError, match="days"):
        one_run(folder / "original-01", "original", 1, 5)
