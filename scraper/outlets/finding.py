"""Which outlet a page belongs to."""

from collections.abc import Iterable
from functools import lru_cache

from scraper import urls
from scraper.model.outlet import Outlet


class OutletsByDomain:
    """Finds the outlet whose domain holds a URL; the longest domain wins."""

    def __init__(self, outlets: Iterable[Outlet]) -> None:
        self._by_domain = {domain.lower(): outlet for outlet in outlets for domain in outlet.domains}

    def of(self, url: str) -> Outlet:
        """The outlet of the URL, or one with the general rules that is named for its host when none is known."""
        name = urls.host(url)
        labels = name.split(".")
        for start in range(len(labels)):
            known = self._by_domain.get(".".join(labels[start:]))
            if known is not None:
                return known
        return _stranger(urls.registrable_domain(name) or "unknown")


@lru_cache(maxsize=1024)
def _stranger(site: str) -> Outlet:
    """The same object for all pages of a site, so that what is worked out for it is found again."""
    return Outlet(id=site, name=site, domains=(site,))
