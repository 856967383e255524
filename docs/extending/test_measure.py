"""A measure is the same number on a run's card and in its summary."""

from model import load_run, run_into
from model.world.scenario_files import scenario_from


def test_it_is_read_like_every_other(tmp_path):
    told = {"value": "PO", "mode": "with", "prevalence": 1.0, "days": 20}
    run_into(tmp_path / "run", scenario_from(told), 1)
    run = load_run(tmp_path / "run")
    calm = (run.days["attacks"].iloc[1:] == 0).mean()
    assert 0 < calm < 1
    assert run.summary["peaceful_days"] == calm
    assert run.meta.summary["numbers"]["peaceful_days"] == calm
