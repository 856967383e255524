"""How much code there is: lines that are neither blank nor comment nor docstring, room by room.

`python -m tests.house.size` prints the table.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from pathlib import Path

from tests.house.source import docstring_of, name_of, product_files, tree_of

#: As many lines as the house shall have at most, the scripts behind the evidence counted in.
BAR = 31_500
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(path: Path) -> int:
    """Lines of a file on which some code stands."""
    text = path.read_text("utf-8")
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            docstring = docstring_of(node)
            if docstring is not None:
                lines.difference_update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return len(lines)


def by_room() -> Counter[str]:
    """Code lines of each room: a folder of `model`, or `agents`."""
    found: Counter[str] = Counter()
    for path in product_files():
        parts = name_of(path).split("/")
        room = "/".join(parts[:2]) if parts[0] == "model" and len(parts) > 2 else parts[0]
        found[room] += code_lines(path)
    return found


def main() -> None:
    """Print the table."""
    rooms = by_room()
    for room, lines in rooms.most_common():
        print(f"{lines:7,}  {room}")
    print(f"{rooms.total():7,}  in all; the bar is {BAR:,}")


if __name__ == "__main__":
    main()
