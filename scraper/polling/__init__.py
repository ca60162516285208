"""When to ask a feed again, how, and what is wrong with it or its outlet: pure decisions."""

from scraper.polling.connectivity import Connectivity
from scraper.polling.habit import habit
from scraper.polling.health import Finding, Trouble, findings
from scraper.polling.lengths import LENGTHS, Lengths, packed, unpacked, with_article
from scraper.polling.older import MOST_PAGES, older_request, reaches_back
from scraper.polling.schedule import after_poll, first_state, relying_on_hub, settings_for
from scraper.polling.selectors import SELECTORS, Hint, degraded, hints_packed, hints_unpacked, with_page
from scraper.polling.validators import request_for

__all__ = [
    "LENGTHS",
    "MOST_PAGES",
    "SELECTORS",
    "Connectivity",
    "Finding",
    "Hint",
    "Lengths",
    "Trouble",
    "after_poll",
    "degraded",
    "findings",
    "first_state",
    "habit",
    "hints_packed",
    "hints_unpacked",
    "older_request",
    "packed",
    "reaches_back",
    "relying_on_hub",
    "request_for",
    "settings_for",
    "unpacked",
    "with_article",
    "with_page",
]
