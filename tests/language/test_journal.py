"""The journal keeps what was written, says so only when it is true, and opens nothing doubtful."""

from __future__ import annotations

import asyncio
import functools
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.llm.errors import JournalError, JournalWriteFailed
from agents.llm.journal import Journal, open_journal, read_journal
from agents.llm.journal_writer import WRITE_POINTS
from agents.llm.records import CallRecord, ErrorRecord, Prompt, VerdictRecord
from agents.llm.usage import Usage

IDENTITY = '{"seed": 1, "rules": {"days": 4, "food": 10}}'
SCHEMA = '{"type": "object"}'


def prompt(user: str = "today") -> Prompt:
    return Prompt.of(("the rules", "you are R1", user), SCHEMA)


def record(subject: int = 1, day: int = 0, **changes: Any) -> CallRecord:
    fields: dict[str, Any] = {
        "day": day,
        "stage": "act",
        "subject": subject,
        "attempt": 0,
        "prompt": prompt().hash,
        "reply": '{"main": "idle"}',
        "outcome": "ok",
        "cause": "",
        "model": "m",
        "served": "m-2",
        "endpoint": "http://x/v1",
        "latency": 0.25,
        "tries": 1,
        "usage": Usage(100, 60, 0, 10, 5),
        "at": 1.5,
    }
    return CallRecord(**{**fields, **changes})


def write(journal: Journal, *records: CallRecord, of: Prompt | None = None) -> None:
    """Journal these, wait until they are durable."""

    async def scene() -> None:
        await asyncio.gather(*(journal.add_call(r, of or prompt()) for r in records))

    asyncio.run(scene())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite"


@pytest.fixture
def written(path: Path) -> Path:
    """A closed journal with three calls."""
    with open_journal(path, IDENTITY) as journal:
        write(journal, *(record(subject) for subject in range(3)))
    return path


def test_what_is_durable_is_read_back_as_it_was(path: Path) -> None:
    with open_journal(path, "{}") as journal:
        write(journal, record())
    with read_journal(path) as journal:
        assert journal.find((0, "act", 1, 0)) == record()
        assert journal.find((0, "act", 2, 0)) is None


@settings(max_examples=60, deadline=None)
@given(reply=st.text(), user=st.text(st.characters(categories=None)), latency=st.floats(0, 1e6))
def test_any_text_comes_back_even_half_a_character(reply: str, user: str, latency: float) -> None:
    of = prompt(user)
    entry = record(reply=reply + "\ud800", latency=latency, prompt=of.hash)
    assert CallRecord.from_row(entry.row()) == entry


def test_hostile_text_survives_the_file(path: Path) -> None:
    of = prompt("\x00 \ud83d \u2028 </s> '; DROP TABLE calls; --")
    entry = record(prompt=of.hash, reply="\x00\udfff")
    with open_journal(path, "{}") as journal:
        write(journal, entry, of=of)
        assert journal.find(entry.key) == entry
        assert journal.prompt(0, "act", 1) == of.parts


def test_a_prompt_is_stored_by_content_and_what_is_shared_once(path: Path) -> None:
    with open_journal(path, "{}") as journal:
        for subject in range(20):
            of = prompt(f"today of R{subject}")
            write(journal, record(subject, prompt=of.hash), of=of)
        parts = journal.query("SELECT text FROM parts")
        assert len(parts) == 20 + 3
        assert journal.prompt(0, "act", 7)[2] == "today of R7"


def test_the_hash_of_a_prompt_depends_on_every_part_and_on_its_place() -> None:
    hashes = {
        Prompt.of(("a", "b", "c"), SCHEMA).hash,
        Prompt.of(("b", "a", "c"), SCHEMA).hash,
        Prompt.of(("a", "bc", ""), SCHEMA).hash,
        Prompt.of(("a", "b", "c", "d"), SCHEMA).hash,
        Prompt.of(("a", "b", "c"), "{}").hash,
    }
    assert len(hashes) == 5


def test_an_unwritten_reply_is_found_before_it_is_durable(path: Path) -> None:
    async def scene(journal: Journal) -> None:
        durable = journal.add_call(record(), prompt())
        assert journal.find(record().key) == record()
        await durable
        assert journal.find(record().key) == record()

    with open_journal(path, "{}") as journal:
        asyncio.run(scene(journal))


