"""The line itself: entry, page, draft, verdict."""
