"""What a page states about its story, the fields together."""

import json
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from scraper.extraction.metadata import read_metadata
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet, Selectors
from scraper.model.page import Page
from tests.extraction.pages import NOW, OUTLET, json_ld, page, read

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
    assert found.article["headline"] == "Gerbang Tol Baru Dibuka"


def test_selectors_that_match_nothing_are_reported_and_the_general_way_is_taken():
    outlet = Outlet(
        id="kabarkita",
        name="KabarKita",
        domains=("kabarkita.example",),
        selectors=Selectors(title=(".gone", "h9["), authors=(".writer",)),
    )
    found = read(ARTICLE, outlet=outlet)
    assert found.title == "Gerbang Tol Baru Dibuka"
    assert found.degraded == ("selectors.title", "selectors.authors")


def test_selectors_are_believed_where_they_match():
    outlet = Outlet(
        id="kabarkita",
        name="KabarKita",
        domains=("kabarkita.example",),
        selectors=Selectors(title=(".judul",), authors=(".penulis",), section=(".kanal",), tags=(".tag",)),
    )
    body = (
        "<div class=judul>Judul Asli Berita</div><b class=penulis>Oleh: Sari Dewi</b><i class=kanal>Kota</i>"
        "<a class=tag>banjir</a><a class=tag>#hujan</a>"
    )
    found = read(page('<meta property="og:title" content="Judul Lain Sekali">', body), outlet=outlet)
    assert (found.title, found.authors, found.section, found.tags) == (
        "Judul Asli Berita",
        ("Sari Dewi",),
        "Kota",
        ("banjir", "hujan"),
    )
    assert found.degraded == ()


def test_the_tree_stays_as_it_is():
    tree = html.document_fromstring(ARTICLE)
    before = html.tostring(tree)
    url = "https://kabarkita.example/a"
    read_metadata(
        tree,
        Page(url=url, requested_url=url, body=b"", fetched_at=NOW),
        OUTLET,
        Entry(key=url, url=url, outlet="kabarkita", source="feed"),
    )
    assert html.tostring(tree) == before


@pytest.mark.parametrize("markup", ["<html></html>", "<p>x", "<html><head><title></title></head><body></body></html>"])
def test_a_page_that_states_nothing_gives_nothing(markup):
    found = read(markup)
    assert (found.title, found.authors, found.published, found.image) == (None, (), None, None)


def test_what_the_feed_lists_fills_what_the_page_leaves_open():
    found = read(page(), title="Jalan Baru", authors=("Sari Dewi",))
    assert (found.title, found.authors) == ("Jalan Baru", ("Sari Dewi",))


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("https://kabarkita.example/berita/b", "https://kabarkita.example/berita/b"),
        ("https://www.kabarkita.example/berita/b", "https://www.kabarkita.example/berita/b"),
        ("https://kabarkita.example/", None),
        ("https://elsewhere.example/berita/b", None),
        ("javascript:alert(1)", None),
        ("https://[broken/", None),
    ],
)
def test_a_canonical_address_lies_on_the_same_site(stated, expected):
    assert read(page(f'<link rel="canonical" href="{stated}">')).canonical_url == expected


@pytest.mark.parametrize(
    ("members", "paywalled"),
    [
        ('"headline": "A story", "isAccessibleForFree": false', True),
        ('"headline": "A story", "isAccessibleForFree": "False"', True),
        ('"headline": "A story", "isAccessibleForFree": true', False),
        ('"headline": "A story", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false}', True),
        ('"headline": "A story"', False),
    ],
)
def test_the_paywall_mark_of_the_page_is_read(members, paywalled):
    assert read(page(json_ld(members))).paywalled is paywalled


def test_tags_come_once_each_and_without_signs():
    found = read(page('<meta name="keywords" content="banjir, #Hujan; banjir,x, ">'))
    assert found.tags == ("banjir", "Hujan")


def test_a_list_of_keywords_is_split_though_two_elements_carry_it():
    head = '<meta name="keywords" content="banjir, hujan"><meta name="news_keywords" content="banjir kota, hujan">'
    assert read(page(head)).tags == ("banjir kota", "hujan")


def test_keywords_that_only_repeat_the_summary_and_roles_are_no_tags():
    words = "Jalan baru itu dibuka untuk warga pada pagi ini"
    head = f'<meta name="description" content="{words}."><meta name="keywords" content="{words.replace(" ", ",")}">'
    assert read(page(head)).tags == ()
    assert read(page('<meta name="keywords" content="Editor:Budi Hartono, banjir">')).tags == ("banjir",)


def test_a_relative_image_is_made_absolute_and_a_foreign_scheme_is_refused():
    found = read(page('<meta property="og:image" content="/a.jpg">'))
    assert found.image is not None
    assert found.image.url == "https://kabarkita.example/a.jpg"
    assert read(page('<meta property="og:image" content="data:image/png;base64,AA">')).image is None


def test_the_section_comes_from_the_trail_where_nothing_else_names_it():
    steps = ", ".join(
        f'{{"position": {at}, "name": "{name}"}}'
        for at, name in enumerate(("Beranda", "KabarKita", "News", "Nasional", "Jalan Baru"))
    )
    trail = json_ld(f'"itemListElement": [{steps}]', "BreadcrumbList")
    found = read(page(trail))
    assert (found.section, found.origins["section"]) == ("Nasional", "breadcrumb")


def test_the_caption_of_the_figure_that_shows_the_image_is_its_caption():
    head = '<meta property="og:image" content="https://cdn.kabarkita.example/besar/jalan.jpg?w=1200">'
    body = (
        "<figure><img src='/kecil/lain.jpg'><figcaption>Bukan ini</figcaption></figure>"
        "<figure><img data-src='/kecil/jalan.jpg'><figcaption>Jalan baru pada <b>Rabu</b></figcaption></figure>"
    )
    found = read(page(head, body)).image
    assert found is not None
    assert found.caption == "Jalan baru pada Rabu"


def test_a_page_without_paragraphs_still_shows_its_language():
    text = "Pemerintah kota itu mengatakan bahwa jalan yang baru akan dibuka untuk warga pada hari ini. <br>" * 5
    assert read(f'<html lang="en"><body><div>{text}</div></body></html>').language == "id"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("@id", "@value", "name", "url")), inner)
    ),
    max_leaves=6,
)
MEMBERS = (
    "@type", "@id", "headline", "name", "author", "editor", "creator", "publisher", "datePublished", "dateModified",
    "dateCreated", "image", "keywords", "articleSection", "url", "isAccessibleForFree", "inLanguage", "description",
    "@graph", "mainEntity", "itemListElement", "breadcrumb",
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=8), max_size=3))
def test_data_of_any_shape_can_be_read(objects):
    typed = [{"@type": "NewsArticle", **value} for value in objects] + objects
    script = json.dumps(typed).replace("<", "\\u003c")
    found = read(page(f'<script type="application/ld+json">{script}</script>'))
    assert found.published is None or found.published.tzinfo is not None


@given(
    st.lists(st.tuples(st.sampled_from(("og:title", "author", "date", "og:image", "keywords", "og:url")), st.text()))
)
def test_meta_elements_with_any_content_can_be_read(statements):
    head = "".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in statements)
    read(page(head))
