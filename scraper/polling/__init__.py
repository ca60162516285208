"""When to ask a feed again, how, and what is wrong with it: pure decisions."""

from scraper.polling.connectivity import Connectivity
from scraper.polling.habit import habit
from scraper.polling.health import Finding, Trouble, findings
from scraper.polling.lengths import LENGTHS, Lengths, packed, unpacked, with_article
from scraper.polling.schedule import after_poll, first_state, relying_on_hub, settings_for
from scraper.polling.validators import request_for

__all__ = [
    "LENGTHS",
    "Connectivity",
    "Finding",
    "Lengths",
    "Trouble",
    "after_poll",
    "findings",
    "first_state",
    "habit",
    "packed",
    "relying_on_hub",
    "request_for",
    "settings_for",
    "unpacked",
    "with_article",
]
