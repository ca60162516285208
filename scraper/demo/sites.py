"""The invented outlets: who they are, how their pages are built, and what a maintainer would know about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from scraper.demo.stories import Kind, Story
from scraper.model.outlet import ArticleUrls, LineRules, Outlet, Paging, Policy, Selectors

FEED, NEWS_SITEMAP, SITEMAP, INDEX = "/feed.xml", "/news-sitemap.xml", "/sitemap.xml", "/indeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One invented outlet."""

    id: str
    name: str
    language: str
    make: str
    """How its pages are built: a file under `pages`."""
    path: str
    """Address of a story: a template with {section}, {number} and {slug}."""
    dateline: str
    """What opens a story: a template with {place}."""
    feed: str | None
    """`rss`, `atom` or None."""
    news_sitemap: bool = False
    index: bool = False
    """Whether it lists the stories of each day at /indeks."""
    closed: str | None = None
    """The path that robots.txt asks to leave alone."""
    knowledge: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Further fields of its Outlet."""

    def address(self, story: Story) -> str:
        """The path of a story's first page."""
        section = self.closed.strip("/") if self.closed and story.closed else story.section.lower().replace(" ", "-")
        return self.path.format(section=section, number=story.number, slug=story.slug)

    def lines(self, story: Story) -> tuple[str, ...]:
        """The story's text as a reader sees it, one paragraph or sub-heading a line."""
        lines = [paragraph.removeprefix("## ") for paragraph in story.paragraphs]
        if lines and story.place and story.kind is not Kind.PHOTO:
            lines[0] = self.dateline.format(place=story.place) + lines[0]
        return tuple(lines)

    def outlet(self, home: str, host: str) -> Outlet:
        """What a file under `config/outlets` would say."""
        return Outlet(
            id=self.id,
            name=self.name,
            domains=(host,),
            homepage=f"{home}/",
            country="ID",
            languages=(self.language,),
            zone="Asia/Jakarta",
            feeds=(home + FEED,) if self.feed else (),
            news_sitemaps=(home + NEWS_SITEMAP,) if self.news_sitemap else (),
            sitemaps=(home + SITEMAP,),
            index_pages=(home + INDEX + "?date={date:%Y-%m-%d}&page={page}",) if self.index else (),
            **self.knowledge,
        )


SITES = (
    Site(
        id="cakrawala",
        name="Kantor Berita Cakrawala",
        language="id",
        make="agency",
        path="/berita/{number}/{slug}",
        dateline="{place} (CAKRAWALA) - ",
        feed="atom",
        knowledge={
            "aliases": ("CAKRAWALA", "Cakrawala"),
            "priority": 10,
            "articles": ArticleUrls(id_pattern=r"/berita/(?P<id>\d+)/"),
            "selectors": Selectors(body=(".post-content",), drop=(".baca-juga",)),
            "lines": LineRules(cut_at=("Pewarta: *",)),
        },
    ),
    Site(
        id="kabarnusantara",
        name="Kabar Nusantara",
        language="id",
        make="portal",
        path="/{section}/read/{number}/{slug}",
        dateline="KabarNusantara.example, {place} - ",
        feed="rss",
        index=True,
        closed="/tertutup/",
        knowledge={
            "aliases": ("KabarNusantara.example",),
            "articles": ArticleUrls(id_pattern=r"/read/(?P<id>\d+)/"),
            "selectors": Selectors(body=("div.isi-artikel",), drop=(".sisipan", ".iklan")),
            "paging": Paging(numbered="page={n}"),
        },
    ),
    Site(
        id="lensatimur",
        name="Lensa Timur",
        language="id",
        make="breaks",
        path="/{slug}-{number}.html",
        dateline="{place} - ",
        feed="rss",
        knowledge={
            "selectors": Selectors(published=("div.tanggal",), authors=("div.penulis",)),
            "lines": LineRules(drop_regex=(r"^\([a-z]{2,4}/[a-z]{2,4}\)$",)),
        },
    ),
    Site(
        id="samudra",
        name="Harian Samudra",
        language="id",
        make="blog",
        path="/{number}/{slug}/",
        dateline="SAMUDRA.example, {place} -- ",
        feed=None,
        news_sitemap=True,
        knowledge={"aliases": ("SAMUDRA.example", "Samudra")},
    ),
    Site(
        id="archipelagopost",
        name="The Archipelago Post",
        language="en",
        make="broadsheet",
        path="/{section}/{slug}",
        dateline="{place} — ",
        feed="rss",
        knowledge={
            "aliases": ("Archipelago Post",),
            "policy": Policy(paywall_marks=("div.subscriber-wall",)),
        },
    ),
    Site(
        id="coastandharbour",
        name="Coast & Harbour",
        language="en",
        make="magazine",
        path="/stories/{slug}",
        dateline="",
        feed="atom",
        news_sitemap=True,
    ),
)
