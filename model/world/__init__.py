"""The world: what a day is, from the morning's questions to the evening's numbers."""
