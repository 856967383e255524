"""A process that gives birth to runs, so that a test can kill one where it writes.

It loads civa once, and for every order (one JSON line on its standard input) forks a child that
carries out a command line. The child watches itself: it names every point at which it is about to
write below a folder (opening to write, renaming, removing, making a folder, syncing, and each step
of a commit of the journal), and kills itself with SIGKILL at the one that was ordered. Nothing of
civa is replaced for that: Python's own audit events tell, and the one seam that the journal has.
Instead of dying it can be ordered to lose its disk at that point.

    {"words": ["run", …], "watch": "/folder", "point": "rename run.json", "number": 1}
 →  [{"code": -9, "points": ["open run.json.tmp", …], "out": "…", "err": "…"}]
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def serve() -> None:
    """Carry out orders until the input ends."""
    load()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(carry_out(json.loads(line))), flush=True)


def load() -> None:
    """Import whatever the commands import, so that no child pays for it."""
    import langchain_openai  # noqa: F401

    import model.commands.replay
    import model.commands.report
    import model.commands.run
    import model.commands.study
    import model.report.build
    import model.run.language
    import model.run.runs
    import model.study.runner  # noqa: F401


def carry_out(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Fork as often as ordered, let the children do it at once, tell how each ended."""
    born = [_give_birth(order) for _ in range(order.get("twins", 1))]
    return [_end(*child) for child in born]


def _give_birth(order: dict[str, Any]) -> tuple[int, list[Any]]:
    files: list[Any] = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115
    child = os.fork()
    if child == 0:
        os.dup2(files[0].fileno(), 1)
        os.dup2(files[1].fileno(), 2)
        os._exit(_live(order, files[2].fileno()))
    return child, files


def _end(child: int, files: list[Any]) -> dict[str, Any]:
    _, status = os.waitpid(child, 0)
    out, err, points = map(_text, files)
    for file in files:
        file.close()
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "points": points.splitlines(), "out": out, "err": err}


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8", "replace"))


def _live(order: dict[str, Any], points: int) -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.update(order.get("environment", {}))
    if order.get("clock") == "backwards":
        _turn_clock_back()
    if not order.get("point"):
        _harm(order)
    if order.get("watch"):
        at_point = _kill if not {"mount", "largest_file"} & order.keys() else lambda: _harm(order)
        _watch(order["watch"], order.get("point"), order.get("number", 1), at_point, points)
    from model.cli import run_command

    try:
        code = run_command(order["words"])
    except BaseException:
        traceback.print_exc()
        code = 70
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _harm(order: dict[str, Any]) -> None:
    """Take this process's disk from it, as ordered."""
    for words in order.get("mount", ()):
        subprocess.run(["mount", *words], check=True, stdout=subprocess.DEVNULL)
    if (largest := order.get("largest_file")) is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        # The tests' own files of output are limited too: they are small.
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(largest, 1), resource.RLIM_INFINITY))


def _watch(
    folder: str, point: str | None, number: int, at_point: Callable[[], None], points: int
) -> None:
    """Name the points at which something below a folder is about to be written; act at one."""
    left = number
    inside = os.path.realpath(folder) + os.sep

    def passed(name: str) -> None:
        nonlocal left
        os.write(points, f"{name}\n".encode())
        if name == point:
            left -= 1
            if left == 0:
                at_point()

    def about(action: str, path: Any) -> None:
        where = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 — no pathlib in an audit hook
        if where.startswith(inside):
            passed(f"{action} {kind_of(where[len(inside) :])}")

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str | bytes) and (args[2] or 0) & _WRITES:
            about("open", args[0])
        elif event in ("os.rename", "os.link"):
            about("rename", args[1])
        elif event == "os.remove":
            about("remove", args[0])
        elif event == "os.mkdir":
            about("mkdir", args[0])
        elif event == "shutil.rmtree":
            about("rmtree", args[0])

    sys.addaudithook(hook)
    sync = os.fsync

    def syncing(descriptor: int) -> None:
        about("sync", os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        sync(descriptor)

    os.fsync = syncing
    from agents.llm import journal_writer

    begin = journal_writer.JournalWriter.__init__

    def watched(self: Any, path: Path, connection: Any, on_write: Any = None) -> None:
        begin(self, path, connection, lambda step: passed(f"journal {step}"))

    journal_writer.JournalWriter.__init__ = watched  # type: ignore[method-assign]


def kind_of(path: str) -> str:
    """A path with what differs from run to run taken out."""
    path = re.sub(r"\.unfinished-[^/]+", "RUN-unfinished", path)
    path = re.sub(r"\b[0-9a-f]{24}\b", "RUN", path)
    # A temporary name is a dot, the name that it will be renamed to, and a mark of its own.
    path = re.sub(r"\.([^/]+)\.[0-9a-f]{16}\.tmp", r"\1.tmp", path)
    path = re.sub(r"(figures|tables)/[^/]+\.", r"\1/….", path)
    path = re.sub(r"\b(residents|events|messages|decisions|people|commitments)\b", "TABLE", path)
    return re.sub(r"\d+", "#", path)


def _turn_clock_back() -> None:
    """From here on the wall clock loses an hour whenever it is read."""
    now = time.time()
    lost = itertools.count()

    def wall() -> float:
        return now - 3600.0 * next(lost)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.datetime.fromtimestamp(wall(), tz)

    time.time = wall
    time.time_ns = lambda: int(wall() * 1e9)
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if name.startswith(("model.", "agents.")) and hasattr(module, "datetime"):
            module.datetime = Clock


if __name__ == "__main__":
    serve()
