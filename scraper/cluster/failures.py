"""What can go wrong with a cluster, as one sentence for a person."""

from scraper.model.failures import ScraperError

_LONGEST = 200


def first_line(error: BaseException) -> str:
    """What an error says first."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:_LONGEST]


class ClusterError(ScraperError):
    """The cluster cannot be used; the message says which, why, and what to do next."""
