"""Reports: numbers of runs as tables, pure figures, and one HTML page that holds them all.

Nothing is imported here, so that `model.report.style` costs a dashboard matplotlib and no more.
"""
