"""What a page states about its story, from small pages written for each behaviour."""

from datetime import UTC, datetime

from lxml import html

from scraper.extraction.metadata import Metadata, read_metadata
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet, Selectors
from scraper.model.page import Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OUTLET = Outlet(
    id="kabarkita",
    name="KabarKita",
    domains=("kabarkita.example",),
    languages=("id",),
    zone="Asia/Jakarta",
)


def read(
    markup: str, *, outlet: Outlet = OUTLET, url: str = "https://kabarkita.example/a", **listed: object
) -> Metadata:
    page = Page(url=url, requested_url=url, body=markup.encode(), fetched_at=NOW)
    entry = Entry(key=url, url=url, outlet=outlet.id, source="feed", **listed)  # type: ignore[arg-type]
    return read_metadata(html.document_fromstring(markup), page, outlet, entry)


ARTICLE = """
<html lang="id"><head><title>Gerbang Tol Baru Dibuka - KabarKita</title>
<meta property="og:title" content="Gerbang Tol Baru Dibuka | KabarKita">
<meta property="og:site_name" content="KabarKita">
<link rel="canonical" href="/berita/gerbang-tol">
<meta property="og:image" content="https://kabarkita.example/foto.jpg">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
  {"@type": "NewsArticle", "headline": "Gerbang Tol Baru Dibuka", "datePublished": "2026-11-19T08:15:30+07:00",
   "dateModified": "2026-11-19T09:00:00+07:00", "author": {"@id": "#p1"}, "articleSection": "Nasional",
   "keywords": ["tol", "jalan"], "isAccessibleForFree": "False",
   "image": {"@type": "ImageObject", "url": "/foto.jpg", "caption": "Gerbang tol pada Rabu"}},
  {"@type": "Person", "@id": "#p1", "name": "Rahma Wulandari"}]}</script></head>
<body><h1>Gerbang Tol Baru Dibuka</h1><p>Pemerintah telah membuka gerbang tol baru yang dibangun untuk warga dan
pengendara dari arah timur pada pagi ini dengan tarif yang tidak berubah.</p></body></html>
"""


def test_a_well_described_page_is_read_whole():
    found = read(ARTICLE)
    assert found.title == "Gerbang Tol Baru Dibuka"
    assert found.authors == ("Rahma Wulandari",)
    assert found.published is not None
    assert found.published.isoformat() == "2026-11-19T08:15:30+07:00"
    assert found.modified is not None
    assert found.modified.isoformat() == "2026-11-19T09:00:00+07:00"
    assert found.language == "id"
    assert found.canonical_url == "https://kabarkita.example/berita/gerbang-tol"
    assert (found.section, found.tags) == ("Nasional", ("tol", "jalan"))
    assert found.image is not None
    assert (found.image.url, found.image.caption) == ("https://kabarkita.example/foto.jpg", "Gerbang tol pada Rabu")
    assert found.paywalled
    assert found.origins["published"] == "json-ld"


def test_selectors_that_match_nothing_are_reported_and_the_general_way_is_taken():
    outlet = Outlet(
        id="kabarkita",
        name="KabarKita",
        domains=("kabarkita.example",),
        selectors=Selectors(title=(".gone",), authors=(".writer",)),
    )
    found = read(ARTICLE, outlet=outlet)
    assert found.title == "Gerbang Tol Baru Dibuka"
    assert found.degraded == ("selectors.title", "selectors.authors")
