"""Disks that really fill up and really turn read-only.

A tmpfs of its own where this process may mount one. Where it may not, the kernel's limit on the
size of a file stands in for the full disk (the write fails in the kernel all the same), and a limit
of zero for the read-only one.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Disk:
    """A small disk.

    Attributes:
        path: where it lies.
        mounted: whether it is a file system of its own.
    """

    path: Path
    mounted: bool

    def full_at(self, bytes_: int) -> dict[str, Any]:
        """From now on it holds no more; what a process is to be told for that."""
        if self.mounted:
            self._remount(f"size={bytes_ // 1024}k")
            return {}
        return {"largest_file": bytes_ // 8}

    def make_room(self) -> None:
        """As much as is asked for."""
        if self.mounted:
            self._remount("size=64m")

    def read_only(self) -> dict[str, Any]:
        """What a process is to be told so that nothing can be written from some point on."""
        if not self.mounted:
            return {"largest_file": 0}
        # A disk on which a file is open for writing cannot be remounted; one can be laid over it.
        path = str(self.path)
        return {"mount": [["--bind", path, path], ["-o", "remount,bind,ro", path]]}

    def writable_again(self) -> None:
        """Take the read-only disk away from above."""
        if self.mounted:
            subprocess.run(["umount", str(self.path)], check=True, capture_output=True)

    def _remount(self, options: str) -> None:
        subprocess.run(
            ["mount", "-o", f"remount,{options}", str(self.path)], check=True, capture_output=True
        )


@contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """A disk at a new folder, for as long as the `with` lasts."""
    path.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "civa-test", str(path)]
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:  # no such program here
        mounted = False
    try:
        yield Disk(path, mounted)
    finally:
        while mounted and path.is_mount():
            subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)
