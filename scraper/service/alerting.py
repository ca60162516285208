"""Watches for what somebody wants to be told of, and sees that it goes out, over restarts too."""

import shutil
import socket
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from scraper.alerts import Batch, Channel, Condition, Kind, Notice, Standing, channels, deliver, step
from scraper.clock import Clock
from scraper.configfile import size_in_words
from scraper.engine.events import AlertFailed, AlertSent, Event, Observer, StorySettled, WritingPaused, WritingResumed
from scraper.engine.ledger import Ledger
from scraper.model.failures import StoreUnavailableError
from scraper.model.verdict import Dropped, DropReason, Kept
from scraper.polling import Trouble
from scraper.service.ticking import Chore
from scraper.settings import AlertSettings
from scraper.status import FeedTrouble, Troubles
from scraper.storage import Archive, Store

KEY = "alerts"
"""The name under which the store remembers what was told."""
EVERY = timedelta(seconds=30)
GRAVE = frozenset(
    {
        Trouble.FAILING,
        Trouble.GONE,
        Trouble.NOT_A_FEED,
        Trouble.EMPTY,
        Trouble.STALE,
        Trouble.ALWAYS_304,
        Trouble.SHRINKING,
        Trouble.UNMATCHED,
    }
)
"""What is wrong with an outlet or a feed of it when the outlet counts as degraded."""
BARREN = frozenset(
    {
        *(DropReason.NO_TEXT, DropReason.TOO_SHORT, DropReason.LIST_PAGE, DropReason.UNREADABLE),
        *(DropReason.QUARANTINED, DropReason.ERROR_PAGE, DropReason.CONSENT_WALL, DropReason.NOT_HTML),
    }
)
"""Reasons for which an outlet's pages give nothing although they were fetched."""
_WINDOW = 30
_ENOUGH = 15
_MANY, _FEW = 0.7, 0.5
"""From this share of barren pages on an outlet counts as degraded, and below that one no longer."""
_ROOM = 1.1
"""How much more room than the limit there must be until the disk counts as well again."""
_LONGEST_OUTBOX = 50
_OFTEN = timedelta(minutes=10)
"""How often verdicts on pages are saved when nothing else has changed."""
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_GIVE_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A batch on its way over one channel."""

    channel: str
    batch: Batch
    made: datetime
    next_try: datetime
    pause: timedelta = _PAUSE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Memory:
    """What is kept over restarts."""

    standing: tuple[Standing, ...] = ()
    pages: dict[str, list[str]] = field(default_factory=dict)
    outbox: tuple[Outgoing, ...] = ()


class Alerting:
    """An observer of the line and a chore. What it knows is in the store, so that a restart tells nothing twice."""

    def __init__(
        self, settings: AlertSettings, store: Store, archive: Archive, ledger: Ledger, *, data: Path, clock: Clock
    ) -> None:
        self._settings = settings
        self._store = store
        self._archive = archive
        self._troubles = Troubles()
        self._ledger = ledger
        self._data = data
        self._clock = clock
        self._channels = {channel.name: channel for channel in channels(settings)}
        self._paused: str | None = None
        self.standing: dict[tuple[Kind, str], Standing] = {}
        self._pages: dict[str, deque[str]] = {}
        """The latest verdicts on each outlet's pages: empty where they gave text, else why not."""
        self._outbox: list[Outgoing] = []
        self._saved = b""
        self._saved_at: datetime | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody is to be told."""
        return bool(self._channels)

    def restore(self, saved: bytes | None) -> None:
        """Know again what an earlier process knew; what cannot be read is forgotten."""
        memory = _read(saved)
        self.standing = {(one.condition.kind, one.condition.subject): one for one in memory.standing}
        self._pages = {outlet: deque(verdicts, maxlen=_WINDOW) for outlet, verdicts in memory.pages.items()}
        self._outbox = list(memory.outbox)

    def observe(self, event: Event) -> None:
        """Note what an event says about outlets and the disk."""
        match event:
            case WritingPaused(detail=detail):
                self._paused = detail
            case WritingResumed():
                self._paused = None
            case StorySettled():
                self._note(event)
            case _:
                pass

    def _note(self, event: StorySettled) -> None:
        outlet, verdict = event.outcome.pending.entry.outlet, event.outcome.verdict
        read = isinstance(verdict, Kept) or (isinstance(verdict, Dropped) and verdict.article is not None)
        barren = verdict.reason.value if isinstance(verdict, Dropped) and verdict.reason in BARREN else None
        if read or barren:
            self._pages.setdefault(outlet, deque(maxlen=_WINDOW)).append(barren or "")

    def chore(self, outlets: Iterable[str], observe: Observer) -> Chore:
        """What must come round."""
        return Chore(name="alerts", every=EVERY, work=partial(self.work, frozenset(outlets), observe), at_once=True)

    async def work(self, outlets: frozenset[str], observe: Observer) -> None:
        """Look, tell what is due, and remember it before anything goes out."""
        now = self._clock()
        with suppress(StoreUnavailableError):
            troubles = await self._ledger.run_once(partial(self._troubles.look, self._archive, now))
            wrong = [*self._outlets_degraded(troubles), *self._places_degraded()]
            subjects = {*outlets, str(self._data)}
            self.standing, notices = step(self.standing, wrong, now, self._settings.after, subjects)
            if notices:
                self._send(notices, now)
        await self.save(now - _OFTEN)
        await self._deliver(observe)

    def _outlets_degraded(self, troubles: Iterable[FeedTrouble]) -> Iterator[Condition]:
        worst: dict[str, FeedTrouble] = {}
        for trouble in troubles:
            if trouble.finding.trouble in GRAVE:
                worst.setdefault(trouble.outlet, trouble)
        for outlet, trouble in worst.items():
            finding = trouble.finding
            detail = ": ".join(filter(None, (finding.trouble.value, trouble.feed, finding.detail)))
            yield Condition(kind=Kind.OUTLET, subject=outlet, detail=detail, advice=finding.advice)
        for outlet in self._pages:
            if outlet not in worst and (barren := self._barren(outlet)):
                advice = f"try `scraper outlets check {outlet}`: the layout of its pages may have changed"
                yield Condition(kind=Kind.OUTLET, subject=outlet, detail=barren, advice=advice)

    def _barren(self, outlet: str) -> str | None:
        pages = self._pages[outlet]
        reasons = Counter(reason for reason in pages if reason)
        limit = _FEW if (Kind.OUTLET, outlet) in self.standing else _MANY
        if len(pages) < _ENOUGH or reasons.total() < limit * len(pages):
            return None
        often = reasons.most_common(1)[0][0]
        return f"{reasons.total()} of its last {len(pages)} pages gave no article, most often: {often}"

    def _places_degraded(self) -> Iterator[Condition]:
        where = str(self._data)
        if self._paused is not None:
            yield Condition(
                kind=Kind.WRITING,
                subject=where,
                detail=self._paused,
                advice="make room, or make the disk writable again; collecting goes on by itself",
            )
        limit = self._settings.disk_low * (_ROOM if (Kind.DISK, where) in self.standing else 1)
        with suppress(OSError):
            free = shutil.disk_usage(self._data).free
            if free < limit:
                detail = f"{size_in_words(free)} are left"
                advice = "make room; store.keep_days lets old articles go, store.archive keeps raw pages"
                yield Condition(kind=Kind.DISK, subject=where, detail=detail, advice=advice)

    def _send(self, notices: list[Notice], now: datetime) -> None:
        batch = Batch(host=socket.gethostname(), notices=tuple(notices))
        self._outbox += (Outgoing(channel=name, batch=batch, made=now, next_try=now) for name in self._channels)
        del self._outbox[:-_LONGEST_OUTBOX]

    async def _deliver(self, observe: Observer) -> None:
        """Send what is due, each channel's batches in their order; one that fails holds up its own channel alone."""
        held: set[str] = set()
        for outgoing in list(self._outbox):
            now = self._clock()
            channel = self._channels.get(outgoing.channel)
            if channel is None or now - outgoing.made > _GIVE_UP:
                self._outbox.remove(outgoing)
            elif (
                outgoing.channel in held
                or outgoing.next_try > now
                or not await self._try(outgoing, channel, now, observe)
            ):
                held.add(outgoing.channel)
            await self.save(now - _OFTEN)

    async def _try(self, outgoing: Outgoing, channel: Channel, now: datetime, observe: Observer) -> bool:
        sent = await deliver(channel, outgoing.batch)
        place = self._outbox.index(outgoing)
        if sent.failure is None:
            del self._outbox[place]
            observe(AlertSent(channel=sent.channel, subject=outgoing.batch.subject))
            return True
        observe(AlertFailed(channel=sent.channel, subject=outgoing.batch.subject, detail=sent.failure))
        longer = min(outgoing.pause * 2, _LONGEST_PAUSE)
        self._outbox[place] = replace(outgoing, next_try=now + outgoing.pause, pause=longer)
        return False

    async def save(self, since: datetime | None = None) -> None:
        """Remember in the store, as far as it can write.

        Verdicts on pages alone change with every story; they are left for later when they were saved after `since`.
        """
        told = msgspec.json.encode((tuple(self.standing.values()), self._outbox))
        if told == self._saved and since is not None and self._saved_at is not None and self._saved_at > since:
            return
        pages = {outlet: list(verdicts) for outlet, verdicts in self._pages.items()}
        memory = _Memory(standing=tuple(self.standing.values()), pages=pages, outbox=tuple(self._outbox))
        with suppress(StoreUnavailableError):
            await self._ledger.run_once(partial(self._store.remember, KEY, msgspec.json.encode(memory)))
            self._saved, self._saved_at = told, self._clock()


def standing_in(saved: bytes | None) -> tuple[Standing, ...]:
    """What a daemon remembered as wrong, for people to look at."""
    return _read(saved).standing


def _read(saved: bytes | None) -> _Memory:
    """What was remembered; nothing when that cannot be read."""
    if saved is not None:
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(saved, type=_Memory)
    return _Memory()
