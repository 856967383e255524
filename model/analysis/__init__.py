"""From a run's tables to numbers, and from runs to comparisons."""
