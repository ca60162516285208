"""How the catalog names things: by 64 bits. Pure.

A million articles with three names each collide with a probability below one in a million.
"""

import re
from hashlib import blake2b

_HEX = re.compile(r"[0-9a-f]{16}", re.ASCII)


def name(text: str) -> int:
    """A signed 64-bit number for a key, alias or address."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def name_of_id(article_id: str) -> int:
    """A signed 64-bit number for an article id: the id's own bits where it is 16 hexadecimal digits."""
    if _HEX.fullmatch(article_id):
        return int.from_bytes(bytes.fromhex(article_id), "big", signed=True)
    return name(article_id)


def pack_id(article_id: str) -> bytes | str:
    """An id as the catalog holds it: 8 bytes where it is 16 hexadecimal digits."""
    return bytes.fromhex(article_id) if _HEX.fullmatch(article_id) else article_id


def unpack_id(stored: bytes | str) -> str:
    """The id again."""
    return stored.hex() if isinstance(stored, bytes) else stored


def pack_cluster(cluster: str, own_id: str) -> bytes | str | None:
    """A cluster's id; None when the story opened it itself, as most do."""
    return None if cluster == own_id else pack_id(cluster)


def unpack_cluster(stored: bytes | str | None, own_id: str) -> str:
    """The cluster's id again."""
    return own_id if stored is None else unpack_id(stored)
