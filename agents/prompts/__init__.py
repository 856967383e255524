"""The texts a mind is shown and what it answers: files, and code that writes and reads them."""
