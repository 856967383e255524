"""No secret in anything that the whole test suite leaves behind.

Every key that a test uses carries one of `MARKS`. After each test its output, its log and its
report are searched for them, and at the end of the session every file under the tests' temporary
folder: runs, journals, tables, reports, notebooks, pages. Whoever finds one fails the session.

They are looked for as they are and in other spellings: in capitals, with zero-width or control
characters between the letters, in UTF-16, percent-encoded, with JSON's or HTML's escapes, in
hexadecimal, in base64 at any offset. Nothing of this is shared with what takes keys out.
"""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest

#: What every key in the tests holds; a new one that holds none of them is found by a test.
MARKS = ("sk-marked-", "sk-not-to-be-seen", "sk-very-secret")
#: Files in which a test puts a key itself, to see that it is found.
PLANTED = "planted-secret"
_CHUNK = 1 << 20
_UNSEEN = bytes(range(33)) + bytes(range(127, 256))


def spellings(mark: str) -> set[str]:
    """Ways to write a mark in visible ASCII, all in small letters."""
    found = {mark, mark.encode().hex()}
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + mark.encode()).decode()
        found.add(whole[(0, 2, 3)[offset] : (offset + len(mark)) * 8 // 6])
    for form in ("%{:02x}", "%25{:02x}", "\\u{:04x}", "\\x{:02x}", "&#{:d};", "&#x{:x};"):
        found.add("".join(form.format(ord(letter)) for letter in mark))
        found.add("".join(a if a.isalnum() else form.format(ord(a)) for a in mark))
    return {spelt.lower() for spelt in found}


_SPELLINGS = sorted({spelt.encode() for mark in MARKS for spelt in spellings(mark)})
_OVERLAP = 1024


def has_mark(data: bytes | str) -> bool:
    """Whether a mark stands in this, in whatever spelling."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    seen = raw.lower().translate(None, _UNSEEN)
    return any(spelt in seen for spelt in _SPELLINGS)


found: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what a test printed and logged."""
    for title, text in report.sections:
        if report.passed and has_mark(text):
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
            if has_mark(before + chunk):
                return True
            before = chunk[-_OVERLAP:]
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
