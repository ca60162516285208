"""What an outlet lists of its stories: RSS, Atom, news sitemap, sitemap, robots.txt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from scraper.demo.markup import WIB

_RECENT = timedelta(days=2)
"""A news sitemap names the stories of two days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One story in a list."""

    url: str
    title: str
    number: int
    published: datetime
    summary: str


def rss(name: str, home: str, lines: Sequence[Line]) -> str:
    """RSS 2.0 with numbers as guids and times in WIB."""
    items = "".join(
        f"<item><title>{escape(line.title)}</title><link>{escape(line.url)}</link>"
        f'<guid isPermaLink="false">{line.number}</guid>'
        f"<pubDate>{format_datetime(line.published.astimezone(WIB))}</pubDate>"
        f"<description>{escape(line.summary)}</description></item>"
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(name)}</title><link>{home}/</link><description>{escape(name)}</description>{items}</channel></rss>\n"
    )


def atom(name: str, home: str, lines: Sequence[Line]) -> str:
    """Atom (RFC 4287), times in UTC."""
    newest = max((line.published for line in lines), default=None)
    entries = "".join(
        f'<entry><id>{escape(line.url)}</id><title>{escape(line.title)}</title><link href="{escape(line.url)}"/>'
        f"<published>{line.published.isoformat()}</published><updated>{line.published.isoformat()}</updated>"
        f"<summary>{escape(line.summary)}</summary></entry>"
        for line in lines
    )
    updated = f"<updated>{newest.isoformat()}</updated>" if newest else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{home}/</id><title>{escape(name)}</title>{updated}{entries}</feed>\n"
    )


def news_sitemap(name: str, language: str, lines: Sequence[Line], now: datetime) -> str:
    """A sitemap with the news extension."""
    urls = "".join(
        f"<url><loc>{escape(line.url)}</loc><news:news><news:publication><news:name>{escape(name)}</news:name>"
        f"<news:language>{language}</news:language></news:publication>"
        f"<news:publication_date>{line.published.astimezone(WIB).isoformat()}</news:publication_date>"
        f"<news:title>{escape(line.title)}</news:title></news:news></url>"
        for line in lines
        if now - line.published <= _RECENT
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>\n'
    )


def sitemap(lines: Sequence[Line]) -> str:
    """A plain sitemap of everything."""
    urls = "".join(
        f"<url><loc>{escape(line.url)}</loc><lastmod>{line.published.astimezone(WIB).isoformat()}</lastmod></url>"
        for line in lines
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n'
    )


def robots(home: str, closed: str | None, sitemaps: Sequence[str]) -> str:
    """The rules for programs (RFC 9309), and where the sitemaps stand."""
    rule = f"Disallow: {closed}" if closed else "Allow: /"
    named = "".join(f"Sitemap: {home}{path}\n" for path in sitemaps)
    return f"User-agent: *\n{rule}\n\n{named}"


def front(name: str, language: str, feed: str | None, lines: Sequence[Line]) -> str:
    """The front page: the newest stories, and where the feed is."""
    declared = f'<link rel="alternate" type="application/{feed}+xml" href="/feed.xml">' if feed else ""
    links = "".join(f'<li><a href="{escape(line.url)}">{escape(line.title)}</a></li>' for line in lines)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(name)}</title>{declared}'
        f"</head><body><h1>{escape(name)}</h1><ul>{links}</ul></body></html>\n"
    )
