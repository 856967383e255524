"""Values measured and behaviours judged: assessments, judges, coders and overseers of a run."""
