"""A run on disk with its summary: what `model.load_run` gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from model.analysis.labels import label_hits, label_table
from model.analysis.message_graph import measured_graph
from model.analysis.summary import Summary, summary_of
from model.store import Run
from model.store.meta import read_meta


@dataclass(frozen=True)
class MeasuredRun(Run):
    """A run whose tables are read when first asked for, and its numbers worked out likewise."""

    @cached_property
    def summary(self) -> Summary:
        """One number a measure; reads its whole log.

        Raises:
            InputError: a part of it is damaged.
        """
        labels = label_table(label_hits(self), self.residents)
        return summary_of(self, labels, measured_graph(self))


def load_run(path: str | Path) -> MeasuredRun:
    """Open a run's folder to read.

    Raises:
        InputError: no run lies there, its card is damaged, or its format is unknown.
    """
    folder = Path(path)
    return MeasuredRun(folder, read_meta(folder))
