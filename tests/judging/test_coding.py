"""People code a blind sample: what they get, what comes back, and where they differ."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.asides.judge import Question
from agents.asides.labels import LABELS
from agents.errors import InputError
from model.asides.coding import (
    KEY,
    PAGE,
    SAMPLE,
    against_people,
    compare,
    consensus,
    page,
    read_codes,
    sample_files,
)
from model.asides.items import Item, draw_items
from model.asides.judge import judge_runs
from model.asides.transcript import Line
from tests.judging.communities import lived


def item(number: int, *truth: str, text: str = "day 2: M1 rested") -> Item:
    line = Line(text, "events", 7)
    empty: frozenset[str] = frozenset()
    return Item(
        number, "one", "control", 2, 5, "rate", frozenset(truth), frozenset(LABELS), empty, (line,),
        Question(number, (text,), "M1", 2),
    )  # fmt: skip


def coder(folder: Path, name: str, *marked: set[str] | None) -> Path:
    """A coder's file: for each item what was marked; None for an item not done."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["item", *LABELS, "comment"])
        for number, marks in enumerate(marked, start=1):
            said = [""] * 9 if marks is None else [int(label in marks) for label in LABELS]
            writer.writerow([number, *said, ""])
    return path


def write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


ITEMS = [item(1, "betrayal"), item(2), item(3, "betrayal"), item(4)]


def test_what_coders_are_given_does_not_say_what_the_item_is(tmp_path: Path) -> None:
    run = lived(value="BE", mode="without", prevalence=0.5)
    items = draw_items([run], per_run=10, extra=2)
    write(sample_files(items, "A sample"), tmp_path)
    for name in (SAMPLE, PAGE):
        text = (tmp_path / name).read_text("utf-8")
        assert not re.search(r"\bR[0-9]+\b|without BE|surrogate|treated|\bextra\b|\bone\b,", text)
    with (tmp_path / KEY).open(encoding="utf-8") as file:
        key = list(csv.DictReader(file))
    assert [int(row["item"]) for row in key] == [one.number for one in items]
    assert {row["arm"] for row in key} == {"without BE 0.5"}


def test_the_page_needs_nothing_beside_it_and_runs_no_text_of_a_mind() -> None:
    hostile = '</script><img src=x onerror=alert(1)>\u2028"'
    text = page([item(1, text=f"day 2: {hostile}")], "T <b>")
    assert not re.search(r"https?://|<img|src=[^x]", text)
    assert text.count("</script>") == 2
    assert "T &lt;b&gt;" in text
    found = re.search(r'type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["items"][0]["lines"] == [f"day 2: {hostile}"]


def test_a_sample_filled_in_by_hand_reads_as_the_page_s_export(tmp_path: Path) -> None:
    write(sample_files(ITEMS, "A sample"), tmp_path)
    codes = read_codes(tmp_path / SAMPLE)
    assert len(codes) == 4 * 9
    assert codes["code"].isna().all()


def test_two_coders_alpha_is_the_published_number(tmp_path: Path) -> None:
    """The binary example of Krippendorff (2011): ten units, two observers, alpha = .095."""
    one = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    two = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    items = [item(k) for k in range(1, 11)]
    files = [
        coder(tmp_path, name, *({"betrayal"} if x else set() for x in said))
        for name, said in (("ann", one), ("bo", two))
    ]
    found = compare(files, items)
    assert found.alpha.loc["betrayal", "alpha"] == pytest.approx(0.095, abs=5e-4)
    assert found.alpha.loc["betrayal", "units"] == 10
    assert found.coders == ("ann", "bo")


def test_what_coders_leave_out_is_no_no(tmp_path: Path) -> None:
    files = [
        coder(tmp_path, "ann", {"betrayal"}, None, set(), set()),
        coder(tmp_path, "bo", {"betrayal"}, set(), {"betrayal"}, set()),
    ]
    found = compare(files, ITEMS)
    agreed = consensus(found).set_index(["item", "label"])["reference"]
    assert agreed[1, "betrayal"] == 1
    assert agreed[4, "betrayal"] == 0
    assert agreed.loc[[(2, "betrayal"), (3, "betrayal")]].isna().all()
    assert found.alpha.loc["betrayal", "units"] == 3


def test_disagreements_are_listed_with_their_rows_of_the_log(tmp_path: Path) -> None:
    files = [
        coder(tmp_path, "ann", {"betrayal"}, set(), set(), set()),
        coder(tmp_path, "bo", {"betrayal"}, {"altruism"}, set(), set()),
    ]
    found = compare(files, ITEMS).disagreements
    listed = found[["item", "label", "ann", "bo", "rules"]].to_numpy().tolist()
    assert listed == [[2, "altruism", 0, 1, 0], [3, "betrayal", 0, 0, 1]]
    assert found["rows"].tolist() == ["events 7", "events 7"]
    assert found[["run", "day", "resident"]].to_numpy().tolist() == [["one", 2, 5]] * 2


def test_a_judge_is_held_against_what_the_coders_agree_on(tmp_path: Path) -> None:
    run = lived(residents=10, days=10)
    items = draw_items([run], per_run=20)
    judge = judge_runs([run], "scripted:sens=1,spec=1", per_run=20)
    files = [coder(tmp_path, name, *(set(i.truth) for i in items)) for name in ("ann", "bo")]
    # Items are numbered in the order in which they are asked, so both are in one order.
    coded = compare(files, items, judge.readings)
    people = against_people(judge.readings, coded)
    assert (people["reference"] == people["judged"]).all()
    assert coded.disagreements.empty


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("betrayal", "treason"), "lacks betrayal"),
        (lambda text: text.replace("1,0,0", "1,maybe,0", 1), "use 1, 0 or nothing"),
        (lambda text: text.replace("\n2,", "\n1,"), "stands twice"),
        (lambda text: text.replace("\n2,", "\nx,"), "is no number"),
        (lambda text: text.replace("\n4,", "\n99,"), "item 99 is not in this sample"),
        (lambda text: "", "lacks any row"),
    ],
)
def test_a_coder_s_file_that_cannot_be_used_is_refused_by_line(tmp_path, spoil, words) -> None:
    good = coder(tmp_path, "ann", set(), set(), set(), set())
    bad = coder(tmp_path, "bo", set(), set(), set(), set())
    bad.write_text(spoil(bad.read_text("utf-8")), "utf-8")
    with pytest.raises(InputError, match=words):
        compare([good, bad], ITEMS)


def test_one_coder_is_nobody_to_agree_with(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two or more"):
        compare([coder(tmp_path, "ann", set())], ITEMS)
