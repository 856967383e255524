"""A real run of which a share of the replies cannot be used, on disk, with its row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from agents.batch import Batch
from agents.decisions import Fault, Replies
from model.analysis.row import Row
from model.run.runs import Outcome, running
from model.study.job import Clock, Job
from model.study.rows import row_of
from model.world.scenario_files import scenario_from


def with_faults(replies: Replies, batch: Batch, share: float) -> Replies:
    """The same replies, some of which are faults: which, is drawn from each question's key."""
    for row, key in enumerate(batch.key.tolist()):
        lots = np.random.Generator(np.random.Philox(key=[int(key), int(batch.stage)]))
        if lots.random() < share:
            replies.fault[row] = Fault.ACT
            replies.causes[row] = "no_json"
    return replies


def live_faulty(path: Path, seed: int, share: float = 0.15, **fields: Any) -> Row:
    """Live a run of the surrogate, of which this share of replies are faults, into a folder."""
    return faulty_run(path, seed, share, **fields)[1]


def faulty_run(path: Path, seed: int, share: float = 0.15, **fields: Any) -> tuple[Outcome, Row]:
    """The same, with how it ended."""
    job = Job(scenario_from({"fault_limit": 0.3, **fields}), seed, "cell", daily=True)
    clock = Clock(1e9)
    questions = running(path, job.scenario, seed, on_day=clock)
    try:
        mind, batch = next(questions)
        while True:
            mind, batch = questions.send(with_faults(mind.reply(batch), batch, share))
    except StopIteration as end:
        return end.value, row_of(job, end.value, clock.model, clock.seconds)
