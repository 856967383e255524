"""Studies: many communities from one design, run anywhere, counted once, and compared fairly."""
