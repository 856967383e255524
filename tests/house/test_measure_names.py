"""A name of a measure stands as a literal in the table of measures and its chapters alone."""

from __future__ import annotations

import ast

from model.analysis.measures import MEASURES
from model.measures.behaviour import LABELS
from model.world.numbers import Day
from tests.house.source import name_of, product_files, tree_of

#: Where a chapter says which measures it shows.
SHOWN = ("model/report/run_chapters.py", "model/report/study_chapters.py")
SHOWN_BELOW = ("model/report/chapters/", "model/report/figures/")
#: Whoever has to name a measure besides, and what for.
ELSEWHERE = {
    "model/analysis/arms.py": {"collapse_day", "refusals"},  # order of collapsed runs; confounding
    # Where they are measured.
    "model/analysis/message_graph.py": {"centralisation", "scc_share", "scc_share_day"},
    "model/analysis/registration.py": {"naup"},  # a design's outcome where it names none
    "model/analysis/row.py": {"mornings", "naup", "naup_survived"},  # rows of older versions
    "model/commands/study.py": {"mornings"},  # the line at a study's end
    "model/evidence/contrasts.py": {"births_per_resident_day", "naup"},
    "model/run/runs.py": {"naup"},  # the line at a run's end
    "model/study/runner.py": {"mornings"},  # pace of a study
}


def test_no_other_file_names_a_measure():
    # Columns of `days` and labels of the log have names of their own, which measures of them share.
    taken = {*Day.__slots__, *(label.name for label in LABELS), "alive", "collapsed", "faults"}
    names = set(MEASURES) - taken - {"resident_days", "density", "reciprocity", "assortativity"}
    names -= {name for name in names if name.startswith(("cooperation_", "betrayal_", "of_able_"))}
    assert {"naup", "founder_rmst", "scc_share_day"} <= names
    found: dict[str, set[str]] = {}
    for path in product_files():
        where = name_of(path)
        if (
            where in SHOWN
            or where.startswith(SHOWN_BELOW)
            or where.endswith("analysis/measures.py")
        ):
            continue
        told = {
            node.value
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        if said := told & names:
            found[where] = said
    assert found == ELSEWHERE
