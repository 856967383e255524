"""A chapter stands at the end of the page, with its numbers beside it."""

import pandas as pd

from model import load_run, run_into
from model.report.build import report
from model.world.scenario_files import scenario_from


def test_it_stands_on_the_page_with_its_numbers(tmp_path):
    run_into(tmp_path / "run", scenario_from({"preset": "scarce", "days": 30}), 1)
    page = report(tmp_path / "run")
    assert page.read_text("utf-8").count(">Peace<") >= 1
    [shown] = pd.read_csv(page.parent / "tables" / "peace.csv", comment="#")["estimate"]
    assert abs(shown - load_run(tmp_path / "run").summary["peaceful_days"]) < 1e-12
