"""A run on disk: its tables as Parquet parts, its card `run.json`, its interventions, and reading.

A folder of a run holds `run.json` (what it is and how it ended), `interventions` (what a researcher
did to it), table folders of Parquet parts, `lock`, and for language minds the journal of calls.
"""

from model.store.folder import RunFolder
from model.store.interventions_file import InterventionsFile
from model.store.load import Run, load_run
from model.store.meta import FORMAT, RunMeta
from model.store.parts import FolderRecorder
from model.store.recorder import MemoryRecorder
from model.world.recorder import NULL, Recorder

__all__ = [
    "FORMAT",
    "NULL",
    "FolderRecorder",
    "InterventionsFile",
    "MemoryRecorder",
    "Recorder",
    "Run",
    "RunFolder",
    "RunMeta",
    "load_run",
]
