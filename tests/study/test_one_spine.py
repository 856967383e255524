"""Every measure of the table has one number in a run, whoever says it."""

from __future__ import annotations

import json
import math

import pytest

from model.analysis.digest import digest
from model.analysis.measures import MEASURES
from model.analysis.row import read_row, write_row
from model.analysis.runs import load_run
from model.report.chapters.headline import HEADLINE, headline, measures_table
from model.report.chapters.listings import NETWORK
from model.report.conditions import gather
from model.run.runs import run_into
from model.study.job import Job
from model.study.rows import row_of
from model.world.scenario_files import scenario_from
from tests.study.faulty import faulty_run

PRESETS = ("baseline", "scarce", "growing")
KINDS = ("faultless", "faulty", "collapsed", "stopped")
SHORT = {"days": 12, "residents": 10}
#: Nothing can be made, so that everybody starves.
STARVING = {"outputs": [1, 1, 1], "richness": 0.01, "start_stock": 20, "days": 30}
DAYS = tuple(one.name for one in MEASURES.values() if one.reads == "days")


def lived(folder, preset: str, kind: str):
    """A run on disk, how it ended, and its row in a study."""
    fields = {"preset": preset, **SHORT, **(STARVING if kind == "collapsed" else {})}
    if kind == "faulty":
        return faulty_run(folder, 5, value="PO", mode="with", prevalence=0.5, **fields)
    job = Job(scenario_from(fields), 5, "cell")
    models = []

    def on_day(model) -> None:
        models.append(model)
        if kind == "stopped" and model.today == 7:
            raise KeyboardInterrupt

    outcome = run_into(folder, job.scenario, 5, on_day=on_day)
    return outcome, row_of(job, outcome, models[-1], 1.0)


def known(plain):
    return {name: math.nan if value is None else value for name, value in plain.items()}


@pytest.fixture(scope="module", params=[(p, k) for p in PRESETS for k in KINDS], ids="-".join)
def doors(request, tmp_path_factory):
    """The same run as it is told everywhere: door -> measure -> number."""
    folder = tmp_path_factory.mktemp("spine") / "-".join(request.param)
    outcome, row = lived(folder, *request.param)
    kind = request.param[1]
    write_row(folder, row)
    told = json.loads(json.dumps(outcome.plain(), allow_nan=False))
    run, one = load_run(folder), digest(folder)
    assert outcome.status == ("stopped" if kind == "stopped" else "done")
    assert run.summary.collapsed == (kind == "collapsed")
    assert (run.summary["faults"] > 0) == (kind == "faulty")
    material = gather(folder, [one])
    shown = {
        name: scaled
        for table in (headline(material), measures_table(material, NETWORK, "n", "n", "n"))
        for name, scaled in table.frame.set_index("measure")["estimate"].items()
    }
    return {
        "summary": dict(run.summary.numbers),
        "digest": dict(one.summary.numbers),
        "--json": known(told["numbers"]),
        "card": known(run.meta.summary["numbers"]),
        "row": dict(row.numbers),
        "row on disk": dict(read_row(folder).numbers),
        "condition": {
            name: material.conditions[0].arm.values(name)[run.meta.seed] for name in MEASURES
        },
        "report": {name: value / MEASURES[name].scale for name, value in shown.items()},
    }


def test_a_measure_is_the_same_number_behind_every_door(doors) -> None:
    # A run that stopped is no result: neither its row nor its card has a number.
    days = set(DAYS) if doors["row"] else set()
    for door in ("row", "row on disk", "--json", "card"):
        assert doors[door].keys() == days, door
    assert doors["report"].keys() == {*HEADLINE, *NETWORK}
    first = doors["summary"]
    assert first.keys() == MEASURES.keys()
    for door, numbers in doors.items():
        # The report shows some per 1,000, so that the last digit may differ.
        rel = 1e-12 if door == "report" else 0
        expected = {name: first[name] for name in numbers}
        assert numbers == pytest.approx(expected, rel=rel, abs=0, nan_ok=True), door
