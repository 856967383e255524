"""The files of a journal: no link, nobody else's, and under their names as long as it is open."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.errors import InputError
from agents.llm.errors import JournalWriteFailed
from agents.llm.journal import open_journal, read_journal
from agents.llm.journal_places import BESIDE
from tests.language.living import MIND, Counting, civa, journalled, place
from tests.language.test_journal import IDENTITY, prompt, record, write

BESIDES = ("", *BESIDE, ".lock", *(f".lock{ending}" for ending in BESIDE))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run" / "calls.sqlite"


@pytest.fixture
def written(path: Path) -> Path:
    with open_journal(path, IDENTITY) as journal:
        write(journal, record())
    return path


@pytest.mark.parametrize("ending", BESIDES)
@pytest.mark.parametrize("new", [True, False])
def test_a_link_among_its_files_is_refused_and_nothing_is_written_behind_it(
    path: Path, ending: str, new: bool
) -> None:
    if not new:
        with open_journal(path, IDENTITY) as journal:
            write(journal, record())
    victim, linked = path.parent.parent / "victim", path.with_name(path.name + ending)
    victim.write_bytes(b"" if ending else path.read_bytes() if path.exists() else b"years of work")
    before = victim.read_bytes()
    linked.unlink(missing_ok=True)
    linked.symlink_to(victim)
    with pytest.raises(InputError, match=r"is a link, and civa writes through none"):
        open_journal(path, IDENTITY)
    assert victim.read_bytes() == before
    assert linked.is_symlink()
    assert {p.name for p in path.parent.parent.iterdir()} == {"run", "victim"}


@pytest.mark.parametrize("ending", BESIDES[1:])
@pytest.mark.parametrize("content", [b"years of work", bytes(3) + b"x" * 32_765])
def test_a_file_of_somebody_else_s_among_them_is_refused_and_left(
    path: Path, ending: str, content: bytes
) -> None:
    other = path.with_name(path.name + ending)
    other.write_bytes(content)
    with pytest.raises(InputError, match=r"was not written by civa|is no lock of ours"):
        open_journal(path, IDENTITY)
    assert other.read_bytes() == content


@pytest.mark.parametrize("ending", list(BESIDE))
def test_reading_takes_nobody_s_file_away(written: Path, ending: str) -> None:
    other = written.with_name(written.name + ending)
    other.write_bytes(b"years of work")
    with pytest.raises(InputError, match="was not written by civa"):
        read_journal(written)
    assert other.read_bytes() == b"years of work"


def test_a_journal_with_a_second_name_is_read_and_not_written(written: Path) -> None:
    os.link(written, written.with_name("copy"))
    read_journal(written).close()
    with pytest.raises(InputError, match="second name"):
        open_journal(written, IDENTITY)


def test_looking_at_a_journal_that_is_open_here_leaves_its_locks(path: Path) -> None:
    """A process loses all its locks of a file when it closes any handle of it."""
    with open_journal(path, IDENTITY) as journal:
        write(journal, record())
        index = path.with_name(path.name + "-shm").stat().st_ino
        before = locks(index)
        assert before
        read_journal(path).close()
        assert locks(index) == before


def locks(number: int) -> list[str]:
    """The locks that this process has on the file of this number, as the kernel tells them."""
    lines = Path("/proc/locks").read_text().splitlines()
    mine = [line.split() for line in lines if f" {os.getpid()} " in line]
    return sorted(" ".join(w[1:5] + w[6:]) for w in mine if w[5].endswith(f":{number}"))


def removed(folder: Path) -> None:
    shutil.rmtree(folder)


def moved(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def replaced(folder: Path) -> None:
    moved(folder)
    shutil.copytree(folder.with_name("moved"), folder)


def without_its_log(folder: Path) -> None:
    (folder / "calls.sqlite-wal").unlink()


LOSSES = (removed, moved, replaced, without_its_log)


@pytest.mark.parametrize("lose", LOSSES)
def test_a_reply_that_nobody_will_find_is_not_said_to_be_durable(
    path: Path, lose: Callable[[Path], None]
) -> None:
    async def add(subject: int) -> None:
        await journal.add_call(record(subject), prompt())

    journal = open_journal(path, IDENTITY)
    asyncio.run(add(1))
    lose(path.parent)
    with pytest.raises(JournalWriteFailed, match="is gone, or another file has its name"):
        asyncio.run(add(2))
    with pytest.raises(JournalWriteFailed):
        asyncio.run(add(3))
    journal.close()


@pytest.mark.slow  # about 3 s each
@pytest.mark.parametrize("lose", [removed, replaced])
def test_a_run_whose_folder_goes_away_stops_within_a_day_and_makes_no_second_half(
    tmp_path: Path, lose: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    path, lost = tmp_path / "run", False

    def lose_on_day_three(where: tuple[int, str, int, int]) -> str:
        nonlocal lost
        if where[0] == 3 and not lost:
            lost = True
            lose(path)
        return ""

    with place(Counting(decree=lose_on_day_three)) as at:
        words = ["run", "--days", 6, "--seed", 3, "--mind", MIND, "--quiet", "--out", path]
        words += ["--base-url", at.settings.base_url, "--set", "residents=6"]
        code, _, err = civa(capsys, *words)
        days = {where[0] for where in at.menu.asked}
    assert (code, err.count("\n")) == (3, 1)
    assert "is gone, or another" in err
    assert max(days) <= 3
    if lose is removed:
        assert not path.exists()
    else:
        assert {day for day, *_ in journalled(path)} <= {-1, 1, 2, 3}
