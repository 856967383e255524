"""What must outlive a loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def synchronise(path: Path) -> None:
    """Put a file's content, or the names in a folder, on the medium; returns when they are."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
