"""Power that fails: what was said to be durable is there, whatever the medium did with the rest.

Modelled on what a disk promises: bytes that were synchronised before a reply was confirmed are
kept; bytes written after that may be there, be cut off anywhere, or be something else; a name in a
folder is kept once the folder was synchronised. (Processes that are killed, where the system still
writes what it holds: `test_kills`, `test_language_kill`.)
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from agents.fsync import is_temporary, write_whole
from agents.llm.journal import open_journal, read_journal
from model.run.runs import run_into
from model.world.scenario import Scenario
from tests.language.test_journal import IDENTITY, record, write

REPLIES = 12
KEPT = ("calls.sqlite", "calls.sqlite-wal")


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    """The journal's files as they were when each reply was confirmed."""
    path = tmp_path_factory.mktemp("live") / KEPT[0]
    found = []
    with open_journal(path, IDENTITY) as journal:
        for subject in range(REPLIES):
            write(journal, record(subject))
            found.append({name: path.with_name(name).read_bytes() for name in KEPT})
    return found


def garbage(rng: random.Random, later: bytes) -> bytes:
    """What may stand where a later write was under way: all of it, less, none, or anything."""
    cut = later[: rng.randrange(len(later) + 1)]
    return rng.choice([cut, cut + bytes(512), bytes(len(cut)), rng.randbytes(len(cut)), b""])


@pytest.mark.parametrize("seed", range(20))
def test_every_confirmed_reply_outlives_a_loss_of_power(
    moments: list[dict[str, bytes]], tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for confirmed in range(1, REPLIES):
        before, after = moments[confirmed - 1], moments[confirmed]
        path = tmp_path / str(confirmed) / KEPT[0]
        path.parent.mkdir()
        synced, written = before[KEPT[1]], after[KEPT[1]]
        assert before[KEPT[0]] == after[KEPT[0]]
        assert written[: len(synced)] == synced
        path.write_bytes(before[KEPT[0]])
        path.with_name(KEPT[1]).write_bytes(synced + garbage(rng, written[len(synced) :]))
        with open_journal(path, IDENTITY) as journal:
            held = [s for s in range(REPLIES) if journal.find((0, "act", s, 0)) is not None]
            write(journal, record(REPLIES))
        assert held in (list(range(confirmed)), list(range(confirmed + 1)))
        with read_journal(path) as journal:
            assert [journal.find((0, "act", s, 0)) for s in held] == [record(s) for s in held]
            assert journal.find((0, "act", REPLIES, 0)) is not None


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made durable or named, in order, while the test runs."""
    found: list[str] = []
    sync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        # A temporary name is a dot, the name that it will be renamed to, and a mark of its own.
        found.append(
            "sync " + (name[1:].rsplit(".", 2)[0] + ".tmp" if is_temporary(name) else name)
        )
        sync(descriptor)

    def replaced(path: Path, target: Path) -> Path:
        found.append(f"name {Path(target).name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    return found


def test_a_name_is_durable_before_anything_is_said_to_be_in_it(
    tmp_path: Path, order: list[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    open_journal(folder / KEPT[0], IDENTITY).close()
    assert order[order.index(f"name {KEPT[0]}") :] == [f"name {KEPT[0]}", "sync folder"]
    order.clear()
    write_whole(folder / "run.json", b"{}")
    assert order == ["sync run.json.tmp", "name run.json", "sync folder"]


def test_a_day_is_named_last_when_all_that_it_speaks_of_is_on_the_medium(
    tmp_path: Path, order: list[str]
) -> None:
    run_into(tmp_path / "run", Scenario(residents=4, days=2), 1)
    folders = {path.name for path in (tmp_path / "run").iterdir() if path.is_dir()}
    first = next(k for k, entry in enumerate(order) if entry.startswith("name part-"))
    contents = [entry for entry in order[:first] if entry.startswith("sync part-")]
    assert len(contents) == len(folders)
    names = order[first : first + 2 * len(folders)]
    assert set(names[1::2]) == {f"sync {name}" for name in folders}
    assert names[-1] == "sync days"
