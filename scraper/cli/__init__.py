"""Arguments in, words out. Each command is a small file; what it does stands in the rooms below."""

from scraper.cli.door import main

__all__ = ["main"]
