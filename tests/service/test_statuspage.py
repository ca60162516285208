"""The status page's process: served while the daemon is there, begun anew when it dies, never left behind."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack

import httpx
import psutil
import pytest

from scraper.logs import open_log
from scraper.model.failures import ScraperError
from scraper.service.statuspage import order_for, status_page
from scraper.settings import LogSettings, StatusSettings
from scraper.status.web.listening import Address, bind, url_of
from tests.storage.samples import collect, store_in


@pytest.fixture
def data(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1])
    yield tmp_path
    store.close()


async def until(happens, seconds=60.0):
    end = time.monotonic() + seconds
    while not (found := await happens()):
        assert time.monotonic() < end, "in time"
        await asyncio.sleep(0.05)
    return found


def pages():
    """Our children that serve a page."""
    return [child for child in psutil.Process().children() if "scraper.status.web" in child.cmdline()]


async def answers(client, url):
    try:
        return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False


async def test_it_is_served_and_begun_anew_and_gone_with_the_daemon(data):
    listener = bind(Address("127.0.0.1", 0))
    url, told = url_of(listener), io.StringIO()
    order = order_for(listener, data, StatusSettings(time_zone="Asia/Jakarta"), {"kabar": "Kabar Kita"})
    async with AsyncExitStack() as open_things:
        client = await open_things.enter_async_context(httpx.AsyncClient(timeout=60))
        async with status_page(listener, order, open_log(LogSettings(format="json"), told)):
            await until(lambda: answers(client, url))
            page = (await client.get(f"{url}outlets")).text
            assert "Kabar Kita" in page
            assert "WIB" in page
            (served,) = pages()
            assert served.nice() > psutil.Process().nice() or psutil.Process().nice() >= 15
            served.kill()
            await until(lambda: answers(client, url))
            assert pages() != [served]
            assert "status page ended" in told.getvalue()
            (again,) = pages()
        assert not again.is_running()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(listener.fileno())


def test_a_killed_daemon_leaves_no_page_behind(data):
    program = f"""
import asyncio, io, sys
from pathlib import Path
from scraper.logs import open_log
from scraper.service.statuspage import order_for, status_page
from scraper.settings import LogSettings, StatusSettings
from scraper.status.web.listening import Address, bind, url_of

async def main():
    listener = bind(Address("127.0.0.1", 0))
    order = order_for(listener, Path({str(data)!r}), StatusSettings(), {{}})
    async with status_page(listener, order, open_log(LogSettings())):
        print(url_of(listener), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        url = daemon.stdout.readline().strip()
        assert httpx.get(url, timeout=60).status_code == 200
        (page,) = psutil.Process(daemon.pid).children()
        daemon.send_signal(signal.SIGKILL)
        page.wait(60)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_port_that_is_taken_is_told_in_one_sentence():
    with bind(Address("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ScraperError, match=rf"cannot be served at 127.0.0.1:{port}: Address already in use. Name"):
            bind(Address("127.0.0.1", port))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("192.0.2.1", False), ("a.example", False)],
)
def test_it_is_known_who_reaches_an_address(host, loopback):
    assert Address(host, 80).is_loopback is loopback
