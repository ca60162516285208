"""Secrets of subscriptions: all follow from one key, so that none can be lost by a crash between two writes. Pure."""

import base64
import hashlib
import hmac
import secrets

KEY_BYTES = 32
_DIGESTS = ("sha1", "sha256", "sha384", "sha512")
"""The methods of W3C WebSub, section 7.1."""


def new_key() -> bytes:
    """A key that nobody can guess."""
    return secrets.token_bytes(KEY_BYTES)


def token(key: bytes, feed: str, hub: str, topic: str) -> str:
    """The last part of a callback's address: 256 bits that only the hub is told."""
    return _derived(key, "callback", feed, hub, topic)


def secret(key: bytes, feed: str, hub: str, topic: str) -> str:
    """What the hub signs with; at most 200 bytes (section 5.1)."""
    return _derived(key, "secret", feed, hub, topic)


def is_signed(secret: str, header: str | None, body: bytes) -> bool:
    """Whether X-Hub-Signature (`sha256=…`) proves that who sent the body knows the secret (section 7.1)."""
    method, _, claimed = (header or "").strip().partition("=")
    if method.lower() not in _DIGESTS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected.encode(), claimed.strip().lower().encode("utf-8", "replace"))


def _derived(key: bytes, *parts: str) -> str:
    # A length before each part, so that no two lists of parts read alike.
    text = b"".join(b"%d:%s" % (len(raw), raw) for raw in (part.encode("utf-8", "replace") for part in parts))
    return base64.urlsafe_b64encode(hmac.new(key, text, hashlib.sha256).digest()).rstrip(b"=").decode("ascii")
