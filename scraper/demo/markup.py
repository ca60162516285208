"""News pages in six makes, with the furniture that real ones carry: `pages/*.html` filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import escape
from importlib.resources import files
from json import dumps
from string import Template

WIB = timezone(timedelta(hours=7), "WIB")
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jum'at", "Sabtu", "Minggu")
_FEW = 4
_HARD_WORDS = 40

_WALL = '<div class="subscriber-wall"><h3>Subscribe to continue reading</h3><p>Already a subscriber? Log in.</p></div>'
_INSERTED: Mapping[str, tuple[str, ...]] = {
    "agency": (
        '<p>Baca juga: <a href="$path">$other</a></p>',
        '<ins class="iklan">ADVERTISEMENT</ins>',
    ),
    "portal": (
        '<div class="sisipan"><strong>Baca Juga</strong><a href="$path">$other</a></div>',
        "<p>ADVERTISEMENT</p><p>Scroll ke bawah untuk melanjutkan membaca</p>",
    ),
    "broadsheet": (
        '<aside class="newsletter"><h4>Sign up for our weekly newsletter</h4><p>Fridays, by post.</p></aside>',
    ),
    "magazine": ('<p class="promo"><em>Read also: <a href="$path">$other</a></em></p>',),
}
"""What each make puts between the paragraphs."""

FURNITURE = (
    "ADVERTISEMENT",
    "All rights reserved",
    "Baca Juga",
    "Bagikan",
    "Dilarang keras mengambil konten",
    "Google News",
    "Komentar",
    "Pewarta:",
    "Read also",
    "Scroll ke bawah",
    "Sign up for our",
    "Terima kasih, beritanya bermanfaat",
    "Terpopuler",
)
"""Words that stand on some page and in no story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page to be built."""

    outlet: str
    url: str
    title: str
    lines: Sequence[str]
    """The paragraphs of this page; sub-headings start with `## `."""
    published: datetime
    author: str | None
    editor: str | None
    section: str
    others: Sequence[tuple[str, str]]
    """Titles and paths of further stories."""
    page: int = 1
    pages: int = 1
    paywalled: bool = False
    hard_spaces: bool = False


def build(make: str, sheet: Sheet) -> str:
    """The HTML of a page of this make."""
    local = sheet.published.astimezone(WIB)
    pieces = {
        "title": _said(sheet.title),
        "outlet": _said(sheet.outlet),
        "author": _said(sheet.author or "Redaksi"),
        "editor": _said(sheet.editor or "Redaksi"),
        "section": _said(sheet.section),
        "local": local.isoformat(),
        "utc": sheet.published.isoformat(),
        "day": f"{local:%Y-%m-%d}",
        "year": f"{local:%Y}",
        "words": f"{_DAYS[local.weekday()]}, {local.day} {_MONTHS[local.month - 1]} {local.year} - {local:%H:%M} WIB",
        "others": _links(sheet.others),
        "few": _links(sheet.others[:_FEW]),
        "open_graph": _open_graph(sheet),
        "json_ld": _json_ld(sheet),
        "pager": _pager(sheet),
        "wall": _WALL if sheet.paywalled else "",
        "text": _text(make, sheet),
    }
    page = files("scraper.demo").joinpath("pages", f"{make}.html").read_text("utf-8")
    return Template(page).substitute(pieces)


def _said(text: str) -> str:
    return escape(text, quote=False)


def _text(make: str, sheet: Sheet) -> str:
    if make == "gallery":
        return "".join(
            f'<div><img src="/1.jpg"><small>{_said(line)} (Foto: {sheet.outlet})</small></div>' for line in sheet.lines
        )
    if make == "breaks":
        return _hard("<br><br>\n".join(map(_said, sheet.lines)), sheet)
    blocks = [
        f"<h2>{_said(line[3:])}</h2>" if line.startswith("## ") else f"<p>{_said(line)}</p>" for line in sheet.lines
    ]
    other, path = sheet.others[0] if sheet.others else ("", "/")
    inserted = [Template(piece).substitute(other=_said(other), path=escape(path)) for piece in _INSERTED.get(make, ())]
    return "\n".join(_between(blocks, [] if sheet.paywalled else inserted))


def _block(line: str) -> str:
    return f"<h2>{_said(line[3:])}</h2>" if line.startswith("## ") else f"<p>{_said(line)}</p>"


def _between(blocks: Sequence[str], inserted: Sequence[str]) -> list[str]:
    """The blocks with a piece of furniture after every second of them, as long as there is some."""
    result: list[str] = []
    left = list(inserted)
    for number, block in enumerate(blocks, start=1):
        result.append(block)
        if number % 2 == 0 and left and number < len(blocks):
            result.append(left.pop(0))
    return result


def _hard(text: str, sheet: Sheet) -> str:
    """The text with no-break spaces, as editing programs leave them behind."""
    if not sheet.hard_spaces:
        return text
    words = text.split(" ")
    return "&nbsp;".join(words[:_HARD_WORDS]) + " " + " ".join(words[_HARD_WORDS:]).replace(", ", ",&nbsp;")


def _links(others: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="{escape(path)}">{_said(title)}</a></li>' for title, path in others)


def _pager(sheet: Sheet) -> str:
    if sheet.pages == 1:
        return ""
    url = escape(sheet.url)
    numbers = " ".join(f'<a href="{url}?page={number}">{number}</a>' for number in range(1, sheet.pages + 1))
    ahead = f'<a rel="next" href="{url}?page={sheet.page + 1}">Selanjutnya</a>' if sheet.page < sheet.pages else ""
    return f'<div class="halaman">Halaman {numbers}</div>{ahead}'


def _open_graph(sheet: Sheet) -> str:
    facts = {"og:type": "article", "og:title": sheet.title, "og:url": sheet.url, "og:site_name": sheet.outlet}
    tags = (f'<meta property="{name}" content="{escape(text)}">' for name, text in facts.items())
    return f'<link rel="canonical" href="{escape(sheet.url)}">' + "".join(tags)


def _json_ld(sheet: Sheet) -> str:
    facts: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": sheet.title,
        "datePublished": sheet.published.astimezone(WIB).isoformat(),
        "mainEntityOfPage": sheet.url,
        "publisher": {"@type": "NewsMediaOrganization", "name": sheet.outlet},
        "articleSection": sheet.section,
        "isAccessibleForFree": not sheet.paywalled,
    }
    if sheet.author:
        facts["author"] = [{"@type": "Person", "name": sheet.author}]
    written = dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{written}</script>'
