"""A methods paragraph that can be pasted into a paper, made of the manifest alone."""

from __future__ import annotations

from collections import Counter

from model.report.study_material import Material

_TESTS = {
    "dose": "For each treatment, the registered hypothesis was a monotone change of {outcome} with "
    "the assigned prevalence, tested by permuting the prevalence labels{within} (|Spearman|, "
    "control included, 9,999 draws where not exact), with Holm's correction over {size} hypotheses "
    "at α = {alpha:g}.",
    "contrasts": "Each cell was compared with the control in {outcome}, by {test}, with Holm's "
    "correction over {size} hypotheses at α = {alpha:g}.",
    "basin": "Basin widths (stable size less unstable threshold) were estimated by kernel "
    "regression of daily growth on population over communities that started at different sizes, "
    "with intervals from bootstrapping runs.",
    "hysteresis": "Loop areas of population over prevalence were extrapolated to a ramp of rate 0 "
    "by least squares, with Student's interval.",
    "sobol": "First-order and total Sobol' indices were estimated from a Saltelli design, with "
    "bootstrap intervals.",
}


def methods(material: Material) -> str:
    """The paragraph."""
    manifest, design = material.study.manifest, material.design
    rows = material.study.rows
    runs = Counter(row.status for row in rows)
    cells = manifest.cells
    counts = sorted({len(arm.runs) for arm in material.arms if not arm.control})
    control = f", {len(material.control.runs)} in the control" if material.control else ""
    scenario = cells[0].scenario
    primary = material.analysis.primary
    sentence = _TESTS[design.registration.analysis].format(
        outcome=material.analysis.outcome.title,
        size=primary.size if primary else 0,
        alpha=design.registration.alpha,
        within=" within seeds" if design.pairing == "common" else "",
        test="paired δ with Newcombe's interval and the exact sign test (collapsed runs worst)"
        if design.pairing == "common"
        else "Cliff's δ with Newcombe's interval and permutation of labels (collapsed runs worst)",
    )
    factors = ", ".join(_factor(name, levels) for name, levels in design.factors.items())
    paired = (
        "the same seeds in every cell"
        if design.pairing == "common"
        else "a seed of its own for every run"
    )
    versions = ", ".join(
        f"{name} {number}"
        for name, number in manifest.versions.items()
        if name in ("civa", "python", "mesa", "numpy")
    )
    stop = (
        f" Replicates were added until the 95 % interval of each cell's mean was at most "
        f"{design.stop.width:g} wide, up to {design.stop.cap} runs a cell; no test entered this "
        "rule."
        if design.stop
        else ""
    )
    failed = (
        f" {runs['failed']} runs failed and were excluded." if runs["failed"] else " No run failed."
    )
    return (
        f"We ran {runs['done']} communities of {scenario['residents']} residents over "
        f"{scenario['days']} days (preset {scenario['preset']}) with the mind "
        f"{' / '.join(material.minds)}, in a {design.method} design over {factors}: "
        f"{len(cells)} cells, {_span(counts)} runs a cell{control}, with {paired}, derived from "
        f"the master seed {design.seed}. The design was registered on {manifest.created}, before "
        f"the first run (SHA-256 {manifest.registration}).{stop}{failed} The run is the unit of "
        f"analysis. {sentence} Everything else is exploratory. Software: {versions}, engine "
        f"{manifest.engine}."
    )


def _factor(name: str, levels: object) -> str:
    if isinstance(levels, dict):
        return f"{name} ({levels['low']:g} to {levels['high']:g})"
    if isinstance(levels, list):
        shown = [str(one["label"] if isinstance(one, dict) else one) for one in levels]
        return f"{name} ({', '.join(shown)})"
    return name


def _span(counts: list[int]) -> str:
    if not counts:
        return "no"
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
