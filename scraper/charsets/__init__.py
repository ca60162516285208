"""From bytes to characters, for pages and feeds alike."""

from scraper.charsets.decoding import decode_text

__all__ = ["decode_text"]
