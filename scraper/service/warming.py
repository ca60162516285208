"""What the process from which the workers are forked imports once, so that no worker pays for it."""


def warm_up() -> None:
    """Import the rooms that read untrusted bytes."""
    import scraper.extraction.article  # noqa: PLC0415 - importing is what this is for
    import scraper.sources  # noqa: F401, PLC0415 - the same


def warm_up_to_prepare() -> None:
    """The same, and what prepares a story for the near-duplicate judge."""
    import scraper.dedup  # noqa: F401, PLC0415 - as above

    warm_up()
