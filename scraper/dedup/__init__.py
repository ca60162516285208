"""Whether a story is already here."""