def test_replies_that_come_together_are_committed_together(path: Path) -> None:
    points: list[str] = []

    async def scene(journal: Journal) -> None:
        for day in range(3):
            group = [journal.add_call(record(n, day), prompt()) for n in range(40)]
            journal.hurry()
            await asyncio.gather(*group)

    with open_journal(path, "{}", points.append) as journal:
        asyncio.run(scene(journal))
    assert set(points) == set(WRITE_POINTS)
    assert 3 <= points.count("committed") <= 6


def test_errors_and_verdicts_and_the_header_are_kept(path: Path) -> None:
    error = ErrorRecord(0, "act", 1, 0, "timeout", None, "no\x00thing", "m", "e", 1.0, 2.0)

    async def scene(journal: Journal) -> None:
        journal.add_error(error)
        journal.add_verdict(VerdictRecord(0, "act", 1, "fault", "truncated"))
        await journal.set_header("terms", "{}")

    with open_journal(path, "{}") as journal:
        asyncio.run(scene(journal))
    with read_journal(path) as journal:
        assert journal.query("SELECT cause, detail FROM errors") == [("timeout", "no\x00thing")]
        assert journal.verdict(0, "act", 1) == VerdictRecord(0, "act", 1, "fault", "truncated")
        assert journal.header("terms") == "{}"
        assert journal.header("nothing") is None


def test_what_was_spent_is_added_up_by_model(path: Path) -> None:
    with open_journal(path, "{}") as journal:
        write(journal, record(1), record(2), record(3, model="other"))
        assert journal.spent() == {
            "m": (2, Usage(200, 120, 0, 20, 10)),
            "other": (1, Usage(100, 60, 0, 10, 5)),
        }


def test_a_live_journal_can_be_read_by_others(path: Path) -> None:
    with open_journal(path, "{}") as journal:
        write(journal, record())
        with read_journal(path) as other:
            assert other.find(record().key) == record()


def test_a_replay_writes_nothing(written: Path) -> None:
    with read_journal(written) as journal:
        assert journal.read_only
        with pytest.raises(JournalError, match="opened to be read"):
            write(journal, record(9))


# --- what is not opened


