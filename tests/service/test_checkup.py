"""Trying outlets out: what fits is well, what does not is told with what to change."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import ArticleUrls, Outlet, Selectors
from scraper.model.verdict import Dropped, DropReason
from scraper.service.checkup import AddressTried, Health, advise, try_outlets
from scraper.service.inspection import Finding, Sample
from scraper.settings import Settings

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
WARTA = Outlet(
    id="warta", name="Warta", domains=("warta.example",), languages=("id",), feeds=("https://warta.example/rss",)
)
URL = "https://www.warta.example/berita/123/judul"
DRAFT = Draft(text="Teks.", title="Judul", published=NOW, language="id")


def entry(url=URL, published=NOW):
    return Entry(key=url, url=url, outlet="warta", source=WARTA.feeds[0], published=published)


def tried(*entries, failure=None):
    return AddressTried(url=WARTA.feeds[0], entries=entries or (() if failure else (entry(),)), failure=failure)


def finding(draft=DRAFT, **more):
    return Finding(sample=Sample(id=1, url=URL), draft=draft, **more)


def told(outlet=WARTA, addresses=None, sample=None):
    addresses = (tried(),) if addresses is None else addresses
    return [(one.health, one.text) for one in advise(outlet, addresses, sample or finding(), NOW)]


def test_what_fits_needs_no_advice():
    assert told() == []


@pytest.mark.parametrize(
    ("arguments", "health", "words"),
    [
        ({"addresses": ()}, Health.ODD, "nothing to poll"),
        ({"addresses": (tried(failure="404"),)}, Health.BROKEN, "https://warta.example/rss: 404"),
        ({"addresses": (tried(failure="404"), tried())}, Health.ODD, "https://warta.example/rss: 404"),
        ({"addresses": (AddressTried(url="x"),)}, Health.BROKEN, "list nothing"),
        ({"addresses": (tried(entry(published=NOW - timedelta(days=30))),)}, Health.ODD, "of 2026-02-01"),
        ({"addresses": (tried(entry("https://lain.example/1")),)}, Health.ODD, "lain.example: add it to domains?"),
        (
            {"outlet": replace(WARTA, articles=ArticleUrls(include=("/read/",)))},
            Health.BROKEN,
            "none of the 1 stories listed is wanted",
        ),
        (
            {"outlet": replace(WARTA, articles=ArticleUrls(id_pattern="/read/(?P<id>x)"))},
            Health.ODD,
            "articles.id_pattern matches none",
        ),
        ({"sample": finding(None, error="gone: 410")}, Health.BROKEN, "gone: 410"),
        (
            {"sample": finding(refused=Dropped(reason=DropReason.TOO_SHORT, detail="5 of 250"))},
            Health.ODD,
            "too-short: 5 of 250",
        ),
        (
            {"sample": finding(replace(DRAFT, degraded=("selectors.body",)))},
            Health.ODD,
            "selectors.body matches nothing",
        ),
        ({"sample": finding(replace(DRAFT, language="ms"))}, Health.ODD, "is in 'ms'"),
        ({"sample": finding(replace(DRAFT, published=None))}, Health.ODD, "give selectors.published"),
        ({"sample": finding(replace(DRAFT, title=None))}, Health.ODD, "give selectors.title"),
    ],
)
def test_what_does_not_fit_is_told(arguments, health, words):
    ((found, text),) = told(**arguments)
    assert found is health
    assert words in text


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ({"addresses": (tried(failure="404"),)}, "`scraper outlets add https://warta.example/`"),
        ({"addresses": (AddressTried(url="x"),)}, "`scraper outlets add https://warta.example/`"),
        ({"sample": finding(None, error="gone: 410")}, f"`scraper extract {URL}`"),
        ({"sample": finding(refused=Dropped(reason=DropReason.TOO_SHORT, detail="5"))}, "policy.min_characters"),
        ({"sample": finding(refused=Dropped(reason=DropReason.PAYWALLED, detail=""))}, "policy.keep_paywalled"),
        ({"sample": finding(refused=Dropped(reason=DropReason.WRONG_LANGUAGE, detail="ms"))}, "in languages"),
        ({"sample": finding(refused=Dropped(reason=DropReason.ERROR_PAGE, detail=""))}, "in a browser"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_change(arguments, remedy):
    ((_, text),) = told(**arguments)
    assert remedy in text


@pytest.fixture(scope="module")
def examined():
    settings = Settings()
    fetch = replace(settings.fetch, allow_networks=("127.0.0.0/8",), host_spacing=timedelta(milliseconds=5))
    settings = replace(settings, fetch=fetch, extract=replace(settings.extract, workers=1))

    async def examine(outlets):
        return {found.outlet.id: found async for found in try_outlets(settings, outlets, utc_now)}

    with DemoWeb(utc_now()) as web:
        outlets = {outlet.id: outlet for outlet in web.outlets}
        lame = replace(outlets["samudra"], id="lame", selectors=Selectors(body=(".nowhere",)))
        home = outlets["cakrawala"].homepage or ""
        dead = replace(outlets["cakrawala"], id="dead", feeds=(home + "nothing", home))
        yield asyncio.run(examine([*web.outlets, lame, dead]))


def test_outlets_that_work_are_well(examined):
    well = {name: found for name, found in examined.items() if name not in {"lame", "dead"}}
    assert {name: [one.text for one in found.advice] for name, found in well.items()} == {name: [] for name in well}
    assert {found.health for found in well.values()} == {Health.WELL}
    assert all(found.sample and found.sample.draft for found in well.values())


def test_a_hint_that_matches_nothing_is_odd(examined):
    (advice,) = examined["lame"].advice
    assert examined["lame"].health is Health.ODD
    assert advice.text.startswith("selectors.body matches nothing")


def test_an_outlet_without_a_working_address_is_broken(examined):
    found = examined["dead"]
    assert found.health is Health.BROKEN
    assert len(found.advice) == 2
    assert found.sample is None
