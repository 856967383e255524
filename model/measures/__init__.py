"""Pure measures: arrays and tables in, numbers out.

One module a question; each names its formula's source and says what it refuses. They import nothing
of the world, so they serve any data of that shape:

- how many live, how long: `population`, `survival`
- per what: `resident_days`
- how equal, how resilient: `inequality`, `capacities`, `recovery`; at its bound: `ceiling`
- how far from the edge: `basin` (with `sweep`, `committor`), `fold`, `analytic`
- warned or not: `early_warning`, `ensemble`
- who does what to whom: `networks`, `behaviour`, `case_study`
- values in answers and in deeds: `circle`, `value_profiles`
- is it an effect: `arm_effect`, `pairing`, `permutation`, `effects`, `intervals`, `families`,
  `comparison`, `faults_by_arm`, `log_rank`, and in words `verdicts`
- how often, in how many runs, how much could be seen: `rates`, `shares`, `power`, `detectable`
- where does it break, on what does it hang: `tipping`, `shapes`, `halfway`,
  `sensitivity`, `variance`
- can a judge be trusted: `judged_rates`, `agreement`
"""

#: The public modules; `basin_data`, `basin_fit` and `basin_rules` are the inside of `basin`.
__all__ = [
    "agreement",
    "analytic",
    "arm_effect",
    "basin",
    "behaviour",
    "capacities",
    "case_study",
    "ceiling",
    "circle",
    "committor",
    "comparison",
    "detectable",
    "early_warning",
    "effects",
    "ensemble",
    "families",
    "faults_by_arm",
    "fold",
    "halfway",
    "inequality",
    "intervals",
    "judged_rates",
    "log_rank",
    "networks",
    "pairing",
    "permutation",
    "population",
    "power",
    "rates",
    "recovery",
    "resident_days",
    "sensitivity",
    "shapes",
    "shares",
    "survival",
    "sweep",
    "tipping",
    "value_profiles",
    "variance",
    "verdicts",
]
