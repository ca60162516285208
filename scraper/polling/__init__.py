"""When to ask a feed again: pure decisions."""
