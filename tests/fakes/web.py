import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Request
from scraper.model.verdict import Deferred, Dropped, Judged, Judgement, Relation, Story

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def page(url: str, body: bytes = b"<p>story</p>") -> Page:
    return Page(url=url, requested_url=url, body=body, fetched_at=NOON, content_type="text/html")


class FakeFetcher:
    """Answers from a table; an address that is not in it is a 404."""

    def __init__(self, answers: Mapping[str, Fetched]) -> None:
        self.answers = dict(answers)
        self.asked: list[Request] = []
        self.hold: asyncio.Event | None = None

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append(request)
        if self.hold is not None:
            await self.hold.wait()
        await asyncio.sleep(0)
        missing = FetchFailed(url=request.url, reason=FetchReason.GONE, detail=f"{request.url}: 404", status=404)
        return self.answers.get(request.url, missing)


class FakeLister:
    """Lists what it was given for the page's address."""

    def __init__(self, listings: Mapping[str, Listing | Unlisted]) -> None:
        self.listings = dict(listings)

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:  # noqa: ARG002 - the port gives it
        return self.listings.get(page.url, Unlisted(detail="not a feed"))


Answer = Draft | Dropped | Deferred


class FakeExtractor:
    """Asks a function of the pages' addresses."""

    def __init__(self, answer: Callable[[list[str]], Answer]) -> None:
        self.answer = answer
        self.calls: list[list[str]] = []

    async def extract(self, pages: Sequence[Page], outlet: Outlet, entry: Entry) -> Answer:  # noqa: ARG002 - the port
        addresses = [page.url for page in pages]
        self.calls.append(addresses)
        return self.answer(addresses)


class FakeJunk:
    """Calls a line furniture once it stood in another article of the outlet."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], set[str]] = {}

    def judge(self, outlet: str, text: str, _looks: bytes | None = None) -> tuple[list[str], list[str]]:
        lines = text.split("\n")
        known = [bool(self.seen.get((outlet, line))) for line in lines]
        story = [line for line, is_known in zip(lines, known, strict=True) if not is_known]
        return story, [line for line, is_known in zip(lines, known, strict=True) if is_known]

    def learn(self, outlet: str, text: str, article_id: str, _looks: bytes | None = None) -> None:
        for line in text.split("\n"):
            self.seen.setdefault((outlet, line), set()).add(article_id)


class FakeDeduplicator:
    """Equal texts are copies of the first."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.considered: list[Story] = []

    def consider(self, story: Story) -> Judged:
        self.considered.append(story)
        first = self.first.setdefault(story.text, story.id)
        if first == story.id:
            judgement = Judgement(relation=Relation.NEW, cluster=story.id)
        else:
            judgement = Judgement(relation=Relation.COPY, cluster=first, of=first, similarity=1.0, why="same words")
        return Judged(judgement=judgement, fingerprint=story.text.encode())
