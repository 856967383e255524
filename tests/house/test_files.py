"""The shape of the files: each is one idea, short enough to be read at a sitting."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("agents", "model", "tests", "docs")


def test_every_file_has_less_than_400_lines():
    files = [*ROOT.glob("*.py"), *(p for name in FOLDERS for p in (ROOT / name).rglob("*.py"))]
    assert len(files) > 400
    lengths = {p.relative_to(ROOT): p.read_text("utf-8").count("\n") for p in files}
    assert {str(name): lines for name, lines in lengths.items() if lines >= 400} == {}
