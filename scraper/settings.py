"""All settings with their defaults: `config/scraper.toml`, overridden by `SCRAPER_…` environment variables."""

import dataclasses
import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le
from pydantic import AfterValidator

from scraper.configfile import Count, Duration, Problem, Shape, Size, Span, Table, in_words, read_table, shown
from scraper.model.failures import ConfigFault, ConfigurationError

FILE = "scraper.toml"
PREFIX = "SCRAPER_"
OTHER_VARIABLES = ("SCRAPER_CONFIG",)
"""Variables with our prefix that are no settings: the directory that --config names."""
OBJECT_STORAGE = ("s3", "gs", "az", "file")
"""What an address of object storage may start with."""
TEST_VARIABLES = "SCRAPER_TEST_"
"""Variables that start so belong to the tests and are passed over."""


_LISTEN = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.%]+\]|[^:\[\]\s]*):)?(?P<port>\d{1,5})", re.ASCII)
_LAST_PORT = 65_535


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError('a network in CIDR form, such as "127.0.0.0/8" or "fd00::/8", its host bits zero') from None
    return text


def _proxy(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('an address such as "http://proxy.example:3128"')
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in OBJECT_STORAGE or not (parts.netloc or parts.scheme == "file"):
        raise ValueError('an address such as "s3://bucket/news", "gs://…", "az://…" or "file:///backups/news"')
    return text


def _callback(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('the public address that leads here, such as "https://news.example.org/websub"')
    return text


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        usable = port.isascii() and port.isdigit() and int(port) < 65536  # noqa: PLR2004 - ports have 16 bits
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('an IP address with a port, such as "127.0.0.1:8087" or "[::1]:8087"')
    return text


def split_address(text: str) -> tuple[str, int]:
    """Read `127.0.0.1:8080`, `[::1]:8080`, or a port alone, which means loopback. Raises ValueError."""
    told = _LISTEN.fullmatch(text.strip())
    if told is None or int(told["port"]) > _LAST_PORT:
        raise ValueError('an address such as "127.0.0.1:8080", or a port')
    return (told["host"] or "127.0.0.1").strip("[]"), int(told["port"])


def _page(text: str) -> str:
    split_address(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (OSError, ValueError):
        raise ValueError('a time zone such as "Asia/Jakarta"') from None
    return text


def _webhook(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError('an address such as "https://hooks.example.org/abc"')
    return text


def _smtp(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError('an address such as "smtp://user:password@mail.example.org:587" or "smtps://…"')
    return text


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return None if parts.port == 0 or not text.isprintable() or " " in text else parts
    except ValueError:
        return None


def _mailbox(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not (name and at and host and text.isprintable()) or any(c in text for c in ' ,<>"'):
        raise ValueError('an e-mail address such as "desk@example.org"')
    return text


Webhook = Annotated[str, AfterValidator(_webhook)]
Smtp = Annotated[str, AfterValidator(_smtp)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Page = Annotated[str, AfterValidator(_page)]
Zone = Annotated[str, AfterValidator(_zone)]


def cluster_address(text: str) -> str:
    """Check what names a cluster. Raises ValueError with what was expected."""
    host, _, port = text.rpartition(":")
    if text not in {"auto", "local"} and not (
        host and "/" not in text and port.isdecimal() and 0 < int(port) < 1 << 16
    ):
        raise ValueError('"auto", "local" or the address of a head such as "10.0.0.5:6379"')
    return text


Network = Annotated[str, AfterValidator(_network)]
Proxy = Annotated[str, AfterValidator(_proxy)]
ClusterAddress = Annotated[str, AfterValidator(cluster_address)]
Address = Annotated[str, AfterValidator(_address)]
Callback = Annotated[str, AfterValidator(_callback)]
Listen = Annotated[str, AfterValidator(_listen)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How servers are asked."""

    contact: str | None = None
    """A URL or e-mail address of yours; it becomes part of the User-Agent, so that publishers can reach you."""
    user_agent: str | None = None
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
    """Child processes; left out: one a processor."""
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
    keep_days: Count | None = None
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
    shards: Count = 4
    """Processes that ask servers; each asks those of its share of domains, `fetch.concurrency` at once."""


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


def _captures(text: str) -> str:
    sample = {"timestamp": "20260301000000", "url": "https://news.example/1"}
    try:
        made = text.format(**sample)
    except (KeyError, IndexError, ValueError):
        made = ""
    if not (made.startswith(("http://", "https://")) and all(value in made for value in sample.values())):
        raise ValueError("an address with {timestamp} and {url} in it")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillSettings:
    """Where `scraper backfill --source wayback` finds captures."""

    cdx: Annotated[str, AfterValidator(_proxy)] = "https://web.archive.org/cdx/search/cdx"
    """What answers CDX queries."""
    captures: Annotated[str, AfterValidator(_captures)] = "https://web.archive.org/web/{timestamp}id_/{url}"
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


_SHAPE = Shape(Settings)


def load_settings(directory: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read `scraper.toml` in the directory, then the SCRAPER_ variables; without a directory, the variables alone.

    Raises ConfigurationError with every fault of both.
    """
    faults: list[ConfigFault] = []
    table = Table(file="environment", values={}, lines={}) if directory is None else _opened(directory, faults)
    settings = _SHAPE.read(table.values) if table else Settings()
    if table and not isinstance(settings, Settings):
        faults += table.faults(settings)
    settings = _overridden(settings if isinstance(settings, Settings) else Settings(), environ, faults)
    if table and not faults:
        faults += table.faults(_contradictions(settings))
    if faults:
        raise ConfigurationError(faults)
    return settings


def setting_paths() -> tuple[tuple[str, ...], ...]:
    """List every setting as its section and key; a key above the first section stands alone."""
    return tuple(tuple(map(str, path)) for path in _SHAPE.key_paths())


def variable(*path: str) -> str:
    """Name the environment variable that overrides the setting at a path."""
    return PREFIX + "_".join(path).upper()


def _opened(directory: Path, faults: list[ConfigFault]) -> Table | None:
    if not directory.is_dir():
        faults.append(
            ConfigFault(file=str(directory), line=None, key="", value=None, expected=f"a directory with {FILE}")
        )
        return None
    table = read_table(directory / FILE)
    if isinstance(table, ConfigFault):
        faults.append(table)
        return None
    return table


def _overridden(settings: Settings, environ: Mapping[str, str], faults: list[ConfigFault]) -> Settings:
    known = {variable(*path): path for path in setting_paths()}
    for name, text in sorted(environ.items()):
        if (
            not name.startswith(PREFIX)
            or name in OTHER_VARIABLES
            or name.startswith(TEST_VARIABLES)
            or not text.strip()
        ):
            continue
        key = known.get(name)
        if key is None:
            close = get_close_matches(name, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            faults.append(_variable_fault(name, text, f"the name of a setting{meant}"))
            continue
        value = _read_variable(key, text)
        if isinstance(value, Problem):
            faults.append(_variable_fault(name, text, value.expected))
        else:
            settings = _with(settings, key, value)
    return settings


def _read_variable(key: tuple[str, ...], text: str) -> object:
    """The value of one variable: as it stands, as a TOML value, or as a list with commas; the first that fits."""
    worst: Problem | None = None
    for candidate in _candidates(text):
        nested: object = candidate
        for part in reversed(key):
            nested = {part: nested}
        result = _SHAPE.read(nested if isinstance(nested, Mapping) else {})
        if isinstance(result, Settings):
            return _get(result, key)
        if worst is None or len(result[0].key) >= len(worst.key):
            worst = result[0]
    return worst


def _candidates(text: str) -> Iterator[object]:
    yield text
    listed = [part.strip() for part in text.split(",")]
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        yield listed
        return
    # A list as TOML writes it holds commas that belong to its items.
    yield from (value, listed) if isinstance(value, list) else (listed, value)


def _get(settings: Settings, key: tuple[str, ...]) -> object:
    value: object = settings
    for part in key:
        value = getattr(value, part)
    return value


def _with(settings: Settings, key: tuple[str, ...], value: object) -> Settings:
    *section, name = key
    change: dict[str, Any] = {name: value}
    for outer in section:
        change = {outer: dataclasses.replace(getattr(settings, outer), **change)}
    return dataclasses.replace(settings, **change)


def _variable_fault(name: str, text: str, expected: str) -> ConfigFault:
    return ConfigFault(file="environment", line=None, key=name, value=shown(text), expected=expected)


def _contradictions(settings: Settings) -> Iterator[Problem]:
    """Values that are sound alone and not together."""
    floor, ceiling = settings.poll.floor, settings.poll.ceiling
    if floor > ceiling:
        expected = f"no more than poll.ceiling, {in_words(ceiling)}"
        yield Problem(key=("poll", "floor"), value=in_words(floor), expected=expected)
    alerts = settings.alerts
    for key, given in (("smtp", alerts.smtp), ("mail_from", alerts.mail_from), ("mail_to", alerts.mail_to or None)):
        if given is not None and not (alerts.smtp and alerts.mail_from and alerts.mail_to):
            expected = "alerts.smtp, alerts.mail_from and alerts.mail_to together, or none of them"
            yield Problem(key=("alerts", key), value=str(given), expected=expected)
            break
    if alerts.webhook_token is not None and alerts.webhook is None:
        yield Problem(key=("alerts", "webhook_token"), value="…", expected="alerts.webhook beside it")
