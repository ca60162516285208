"""`python -m scraper`."""


def main() -> None:
    """Run the command line."""
