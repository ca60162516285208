"""What can go wrong with a cluster, as one sentence for a person."""

from scraper.model.failures import ScraperError


class ClusterError(ScraperError):
    """The cluster cannot be used; the message says which, why, and what to do next."""
