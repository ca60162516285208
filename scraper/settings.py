"""All settings with their defaults: `config/scraper.toml`, overridden by `SCRAPER_…` environment variables."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How servers are asked."""

    contact: str | None = None
    """A URL or e-mail address of yours; it becomes part of the User-Agent, so that publishers can reach you."""
    user_agent: str | None = None
    """Replaces the whole User-Agent; leave it out to be introduced honestly as scraper/VERSION (+contact)."""
    feed_deadline: timedelta = timedelta(seconds=30)
    page_deadline: timedelta = timedelta(seconds=45)
    connect_timeout: timedelta = timedelta(seconds=10)
    min_bytes_per_second: int = 100
    feed_wire_limit: int = 5_000_000
    page_wire_limit: int = 8_000_000
    decoded_limit: int = 10_000_000
    max_redirects: int = 5
    concurrency: int = 32
    """Most exchanges under way at once."""
    host_concurrency: int = 2
    host_spacing: timedelta = timedelta(seconds=1)
    """Least time between the starts of two requests to one host, before adaptation."""
    respect_robots: bool = True
    crawl_delay_limit: timedelta = timedelta(seconds=120)
    allow_networks: tuple[str, ...] = ()
    """Networks in CIDR form that the address guard lets through though they are not public."""
    proxy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """How often feeds are asked."""

    floor: timedelta = timedelta(minutes=5)
    ceiling: timedelta = timedelta(hours=12)
    initial: timedelta = timedelta(minutes=15)
    jitter: float = 0.1
    """Each interval is stretched or shrunk by up to this share."""
    tick: timedelta = timedelta(seconds=1)
    """How often the daemon looks for due feeds and pending entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    """How pages are read."""

    workers: int | None = None
    """Child processes; left out: one a processor."""
    page_timeout: timedelta = timedelta(seconds=10)
    worker_memory: int = 1_000_000_000
    """Bytes of address space above the idle worker's that one worker may take."""
    worker_pages: int = 500
    """A worker is replaced after this many pages."""
    max_page_bytes: int = 3_000_000
    min_characters: int = 250
    strip_dateline: bool = False
    keep_paywalled: bool = False
    max_pages: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupSettings:
    """What counts as a copy, and which version of a story is kept."""

    keep: str = "first"
    """first, longest or origin."""
    keep_duplicates: bool = False
    """Save the texts of copies too, marked with their cluster."""
    keep_updates: bool = False
    """Save a later version of an outlet's own story as an article of its own."""
    window: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where articles stay."""

    data: Path = Path("data")
    commit_articles: int = 64
    """A group is committed when it has this many outcomes…"""
    commit_interval: timedelta = timedelta(seconds=1)
    """…or is this old."""
    seal_bytes: int = 64_000_000
    """An open part is sealed when it is this large…"""
    seal_age: timedelta = timedelta(hours=24)
    """…or its day is this long over."""
    archive: bool = False
    """Keep raw pages as WARC records."""
    keep_days: int | None = None
    lease: timedelta = timedelta(minutes=10)
    max_attempts: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is said."""

    level: str = "info"
    format: str = "auto"
    """auto, text or json: auto is text on a terminal and JSON elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, by the sections of `config/scraper.toml`."""

    fetch: FetchSettings = field(default_factory=FetchSettings)
    poll: PollSettings = field(default_factory=PollSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    dedup: DedupSettings = field(default_factory=DedupSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    log: LogSettings = field(default_factory=LogSettings)
    drain: timedelta = timedelta(seconds=8)
    """How long a stopping daemon waits for work under way."""
