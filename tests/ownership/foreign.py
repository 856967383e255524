"""Somebody else's files, folders and links, put where a command writes; is all there after it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

#: What may stand in a file: nothing that begins as civa's own files begin.
CONTENTS = (b"years of work", b"{", b'{"format": 1}', b"[]", b"a,b\n1,2\n", b"\n", b"\x00\xff" * 40)
KINDS = ("file", "link", "link to a folder", "link to nothing", "hard link", "folder")
ANYWHERE = ("thesis.txt", "notes/thesis.txt", ".hidden", "=1+1.csv", "x.tmp", "-rf", "ü.txt")


@dataclass(frozen=True)
class Put:
    """One thing of somebody else's.

    Attributes:
        name: where, below the folder that the command writes.
        kind: what it is.
        content: of the file, be it there or where the link leads.
    """

    name: str
    kind: str
    content: bytes


def puts(*names: str) -> st.SearchStrategy[list[Put]]:
    """A few things of somebody else's under names that the command uses, or under others."""
    one = st.builds(
        Put, st.sampled_from((*names, *ANYWHERE)), st.sampled_from(KINDS), st.sampled_from(CONTENTS)
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda put: put.name)


class Place:
    """A folder to write into, what of somebody else lies in it, and a folder outside of it.

    Args:
        root: empty.
        prepared: what lies in the folder before the others come; None for no folder.
    """

    def __init__(self, root: Path, prepared: Path | None = None) -> None:
        self.out, self.outside = root / "out", root / "outside"
        if prepared is not None:
            shutil.copytree(prepared, self.out, symlinks=True)
        self.outside.mkdir()
        self._put: list[Put] = []

    def put(self, one: Put) -> None:
        """Put it there, in the place of what may be there; not below what is no folder."""
        path = self.out / one.name
        if any(parent.is_symlink() or parent.is_file() for parent in _parents(path, self.out)):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        self._put = [p for p in self._put if not f"{p.name}/".startswith(f"{one.name}/")]
        self._put.append(one)
        victim = self.outside / f"victim-{len(self._put)}"
        match one.kind:
            case "file":
                path.write_bytes(one.content)
            case "folder":
                path.mkdir()
                (path / "thesis.txt").write_bytes(one.content)
            case "link":
                victim.write_bytes(one.content)
                path.symlink_to(victim)
            case "hard link":
                victim.write_bytes(one.content)
                os.link(victim, path)
            case "link to nothing":
                path.symlink_to(self.outside / "nothing")
            case _:
                victim.mkdir()
                for name in ("part-00001.parquet", "report.html", "thesis.txt", "run.json", "lock"):
                    (victim / name).write_bytes(one.content)
                path.symlink_to(victim)

    def foreign(self) -> dict[str, object]:
        """Everything of somebody else's, in the folder and outside of it, as it is now."""
        found: dict[str, object] = {}
        for one in self._put:
            path = self.out / one.name
            if one.kind == "folder":
                path = path / "thesis.txt"
            found[f"out/{one.name}"] = _seen(path)
        for path in sorted(self.outside.rglob("*")):
            found[str(path.relative_to(self.outside.parent))] = _seen(path)
        return found

    def everything(self) -> dict[str, object]:
        """Whatever lies in the folder and outside of it."""
        root = self.outside.parent
        return {str(p.relative_to(root)): _seen(p) for p in sorted(root.rglob("*"))}


def _seen(path: Path) -> object:
    if path.is_symlink():
        return path.readlink()
    if path.is_dir():
        return "a folder"
    return path.read_bytes() if path.exists() else None


def _parents(path: Path, top: Path) -> list[Path]:
    return [p for p in path.parents if p != top and p.is_relative_to(top)]
