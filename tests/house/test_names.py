"""One class name for one thing."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.house.source import name_of, product_files, tree_of

#: Names that stand in more than one place, and why they may.
ALLOWED: dict[str, set[str]] = {}


def test_a_class_name_stands_in_one_place():
    found: dict[str, set[str]] = defaultdict(set)
    for path in product_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(name_of(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == ALLOWED
