"""Small pages for the readers of metadata."""

from datetime import UTC, datetime

from lxml import html

from scraper.extraction.metadata import Metadata, read_metadata
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OUTLET = Outlet(
    id="kabarkita",
    name="KabarKita",
    domains=("kabarkita.example",),
    aliases=("KABARKITA.ID",),
    languages=("id",),
    zone="Asia/Jakarta",
)
PLAIN = Outlet(id="plain", name="plain", domains=("plain.example",))
"""An outlet of which nothing but its address is known."""


def read(
    markup: str,
    *,
    outlet: Outlet = OUTLET,
    url: str = "https://kabarkita.example/berita/a",
    listed: datetime | None = None,
    title: str | None = None,
    authors: tuple[str, ...] = (),
) -> Metadata:
    """The metadata of a page, as the line would read it."""
    page = Page(url=url, requested_url=url, body=markup.encode(), fetched_at=NOW)
    entry = Entry(key=url, url=url, outlet=outlet.id, source="feed", published=listed, title=title, authors=authors)
    return read_metadata(html.document_fromstring(markup), page, outlet, entry)


def page(head: str = "", body: str = "", *, language: str = "id") -> str:
    """A document with the given head and body, in Indonesian or English prose."""
    prose = {
        "id": "Pemerintah telah membuka jalan baru yang dibangun untuk warga dan pengendara dari timur pada pagi ini.",
        "en": "The council has opened the new road that was built for the people of the valley and for their guests.",
        "de": "Die Stadt hat die neue Straße eröffnet, die für die Menschen im Tal und ihre Gäste gebaut worden ist.",
    }[language]
    return f'<html lang="{language}"><head>{head}</head><body>{body}<p>{prose}</p><p>{prose}</p></body></html>'


def json_ld(members: str, kind: str = "NewsArticle") -> str:
    """A script with one JSON-LD object."""
    return f'<script type="application/ld+json">{{"@type": "{kind}", {members}}}</script>'
