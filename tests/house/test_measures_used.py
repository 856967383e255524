"""Every public function of the measures is used: by the product, a notebook or a guide."""

from __future__ import annotations

import ast
import re

from tests.house.source import ROOT, name_of, product_files, tree_of

#: Statistics that are being corrected, which nothing but their tests uses so far.
BEING_CORRECTED = {
    "fold.fixed_points",
    *("intervals.percentile_interval", "power.power_table", "survival.median_survival"),
    *("survival.restricted_mean", "sweep.after_cull", "sweep.plan_culling"),
}
#: Used by their tests alone, against networkx and published values: to be met, or to go.
UNUSED = {
    *("networks.betweenness_centralization", "networks.numeric_assortativity"),
    "networks.transitivity",
}


def test_every_public_measure_is_used():
    texts = {path: path.read_text("utf-8") for path in product_files()}
    beside = [
        path.read_text("utf-8")
        for folder, kind in (("docs", "*.md"), ("docs", "*.py"), ("notebooks", "*.ipynb"))
        for path in (ROOT / folder).rglob(kind)
    ]
    dead = set()
    for path, text in texts.items():
        if not name_of(path).startswith("model/measures/"):
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                word = re.compile(rf"\b{node.name}\b")
                elsewhere = [said for other, said in texts.items() if other != path]
                within = len(word.findall(text)) > 1
                if not within and not any(map(word.search, (*elsewhere, *beside))):
                    dead.add(f"{path.stem}.{node.name}")
    assert dead == BEING_CORRECTED | UNUSED
