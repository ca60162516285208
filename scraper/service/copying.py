"""Pushes what the daemon seals to object storage, as a chore that cannot hold up the line."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from scraper.clock import Clock
from scraper.engine.events import CopyFailed, CopyMade, Observer
from scraper.model.failures import ScraperError
from scraper.service.ticking import Chore
from scraper.settings import OffsiteSettings, Settings

T = TypeVar("T")


def copying_chores(settings: Settings, clock: Clock, observe: Observer) -> tuple[Chore, ...]:
    """What must come round so that object storage holds the archive; nothing where no address is set.

    Raises OffsiteError for an address of no use, MissingExtraError where object storage is not installed.
    """
    wanted = settings.offsite
    if wanted.url is None:
        return ()
    copier = _Copier(settings.store.data, wanted, wanted.url, clock, observe)
    return (Chore(name="offsite", every=wanted.interval, work=copier.work),)


class _Copier:
    """Pushes sealed files each time, and the whole archive whenever the last such push is old enough."""

    def __init__(self, data: Path, settings: OffsiteSettings, url: str, clock: Clock, observe: Observer) -> None:
        from scraper.offsite import Mirror, Rules, Stopped, open_bucket  # noqa: PLC0415 - an optional extra

        def ask() -> None:
            if self._leaving:
                raise Stopped

        self._leaving = False
        self._mirror = Mirror(data, open_bucket(url), Rules(keep=settings.keep_catalogs), ask)
        self._every = settings.catalog_interval
        self._url = url
        self._clock = clock
        self._observe = observe
        self._whole_at: datetime | None = None
        self._failing = False

    async def work(self) -> None:
        """Push what is new. What fails is told once and tried again the next time."""
        try:
            await self._push()
        except asyncio.CancelledError:
            self._leaving = True
            raise
        except ScraperError as error:
            if not self._failing:
                self._observe(CopyFailed(url=self._url, detail=str(error)))
            self._failing = True
        else:
            self._failing = False

    async def _push(self) -> None:
        now = self._clock()
        if self._whole_at is None:
            self._whole_at = await _in_thread(self._mirror.last_push)
        whole = self._whole_at is None or now - self._whole_at >= self._every
        done = await _in_thread(partial(self._mirror.push, now) if whole else self._mirror.push_sealed)
        if whole:
            self._whole_at = now
        if done.objects:
            self._observe(CopyMade(url=self._url, objects=done.objects, bytes=done.bytes, articles=done.articles))


async def _in_thread(call: Callable[[], T]) -> T:
    """The call's value, from a thread that ends with the process: no upload keeps a daemon from stopping."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        value, error = None, None
        try:
            value = call()
        except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
            error = raised
        with suppress(RuntimeError):  # the loop was closed: whoever waited is gone
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=run, name="offsite", daemon=True).start()
    return await future
