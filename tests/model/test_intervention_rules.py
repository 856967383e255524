"""One set of rules accepts interventions, whoever gives them; what it accepts never raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mesa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from model.cli import run_command
from model.community import CommunityModel
from model.run.identity import identity_of
from model.run.runs import replay, run_into
from model.store import RunFolder, load_run
from model.store.meta import LOG, read_meta
from model.store.sealed import sealed, unsealed
from model.study.cells import cells_of
from model.views.driver import LiveProgress
from model.views.intervene import intervention_of
from model.views.living_community import Choice, Living
from model.world.interventions import KINDS, Intervention
from model.world.scenario_files import read_scenario, scenario_from
from tests.model.communities import events, live, quiet
from tests.study.small import design

#: A community of three factories into which nobody is born and nobody comes by chance.
FIELDS: dict[str, Any] = {
    "residents": 6,
    "days": 6,
    "mind": "random",
    "births": False,
    "population": "even",
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "outage", "target": 99}, "outage of factory 99, which does not exist; use 1 to 3"),
    ({"kind": "outage", "target": 0}, "outage of factory 0, which does not exist; use 1 to 3"),
    ({"kind": "aid", "size": 0.5}, "aid of 0.5; give a whole number"),
    ({"kind": "newcomers", "size": 2.5}, "newcomers of 2.5; give a whole number"),
    ({"kind": "newcomers", "size": 20_001}, "at most 20000 enter at once"),
    ({"kind": "cull", "size": 1.2}, "cull of a share of 1.2; it lies within 0 to 1"),
    ({"kind": "retrain", "size": 2, "value": "BE", "mode": "with"}, "a share of 2"),
    ({"kind": "retrain", "size": 1, "value": "BE"}, "retrain names no mode; use with"),
    ({"kind": "retrain", "size": 1, "mode": "with"}, "of no value; name the value"),
    ({"kind": "retrain", "target": 9, "mode": "original"}, "by day 2 there is at most R6"),
    ({"kind": "remove", "target": 9}, "remove of R9, but by day 2 there is at most R6"),
    ({"kind": "remove"}, "remove of resident 0, who does not exist; name one who lives"),
    ({"kind": "broadcast", "text": " "}, "broadcast says nothing; write what everybody"),
    ({"kind": "richness", "size": 101}, "richness of 101; it lies within 0 to 100"),
]
NAMES = [f"{row['kind']}-{number}" for number, (row, _) in enumerate(REFUSED)]
Way = Callable[[dict[str, Any], Path], object]


def toml(row: dict[str, Any], folder: Path) -> None:
    read_scenario(str(written(row, folder)))


def written(row: dict[str, Any], folder: Path) -> Path:
    """A scenario file with this shock."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in FIELDS.items()]
    lines += ["[[shocks]]", *(f"{name} = {json.dumps(value)}" for name, value in row.items())]
    (folder / "world.toml").write_text("\n".join(lines))
    return folder / "world.toml"


def keywords(row: dict[str, Any], folder: Path) -> None:
    CommunityModel(rng=1, shocks=[row], **FIELDS)


def batch_run(row: dict[str, Any], folder: Path) -> None:
    parameters = {**FIELDS, "rng": [1], "shocks": [[row]]}
    mesa.batch_run(CommunityModel, parameters, number_processes=1, display_progress=False)


def appended(row: dict[str, Any], folder: Path) -> None:
    model = CommunityModel(rng=1, **FIELDS)
    try:
        model.interventions.append(Intervention(**row), model.today)
    finally:
        assert model.interventions.rows == []


def page(row: dict[str, Any], folder: Path) -> None:
    choice = Choice(scenario_from(FIELDS), 1)
    living = Living(choice, None, lambda: None, lambda _: None, float)
    assert living.driver.progress == LiveProgress()
    living.keep(folder / "run")
    try:
        living.intervene(Intervention(**row))
    finally:
        living.close().result()
        assert load_run(folder / "run").interventions == ()


def saved(row: dict[str, Any], folder: Path) -> None:
    scenario = scenario_from(FIELDS)
    with RunFolder(folder / "run", identity_of(scenario, 1)) as run:
        run.begin()
        run.interventions.append(Intervention(**row))
    before = (folder / "run" / "run.json").read_bytes()
    try:
        run_into(folder / "run", scenario, 1)
    finally:
        assert (folder / "run" / "run.json").read_bytes() == before


def study(row: dict[str, Any], folder: Path) -> None:
    cells_of(design(scenario={**FIELDS, "shocks": [row]}))


@pytest.mark.parametrize("way", [toml, keywords, batch_run, appended, page, saved, study])
@pytest.mark.parametrize(("row", "words"), REFUSED, ids=NAMES)
def test_what_cannot_happen_is_refused_in_one_line_by_every_way_in(
    tmp_path: Path, way: Way, row: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError) as refusal:
        way({"day": 2} | row, tmp_path)
    line = str(refusal.value)
    assert words in line
    assert "\n" not in line
    assert line.partition(": ")[0] in ("shocks", "intervention", "interventions, line 1")


