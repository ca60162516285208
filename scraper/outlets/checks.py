"""What each key of an outlet file must look like, and what it may not say together with others."""

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from annotated_types import Ge, Len
from lxml.cssselect import CSSSelector
from lxml.etree import LxmlError
from pydantic import AfterValidator, BeforeValidator, Strict

from scraper.configfile import Days, Duration, Problem, in_words
from scraper.model.outlet import ArticleUrls, LineRules, Outlet, Paging, Policy, Selectors
from scraper.settings import Proxy

_LANGUAGES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_LANGUAGES.split())
"""ISO 639-1."""
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DATELINE_GROUPS = frozenset({"place", "outlet", "agency"})
_TEMPLATE_FIELDS = frozenset({"date", "page"})


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("up to 64 small letters, digits, hyphens and underscores")
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise ValueError('a host name in small letters without scheme or path, such as "example.co.id"')
    return text


def url_fault(text: str) -> str | None:
    """Say what is wrong with an http or https address; None when it is sound."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "an address with a valid host and port"
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return 'an address that starts with "https://" or "http://"'
    if any(character.isspace() for character in text) or parts.username is not None:
        return "an address without spaces and without credentials"
    return None


def _url(text: str) -> str:
    if fault := url_fault(text):
        raise ValueError(fault)
    return text


def _template(text: str) -> str:
    try:
        named = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        named = ["?"]
    if not named or not _TEMPLATE_FIELDS.issuperset(named):
        raise ValueError("an address with {date:%Y-%m-%d} or its parts and, if need be, {page}")
    return _url(text)


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, RecursionError) as error:
        raise ValueError(f"a regular expression: {error}") from None
    return text


def _id_regex(text: str) -> str:
    if "id" not in re.compile(_regex(text)).groupindex:
        raise ValueError("a regular expression with a group (?P<id>…)")
    return text


def _dateline(text: str) -> str:
    unknown = re.compile(_regex(text)).groupindex.keys() - _DATELINE_GROUPS
    if unknown:
        raise ValueError("no named groups but place, outlet and agency")
    return text


def _selector(text: str) -> str:
    try:
        CSSSelector(text, translator="html")
    except (SyntaxError, LxmlError) as error:
        raise ValueError(f"a CSS selector: {error}") from None
    return text


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError('an ISO 639-1 code in small letters, such as "id" or "en"')
    return text


@cache
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#"))


def _country(text: str) -> str:
    if text not in countries():
        raise ValueError('an ISO 3166 code in capitals, such as "ID"')
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # an unknown name is a KeyError, a directory's an OSError
        raise ValueError('an IANA time zone, such as "Asia/Jakarta"') from None
    return text


def _line(text: str) -> str:
    if not text.strip(" *"):
        raise ValueError("a line with something besides * in it")
    return text


def _paging(text: str) -> str:
    if not (text.startswith("/") or (parse_qsl(text, keep_blank_values=True) and "=" in text)):
        raise ValueError('a query such as "page=all" or a path suffix such as "/all"')
    return text


def _numbered(text: str) -> str:
    if text.count("{n}") != 1 or text.replace("{n}", "").count("{"):
        raise ValueError('a query such as "page={n}" or a path suffix such as "/{n}"')
    return _paging(text)


def _headers(value: object) -> object:
    if not isinstance(value, Mapping):
        raise ValueError("a table of names and values")  # noqa: TRY004 - pydantic gathers ValueErrors alone
    pairs = tuple(value.items())
    for name, text in pairs:
        if not _HEADER.fullmatch(name) or not isinstance(text, str) or not text.isprintable():
            raise ValueError(f"header names with texts on one line as values; not {name!r}")
    return pairs


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("a text that is not empty")
    return text


Text = Annotated[str, Strict(), AfterValidator(_filled)]
Id = Annotated[str, Strict(), AfterValidator(_id)]
Domain = Annotated[str, Strict(), AfterValidator(_domain)]
Country = Annotated[str, Strict(), AfterValidator(_country)]
Language = Annotated[str, Strict(), AfterValidator(_language)]
Zone = Annotated[str, Strict(), AfterValidator(_zone)]
Url = Annotated[str, Strict(), AfterValidator(_url)]
UrlTemplate = Annotated[str, Strict(), AfterValidator(_template)]
Regex = Annotated[str, Strict(), AfterValidator(_regex)]
IdRegex = Annotated[str, Strict(), AfterValidator(_id_regex)]
Dateline = Annotated[str, Strict(), AfterValidator(_dateline)]
Selector = Annotated[str, Strict(), AfterValidator(_selector)]
Line = Annotated[str, Strict(), AfterValidator(_line)]
WholeStory = Annotated[str, Strict(), AfterValidator(_paging)]
Numbered = Annotated[str, Strict(), AfterValidator(_numbered)]
Headers = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_headers)]
AtLeastNone = Annotated[int, Strict(), Ge(0)]
AtLeastOne = Annotated[int, Strict(), Ge(1)]

CHECKS: Mapping[tuple[type, str], Any] = {
    (Outlet, "id"): Id,
    (Outlet, "name"): Text,
    (Outlet, "domains"): Annotated[tuple[Domain, ...], Len(1)],
    (Outlet, "aliases"): tuple[Text, ...],
    (Outlet, "homepage"): Url | None,
    (Outlet, "country"): Country | None,
    (Outlet, "languages"): tuple[Language, ...],
    (Outlet, "zone"): Zone,
    (Outlet, "group"): Text | None,
    (Outlet, "feeds"): tuple[Url, ...],
    (Outlet, "news_sitemaps"): tuple[Url, ...],
    (Outlet, "sitemaps"): tuple[Url, ...],
    (Outlet, "index_pages"): tuple[UrlTemplate, ...],
    (ArticleUrls, "include"): tuple[Regex, ...],
    (ArticleUrls, "exclude"): tuple[Regex, ...],
    (ArticleUrls, "id_pattern"): IdRegex | None,
    **{(Selectors, field.name): tuple[Selector, ...] for field in fields(Selectors)},
    (LineRules, "drop"): tuple[Line, ...],
    (LineRules, "drop_regex"): tuple[Regex, ...],
    (LineRules, "cut_at"): tuple[Line, ...],
    (LineRules, "datelines"): tuple[Dateline, ...],
    (Paging, "single_page"): WholeStory | None,
    (Paging, "numbered"): Numbered | None,
    (Paging, "first"): AtLeastNone,
    (Paging, "next_selector"): Selector | None,
    (Paging, "max_pages"): AtLeastOne,
    (Policy, "concurrency"): AtLeastOne | None,
    (Policy, "poll_floor"): Duration | None,
    (Policy, "poll_ceiling"): Duration | None,
    (Policy, "headers"): Headers,
    (Policy, "proxy"): Proxy | None,
    (Policy, "paywall_marks"): tuple[Selector, ...],
    (Policy, "min_characters"): AtLeastNone | None,
    (Policy, "max_age"): Duration | None,
    (Policy, "keep_days"): Annotated[Days, Strict()] | None,
}


def contradictions(outlet: Outlet) -> Iterator[Problem]:
    """Tell what in one outlet is sound alone and not together."""
    floor, ceiling = outlet.policy.poll_floor, outlet.policy.poll_ceiling
    if floor is not None and ceiling is not None and floor > ceiling:
        key = ("policy", "poll_floor")
        yield Problem(key=key, value=in_words(floor), expected=f"no more than poll_ceiling, {in_words(ceiling)}")
    yield from _twice("domains", outlet.domains)
    yield from _twice("feeds", outlet.feeds)
    yield from _twice("news_sitemaps", outlet.news_sitemaps)
    for number, url in enumerate(outlet.news_sitemaps):
        if url in outlet.feeds:
            yield Problem(key=("news_sitemaps", number), value=url, expected="an address that is not under feeds too")


def _twice(key: str, items: Sequence[str]) -> Iterator[Problem]:
    for number, item in enumerate(items):
        if item in items[:number]:
            yield Problem(key=(key, number), value=item, expected="each of them once")