def test_two_runs_cannot_write_one_journal(path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from agents.llm.journal import open_journal\n"
        f"open_journal(pathlib.Path({str(path)!r}), '{{}}')\n"
        "print('open', flush=True); sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "open\n"
    with pytest.raises(JournalError, match="in use by another run"):
        open_journal(path, "{}")
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    open_journal(path, "{}").close()  # a kill gives the lock back


def test_one_process_cannot_open_it_twice_either(path: Path) -> None:
    with open_journal(path, "{}"), pytest.raises(JournalError, match="in use"):
        open_journal(path, "{}")


def test_another_runs_journal_is_refused_and_the_difference_named(written: Path) -> None:
    with pytest.raises(JournalError, match=r"it differs in rules\.days, seed"):
        open_journal(written, '{"seed": 2, "rules": {"days": 5, "food": 10}}')


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 7"])
def test_an_unknown_format_or_kind_is_refused_by_name(written: Path, pragma: str) -> None:
    with sqlite3.connect(written) as connection:
        connection.execute(f"PRAGMA {pragma}")
    connection.close()
    for opening in (lambda: open_journal(written, IDENTITY), lambda: read_journal(written)):
        with pytest.raises(JournalError, match=r"format 99|no journal of calls"):
            opening()


def test_a_missing_journal_is_said_to_be_missing(path: Path) -> None:
    with pytest.raises(JournalError, match="does not exist"):
        read_journal(path)


def test_any_other_file_in_its_place_is_refused(path: Path) -> None:
    path.write_text("day,reply\n0,idle\n" * 100)
    for opening in (lambda: open_journal(path, "{}"), lambda: read_journal(path)):
        with pytest.raises(JournalError, match="no SQLite file"):
            opening()


def _all_replies(path: Path, identity: str) -> list[CallRecord]:
    """Every reply of a journal that opens, checked; raises if it does not or one was changed."""
    with open_journal(path, identity) as journal:
        keys = journal.query("SELECT day, stage, subject, attempt FROM calls ORDER BY subject")
        found = [journal.find(key) for key in keys]  # type: ignore[arg-type]
    assert None not in found
    return found  # type: ignore[return-value]


@functools.cache
def _thirty_replies() -> bytes:
    """The file of a journal of thirty replies."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.sqlite"
        with open_journal(path, "{}") as journal:
            write(journal, *(record(subject) for subject in range(30)))
        return path.read_bytes()


def _read_all(path: Path) -> None:
    with read_journal(path) as journal:
        for subject in range(30):
            assert journal.find((0, "act", subject, 0)) is not None


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_is_noticed_or_harmless(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("flip") / "calls.sqlite"
    whole = [record(subject) for subject in range(30)]
    content = bytearray(_thirty_replies())
    place = data.draw(st.integers(0, len(content) * 8 - 1))
    content[place // 8] ^= 1 << place % 8
    path.write_bytes(content)
    try:
        left = _all_replies(path, "{}")
    except JournalError:
        return
    # What still opens must hold no reply that was not given.
    assert all(entry in whole for entry in left)


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.999))
def test_a_truncated_file_is_refused(
    share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("cut") / "calls.sqlite"
    content = _thirty_replies()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(JournalError, match=r"damaged|cannot be"):
        _all_replies(path, "{}")
    with pytest.raises(JournalError):
        _read_all(path)


def test_a_log_left_from_a_removed_journal_is_not_folded_into_a_new_one(path: Path) -> None:
    journal = open_journal(path, "{}")
    write(journal, record(), record(2))
    log = path.with_name("calls.sqlite-wal").read_bytes()
    journal.close()
    path.unlink()
    path.with_name("calls.sqlite-wal").write_bytes(log)
    assert _all_replies(path, "{}") == []


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"cannot be written"):
        open_journal(tmp_path / "nowhere" / "calls.sqlite", "{}")


# --- what a full disk does

_FULL = """
import asyncio, pathlib, resource, signal, sys
from agents.llm.errors import JournalWriteFailed
from agents.llm.journal import open_journal
from tests.language.test_journal import prompt, record

async def scene(journal):
    for day in range(10_000):
        of = prompt("x" * 5000 + str(day))
        await journal.add_call(record(day=day, prompt=of.hash), of)
        print(day, flush=True)

with open_journal(pathlib.Path(sys.argv[1]), "{}") as journal:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        asyncio.run(scene(journal))
    except JournalWriteFailed as failure:
        print("failed:", failure)
"""


def test_a_disk_that_is_full_stops_the_run_and_loses_nothing_that_was_confirmed(
    path: Path,
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _FULL, str(path)], capture_output=True, text=True, check=True
    )
    *confirmed, last = child.stdout.splitlines()
    assert last.startswith("failed:")
    assert "then resume" in last
    assert len(confirmed) > 5
    with open_journal(path, "{}") as journal:
        assert journal.query("SELECT count(*) FROM calls") == [(len(confirmed),)]
        of = prompt("one more")
        write(journal, record(day=10**6, prompt=of.hash), of=of)


def test_after_a_failed_write_nothing_more_is_taken(path: Path) -> None:
    def fail(point: str) -> None:
        if point == "inserted":
            raise OSError("the disk went away")

    async def scene(journal: Journal) -> None:
        durable = journal.add_call(record(), prompt())
        with pytest.raises(JournalWriteFailed, match="the disk went away"):
            await durable
        with pytest.raises(JournalWriteFailed):
            journal.add_verdict(VerdictRecord(0, "act", 1, "ok", ""))

    with open_journal(path, "{}", fail) as journal:
        asyncio.run(scene(journal))
    with read_journal(path) as journal:
        assert journal.find(record().key) is None


def test_a_closed_journal_takes_nothing_and_keeps_what_it_had(path: Path) -> None:
    async def scene(journal: Journal) -> None:
        journal.add_call(record(), prompt())

    journal = open_journal(path, "{}")
    asyncio.run(scene(journal))
    journal.close()
    journal.close()
    with pytest.raises(JournalWriteFailed, match="closed"):
        write(journal, record(2))
    with read_journal(path) as again:
        assert again.find(record().key) == record()


def test_a_journal_can_be_copied_elsewhere_and_read_without_its_log(written: Path) -> None:
    elsewhere = written.parent / "copy.sqlite"
    shutil.copy(written, elsewhere)
    with read_journal(elsewhere) as journal:
        assert json.loads(journal.header("identity") or "") == json.loads(IDENTITY)
        assert len(journal.query("SELECT * FROM calls")) == 3