@pytest.mark.parametrize("row", [row for row, _ in REFUSED[::4]])
def test_the_command_refuses_it_with_code_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, Any]
) -> None:
    source = written({"day": 2} | row, tmp_path)
    assert run_command(["run", str(source), "--out", str(tmp_path / "run")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert [file.name for file in tmp_path.iterdir()] == ["world.toml"]


@pytest.mark.parametrize(("row", "words"), REFUSED, ids=NAMES)
def test_a_row_made_without_validation_is_judged_all_the_same(
    row: dict[str, Any], words: str
) -> None:
    model = CommunityModel(rng=1, **FIELDS)
    plain = Intervention(day=2, kind="aid").model_copy(update=row)
    with pytest.raises(InputError, match="intervention: "):
        model.interventions.append(plain, model.today)


def test_the_form_of_the_page_hands_its_row_to_the_same_rules() -> None:
    fields = {"size": "0.5", "text": " ", "target": "9", "duration": "1", "value": "BE", "mode": ""}
    assert intervention_of("aid", fields, 2) == Intervention(day=2, kind="aid", size=0.5)
    assert intervention_of("broadcast", fields, 2) == Intervention(
        day=2, kind="broadcast", text=" "
    )


# --- who is there by then


def test_a_resident_who_can_be_there_by_then_is_accepted() -> None:
    remove = {"day": 3, "kind": "remove", "target": 7}
    enter = {"day": 3, "kind": "newcomers", "size": 1}
    refused = [
        {"shocks": [remove]},
        {"shocks": [remove, enter | {"day": 4}]},
        {"shocks": [remove | {"target": 8}, enter]},
        {"shocks": [remove | {"target": 10}], "immigration": 0.1},
        {"shocks": [remove | {"day": 1}], "births": True},
        {"shocks": [remove], "births": True, "max_household": 1},
    ]
    for fields in refused:
        with pytest.raises(InputError, match="there is at most R"):
            scenario_from(FIELDS | fields)
    accepted = [
        {"shocks": [enter, remove]},
        {"shocks": [remove | {"target": 9}], "immigration": 0.1},
        {"shocks": [remove | {"target": 99}], "births": True},
    ]
    for fields in accepted:
        live(CommunityModel(scenario_from(FIELDS | fields), rng=1))


def test_who_is_dead_now_is_refused_and_who_dies_before_the_day_is_noted_as_impossible() -> None:
    model = quiet(residents=4)
    late = Intervention(day=4, kind="retrain", target=2, value="PO", mode="with")
    model.interventions.append(late, 0)
    model.interventions.append(Intervention(day=2, kind="remove", target=2), 0)
    live(model, 3)
    for row in (
        Intervention(day=4, kind="remove", target=2),
        Intervention(day=9, kind="retrain", target=2, mode="original"),
    ):
        with pytest.raises(InputError, match=f"{row.kind} of R2, who is not alive any more"):
            model.interventions.append(row, model.today)
    live(model, 1)
    noted = [
        (row["reason"], row["target"], row["outcome"]) for row in events(model, "intervention")
    ]
    assert noted == [("remove", 2, 1), ("retrain", 2, -1)]
    assert [row["actor"] for row in events(model, "removal")] == [2]
    assert model.latest.treated == 0


def test_an_accepted_row_is_carried_out_to_the_unit() -> None:
    model = quiet(residents=3, need=(0,))
    model.interventions.append(Intervention(day=1, kind="aid", size=7.0), 0)
    assert live(model, 1).latest.aid == 21


rows = st.builds(
    dict,
    day=st.integers(1, 6),
    kind=st.sampled_from(KINDS),
    size=st.one_of(st.integers(0, 3), st.floats(0, 1.5)),
    target=st.integers(0, 12),
    duration=st.integers(1, 3),
    text=st.sampled_from(["", "Rain."]),
    value=st.sampled_from(["", "BE"]),
    mode=st.sampled_from(["", "with", "original"]),
)


@settings(max_examples=60)
@given(st.lists(rows, max_size=6), st.booleans(), st.integers(0, 5))
@example([{"day": 2, "kind": "outage", "target": 99}], False, 0)
@example([{"day": 2, "kind": "remove", "target": 2}, {"day": 3, "kind": "remove", "target": 2}],
         False, 0)  # fmt: skip
def test_whatever_is_accepted_is_lived_without_an_error_and_noted_once(
    given_: list[dict[str, Any]], births: bool, lived: int
) -> None:
    model = CommunityModel(rng=2, **(FIELDS | {"births": births}))
    live(model, lived)
    accepted = []
    for fields in given_:
        row = Intervention(**fields)
        try:
            model.interventions.append(row, model.today)
        except InputError:
            continue
        accepted.append(row)
    live(model)
    noted = events(model, "intervention")
    due = [row for row in accepted if row.day <= model.today]
    assert sorted(row["reason"] for row in noted) == sorted(row.kind for row in due)
    assert {row["outcome"] for row in noted} <= {1, -1}
    for row in noted:
        assert row["outcome"] == 1 or row["reason"] in ("remove", "retrain")


@settings(max_examples=60)
@given(rows)
def test_a_scenario_and_a_community_say_the_same_of_a_row(fields: dict[str, Any]) -> None:
    def said(give: Callable[[], object]) -> str:
        try:
            give()
        except InputError as refusal:
            return str(refusal).partition(": ")[2]
        return ""

    model = CommunityModel(rng=2, **FIELDS)
    row = Intervention(**fields)
    as_shock = said(lambda: scenario_from(FIELDS | {"shocks": [fields]}))
    assert as_shock == said(lambda: model.interventions.append(row, 0))


# --- runs from before these rules


def test_a_run_with_shocks_that_would_be_refused_now_is_still_read_and_replayed(
    tmp_path: Path,
) -> None:
    """As on disk from a version that rounded: aid of .5 was given and came to nothing."""
    run_into(tmp_path / "run", scenario_from(FIELDS | {"shocks": [_aid(0.0)]}), 3)
    card = tmp_path / "run" / "run.json"
    found = unsealed(card.read_bytes())
    found["identity"]["scenario"]["shocks"][0]["size"] = 0.5
    card.write_bytes(sealed({k: v for k, v in found.items() if k != "check"}))
    run = load_run(tmp_path / "run")
    assert run.scenario.shocks[0].size == 0.5
    assert replay(tmp_path / "run").same
    with pytest.raises(InputError, match=r"shocks: aid of 0\.5"):
        scenario_from(run.meta.scenario)


#: Hash of the run below as the version made it that noted an act on the dead as done.
AS_DONE = "ec06231abe93bba98900dc527d0d454137532e8de9e899db56c7647db39c077f"


def test_an_old_run_that_removed_the_dead_replays_to_the_hash_it_had(tmp_path: Path) -> None:
    shocks = [
        {"day": 2, "kind": "remove", "target": 2},
        {"day": 3, "kind": "remove", "target": 2},
        {"day": 4, "kind": "retrain", "target": 2, "value": "PO", "mode": "with"},
    ]
    scenario = scenario_from(
        {"residents": 8, "days": 6, "mind": "random", "population": "even", "shocks": shocks}
    )
    now = run_into(tmp_path / "run", scenario, 3)
    assert replay(tmp_path / "run").same
    meta = read_meta(tmp_path / "run")
    assert (meta.log, LOG) == (2, 2)
    replace(meta, log=1, hash=AS_DONE).write(tmp_path / "run")
    again = replay(tmp_path / "run")
    assert again.same
    assert again.hash == AS_DONE != now.hash
    card = unsealed((tmp_path / "run" / "run.json").read_bytes())
    del card["log"]
    (tmp_path / "run" / "run.json").write_bytes(
        sealed({k: v for k, v in card.items() if k != "check"})
    )
    assert read_meta(tmp_path / "run").log == 1, "the first cards did not have it"


def test_a_stopped_run_is_taken_up_with_rows_of_days_that_it_has_lived(tmp_path: Path) -> None:
    """They acted then by the rules of then; one of a day to come is judged."""
    scenario = scenario_from(FIELDS)

    def stop(model: CommunityModel) -> None:
        if model.today == 3:
            raise KeyboardInterrupt

    assert run_into(tmp_path / "run", scenario, 3, on_day=stop).status == "stopped"
    with RunFolder(tmp_path / "run", identity_of(scenario, 3)) as folder:
        folder.interventions.append(Intervention(day=2, kind="outage", target=99))
    assert run_into(tmp_path / "run", scenario, 3, on_day=stop).status == "stopped"
    noted = load_run(tmp_path / "run").events.query("kind == 'intervention'")
    assert noted["outcome"].tolist() == [-1]
    with RunFolder(tmp_path / "run", identity_of(scenario, 3)) as folder:
        folder.interventions.append(Intervention(day=5, kind="outage", target=99))
    with pytest.raises(InputError, match="interventions, line 2: outage of factory 99"):
        run_into(tmp_path / "run", scenario, 3)


def _aid(size: float) -> dict[str, Any]:
    return {"day": 2, "kind": "aid", "size": size}


def test_a_plan_may_be_longer_than_the_run_and_a_run_takes_nothing_after_its_end() -> None:
    """`civa run --days 3` of a scenario with a shock on day 20 lives its first three days."""
    late = _aid(1) | {"day": 7}
    model = live(CommunityModel(scenario_from(FIELDS | {"shocks": [late]}), rng=1))
    assert (model.today, events(model, "intervention")) == (6, [])
    living = CommunityModel(scenario_from(FIELDS), rng=1)
    with pytest.raises(InputError, match="aid on day 7, after the run's last day; use 1 to 6"):
        living.interventions.append(Intervention(**late), 0)
