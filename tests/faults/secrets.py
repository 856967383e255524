"""No secret in anything that the whole test suite leaves behind.

Every key that a test uses carries one of `MARKS`. After each test its output, its log and its
report are searched for them, and at the end of the session every file under the tests' temporary
folder: runs, journals, tables, reports, notebooks, pages. Whoever finds one fails the session.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

#: What every key in the tests holds; a new one that holds none of them is found by a test.
MARKS = ("sk-marked-", "sk-not-to-be-seen", "sk-very-secret")
#: Files in which a test puts a key itself, to see that it is found.
PLANTED = "planted-secret"
_PATTERN = re.compile("|".join(MARKS).encode("ascii"))
_CHUNK = 1 << 20

found: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what a test printed and logged."""
    for title, text in report.sections:
        if report.passed and _PATTERN.search(text.encode("utf-8", "replace")):
            found.append(f"{report.nodeid}: {title}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search every file that the tests left; a key in one fails the session."""
    if hasattr(session.config, "workerinput"):
        return  # whoever started this worker looks through its files too
    factory = getattr(session.config, "_tmp_path_factory", None)
    base = getattr(factory, "_basetemp", None)
    if base is not None:
        found.extend(str(path) for path in files_with_a_key(base))
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        for where in found:
            terminal.write_line(f"A KEY WAS LEFT IN {where}", red=True)


def files_with_a_key(folder: Path) -> Iterator[Path]:
    """The files below a folder that hold a mark, whatever their kind."""
    for path in folder.rglob("*"):
        if (
            path.is_file()
            and not path.is_symlink()
            and PLANTED not in str(path.relative_to(folder))
        ):
            try:
                if _holds(path):
                    yield path
            except OSError:
                continue


def _holds(path: Path) -> bool:
    with path.open("rb", buffering=0) as file:
        before = b""
        while chunk := _written(file):
            if _PATTERN.search(before + chunk):
                return True
            before = chunk[-64:]
    return False


def _written(file: FileIO) -> bytes:
    """The next bytes that somebody wrote: a hole of gigabytes holds nothing."""
    try:
        file.seek(file.tell(), os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # only a hole is left, or nothing
            return b""
        raise
    return file.read(_CHUNK)
