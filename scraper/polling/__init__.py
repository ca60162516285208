"""When to ask a feed again: pure decisions."""

from scraper.polling.schedule import after_poll, first_state, settings_for

__all__ = ["after_poll", "first_state", "settings_for"]
