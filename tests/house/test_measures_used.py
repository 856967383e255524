"""Every public function of the measures is used: by a page, a command, a notebook or a guide."""

from __future__ import annotations

import re

from tests.house.source import ROOT, functions, name_of, product_files, tree_of

#: Used by tests alone, and kept: colleagues' statistics that are about to be met.
KEPT: set[str] = set()


def test_every_public_measure_is_used():
    texts = {path: path.read_text("utf-8") for path in product_files()}
    beside = [
        path.read_text("utf-8")
        for folder, kind in (("docs", "*.md"), ("docs", "*.py"), ("notebooks", "*.ipynb"))
        for path in (ROOT / folder).rglob(kind)
    ]
    dead = []
    for path, text in texts.items():
        if not name_of(path).startswith("model/measures/"):
            continue
        for node in tree_of(path).body:
            if node in list(functions(tree_of(path))) and not node.name.startswith("_"):
                word = re.compile(rf"\b{node.name}\b")
                others = [
                    t
                    for other, t in texts.items()
                    if other != path and "measures/__init__" not in name_of(other)
                ]
                within = len(word.findall(text)) > 1
                if not within and not any(word.search(t) for t in (*others, *beside)):
                    dead.append(f"{name_of(path)}:{node.name}")
    assert set(dead) == KEPT
