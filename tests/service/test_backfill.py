"""What a backfill finds, and what a dry run says of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.model.backfill import Plan, Progress, Stage
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet, Policy
from scraper.model.span import Span
from scraper.service.forecast import Forecast, Outlook, Politeness
from scraper.service.preview import Preview, side_by_side
from scraper.settings import Settings
from scraper.sources import Unwalked


def test_requests_take_as_long_as_the_slowest_host_and_the_busiest_domain():
    settings = replace(Settings().fetch, host_spacing=timedelta(seconds=2), host_concurrency=2)
    patient = Outlet(
        id="sabar", name="Sabar", domains=("sabar.example",), policy=Policy(request_spacing=timedelta(seconds=5))
    )
    politeness = Politeness([patient], settings)
    assert politeness.least == timedelta()
    for number in range(30):
        politeness.ask(f"https://arsip.example/{number}", f"koran-{number}")
    assert politeness.least == timedelta(seconds=60), "whichever outlets they are of, they go to one host"
    for number in range(13):
        politeness.ask(f"https://sabar.example/{number}", "sabar")
    assert politeness.least == timedelta(seconds=65)
    for number in range(150):
        politeness.ask(f"https://{number}.ramai.example/")
    assert politeness.least == timedelta(seconds=75), "a domain of many hosts has four of them asked at once"


def test_nothing_is_told_of_the_time_that_is_left_before_something_is_known():
    forecast, progress = Forecast(), Progress(stage=Stage.RUNNING)
    assert [forecast.look(progress, at).seconds for at in (0.0, 1.0)] == [None, None]
    progress.of("koran").found = 10
    assert forecast.look(progress, 2.0).seconds is None, "none is settled yet"
    progress.of("koran").kept = 4
    assert forecast.look(progress, 4.0) == Outlook(rate=1.0, seconds=6.0)


async def test_a_dry_run_asks_one_host_while_it_waits_for_another():
    second_is_asked = asyncio.Event()

    async def first():
        await second_is_asked.wait()
        yield Unwalked(url="https://a.example/", detail="late")

    async def second():
        second_is_asked.set()
        yield Unwalked(url="https://b.example/", detail="soon")

    async with asyncio.timeout(10):
        steps = [step async for step in side_by_side([first(), second()])]
        assert [step.url for step in steps] == ["https://b.example/", "https://a.example/"]
        assert [step async for step in side_by_side([])] == []


async def test_what_a_walk_raises_is_raised_by_all_of_them():
    async def broken():
        yield Unwalked(url="https://a.example/", detail="told")
        raise RuntimeError("a defect")

    steps = side_by_side([broken()])
    assert isinstance(await anext(steps), Unwalked)
    with pytest.raises(RuntimeError, match="a defect"):
        await anext(steps)


def test_dated_lists_are_walked_where_there_are_no_sitemaps():
    settings = Settings()
    fetch = replace(settings.fetch, allow_networks=("127.0.0.0/8",), host_spacing=timedelta(milliseconds=5))
    settings = replace(settings, fetch=fetch, extract=replace(settings.extract, workers=1))

    async def found(outlet, span):
        plan = Plan(outlets=(outlet.id,), span=span)
        return [step async for step in Preview(settings, [outlet], plan, utc_now).look()]

    now = utc_now()
    with DemoWeb(now) as web:
        outlet = next(one for one in web.outlets if one.index_pages)
        listed = {story.url for story in web.expected if story.outlet == outlet.id and story.round == 1}
        steps = asyncio.run(found(replace(outlet, sitemaps=()), Span(since=now - timedelta(days=1), until=now)))
        asked = [exchange.url for exchange in web.exchanges]
    assert {step.url for step in steps if isinstance(step, Entry)} == listed
    assert not [step for step in steps if isinstance(step, Unwalked)]
    assert not [url for url in asked if url.endswith(".xml")]
