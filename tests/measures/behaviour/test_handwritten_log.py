"""A careful reader's labels and opportunities, scene by scene, and all scenes side by side."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from model.measures.behaviour import LABELS, Hits, Rules, detect
from tests.fixtures.handwritten_log.reader import BLOCK, joined, read_scenes, rules_of, tables_of

LOG = Path(__file__).parents[2] / "fixtures" / "handwritten_log" / "log.txt"
SCENES = read_scenes(LOG)


def hits_of(found: Hits) -> set[tuple[Any, ...]]:
    table = found.hits
    return set(zip(table["day"], table["resident"], table["label"], table["target"], strict=True))


def chances_of(found: Hits) -> set[tuple[Any, ...]]:
    table = found.opportunities
    return set(zip(table["day"], table["resident"], table["label"], strict=True))


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene_has_the_labels_a_careful_reader_gives(scene: Any) -> None:
    found = detect(tables_of(scene), rules_of(scene))
    assert hits_of(found) == scene.hits


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene_has_the_opportunities_a_careful_reader_gives(scene: Any) -> None:
    found = detect(tables_of(scene), rules_of(scene))
    assert chances_of(found) == scene.chances


@pytest.mark.parametrize("scene", [s for s in SCENES if s.ledger], ids=lambda s: s.name)
def test_scene_has_the_commitments_a_careful_reader_finds(scene: Any) -> None:
    table = tables_of(scene)["commitments"]
    names = ["debtor", "creditor", "what", "status", "closed"]
    assert set(table[names].itertuples(index=False, name=None)) == scene.ledger


def test_what_others_do_elsewhere_changes_no_label() -> None:
    tables, places = joined(SCENES)
    outputs = {f + BLOCK * k: n for k, s in enumerate(SCENES) for f, n in s.outputs.items()}
    found = detect(tables, Rules(outputs=outputs, places=places))
    shifted = {
        (day, who + BLOCK * k, label, target and target + BLOCK * k)
        for k, scene in enumerate(SCENES)
        for day, who, label, target in scene.hits
    }
    assert hits_of(found) == shifted


def test_the_log_holds_sixty_acts_and_two_of_every_label() -> None:
    acts = re.findall(r"^R\d+ (?:does|to) ", LOG.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(acts) >= 60
    counts = pd.Series([hit[2] for s in SCENES for hit in s.hits]).value_counts()
    assert counts.reindex([one.name for one in LABELS], fill_value=0).min() >= 2


def test_every_hit_names_rows_that_exist_and_hold_its_actor() -> None:
    tables, places = joined(SCENES)
    for row in detect(tables, Rules(places=places)).hits.itertuples():
        held = [tables[table].iloc[place] for table, place in row.rows]
        people = {r.get(c) for r in held for c in ("resident", "actor", "sender", "debtor")}
        people |= {r["target"] for r in held if r.get("kind") in {"merge"}}
        assert row.resident in people


def test_a_reason_is_made_of_ids_and_numbers_only() -> None:
    tables, places = joined(SCENES)
    tables["messages"] = tables["messages"].assign(text="<script>HOSTILE")
    reasons = detect(tables, Rules(places=places)).hits["reason"]
    assert not reasons.str.contains("HOSTILE").any()
    assert reasons.str.contains(r"\bR\d+\b").all()
    assert not reasons.str.contains("\n").any()


def reasons(scene: str, label: str) -> list[str]:
    one = next(s for s in SCENES if s.name == scene)
    hits = detect(tables_of(one), rules_of(one)).hits
    return hits.loc[hits["label"].astype(str) == label, "reason"].tolist()


def test_a_deceptive_plan_is_named_by_its_word() -> None:
    found = reasons("stock and plan", "deception")
    assert "R1 told R2 a plan (secure F2) that its typed plan names nowhere" in found
    assert "R1 told R2 a plan (idle) that its typed plan names nowhere" in found


def test_a_deceptive_promise_is_named_by_its_word() -> None:
    tables, places = joined(SCENES)
    hits = detect(tables, Rules(places=places)).hits
    told = hits["reason"][hits["reason"].str.contains(" promised ")]
    words = set(told.str.extract(r"contradicts \((.*)\)$")[0])
    assert words <= {
        "no attack",
        "merge",
        *(w for w in words if re.fullmatch(r"gift \d+|secure F\d+", w)),
    }
    assert "no attack" in words
