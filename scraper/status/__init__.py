"""What people look at; reads state, never writes it."""

from scraper.status.overview import OutletLine, Overview, overview, summarise
from scraper.status.troubles import FeedTrouble, Troubles

__all__ = ["FeedTrouble", "OutletLine", "Overview", "Troubles", "overview", "summarise"]
