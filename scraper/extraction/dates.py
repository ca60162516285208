"""When a story was published and last changed, from all that a page and its feed state about it.

Statements are weighed, not just ranked by place: one with an offset and a clock time is better than a naive one, which
is better than a bare day, and a day is never moved by a guess about zones.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import IntEnum
from itertools import islice

import lxml.html

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import stated_text
from scraper.extraction.masthead import Line
from scraper.extraction.moments import Moment, read_moment
from scraper.extraction.oneline import plain
from scraper.extraction.rare_dates import read_rare

PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "article:published:time",
    "article_published_time",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "cxenseparse:recs:published_time",
    "content_publisheddate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published_time",
    "published_at",
    "publisheddate",
    "pub_date",
    "pubdate",
    "originalpublicationdate",
    "sailthru.date",
    "article.published",
    "date.available",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.issued",
    "dc.date",
    "dcterms.date",
    "dc.date.created",
    "date.created",
    "datecreated",
    "date",
    "article.created",
    "article_date_original",
    "og:published_time",
    "rnews:datepublished",
    "citation_publication_date",
)
MODIFIED_META = (
    "article:modified_time",
    "og:article:modified_time",
    "article:modified:time",
    "datemodified",
    "date.modified",
    "og:updated_time",
    "last-modified",
    "lastmod",
    "dcterms.modified",
    "dc.date.modified",
    "date.updated",
    "article.updated",
)

_URL_FULL = re.compile(r"/((?:19|20)\d{2})/(\d{2})/(\d{2})/(\d{2})(\d{2})(\d{2})(?:\d{2})?/")
_URL_RUN = re.compile(r"(?<!\d)(20[0-3]\d)([01]\d)([0-3]\d)([0-2]\d)([0-5]\d)([0-5]\d)(?!\d)")
_URL_DAY = re.compile(r"[/=-]((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_-]|\b)")
_FUTURE = timedelta(hours=36)
_MAX_PROPERTIES = 50
_STAMP_REACH = timedelta(hours=3)
"""How far the time in an address may lie from another stated time before it is taken for a number of another kind."""
_SAME_DAY = timedelta(hours=26)
"""How far a statement may lie from the best-ranked one and still speak of the same day, whatever the zones."""
_MAX_SCRIPTS = 80
_MAX_SCRIPT = 1_000_000
_MAX_RARE = 3
"""Texts that the slow reader is given."""
_SCRIPT_DATE = re.compile(
    r"\\?[\"'](?P<name>(?:date|first|original)?_?publi(?:shed|cation|sh)_?(?:date|time|at|on)?(?:time)?|pub_?date"
    r"|(?:deploy|release|issue)_?(?:date|time|at|dt))"
    r"\\?[\"']\s?:\s?\\?[\"'](?P<value>[12]\d{3}[-./][^\"'\\]{4,30})",
    re.IGNORECASE,
)
_MAY_DATE = re.compile(r"\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2}")
_CHANGED = re.compile(
    r"\b(?:updated?|modified|diperbarui|perbarui|diupdate|aktualisier\w{0,3}|actualizad[oa]|mis à jour|aggiornat[oa]"
    r"|opdateret|oppdatert|uppdaterad|güncelle\w{0,5}|bijgewerkt)\b",
    re.IGNORECASE,
)
_ISSUED = re.compile(r"\d|publi|terbit|tayang|veröff|erschien|posted|issued", re.IGNORECASE)


class _Rank(IntEnum):
    """How far a kind of source is trusted, the best first."""

    JSON_LD = 0
    META = 1
    MICRODATA = 2
    SELECTOR = 3
    URL = 4
    FEED = 5
    VISIBLE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One statement about the time of publication."""

    moment: Moment
    rank: int
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An aware time and where it came from."""

    at: datetime
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWitnesses:
    """Everything that may tell a story's dates."""

    evidence: Evidence
    url: str
    feed: datetime | None
    zone: tzinfo
    """Where naive times are meant."""
    month_first: bool
    fetched_at: datetime
    languages: tuple[str, ...] = ()
    masthead: tuple[Line, ...] = ()
    selected: tuple[lxml.html.HtmlElement, ...] = ()
    """What the outlet's own selectors point at."""


