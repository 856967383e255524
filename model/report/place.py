"""The folder of a report: whose it is, and how a new report takes the place of an old one.

A report is replaced as a whole, and only if the folder holds it and nothing else: every file is in
its list with the hash that it still has. The new one is written beside it and takes its name when
it is complete. Reports of earlier versions have no list; there the page itself names its files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from agents.errors import InputError, StoppedEarly
from agents.fsync import is_temporary, synchronise, temporary_name, write_new
from agents.owned import check_file, check_folder
from model.store.files import file_hash
from model.store.lock import folder_lock
from model.store.outputs import LIST, check_target, content_hash, list_bytes, read_list

PAGE: Final = "report.html"
FIGURES: Final = "figures"
TABLES: Final = "tables"
COMMAND: Final = "report"
_LARGEST: Final = 200_000_000  # bytes of a page
#: What a report consists of, and how a page begins.
_FILE: Final = re.compile(
    rf"{re.escape(PAGE)}|{re.escape(LIST)}|{FIGURES}/[\w.-]+\.(?:svg|png)|{TABLES}/[\w.-]+\.csv"
)
_NAMED: Final = re.compile(rf'"((?:{FIGURES}|{TABLES})/[\w.-]+)"')
_BEGIN: Final = re.compile(
    r"<!doctype html>.{0,2000}<title>civa report: ", re.DOTALL | re.IGNORECASE
)


def place_for(source: Path, out: Path | None = None) -> Path:
    """The folder of a report, refused before anything is computed if it cannot be one.

    Raises:
        InputError: the folder holds something else, is a file, or cannot be written.
    """
    target = source / "report" if out is None else out
    if out is None:
        check_folder(target)  # civa's own: only a folder that the user named may be a link
    check_target(target)
    real = _real(target)
    check_target(real.parent)
    try:
        if real.is_dir():
            check_report(real, target)
    except OSError as error:
        raise InputError(f"{target}: cannot be read ({error.strerror or error})") from None
    return target


def check_report(folder: Path, named: Path | None = None) -> None:
    """Refuse a folder that holds anything but a whole or incomplete report, as civa wrote it.

    Args:
        folder: which.
        named: what the user calls it.

    Raises:
        InputError: naming the first thing that is not its.
    """
    files, folders = _contents(folder)
    if not files and not folders:
        return
    listed = read_list(folder, COMMAND)
    former = {} if listed else _named_by_page(folder)
    for name in files:
        path = folder / name
        if name == LIST and listed:
            continue
        known = listed.get(name, ())
        if not check_file(path) or not _FILE.fullmatch(name) or name not in {*listed, *former}:
            raise _stranger(named or folder, name, "which is not of a report")
        if known and file_hash(path) not in known:
            raise _stranger(named or folder, name, "which was changed since civa wrote it")
    for name in folders:
        if name not in (FIGURES, TABLES):
            raise _stranger(named or folder, name, "which is not of a report")


def put_report(target: Path, contents: Mapping[str, bytes]) -> None:
    """Put a report, file by file, in the place of the one that lies there, or of nothing.

    A crash leaves the old one or the new one; between the two renamings the old one has a name
    that begins with a dot, from which the next report takes it away.

    Raises:
        InputError: meanwhile something else came into the folder; it is as it was.
        StoppedEarly: the disk does not take it; the folder is as it was.
    """
    real = _real(target)
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(real.parent) as sure:
            fresh = real.with_name(temporary_name(real.name))
            try:
                _write(fresh, contents)
                _swap(fresh, real, target)
            finally:
                _clear(fresh)
            if sure:
                _sweep(real)
    except OSError as error:
        raise StoppedEarly(f"{target}: cannot be written ({error.strerror or error})") from None


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for one in (folder, folder / FIGURES, folder / TABLES):
        one.mkdir()
    for name, content in contents.items():
        write_new(folder / name, content)
    hashes = {name: (content_hash(content),) for name, content in contents.items()}
    write_new(folder / LIST, list_bytes(COMMAND, hashes))
    for one in (folder / FIGURES, folder / TABLES, folder):
        synchronise(one)


def _swap(fresh: Path, real: Path, named: Path) -> None:
    if not real.exists() or not any(real.iterdir()):
        fresh.rename(real)  # also onto an empty folder
        synchronise(real.parent)
        return
    check_report(real, named)
    aside = real.with_name(temporary_name(real.name))
    real.rename(aside)
    try:
        check_report(aside, named)  # what came in until now is not lost under a hidden name
        fresh.rename(real)
    except BaseException:
        aside.rename(real)
        raise
    synchronise(real.parent)
    _clear(aside)


def _clear(folder: Path) -> None:
    """Take away a report, or the beginning of one, under a temporary name; nothing else."""
    with suppress(OSError, InputError):
        if not check_folder(folder):
            return
        files, _ = _contents(folder)
        for name in files:
            if _FILE.fullmatch(name) and not (folder / name).is_symlink():
                (folder / name).unlink()
        for one in (folder / FIGURES, folder / TABLES, folder):
            if one.is_dir():
                one.rmdir()


def _sweep(real: Path) -> None:
    """Take away what reports that were killed left beside this one."""
    begin = temporary_name(real.name).rsplit(".", 2)[0]
    for path in list(real.parent.iterdir()):
        if is_temporary(path.name) and path.name.rsplit(".", 2)[0] == begin:
            _clear(path)


def _contents(folder: Path) -> tuple[list[str], list[str]]:
    """All files (links and whatever is no folder too) and all folders below a folder."""
    files: list[str] = []
    folders: list[str] = []
    for above, inner, names in os.walk(folder, onerror=_raise):
        place = Path(above).relative_to(folder)
        links = [name for name in inner if (Path(above) / name).is_symlink()]
        files += [(place / name).as_posix() for name in (*names, *links)]
        folders += [(place / name).as_posix() for name in inner if name not in links]
    return sorted(files), sorted(folders)


def _raise(error: OSError) -> None:
    raise error


def _named_by_page(folder: Path) -> set[str]:
    """The files of a report without a list: its page, and what the page names; else none."""
    path = folder / PAGE
    if not check_file(path):
        return set()
    with path.open("rb") as file:
        text = file.read(_LARGEST).decode("utf-8", "replace")
    return {PAGE, *_NAMED.findall(text)} if _BEGIN.match(text) else set()


def _real(target: Path) -> Path:
    """The folder itself, by whatever link its name leads there."""
    real = Path(os.path.realpath(target))
    if not real.name:
        raise InputError(f"{target}: cannot be a report; choose another folder with --out")
    return real


def _stranger(folder: Path, name: str, why: str) -> InputError:
    return InputError(
        f"{folder}: holds {name!r}, {why}; move it away or choose another folder with --out"
    )
