"""The synthetic survey files, and how tests read and write their like."""

import csv
from importlib.resources import files
from pathlib import Path

FIXTURES = Path(str(files("agents"))) / "fixtures"


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: list[list[str]], delimiter: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path
