from datetime import UTC, datetime, timedelta

import pytest

from scraper.fetching.robots import Allowed, Disallowed, Robots
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason, Page

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTLET = Outlet(id="koran", name="Koran", domains=("koran.example",))
ORIGIN = "https://koran.example"


class Hosts:
    """Answers for robots.txt and counts how often it was asked for."""

    def __init__(self, body: bytes | None = b"User-agent: *\nDisallow: /private/\n") -> None:
        self.body, self.asked, self.now = body, 0, NOON

    async def fetch(self, url: str, _outlet: Outlet) -> Page | FetchFailed:
        self.asked += 1
        if self.body is None:
            return FetchFailed(url=url, reason=FetchReason.HTTP_STATUS, detail="503", status=503)
        return Page(url=url, requested_url=url, body=self.body, fetched_at=self.now)

    def robots(self) -> Robots:
        return Robots(token="scraper", fetch=self.fetch, clock=lambda: self.now)  # noqa: S106 - a product token


async def test_rules_outlive_the_process_and_are_asked_for_again_when_their_day_is_over():
    hosts = Hosts()
    first = hosts.robots()
    assert isinstance(await first.check(f"{ORIGIN}/news/1", ORIGIN, OUTLET), Allowed)
    saved = first.saved()
    assert saved is not None
    assert first.saved() is None
    second = hosts.robots()
    second.restore(saved)
    assert isinstance(await second.check(f"{ORIGIN}/private/1", ORIGIN, OUTLET), Disallowed)
    assert hosts.asked == 1
    hosts.now = NOON + timedelta(hours=25)
    third = hosts.robots()
    third.restore(saved)
    await third.check(f"{ORIGIN}/news/1", ORIGIN, OUTLET)
    assert hosts.asked == 2


async def test_a_failure_is_not_carried_over():
    hosts = Hosts(None)
    robots = hosts.robots()
    await robots.check(f"{ORIGIN}/news/1", ORIGIN, OUTLET)
    again = hosts.robots()
    again.restore(robots.saved() or b"{}")
    hosts.body = b""
    assert isinstance(await again.check(f"{ORIGIN}/news/1", ORIGIN, OUTLET), Allowed)


@pytest.mark.parametrize("saved", [b"", b"[]", b'["https://koran.example", 3]', b'{"a": ["x", "y", "z"]}', b"\xff"])
def test_what_cannot_be_read_is_left_out(saved):
    Hosts().robots().restore(saved)
