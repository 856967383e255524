"""Executing the notebooks; `python -m tests.docs.notebooks` writes their output into them.

Outputs are kept where they are small; what is larger than `LARGEST` is left out. Execution counts,
times and the kernel's version are not kept, so that executing twice changes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LARGEST = 40_000  # characters of one output
TIME = 300  # seconds a cell may take


def notebooks() -> list[Path]:
    """All of them, in order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def executed(path: Path, folder: Path) -> Any:
    """A notebook after its cells were executed in a folder of its own.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=TIME, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return notebook


def tidied(notebook: Any) -> Any:
    """A notebook without what differs from one execution to the next, and without large outputs."""
    notebook.metadata.pop("language_info", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.execution_count = None
            for output in cell.outputs:
                if "execution_count" in output:
                    output["execution_count"] = None
            cell.outputs = [one for one in cell.outputs if len(str(one)) <= LARGEST]
    return notebook


def main() -> None:
    """Execute all notebooks, or those whose names hold a word given, and write them anew."""
    for path in notebooks():
        if len(sys.argv) == 1 or any(word in path.name for word in sys.argv[1:]):
            with TemporaryDirectory() as folder:
                nbformat.write(tidied(executed(path, Path(folder))), path)


if __name__ == "__main__":
    main()
