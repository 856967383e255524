"""Pure measures: arrays and tables in, numbers out."""
