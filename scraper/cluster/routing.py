"""Which shard asks which server. Pure."""

from hashlib import blake2b
from urllib.parse import urlsplit

from scraper.urls import registrable_domain


def shard_of_domain(domain: str, shards: int) -> int:
    """The one shard that asks the hosts of a registrable domain; the same in every process."""
    digest = blake2b(domain.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % shards


def shard_of_url(url: str, shards: int) -> int:
    """The shard of an address; an address that names no host goes to some shard, which will refuse it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return shard_of_domain(registrable_domain(host) if host else "", shards)
