"""Follow one run, or one study, through the house: what files it passes, and where it climbs.

A *climb* is a call from a function of ours to one on a higher floor, whatever lies between the two:
a library that calls back is passed over, and so are `agents/memo.py`, which calls what it was given
as `functools.cache` does, and the validation of models, which calls theirs. The floors are those of
the import contract. Keeping a run's rows and the clock are handed down on purpose: no climbs.

`python -m tests.house.walk` prints what it finds.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from tests.house.source import ROOT

#: Distinct files that a run, and a study, pass at most.
RUN_FILES, STUDY_FILES = 45, 55
#: Functions that are handed down on purpose: who keeps a run's rows, and who is told of progress.
HANDED_DOWN = {"FolderRecorder.record", "MemoryRecorder.record", "Clock.__call__"}
#: Files that call what they are given, as libraries do.
PASSED_OVER = {"agents/memo.py", "model/world/validation.py"}
PRODUCT = (str(ROOT / "agents"), str(ROOT / "model"))


def floors() -> dict[str, int]:
    """Packages and modules of the layers contract by their floor, the lowest 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    [layers] = [one["layers"] for one in contracts["contracts"] if one["type"] == "layers"]
    return {
        name.strip(): floor
        for floor, layer in enumerate(reversed(layers))
        for name in layer.replace(":", "|").split("|")
    }


@dataclass
class Walk:
    """What was passed.

    Attributes:
        files: product files whose functions ran, from the root.
        climbs: (caller, callee) as `file:function`.
    """

    files: set[str]
    climbs: set[tuple[str, str]]


def walk(go: Callable[[], Any]) -> Walk:
    """Everything of ours that runs while something is done, in all threads of this process."""
    height = floors()
    found = Walk(set(), set())
    places: dict[Any, tuple[str, int] | None] = {}

    def place(frame: FrameType) -> tuple[str, int] | None:
        """File and floor of a frame of ours; the body of a module is an import, not a call."""
        code = frame.f_code
        if code not in places:
            places[code] = _place(code.co_filename, height)
        return None if code.co_name == "<module>" else places[code]

    def see(frame: FrameType, event: str, _: Any) -> None:
        if event != "call":
            return
        here = place(frame)
        if here is None:
            return
        found.files.add(here[0])
        caller = frame.f_back
        while caller is not None and (place(caller) or ("agents/memo.py",))[0] in PASSED_OVER:
            if caller.f_code.co_name == "<module>":
                return  # run while a module is imported
            caller = caller.f_back
        if caller is None:
            return
        below = place(caller)
        if below is not None and below[1] < here[1] and not _handed_down(frame):
            names = (caller.f_code.co_qualname, frame.f_code.co_qualname)
            found.climbs.add((f"{below[0]}:{names[0]}", f"{here[0]}:{names[1]}"))

    threading.setprofile(see)
    sys.setprofile(see)
    try:
        go()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return found


def _place(file: str, height: dict[str, int]) -> tuple[str, int] | None:
    if not file.startswith(PRODUCT):
        return None
    name = Path(file).relative_to(ROOT).as_posix()
    module = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    within = [one for one in height if module == one or module.startswith(f"{one}.")]
    return name, height[max(within, key=len)] if within else max(height.values()) + 1


def _handed_down(frame: FrameType) -> bool:
    return frame.f_code.co_qualname in HANDED_DOWN


def one_run() -> None:
    """A run of three days into a folder."""
    from model.run.runs import run_into
    from model.world.scenario_files import scenario_from

    with tempfile.TemporaryDirectory() as folder:
        run_into(Path(folder) / "run", scenario_from({"days": 3}), 1)


def one_study() -> None:
    """A study of two arms and two runs each, of three days, in this process."""
    from model.study.design import design_from
    from model.study.runner import run_study

    plan = {
        "name": "walk",
        "seed": 1,
        "runs": 2,
        "scenario": {"days": 3},
        "factors": {"regime": ["equal", "rank"]},
    }
    with tempfile.TemporaryDirectory() as folder:
        run_study(design_from(plan), Path(folder) / "study", workers=0)


def main() -> None:
    """Print both walks."""
    for name, go, most in (("run", one_run, RUN_FILES), ("study", one_study, STUDY_FILES)):
        go()  # what is made once and kept is made before
        found = walk(go)
        print(f"a {name}: {len(found.files)} files (bar {most}), {len(found.climbs)} climbs")
        for file in sorted(found.files):
            print(f"    {file}")
        for caller, callee in sorted(found.climbs):
            print(f"    climbs: {caller} -> {callee}")


if __name__ == "__main__":
    main()
