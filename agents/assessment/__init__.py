"""What a mind says about itself: value probes, their scoring, and what it knows of it."""
