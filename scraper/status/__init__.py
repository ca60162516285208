"""What people look at; reads state, never writes it."""

from scraper.status.overview import FeedTrouble, OutletLine, Overview, overview, summarise

__all__ = ["FeedTrouble", "OutletLine", "Overview", "overview", "summarise"]
