"""URLs as identity: one article, one key. Pure."""
