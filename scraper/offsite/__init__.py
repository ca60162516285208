"""Copies of the archive in object storage: pushed, read from there, brought back.

The one home of obstore, which comes with `pip install '.[offsite]'` or `'.[cluster]'`. Import this room only where it
is needed: without that library the import raises MissingExtraError.
"""

try:
    import obstore as _obstore  # noqa: F401 - asked for here, so that its absence is said in one place
except ImportError:
    from scraper.model.failures import MissingExtraError

    raise MissingExtraError("Object storage needs a package that is not installed: pip install '.[offsite]'.") from None

from scraper.offsite.bucket import open_bucket
from scraper.offsite.failures import OffsiteError
from scraper.offsite.pulling import Pulled, pull
from scraper.offsite.pushing import Mirror, Pushed, Rules, Stopped
from scraper.offsite.reading import OffsiteArchive, open_offsite

__all__ = [
    "Mirror",
    "OffsiteArchive",
    "OffsiteError",
    "Pulled",
    "Pushed",
    "Rules",
    "Stopped",
    "open_bucket",
    "open_offsite",
    "pull",
]
