"""What people look at; reads state, never writes it."""

from scraper.status.overview import OutletLine, Overview, overview

__all__ = ["OutletLine", "Overview", "overview"]
