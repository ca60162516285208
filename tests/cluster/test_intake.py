"""How much a shard takes on, with servers that answer when they are told to."""

import asyncio
from datetime import UTC, datetime

import pytest

from scraper.cluster import intake
from scraper.cluster.intake import Intake
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Request, RequestKind

OUTLET = Outlet(id="desa", name="Desa", domains=("desa.example",))
NOW = datetime(2026, 11, 27, tzinfo=UTC)


def asking(path: str) -> Request:
    return Request(url=f"http://desa.example/{path}", kind=RequestKind.PAGE, outlet=OUTLET)


class Servers:
    """Answer with ten bytes, those whose path is `gone` with a failure; none before they are let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at_once = self.most = 0
        self.open = asyncio.Event()

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append(request.url.rpartition("/")[2])
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        if self.asked[-1] == "gone":
            return FetchFailed(url=request.url, reason=FetchReason.GONE, detail="gone")
        return Page(url=request.url, requested_url=request.url, body=b"x" * 10, fetched_at=NOW)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_exchanges_are_made_at_once_than_there_are_places():
    servers = Servers()
    into = Intake(servers, 3)

    async def story(number: int) -> None:
        with into.story() as fetcher:
            await fetcher.fetch(asking(f"{number}"))

    reading = asyncio.gather(*map(story, range(5)), *(into.fetch(asking(f"poll-{number}")) for number in range(5)))
    await settle()
    assert servers.at_once == 3
    servers.open.set()
    await reading
    assert servers.most == 3
    assert len(servers.asked) == 10


async def test_pages_that_are_not_read_yet_keep_further_stories_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 20)
    servers = Servers()
    servers.open.set()
    into = Intake(servers, 1)
    read = asyncio.Event()

    async def story(number: int) -> None:
        with into.story() as fetcher:
            await fetcher.fetch(asking(f"{number}"))
            await read.wait()

    stories = [asyncio.create_task(story(number)) for number in range(5)]
    await settle()
    assert servers.asked == ["0", "1"], "there was room for two"
    read.set()
    await asyncio.gather(*stories)
    assert sorted(servers.asked) == ["0", "1", "2", "3", "4"]


async def test_a_story_that_holds_pages_gets_its_further_ones_although_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(intake, "MOST_BYTES", 10)
    servers = Servers()
    servers.open.set()
    into = Intake(servers, 4)

    async def story(number: int) -> None:
        with into.story() as fetcher:
            await fetcher.fetch(asking(f"{number}-1"))
            await settle()
            await fetcher.fetch(asking(f"{number}-2"))

    async with asyncio.timeout(30):
        await asyncio.gather(*map(story, range(3)))
    assert len(servers.asked) == 6


async def test_what_could_not_be_had_takes_no_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 5)
    servers = Servers()
    servers.open.set()
    into = Intake(servers, 1)
    with into.story() as first, into.story() as second:
        assert isinstance(await first.fetch(asking("gone")), FetchFailed)
        async with asyncio.timeout(30):
            assert isinstance(await second.fetch(asking("1")), Page)


async def test_one_that_gives_up_leaves_its_place_and_its_room(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(intake, "MOST_BYTES", 10)
    servers = Servers()
    into = Intake(servers, 1)

    async def story(number: int) -> None:
        with into.story() as fetcher:
            await fetcher.fetch(asking(f"{number}"))
            await asyncio.Event().wait()

    for number in range(3):
        servers.open.set()
        gone = asyncio.create_task(story(number))
        await settle()
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
    assert servers.asked == ["0", "1", "2"]
