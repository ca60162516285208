"""What a feed's channel says about how often to ask; scanned by us, because parsers lose half of it."""

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scraper.model.feed import PollHints
from scraper.urls import same_site

_HEAD = 65_536
_TAIL = 8_192
_ENTRY = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]")
_TTL = re.compile(r"<ttl>\s*(?:<!\[CDATA\[)?\s*(\d{1,7})")
_SKIP_HOURS = re.compile(r"<skipHours\b.*?</skipHours>", re.DOTALL | re.IGNORECASE)
_SKIP_DAYS = re.compile(r"<skipDays\b.*?</skipDays>", re.DOTALL | re.IGNORECASE)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]{3})[a-z]*\s*</day>", re.IGNORECASE)
_PERIOD = re.compile(r"<(?:\w+:)?updatePeriod>\s*([a-z]+)", re.IGNORECASE)
_FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency>\s*(\d{1,4})", re.IGNORECASE)
_GENERATOR = re.compile(r"<generator\b([^<>]*+)>\s*+(?:<!\[CDATA\[)?([^<\]]*+)", re.IGNORECASE)
_WORDPRESS = re.compile(r"\s*https?://wordpress\.(?:org|com)", re.IGNORECASE)
_GUID = re.compile(r"<guid[^<>]*>\s*https?://([^/<>\s]+)/(?:[^<>\s]*/)?\?p=\d+\s*</guid>", re.IGNORECASE)
"""What WordPress gives each story, also where it hides its name."""
_GUIDS = 3
_LINK = re.compile(r"<(?:\w+:)?link\b([^<>]*)>", re.IGNORECASE)
_LINK_HEADERS = 8_192
_LINK_HEADER = re.compile(r"<([^<>]*)>([^<]*)")
_PARAMETER = re.compile(r""";\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""")
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")

_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_HOURS = 24


def channel_hints(text: str, base: str, max_age: timedelta | None) -> PollHints:
    """The hints in a feed document. Only what stands outside its entries is looked at."""
    first = _ENTRY.search(text, 0, _HEAD)
    head = text[: first.start() if first else _HEAD]
    around = head if len(head) == len(text) else head + text[max(len(head), len(text) - _TAIL) :]
    links = _links(head)
    return PollHints(
        max_age=max_age,
        ttl=_ttl(around),
        update_period=_update_period(around),
        skip_hours=_skip_hours(around),
        skip_days=_skip_days(around),
        hub=_absolute(base, links["hub"]) if links.get("hub") else None,
        self_url=_absolute(base, links["self"]) if links.get("self") else None,
        older=_older(text, head, links, base),
    )


def with_links(hints: PollHints, headers: Iterable[tuple[bytes, bytes]], base: str) -> PollHints:
    """The hints with the hub and the own address that Link headers name: they come before those of the document.

    RFC 8288; W3C WebSub, section 4.
    """
    text = b",".join(value for name, value in headers if name.lower() == b"link")[:_LINK_HEADERS].decode("latin-1")
    links: dict[str, str] = {}
    for target, parameters in _LINK_HEADER.findall(text):
        values = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)}
        for relation in values.get("rel", "").lower().split():
            links.setdefault(relation, target.strip())
    hub, own = links.get("hub"), links.get("self")
    return replace(
        hints,
        hub=_absolute(base, hub) if hub else hints.hub,
        self_url=_absolute(base, own) if own else hints.self_url,
    )


def _absolute(base: str, link: str) -> str | None:
    try:
        return urljoin(base, link)
    except ValueError:
        return None


def _older(text: str, head: str, links: dict[str, str], base: str) -> str | None:
    """The page before this one: named by RFC 5005 (paged or archived feeds), or numbered as WordPress does."""
    # Where both are named: an archive never changes and has no gaps.
    named = links.get("prev-archive") or links.get("next")
    if named:
        return _absolute(base, named)
    if not (_is_wordpress(head) or _has_its_guids(text, base)):
        return None
    address = urlsplit(base)
    pairs = parse_qsl(address.query, keep_blank_values=True)
    number = next((int(value) for name, value in pairs if name == "paged" and value.isdecimal()), 1)
    others = [pair for pair in pairs if pair[0] != "paged"]
    return urlunsplit(address._replace(query=urlencode([*others, ("paged", str(number + 1))]), fragment=""))


def _is_wordpress(head: str) -> bool:
    """Whether the generator says so: RSS has the address as text, Atom as an attribute."""
    found = _GENERATOR.search(head)
    if found is None:
        return False
    attributes = {name.lower(): value for name, value in _ATTRIBUTE.findall(found[1])}
    return any(_WORDPRESS.match(text) for text in (found[2], attributes.get("uri", "")))


def _has_its_guids(text: str, base: str) -> bool:
    """Whether the first stories have the guids that WordPress gives, on the feed's own site."""
    first = _GUID.findall(text, 0, _HEAD)[:_GUIDS]
    return len(first) == _GUIDS and all(same_site(f"https://{name}/", base) for name in first)


def _ttl(text: str) -> timedelta | None:
    found = _TTL.search(text)
    return timedelta(minutes=int(found[1])) if found and int(found[1]) else None


def _update_period(text: str) -> timedelta | None:
    """RSS Syndication module: period divided by frequency."""
    period = _PERIOD.search(text)
    frequency = _FREQUENCY.search(text)
    if period is None or period[1].lower() not in _PERIODS:
        return None
    return _PERIODS[period[1].lower()] / max(1, int(frequency[1]) if frequency else 1)


def _skip_hours(text: str) -> tuple[int, ...]:
    """RSS 2.0 counts 0-23, RSS 0.91 counts 1-24 with 24 as midnight."""
    found = _SKIP_HOURS.search(text)
    hours = {int(hour) for hour in _HOUR.findall(found[0])} if found else set()
    return tuple(sorted({hour % _HOURS for hour in hours if hour <= _HOURS}))


def _skip_days(text: str) -> tuple[int, ...]:
    found = _SKIP_DAYS.search(text)
    names = {name.lower() for name in _DAY.findall(found[0])} if found else set()
    return tuple(sorted(_DAYS[name] for name in names if name in _DAYS))


def _links(head: str) -> dict[str, str]:
    links: dict[str, str] = {}
    for attributes in _LINK.findall(head):
        pairs = {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        for relation in pairs.get("rel", "").lower().split():
            links.setdefault(relation, pairs.get("href", "").strip())
    return links
