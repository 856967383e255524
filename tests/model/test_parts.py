"""Parts of tables: whatever is missing or on its way out, what can be read are whole days."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import InputError
from model.store import load_run
from model.store.parts import remove_tables
from tests.model.test_store import recorded


def test_tables_are_taken_away_from_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path, 4)
    left: list[list[int]] = []
    unlink = Path.unlink

    def watched(path: Path) -> None:
        unlink(path)
        run = load_run(tmp_path)
        left.append(run.days["day"].tolist())
        assert run.events["day"].tolist() == [day for day in left[-1] for _ in range(2)]

    monkeypatch.setattr(Path, "unlink", watched)
    remove_tables(tmp_path)
    assert left[:4] == [[1, 2, 3], [1, 2], [1], []]
    assert not list(tmp_path.rglob("part-*"))


def test_a_part_of_the_days_that_is_missing_is_told(tmp_path: Path) -> None:
    recorded(tmp_path, 3)
    (tmp_path / "days" / "part-00002.parquet").unlink()
    with pytest.raises(InputError, match="part 2 is missing"):
        load_run(tmp_path).days  # noqa: B018
