"""Where bits are packed, rows sorted, arrays scattered, chance drawn and files renamed: say why.

Such a line works by something that it does not show (an order, an atomicity, a key). A comment
within three lines above says what that is and what would break. A helper that is called instead
(`pair_codes`, `stable_order`, `replace`) says it once; a draw for a purpose is explained beside the
purpose, in `agents/purposes.py`.
"""

from __future__ import annotations

import ast
import io
import tokenize

import pytest

from tests.house.source import dotted, name_of, product_files

#: How many lines above it a comment may end.
NEAR = 3


def kind_of(node: ast.AST) -> str:
    """What of these a node is; empty for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift | ast.RShift):
        return "shift" if "SHIFT" in ast.unparse(node) else ""
    if not isinstance(node, ast.Call):
        return ""
    name = dotted(node.func) or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    last = name.rpartition(".")[2]
    stable = any(
        word.arg == "kind" and isinstance(word.value, ast.Constant) and word.value.value == "stable"
        for word in node.keywords
    )
    if last == "lexsort" or stable:
        return "stable sort"
    if last == "at" and name.startswith("np."):
        return "scatter"
    if last == "bincount":
        return "scatter"
    if name in ("draws", "seeds", "drawn") and "Purpose." not in ast.unparse(node):
        return "draw"
    if name in ("os.replace", "os.rename") or (last == "fsync" and name.startswith("os.")):
        return "rename or fsync"
    return ""


def comments_of(text: str) -> set[int]:
    """The lines on which a comment stands."""
    return {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith(("# type:", "# noqa"))
    }


def unexplained(text: str) -> list[tuple[int, str]]:
    """The lines of a source that need a reason and have none near."""
    tree, said = ast.parse(text), comments_of(text)
    drawn_elsewhere = "from agents.randomness import" not in text and "def draws" not in text
    # A statement that spans lines is explained above its first line.
    begins: dict[int, int] = {}
    for statement in ast.walk(tree):
        if isinstance(statement, ast.stmt) and not isinstance(statement, ast.FunctionDef):
            for line in range(statement.lineno, (statement.end_lineno or 0) + 1):
                begins[line] = max(begins.get(line, 0), statement.lineno)
    found = set()
    for node in ast.walk(tree):
        kind = kind_of(node)
        if kind and not (kind == "draw" and drawn_elsewhere):
            first = begins.get(node.lineno, node.lineno)
            if not said & set(range(first - NEAR, node.lineno + 1)):
                found.add((node.lineno, kind))
    return sorted(found)


def test_what_works_by_something_unseen_says_why():
    bare = [
        f"{name_of(path)}:{line} {kind}"
        for path in product_files()
        for line, kind in unexplained(path.read_text("utf-8"))
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("np.add.at(a, i, 1)", [(1, "scatter")]),
        ("# why\nnp.add.at(a, i, 1)", []),
        ("# why\n\n\n\nnp.add.at(a, i, 1)", [(5, "scatter")]),
        ("# why\nf(\n  1,\n  2,\n  3,\n  np.bincount(a),\n)", []),
        ("x.argsort(kind='stable')", [(1, "stable sort")]),
        ("x.argsort()", []),
        ("a << SHIFT", [(1, "shift")]),
        ("os.replace(a, b)  # why", []),
        ("os.replace(a, b)", [(1, "rename or fsync")]),
        ("from agents.randomness import draws\ndraws(k, 7)", [(2, "draw")]),
        ("from agents.randomness import draws\ndraws(k, Purpose.NEED)", []),
    ],
)
def test_a_bare_line_is_noticed(text, bare):
    assert unexplained(text) == bare
