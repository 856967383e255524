"""One class name for one thing."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.house.source import name_of, product_files, tree_of

#: Names that stand in two places still: words of two fields that never meet in one file.
STILL = {
    "Cell": {"model/report/tables.py", "model/study/cells.py"},
    "Direction": {"agents/decisions.py", "model/analysis/published.py"},
    "Ledger": {"model/measures/behaviour/ledger.py", "model/world/commitments.py"},
    "Material": {"model/report/conditions.py", "model/report/study_material.py"},
    "Rules": {"agents/observation.py", "model/measures/behaviour/rules.py"},
}


def test_a_class_name_stands_in_one_place():
    found: dict[str, set[str]] = defaultdict(set)
    for path in product_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(name_of(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == STILL
