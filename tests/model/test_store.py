"""A run on disk is its finished parts: whole, durable, read back as it was given."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import InputError, StoppedEarly
from model.store import (
    NULL,
    FolderRecorder,
    InterventionsFile,
    MemoryRecorder,
    RunFolder,
    RunMeta,
    load_run,
)
from model.store.columns import TYPES, arrow_table, frame
from model.store.meta import FORMAT
from model.world.interventions import Intervention

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**62), 2**62),
    "int?": st.none() | st.integers(-(2**62), 2**62),
    "float": st.floats(allow_nan=True, allow_infinity=True),
    "bool": st.booleans(),
    "word": st.sampled_from(["", "secure", "no attack", "gift"]),
    "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    "ids": st.lists(st.integers(1, 2**31 - 1), max_size=3),
}
IDENTITY = {"engine": 1, "seed": 5, "mind": "surrogate", "scenario": {}}


@st.composite
def day_of_rows(draw: Any) -> dict[str, dict[str, list[Any]]]:
    """Some rows for some of the tables; `days` always has its one."""
    tables = {"days": 1, **draw(st.dictionaries(st.sampled_from(sorted(TYPES)), st.integers(0, 3)))}
    tables["days"] = 1
    return {
        name: {
            column: draw(st.lists(VALUES[kind], min_size=rows, max_size=rows))
            for column, kind in TYPES[name].items()
        }
        for name, rows in tables.items()
    }


def rows(table: str, n: int, **columns: Any) -> dict[str, Any]:
    """N rows of a table, blank but for the columns given."""
    blank = {"int": 0, "int?": None, "float": 0.0, "bool": False, "word": "", "text": "", "ids": ()}
    return {name: [blank[kind]] * n for name, kind in TYPES[table].items()} | columns


def day(number: int, **tables: Any) -> dict[str, Any]:
    return {"days": rows("days", 1, day=[number]), **tables}


def card(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    RunMeta(IDENTITY, "2026-01-01T00:00:00+00:00").write(path)


def recorded(path: Path, days: int, flush_rows: int = 1) -> FolderRecorder:
    """A folder with two events a day, one flush a day."""
    if not (path / "run.json").exists():
        card(path)
    recorder = FolderRecorder(path, flush_rows=flush_rows)
    for number in range(1, days + 1):
        recorder.record(number, day(number, events=rows("events", 2, day=[number] * 2)))
    return recorder


@settings(max_examples=25, deadline=None)
@given(st.lists(day_of_rows(), min_size=1, max_size=4), st.integers(1, 12), st.booleans())
def test_a_folder_gives_back_what_memory_kept_however_it_was_flushed(
    tmp_path_factory: pytest.TempPathFactory,
    days: list[dict[str, dict[str, list[Any]]]],
    flush_rows: int,
    closed: bool,
) -> None:
    path = tmp_path_factory.mktemp("run")
    card(path)
    memory, folder = MemoryRecorder(), FolderRecorder(path, flush_rows=flush_rows)
    for number, tables in enumerate(days):
        memory.record(number, tables)
        folder.record(number, tables)
    folder.close() if closed else folder.flush()
    run = load_run(path)
    for name in TYPES:
        pd.testing.assert_frame_equal(run.table(name), memory.table(name))
        assert closed <= (len(list((path / name).glob("*.parquet"))) <= 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.integers(1, 99), max_size=4), max_size=6))
def test_a_list_column_is_the_same_as_lists_or_as_offsets_and_values(ids: list[list[int]]) -> None:
    n = len(ids)
    offsets = np.cumsum([0, *map(len, ids)])
    values = np.array([i for one in ids for i in one], np.int64)
    as_lists = arrow_table("events", [rows("events", n, witnesses=ids)] * 2)
    as_pair = arrow_table("events", [rows("events", n, witnesses=(offsets, values))] * 2)
    assert as_lists.equals(as_pair)
    assert as_pair.column("witnesses").to_pylist() == ids * 2


def test_a_null_of_an_array_is_a_null_of_the_table_and_zero_is_not() -> None:
    columns = rows("messages", 3, claim1_belief=np.array([NULL, 0, 7]))
    belief = frame(arrow_table("messages", [columns]))["claim1_belief"]
    assert belief.isna().tolist() == [True, False, False]
    assert belief.dropna().tolist() == [0, 7]


def test_a_lone_surrogate_that_a_mind_wrote_can_be_stored(tmp_path: Path) -> None:
    card(tmp_path)
    recorder = FolderRecorder(tmp_path)
    recorder.record(0, day(0, messages=rows("messages", 1, text=["a\ud800b\x00é"])))
    recorder.close()
    assert load_run(tmp_path).messages["text"].tolist() == ["a\ufffdb\x00é"]


@pytest.mark.parametrize("odd", [{"nobody": [1]}, {"actor": [1, 2]}])
def test_columns_that_are_not_the_tables_are_refused(odd: dict[str, Any]) -> None:
    recorder = MemoryRecorder()
    recorder.record(0, {"events": rows("events", 1) | odd})
    with pytest.raises(ValueError, match=r"^table events: columns"):
        recorder.table("events")


def test_a_run_that_is_under_way_is_its_finished_parts(tmp_path: Path) -> None:
    recorded(tmp_path, 3)
    (tmp_path / "events" / "part-00004.parquet.tmp").write_bytes(b"half a part")
    run = load_run(tmp_path)
    assert run.meta.status == "running"
    assert run.days["day"].tolist() == [1, 2, 3]
    assert run.events["day"].tolist() == [1, 1, 2, 2, 3, 3]
    assert run.messages.empty
    assert list(run.messages.columns) == list(TYPES["messages"])


def test_a_flush_counts_whole_or_not_at_all(tmp_path: Path) -> None:
    recorded(tmp_path, 3)
    (tmp_path / "days" / "part-00003.parquet").unlink()  # as if killed before the last renaming
    run = load_run(tmp_path)
    assert run.days["day"].tolist() == [1, 2]
    assert run.events["day"].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("left", ["days", "events"])
def test_a_crash_while_parts_are_joined_counts_nothing_twice(tmp_path: Path, left: str) -> None:
    recorder = recorded(tmp_path, 3)
    old = {file: file.read_bytes() for file in (tmp_path / left).iterdir()}
    recorder.close()
    for file, content in old.items():
        file.write_bytes(content)
    run = load_run(tmp_path)
    assert run.days["day"].tolist() == [1, 2, 3]
    assert run.events["day"].tolist() == [1, 1, 2, 2, 3, 3]


def test_a_crash_between_the_joined_parts_of_two_tables_counts_nothing_twice(
    tmp_path: Path,
) -> None:
    recorder = recorded(tmp_path, 3)
    old = {file: file.read_bytes() for file in tmp_path.rglob("part-*.parquet")}
    recorder.close()
    for file in (tmp_path / "days").iterdir():
        file.unlink()  # the joined part of `days`, renamed last, is not there yet
    assert len([*(tmp_path / "events").iterdir()]) == 1
    for file, content in old.items():
        file.write_bytes(content)
    assert len([*(tmp_path / "events").iterdir()]) == 4
    assert load_run(tmp_path).events["day"].tolist() == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("cut", [0, 3, 200, -1])
def test_a_damaged_finished_part_is_named(tmp_path: Path, cut: int) -> None:
    recorded(tmp_path, 2)
    part = tmp_path / "events" / "part-00001.parquet"
    part.write_bytes(part.read_bytes()[:cut])
    with pytest.raises(InputError, match=f"{part}: damaged"):
        load_run(tmp_path).events  # noqa: B018


def test_a_flipped_bit_in_a_part_is_noticed(tmp_path: Path) -> None:
    card(tmp_path)
    recorder = FolderRecorder(tmp_path)
    numbers = np.random.default_rng(1).integers(0, 2**62, 5_000)
    recorder.record(0, day(0, events=rows("events", 5_000, amount=numbers)))
    recorder.close()
    part = tmp_path / "events" / "part-00001.parquet"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(InputError, match=f"{part}: damaged"):
        load_run(tmp_path).events  # noqa: B018


def test_a_part_that_is_missing_is_noticed(tmp_path: Path) -> None:
    recorded(tmp_path, 3)
    (tmp_path / "events" / "part-00002.parquet").unlink()
    with pytest.raises(InputError, match=r"events/part-00002\.parquet: is missing"):
        load_run(tmp_path).events  # noqa: B018


def test_a_strangers_parquet_file_is_no_table_of_a_run(tmp_path: Path) -> None:
    card(tmp_path)
    (tmp_path / "days").mkdir()
    pq.write_table(pa.table({"day": [1]}), tmp_path / "days" / "part-00001.parquet")
    with pytest.raises(InputError, match="no table of a run"):
        load_run(tmp_path).days  # noqa: B018


def test_columns_of_another_version_are_read_as_they_were_written(tmp_path: Path) -> None:
    recorded(tmp_path, 1).close()
    part = tmp_path / "events" / "part-00001.parquet"
    table = pq.read_table(part).drop_columns(["reason"]).append_column("older", pa.array([1, 2]))
    pq.write_table(table, part)
    days = tmp_path / "days" / part.name
    told = pq.read_table(days)  # the first versions named the rows of a part and not its hash
    rows_alone = {b"civa.rows": told.schema.metadata[b"civa.rows"]}
    pq.write_table(told.replace_schema_metadata(rows_alone), days)
    assert list(load_run(tmp_path).events.columns) == [*(set_ := table.column_names)]
    assert "older" in set_


@pytest.mark.parametrize("number", [FORMAT + 1, "one", 0])
def test_an_unknown_format_is_refused_by_name(tmp_path: Path, number: object) -> None:
    card(tmp_path)
    found = json.loads((tmp_path / "run.json").read_text()) | {"format": number}
    (tmp_path / "run.json").write_text(json.dumps(found))  # whose seal only that format could tell
    with pytest.raises(InputError, match=f"format {number} is unknown"):
        load_run(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"format": 1}', "\xff"])
def test_a_damaged_card_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(InputError, match=r"run\.json: (damaged|not written by civa)"):
        load_run(tmp_path)


def test_no_run_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run lies here"):
        load_run(tmp_path)
    with pytest.raises(InputError, match="no run lies here"):
        load_run(tmp_path / "nowhere")


def test_an_unknown_table_is_refused(tmp_path: Path) -> None:
    card(tmp_path)
    with pytest.raises(InputError, match="'event' is unknown"):
        load_run(tmp_path).table("event")


def test_a_folder_is_written_by_one_process_alone(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with RunFolder(path, IDENTITY) as folder:
        folder.begin()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            message = pool.apply(claim, (path,))
        assert "another process is writing this run" in message
    assert claim(path) == ""


def claim(path: Path) -> str:
    try:
        RunFolder(path, IDENTITY).release()
    except InputError as error:
        return str(error)
    return ""


def test_a_claim_that_began_nothing_leaves_nothing(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "a" / "b", IDENTITY):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"holds something else \('thesis.txt'"):
        RunFolder(tmp_path, IDENTITY)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_of_another_run_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    with RunFolder(tmp_path, IDENTITY) as folder:
        folder.begin()
    with pytest.raises(InputError, match=r"another run, which differs in scenario\.days, seed"):
        RunFolder(tmp_path, {**IDENTITY, "seed": 6, "scenario": {"days": 3}})


def test_beginning_again_discards_tables_and_keeps_interventions(tmp_path: Path) -> None:
    aid = Intervention(day=3, kind="aid", size=5)
    with RunFolder(tmp_path, IDENTITY) as folder:
        folder.begin()
        created = folder.meta.created if folder.meta else ""
        folder.interventions.append(aid)
        recorded(tmp_path, 2)
    (tmp_path / "events" / "part-00009.parquet.tmp").write_bytes(b"PAR1, left by a crash")
    with RunFolder(tmp_path, IDENTITY) as folder:
        folder.begin()
        assert folder.meta is not None
        assert folder.meta.created == created
        assert folder.interventions.rows == (aid,)
    assert load_run(tmp_path).days.empty
    assert not list(tmp_path.rglob("part-*"))


interventions = st.builds(
    Intervention,
    day=st.integers(1, 100),
    kind=st.sampled_from(["aid", "broadcast", "retrain"]),
    size=st.floats(0, 1e6),
    target=st.integers(0, 9),
    text=st.text(max_size=20),
    value=st.sampled_from(["", "BE"]),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(interventions, max_size=4), st.integers(1, 40))
def test_interventions_come_back_and_a_line_cut_off_by_a_crash_does_not(
    tmp_path_factory: pytest.TempPathFactory, given_: list[Intervention], cut: int
) -> None:
    path = tmp_path_factory.mktemp("run") / "interventions"
    file = InterventionsFile(path)
    assert [file.append(row) for row in given_] == list(range(1, len(given_) + 1))
    assert InterventionsFile(path).rows == tuple(given_)
    whole = path.read_bytes() if path.exists() else b""
    torn = b'{"id": 99, "day": 1, "what": {"kind": "aid", "size": 1}}'[:cut]
    path.write_bytes(whole + torn)
    again = InterventionsFile(path)
    assert again.rows == tuple(given_)
    last = Intervention(day=7, kind="aid", size=1)
    again.append(last)
    assert InterventionsFile(path).rows == (*given_, last)


def test_a_changed_line_of_interventions_is_named(tmp_path: Path) -> None:
    path = tmp_path / "interventions"
    path.write_text('{"id": 1, "day": 2, "what": {"kind": "aid"}}\n{"id": 3, "day": 2}\n')
    with pytest.raises(InputError, match="line 2: no intervention"):
        InterventionsFile(path)


def test_a_disk_that_takes_no_more_stops_the_run_with_the_reason(tmp_path: Path) -> None:
    card(tmp_path)
    (tmp_path / "events").write_text("a file where a folder must be")
    recorder = FolderRecorder(tmp_path, flush_rows=1)
    with pytest.raises(StoppedEarly, match="cannot be written"):
        recorder.record(1, day(1, events=rows("events", 1)))
