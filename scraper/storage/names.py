"""How the catalog names things: by 64 bits. Pure.

A million articles with three names each collide with a probability below one in a million.
"""

import re

from scraper.urls import article_digest

_HEX = re.compile(r"[0-9a-f]{16}", re.ASCII)


def name(text: str) -> int:
    """A signed 64-bit number for a key, alias or address: that of the article whose key it is."""
    return int.from_bytes(article_digest(text), "big", signed=True)


def name_of_id(identity: str) -> int:
    """A signed 64-bit number for an article id: the id's own bits where it is 16 hexadecimal digits."""
    if _HEX.fullmatch(identity):
        return int.from_bytes(bytes.fromhex(identity), "big", signed=True)
    return name(identity)


def pack_id(identity: str) -> bytes | str:
    """An id as the catalog holds it: 8 bytes where it is 16 hexadecimal digits."""
    return bytes.fromhex(identity) if _HEX.fullmatch(identity) else identity


def unpack_id(stored: bytes | str) -> str:
    """The id again."""
    return stored.hex() if isinstance(stored, bytes) else stored


def pack_cluster(cluster: str, own_id: str) -> bytes | str | None:
    """A cluster's id; None when the story opened it itself, as most do."""
    return None if cluster == own_id else pack_id(cluster)


def unpack_cluster(stored: bytes | str | None, own_id: str) -> str:
    """The cluster's id again."""
    return own_id if stored is None else unpack_id(stored)