def published(witnesses: DateWitnesses) -> Dated | None:
    """The time of publication, with the best offset and precision that the witnesses give; None without any."""
    stated = _possible((*_statements(witnesses), *_visible(witnesses)), witnesses)
    stated = [item for item in stated if item.rank != _Rank.URL or _is_borne_out(item, stated, witnesses.zone)]
    if not any(item.moment.has_time for item in stated):
        stated += _possible(_in_scripts(witnesses), witnesses)
    if not stated:
        stated = _possible((*_only_time(witnesses), *_rare(witnesses)), witnesses)
    if not stated:
        return None
    stated = _of_one_day(stated, witnesses.zone)
    best = min(stated, key=lambda item: _preference(item, witnesses.zone))
    if not best.moment.has_time:
        return Dated(at=_bare_day(best.moment, witnesses.zone), origin=best.origin)
    at = _true_zone(best, stated, witnesses)
    return Dated(at=_to_the_second(at, stated, witnesses.zone), origin=best.origin)


def _bare_day(moment: Moment, zone: tzinfo) -> datetime:
    """A time on the stated day, in the outlet's zone and in UTC alike: the later of the two midnights."""
    return max(moment.within(zone), moment.at.replace(tzinfo=UTC))


def modified(witnesses: DateWitnesses, since: datetime | None) -> Dated | None:
    """The time of the last change, where one is stated that is no earlier than `since`."""
    values = [("json-ld", stated_text(witnesses.evidence.article.get("dateModified")))]
    values += [(f"meta {name}", value) for name in MODIFIED_META for value in witnesses.evidence.head.values(name)]
    values += [("microdata", _stamp(node)) for node in witnesses.evidence.head.properties.get("datemodified", ())[:3]]
    for origin, value in values:
        moment = read_moment(value, month_first=witnesses.month_first)
        if moment is None or not moment.has_time:
            continue
        at = moment.within(witnesses.zone)
        if (since is None or at >= since) and at <= witnesses.fetched_at + _FUTURE:
            return Dated(at=at, origin=origin)
    return None


def _preference(item: Stated, zone: tzinfo) -> tuple[bool, int, int]:
    """The less, the better: a clock time before a bare day, then how sure its zone is, then its rank.

    The address is stamped in the outlet's own zone, so its time is as good as a zoned one. What is printed may be the
    time of a change or of another story, so it stands behind all statements made for machines whose zone is known.
    """
    known = zone is not UTC
    zoned = item.moment.zoned or (item.rank == _Rank.URL and known)
    sure = item.rank != _Rank.VISIBLE and (zoned or known)
    doubt = (0 if sure else 2) + (0 if zoned else 1)
    return (not item.moment.has_time, doubt, item.rank)


def _of_one_day(stated: list[Stated], zone: tzinfo) -> list[Stated]:
    """The statements near the best-ranked one: precision is taken from others, but never another day."""
    anchor = min(stated, key=lambda item: item.rank)
    centre = anchor.moment.within(zone) + (timedelta(0) if anchor.moment.has_time else timedelta(hours=12))
    return [item for item in stated if item is anchor or abs(item.moment.within(zone) - centre) <= _SAME_DAY]


def _is_borne_out(stamp: Stated, stated: Iterable[Stated], zone: tzinfo) -> bool:
    """Whether no other time is stated, or one is near the address's: six figures after a day may be any number."""
    times = [item.moment.within(zone) for item in stated if item is not stamp and item.moment.has_time]
    at = stamp.moment.within(zone)
    return not (stamp.moment.has_time and times) or any(abs(at - time) <= _STAMP_REACH for time in times)


def _possible(stated: Iterable[Stated], witnesses: DateWitnesses) -> list[Stated]:
    """Those that do not lie in the future, seen from when the page was fetched."""
    limit = witnesses.fetched_at + _FUTURE
    return [item for item in stated if item.moment.within(witnesses.zone) <= limit]


def _statements(witnesses: DateWitnesses) -> Iterator[Stated]:
    yield from _structured(witnesses)
    for node in witnesses.selected[:5]:
        yield from _read(_stamp(node) or plain(node.text_content()), _Rank.SELECTOR, "selectors.published", witnesses)
    if (moment := url_moment(witnesses.url)) is not None:
        yield Stated(moment=moment, rank=_Rank.URL, origin="url")
    if witnesses.feed is not None:
        yield Stated(moment=Moment(at=witnesses.feed), rank=_Rank.FEED, origin="feed")


def _structured(witnesses: DateWitnesses) -> Iterator[Stated]:
    article = witnesses.evidence.article
    yield from _read(stated_text(article.get("datePublished")), _Rank.JSON_LD, "json-ld", witnesses)
    for name in PUBLISHED_META:
        for value in witnesses.evidence.head.values(name):
            yield from _read(value, _Rank.META, f"meta {name}", witnesses)
    yield from _read(stated_text(article.get("dateCreated")), _Rank.META, "json-ld dateCreated", witnesses)
    for node in _unambiguous(witnesses.evidence.head.properties.get("datepublished", [])):
        yield from _read(_stamp(node) or plain(node.text_content()), _Rank.MICRODATA, "microdata", witnesses)


