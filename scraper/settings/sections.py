"""Every setting with its default, by the sections of `config/scraper.toml`."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Le

from scraper.configfile import Count, Days, Duration, Size, Span
from scraper.settings.forms import (
    Address,
    Callback,
    Captures,
    Cdx,
    ClusterAddress,
    HeaderText,
    Listen,
    Mailbox,
    Network,
    Page,
    Proxy,
    Smtp,
    Webhook,
    Zone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How servers are asked."""

    contact: HeaderText | None = None
    """A URL or e-mail address of yours; it becomes part of the User-Agent, so that publishers can reach you."""
    user_agent: HeaderText | None = None
    """Replaces the whole User-Agent; leave it out to be introduced honestly as scraper/VERSION (+contact)."""
    feed_deadline: Duration = timedelta(seconds=30)
    page_deadline: Duration = timedelta(seconds=45)
    connect_timeout: Duration = timedelta(seconds=10)
    min_bytes_per_second: Annotated[int, Ge(0)] = 100
    feed_wire_limit: Size = 5_000_000
    page_wire_limit: Size = 8_000_000
    decoded_limit: Size = 10_000_000
    max_redirects: Annotated[int, Ge(0)] = 5
    concurrency: Count = 32
    """Most exchanges under way at once."""
    host_concurrency: Count = 2
    host_spacing: Span = timedelta(seconds=1)
    """Least time between the starts of two requests to one host, before adaptation."""
    respect_robots: bool = True
    crawl_delay_limit: Span = timedelta(seconds=120)
    allow_networks: tuple[Network, ...] = ()
    """Networks in CIDR form that the address guard lets through though they are not public."""
    proxy: Proxy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """How often feeds are asked."""

    floor: Duration = timedelta(minutes=5)
    ceiling: Duration = timedelta(hours=12)
    initial: Duration = timedelta(minutes=15)
    effort: Duration = timedelta(minutes=30)
    """How often a feed with one new story an hour is asked; the others follow from it by their rates."""
    jitter: Annotated[float, Ge(0), Le(0.5)] = 0.1
    """Each interval is stretched or shrunk by up to this share."""
    tick: Duration = timedelta(seconds=1)
    """How often the daemon looks for due feeds and pending entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSubSettings:
    """What hubs may push, so that new stories come at once."""

    callback: Callback | None = None
    """The public address under which hubs reach `listen`; left out, nothing is subscribed to."""
    listen: Listen = "127.0.0.1:8087"
    """Where the daemon listens for hubs, usually behind a proxy that speaks https."""
    lease: Duration = timedelta(days=10)
    """For how long a hub is asked to push before the subscription is renewed."""
    poll_floor: Duration = timedelta(hours=1)
    """A feed whose new stories come from its hub is asked no more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSettings:
    """How pages are read."""

    workers: Count | None = None
    """Child processes; left out: one for each processor that may be used."""
    page_timeout: Duration = timedelta(seconds=10)
    worker_memory: Size = 1_000_000_000
    """Bytes of address space above the idle worker's that one worker may take."""
    worker_pages: Count = 500
    """A worker is replaced after this many pages."""
    max_page_bytes: Size = 3_000_000
    min_characters: Annotated[int, Ge(0)] = 250
    strip_dateline: bool = False
    keep_paywalled: bool = False
    keep_live_blogs: bool = False
    """Keep pages that declare themselves live blogs, as they were when they were fetched."""
    max_pages: Count = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DedupSettings:
    """What counts as a copy, and which version of a story is kept."""

    keep: Literal["first", "longest", "origin"] = "first"
    """Which version of a story is kept: the one found first, the longest, or the one that others name as origin."""
    keep_duplicates: bool = False
    """Save the texts of copies too, marked with their cluster."""
    keep_updates: bool = False
    """Save a later version of an outlet's own story as an article of its own."""
    window: Duration = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """Where articles stay."""

    data: Path = Path("data")
    commit_articles: Count = 64
    """A group is committed when it has this many outcomes…"""
    commit_interval: Duration = timedelta(seconds=1)
    """…or is this old."""
    seal_bytes: Size = 64_000_000
    """An open part is sealed when it is this large…"""
    seal_age: Span = timedelta(hours=24)
    """…or its day is this long over."""
    archive: bool = False
    """Keep raw pages as WARC records."""
    keep_days: Days | None = None
    lease: Duration = timedelta(minutes=10)
    max_attempts: Count = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsiteSettings:
    """Where copies of the archive go."""

    url: Address | None = None
    """Object storage that the daemon pushes to: `s3://bucket/prefix`, `gs://…`, `az://…` or `file:///directory`."""
    interval: Duration = timedelta(minutes=5)
    """How often the daemon looks for files that were sealed since."""
    catalog_interval: Duration = timedelta(hours=6)
    """How often it pushes the whole archive as of a moment: the catalog and what open files hold."""
    keep_catalogs: Count = 7
    """So many such moments stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusSettings:
    """The status page in the browser."""

    listen: Page | None = None
    """Where `scraper run` serves it: HOST:PORT, or a port on loopback; left out: nowhere."""
    token: str | None = None
    """What a reader must know; left out: nothing."""
    hosts: tuple[str, ...] = ()
    """Further names under which it is reached; IP addresses and localhost always work."""
    time_zone: Zone = "UTC"
    """The zone of the times on it, by its IANA name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """A Ray cluster to work on."""

    address: ClusterAddress | None = None
    """`host:port` of its head, `auto` for the one that this machine belongs to, `local` for one of its own."""
    shards: Count | None = None
    """Processes that ask servers; each asks those of its share of domains, `fetch.concurrency` at once.

    Left out: one for every four processors that the cluster has when it is joined.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """What a Prometheus server can ask for."""

    listen: Page | None = None
    """Where the daemon serves its metrics, `HOST:PORT`; left out: nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Who is told when something breaks and when it works again."""

    webhook: Webhook | None = None
    """Where notices are POSTed as JSON."""
    webhook_token: str | None = None
    """Sent to it as a bearer token."""
    smtp: Smtp | None = None
    """The server that takes letters, `smtp://` (with STARTTLS where offered) or `smtps://`."""
    mail_from: Mailbox | None = None
    mail_to: tuple[Mailbox, ...] = ()
    command: tuple[str, ...] = ()
    """A program with its arguments; it gets the notices as JSON on its standard input."""
    after: Span = timedelta(minutes=15)
    """How long something must be wrong, or right again, until somebody is told."""
    disk_low: Size = 1_000_000_000
    """Less room than this where the data directory is, is a matter for a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillSettings:
    """Where `scraper backfill --source wayback` finds captures."""

    cdx: Cdx = "https://web.archive.org/cdx/search/cdx"
    """What answers CDX queries."""
    captures: Captures = "https://web.archive.org/web/{timestamp}id_/{url}"
    """Where a capture stands as it came, with {timestamp} and {url}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is said."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json"] = "auto"
    """auto is text on a terminal and JSON elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set, by the sections of `config/scraper.toml`."""

    fetch: FetchSettings = field(default_factory=FetchSettings)
    poll: PollSettings = field(default_factory=PollSettings)
    websub: WebSubSettings = field(default_factory=WebSubSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    dedup: DedupSettings = field(default_factory=DedupSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    offsite: OffsiteSettings = field(default_factory=OffsiteSettings)
    status: StatusSettings = field(default_factory=StatusSettings)
    cluster: ClusterSettings = field(default_factory=ClusterSettings)
    backfill: BackfillSettings = field(default_factory=BackfillSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    log: LogSettings = field(default_factory=LogSettings)
    drain: Span = timedelta(seconds=8)
    """How long a stopping daemon waits for work under way."""
