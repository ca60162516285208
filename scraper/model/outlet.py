"""An outlet: what a maintainer knows about one publisher, as data."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors that point at the parts of an article page; hints, tried in order, never required to match."""

    body: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    """Nodes removed before extraction: adverts, related stories, captions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRules:
    """Which lines of the extracted text are not part of the story."""

    drop: tuple[str, ...] = ()
    """Whole lines, compared without case; `*` stands for any run of characters."""
    drop_regex: tuple[str, ...] = ()
    """Regular expressions searched in the line (Python syntax, case ignored)."""
    cut_at: tuple[str, ...] = ()
    """Like `drop`, but everything from the matching line to the end of the text goes too."""
    datelines: tuple[str, ...] = ()
    """Regular expressions anchored at the start of the text, with the groups place, outlet, agency where known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a story that is spread over several pages is put together."""

    single_page: str | None = None
    """A query ("page=all") or path suffix ("/all") that shows the whole story on one page."""
    numbered: str | None = None
    """A query ("page={n}") or path suffix ("/{n}") of page n, counted from `first`."""
    first: int = 1
    """The number that the outlet gives to the first page."""
    next_selector: str | None = None
    """CSS selector of the link to the next page, where rel=next is missing."""
    max_pages: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUrls:
    """Which addresses of the outlet are articles, and what in them names the article. Regular expressions, searched."""

    include: tuple[str, ...] = ()
    """When given, an entry must match one of them."""
    exclude: tuple[str, ...] = ()
    id_pattern: str | None = None
    """A pattern whose group `id` stays the same for every address of one article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How this outlet is treated; it can be stricter than the general settings, never looser."""

    request_spacing: timedelta | None = None
    """Least time between the starts of two requests to one host."""
    concurrency: int | None = None
    """Most requests under way at once to one host."""
    poll_floor: timedelta | None = None
    """A feed is asked no more often than this."""
    poll_ceiling: timedelta | None = None
    """A feed is asked at least this often."""
    headers: tuple[tuple[str, str], ...] = ()
    proxy: str | None = None
    keep_paywalled: bool = False
    """Save the public part of a paywalled story (marked so) instead of dropping it."""
    paywall_marks: tuple[str, ...] = ()
    """CSS selectors that are present only on a page whose text is cut by a paywall."""
    min_characters: int | None = None
    max_age: timedelta | None = None
    """Entries published longer ago than this are dropped unfetched by the daemon (never by a backfill)."""
    keep_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One publisher: its addresses, habits and rules. Loaded from `config/outlets/<id>.toml`."""

    id: str
    name: str
    domains: tuple[str, ...]
    """Host names that belong to it, sub-domains included, without scheme: ("liputan6.com",)."""
    aliases: tuple[str, ...] = ()
    """Other names it goes by, as they stand in datelines and attributions."""
    homepage: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    languages: tuple[str, ...] = ()
    """ISO 639-1 codes that its stories are written in, the main one first; empty: any language."""
    zone: str = "UTC"
    """IANA name of the time zone that its naive times are meant in."""
    group: str | None = None
    """Publisher group: outlets of one group share copy as a matter of course."""
    priority: int = 0
    """Greater is preferred when the best version of a story is chosen by origin."""
    feeds: tuple[str, ...] = ()
    news_sitemaps: tuple[str, ...] = ()
    """Polled like feeds."""
    sitemaps: tuple[str, ...] = ()
    """Archives and indexes of archives, walked by backfill."""
    index_pages: tuple[str, ...] = ()
    """Dated lists for backfill: URL templates with {date:%Y-%m-%d} or its parts, and {page}."""
    articles: ArticleUrls = field(default_factory=ArticleUrls)
    selectors: Selectors = field(default_factory=Selectors)
    lines: LineRules = field(default_factory=LineRules)
    paging: Paging = field(default_factory=Paging)
    policy: Policy = field(default_factory=Policy)
