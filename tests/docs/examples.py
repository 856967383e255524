"""The blocks of code on a page, executed from top to bottom, as a reader would.

What a fence's language means, and the comment that may stand on the line before it:

- `sh`, `console`: run by bash in the page's own folder; in `console` the lines after `$ ` are the
  commands and the others their output, which must have the same shape (numbers and hashes may
  differ). `<!-- exit: 2 -->`: the last command ends with that code.
- `python`: run in the page's own namespace.
- `toml`, `csv`: `<!-- file: NAME -->` writes them into the page's folder for later blocks.
- `diff`: applied to a copy of the source tree, in which the `sh` blocks after it run.
- `text`: what a reader sees; `<!-- prints -->`: the output of the Python block before it, of the
  same shape.
- `<!-- not run: REASON -->`: not executed, and why.

`python -m tests.docs.examples PAGE…` executes pages and writes the real output into them.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?:^ *<!-- (?P<note>[^\n]*?) -->\n)?^ *```(?P<language>[^\n`]*)\n(?P<body>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
LANGUAGES = ("sh", "console", "python", "toml", "csv", "json", "text", "diff")
#: What may differ between two runs of one command: hashes, numbers, the width of a table.
VOLATILE = re.compile(
    r"\b[0-9a-f]{8,}\b|(?:(?<!\w)[-−])?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?|\bnan\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Block:
    """One fenced block: what it is, what the comment before it says, and where it begins."""

    language: str
    note: str
    body: str
    line: int
    span: tuple[int, int]

    @property
    def reason_not_to_run(self) -> str | None:
        """Why it is not executed, if its comment says so."""
        return (
            self.note.removeprefix("not run:").strip() if self.note.startswith("not run") else None
        )


def pages() -> list[Path]:
    """All pages that a reader may follow."""
    tops = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
    return tops + sorted((ROOT / "docs").rglob("*.md"))


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(
            found["language"].strip(),
            found["note"] or "",
            found["body"],
            text.count("\n", 0, found.start("body")),
            found.span("body"),
        )
        for found in FENCE.finditer(text)
    ]


def shape(output: str) -> list[str]:
    """An output without what may differ from run to run, and without blanks and rules."""
    lines = (
        re.sub(r"[\s─━═]+", " ", re.sub(r"(# ?)+", "#", VOLATILE.sub("#", line))).strip()
        for line in output.splitlines()
    )
    return [line for line in lines if line]


class Reader:
    """Follows one page in a folder of its own.

    Attributes:
        outputs: real output by block, for the blocks that show one.
    """

    def __init__(self, folder: Path, page: Path) -> None:
        self.folder, self.page = folder, page
        self.outputs: dict[Block, str] = {}
        self._names: dict[str, Any] = {"__name__": "__page__"}
        self._printed = ""
        self._environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": "80",
            "NO_COLOR": "1",
        }

    def follow(self, block: Block) -> None:
        """Execute one block.

        Raises:
            AssertionError: it does not do what the page says.
        """
        if block.reason_not_to_run is not None:
            assert block.reason_not_to_run, f"{self.where(block)}: says no reason"
            return
        does: dict[str, Callable[[Block], None]] = {
            "sh": self._sh,
            "console": self._console,
            "python": self._python,
            "toml": self._file,
            "csv": self._file,
            "json": self._file,
            "text": self._text,
            "diff": self._diff,
        }
        assert block.language in does, f"{self.where(block)}: language {block.language!r}"
        does[block.language](block)

    def where(self, block: Block) -> str:
        """Page and line of a block."""
        return f"{self.page.relative_to(ROOT)}:{block.line}"

    def _bash(self, block: Block, script: str) -> str:
        wanted = int(block.note.removeprefix("exit:")) if block.note.startswith("exit:") else 0
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == wanted, f"{self.where(block)}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def _sh(self, block: Block) -> None:
        self._bash(block, block.body)

    def _console(self, block: Block) -> None:
        real, shown = "", ""
        for piece in re.split(r"^(?=\$ )", block.body, flags=re.MULTILINE)[1:]:
            command, _, output = piece.partition("\n")
            real += f"{command}\n"
            shown += output
            said = self._bash(block, command.removeprefix("$ "))
            real += "\n".join(line.rstrip() for line in said.splitlines()) + ("\n" if said else "")
        self.outputs[block] = real
        commands = [line for line in real.splitlines() if line.startswith("$ ")]
        told = [line for line in real.splitlines() if line not in commands]
        assert shape(shown) == shape("\n".join(told)), f"{self.where(block)}: printed\n{real}"

    def _python(self, block: Block) -> None:
        source = compile("\n" * block.line + block.body, str(self.page), "exec")
        told = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(told):
            exec(source, self._names)
        self._printed = told.getvalue()

    def _file(self, block: Block) -> None:
        if block.note.startswith("file:"):
            name = Path(block.note.removeprefix("file:").strip()).name
            (self.folder / name).write_text(block.body, "utf-8")

    def _diff(self, block: Block) -> None:
        for package in ("agents", "model"):
            junk = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, self.folder / package, ignore=junk)
        (self.folder / "a.diff").write_text(block.body, "utf-8")
        self._bash(block, "git apply --verbose a.diff")
        self._environment["PYTHONPATH"] = str(self.folder)

    def _text(self, block: Block) -> None:
        if block.note == "prints":
            self.outputs[block] = self._printed
            same = shape(block.body) == shape(self._printed)
            assert same, f"{self.where(block)}: printed\n{self._printed}"


def rewritten(page: Path, folder: Path) -> str:
    """A page's text with the real output of its blocks."""
    text = page.read_text("utf-8")
    reader = Reader(folder, page)
    for block in blocks(text):
        try:
            reader.follow(block)
        except AssertionError:
            if block not in reader.outputs:
                raise
    for block, output in sorted(reader.outputs.items(), key=lambda item: -item[0].line):
        if shape(output) != shape(block.body) or "--all" in sys.argv:
            start, end = block.span
            text = text[:start] + output.rstrip("\n") + "\n" + text[end:]
    return text


def main() -> None:
    """Write real output into the pages named on the command line."""
    import tempfile

    for name in (word for word in sys.argv[1:] if not word.startswith("--")):
        page = Path(name).resolve()
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(rewritten(page, Path(folder)), "utf-8")


if __name__ == "__main__":
    main()