def _unambiguous(nodes: list[lxml.html.HtmlElement]) -> list[lxml.html.HtmlElement]:
    """The elements where they agree; several that differ belong to lists of other stories."""
    values = {(_stamp(node) or plain(node.text_content()))[:10] for node in nodes[:_MAX_PROPERTIES]}
    return nodes[:1] if len(values) == 1 else []


def _read(value: str, rank: int, origin: str, witnesses: DateWitnesses) -> Iterator[Stated]:
    moment = read_moment(value, month_first=witnesses.month_first)
    if moment is not None:
        yield Stated(moment=moment, rank=rank, origin=origin)


def url_moment(url: str) -> Moment | None:
    """The time or the day that the address itself carries, naive."""
    for pattern in (_URL_FULL, _URL_RUN, _URL_DAY):
        if match := pattern.search(url[:2000]):
            value = "{}-{}-{}".format(*match.groups()[:3])
            if len(match.groups()) > 3:
                value += " {}:{}:{}".format(*match.groups()[3:6])
            if (moment := read_moment(value)) is not None:
                return moment
    return None


def _true_zone(best: Stated, stated: Iterable[Stated], witnesses: DateWitnesses) -> datetime:
    """The best statement as an instant; a local time that wears a false `Z` is put right by the other witnesses."""
    moment = best.moment
    if not moment.zoned:
        return moment.within(witnesses.zone)
    if moment.at.utcoffset() != timedelta(0):
        return moment.at
    clock = moment.at.replace(tzinfo=None)
    for other in stated:
        if not other.moment.has_time or other is best or other.origin == best.origin:
            continue
        offset = other.moment.at.utcoffset() if other.moment.zoned else None
        if offset and abs(other.moment.at.replace(tzinfo=None) - clock) < timedelta(minutes=2):
            return moment.at.replace(tzinfo=other.moment.at.tzinfo)
    return moment.at


def _to_the_second(at: datetime, stated: Iterable[Stated], zone: tzinfo) -> datetime:
    """The time with the seconds that another statement of the same minute gives, where it has none itself."""
    if at.second:
        return at
    others = (other.moment.within(zone) for other in stated if other.moment.has_time)
    return next((at.replace(second=one.second) for one in others if one.second and one.replace(second=0) == at), at)


def _visible(witnesses: DateWitnesses) -> Iterator[Stated]:
    """The dates printed around the headline, in the order of the page; those of a change left out."""
    for line in witnesses.masthead:
        stamp = _stamp(line.node) if line.node.tag == "time" else ""
        if not stamp and not _MAY_DATE.search(line.text):
            continue
        change = _CHANGED.search(line.text)
        if change and not _ISSUED.search(line.text[: change.start()]):
            continue
        for value in (stamp, line.text):
            yield from _read(value, _Rank.VISIBLE, "visible text", witnesses)


def _in_scripts(witnesses: DateWitnesses) -> Iterator[Stated]:
    """What the data behind a page without markup calls its date of publication: the first of each script."""
    for script in islice(witnesses.evidence.tree.iter("script"), _MAX_SCRIPTS):
        if match := _SCRIPT_DATE.search((script.text or "")[:_MAX_SCRIPT]):
            yield from _read(match["value"], _Rank.VISIBLE, f"script {match['name']}", witnesses)


def _only_time(witnesses: DateWitnesses) -> Iterator[Stated]:
    """The page's time elements, wherever they stand, when they all say the same."""
    nodes = [node for node in islice(witnesses.evidence.tree.iter("time"), _MAX_PROPERTIES) if node.get("datetime")]
    for node in _unambiguous(nodes):
        yield from _read(_stamp(node), _Rank.VISIBLE, "time element", witnesses)


def _rare(witnesses: DateWitnesses) -> Iterator[Stated]:
    """Dates that only the slow reader knows, in what the selectors point at or prints around the headline."""
    selected = [plain(node.text_content()) for node in witnesses.selected[:2]]
    printed = [line.text for line in witnesses.masthead if _MAY_DATE.search(line.text)]
    for text in (*selected, *printed)[:_MAX_RARE]:
        moment = read_rare(text, witnesses.languages, month_first=witnesses.month_first)
        if moment is not None:
            yield Stated(moment=moment, rank=_Rank.VISIBLE, origin="visible text")


def _stamp(node: lxml.html.HtmlElement) -> str:
    return plain(node.get("datetime") or node.get("content") or node.get("data-timestamp") or "")
