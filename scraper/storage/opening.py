"""Opening a data directory for writing: one writer, nothing half done, nothing that nobody remembers."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from scraper.settings import StoreSettings
from scraper.storage import records
from scraper.storage.database import Database
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Stream, day
from scraper.storage.lock import Lock
from scraper.storage.recovery import recover
from scraper.storage.removal import Remover
from scraper.storage.sealing import Sealer
from scraper.storage.segments import Segments
from scraper.storage.store import Store


def open_store(
    settings: StoreSettings,
    clock: Callable[[], datetime],
    *,
    keep_duplicates: bool = False,
    keep_days: Mapping[str, int] = MappingProxyType({}),
    disk: Disk | None = None,
) -> Store:
    """Open or create the data directory for writing, and mend what an unclean end left behind.

    `keep_duplicates` saves the texts of copies in `duplicates/` too. `keep_days` are the days of outlets that differ
    from `settings.keep_days`. Raises StoreBusyError when another process
    writes there, StoreUnavailableError when the directory cannot be written to, StoreDamagedError when its files
    do not agree.
    """
    disk = disk or Disk()
    layout = Layout(settings.data)
    now = clock()
    with translated(settings.data):
        disk.make_directories(layout.root.absolute())
        lock = Lock(layout.lock)
        lock.take(now)
    try:
        # Starting afresh beside articles that nobody remembers would save them all again.
        database = Database(layout.state, disk, may_create=not _has_articles(layout))
    except BaseException:
        lock.release()
        raise
    segments = Segments(database, layout, disk, settings.seal_bytes)
    sealer = Sealer(database, segments, layout, disk, full=settings.seal_bytes, age=settings.seal_age)
    store = Store(
        settings,
        database,
        segments,
        lock,
        sealer=sealer,
        remover=Remover(database, segments, layout, disk),
        keep_duplicates=keep_duplicates,
        keep_days=keep_days,
    )
    try:
        with translated(settings.data):
            store.recovered = recover(database, layout, disk, now)
            _write_schema(layout, disk)
            for stream in Stream:
                segments.resume(stream, day(now.astimezone(UTC)))
    except BaseException:
        store.close()
        raise
    return store


def _has_articles(layout: Layout) -> bool:
    return next((layout.root / Stream.ARTICLES).glob("date=*/part-*"), None) is not None


def _write_schema(layout: Layout, disk: Disk) -> None:
    """Say beside the articles what form they have, unless it is said already."""
    document = records.schema_document()
    if layout.schema.exists() and layout.schema.read_bytes() == document:
        return
    disk.replace(layout.schema, document)
