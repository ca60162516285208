"""What the headers of an answer say. Pure; nonsense reads as if it had not been sent."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

_DIRECTIVE = re.compile(r'([a-z-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,"]+)))?', re.IGNORECASE)
_LONGEST = timedelta(days=365)


def http_date(text: str | None) -> datetime | None:
    """Read an HTTP date in any of its three forms (RFC 9110 section 5.6.7)."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How long the server asks to be left alone, in seconds or as a date (RFC 9110 section 10.2.3).

    A date is one by the server's own clock, which may go wrong and stands beside it.
    """
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    moment = http_date(text)
    return None if moment is None else max(moment - (http_date(headers.get("date")) or now), timedelta())


def freshness(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How much longer the answer stays fresh in a private cache (RFC 9111 section 4.2); None when it does not say."""
    directives = {
        name.lower(): quoted or plain
        for name, quoted, plain in _DIRECTIVE.findall(",".join(headers.get_list("cache-control")))
    }
    if directives.keys() & {"no-cache", "no-store"}:
        return timedelta()
    lifetime = _seconds(directives.get("max-age", ""))
    if lifetime is None and "expires" in headers:
        expires = http_date(headers["expires"])
        lifetime = timedelta() if expires is None else expires - (http_date(headers.get("date")) or now)
    if lifetime is None:
        return None
    return min(max(lifetime - (_seconds(headers.get("age", "")) or timedelta()), timedelta()), _LONGEST)


def raw(headers: httpx.Headers, name: bytes) -> bytes | None:
    """The first value of the header, byte for byte; None when it is missing or empty."""
    return next((value for key, value in headers.raw if key.lower() == name and value), None)


def length(headers: httpx.Headers) -> int | None:
    """The declared number of bytes of the body."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - fits 64 bits


def _seconds(text: str) -> timedelta | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return min(timedelta(seconds=int(text[:10])), _LONGEST)
