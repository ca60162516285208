import asyncio
import resource
import threading
from datetime import UTC, datetime
from functools import partial

import pytest

from scraper.engine.events import unobserved
from scraper.engine.ledger import Ledger
from scraper.extraction import Furniture
from scraper.fetching import HttpFetcher
from scraper.service.memories import FURNITURE, FurnitureMemory, Learnt, Memories, remembered_furniture
from scraper.settings import FetchSettings
from tests.storage.samples import store_in

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORY = [f"Kalimat nomor {number} dari sebuah berita yang panjang sekali" for number in range(10)]
LINES = ["Unduh aplikasi Koran di ponsel Anda"]


async def test_furniture_outlives_the_process_and_is_written_only_when_it_changed(tmp_path):
    ledger = Ledger(unobserved)
    store = await ledger.run_once(partial(store_in, tmp_path / "data"))
    async with HttpFetcher(FetchSettings(), lambda: NOW) as fetcher:
        memory = await ledger.run_once(partial(FurnitureMemory, store))
        furniture, memories = memory.furniture, Memories(ledger, store, fetcher, memory)
        await memories.save()
        assert await ledger.run_once(partial(store.memory, FURNITURE)) is None
        for number in range(20):
            furniture.learn("koran", "\n".join(LINES), f"{number:016x}")
        await memories.save()
        again = await ledger.run_once(partial(remembered_furniture, store))
    assert again.judge("koran", "\n".join([*LINES, *STORY]))[1] == LINES
    await ledger.run_once(store.close)
    ledger.close()


def test_what_cannot_be_read_is_learnt_again(tmp_path):
    store = store_in(tmp_path / "data")
    store.remember(FURNITURE, b"nonsense")
    assert remembered_furniture(store).to_bytes() == Furniture().to_bytes()
    store.close()


async def test_what_a_full_disk_refuses_is_saved_the_next_time(tmp_path):
    ledger = Ledger(unobserved)
    store = await ledger.run_once(partial(store_in, tmp_path / "data"))
    learnt = Learnt(lambda: b"something")
    learnt.has_changed()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with HttpFetcher(FetchSettings(), lambda: NOW) as fetcher:
        memories = Memories(ledger, store, fetcher, None, {"learnt": learnt})
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, unlimited[1]))
        try:
            await memories.save()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        assert await ledger.run_once(partial(store.memory, "learnt")) is None
        await memories.save()
        assert await ledger.run_once(partial(store.memory, "learnt")) == b"something"
    assert learnt.to_save() is None
    await ledger.run_once(store.close)
    ledger.close()


async def test_what_a_stop_kept_from_being_saved_is_saved_the_next_time(tmp_path):
    ledger, over = Ledger(unobserved), threading.Event()
    store = await ledger.run_once(partial(store_in, tmp_path / "data"))
    learnt = Learnt(lambda: b"something", changed=True)
    async with HttpFetcher(FetchSettings(), lambda: NOW) as fetcher:
        memories = Memories(ledger, store, fetcher, None, {"learnt": learnt})
        busy = asyncio.create_task(ledger.run_once(over.wait))
        saving = asyncio.create_task(memories.save())
        await asyncio.sleep(0.05)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        over.set()
        await busy
        assert await ledger.run_once(partial(store.memory, "learnt")) is None
        await memories.save()
        assert await ledger.run_once(partial(store.memory, "learnt")) == b"something"
    await ledger.run_once(store.close)
    ledger.close()
