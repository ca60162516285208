import json
import os
import signal
from dataclasses import replace
from datetime import timedelta

from scraper.extraction import ArticleExtractor
from scraper.model.article import Draft
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.sandbox import Sandbox
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, article_html, entry, page, paragraphs

GOOD = page(article_html(paragraphs(*PARAGRAPHS)))
ENDLESS = page(article_html("<p>ab</p>" * 300_000))


def sandbox(seconds):
    return Sandbox(workers=1, timeout=timedelta(seconds=seconds), memory=1_000_000_000, recycle_after=10)


async def test_a_page_is_read_in_the_sandbox():
    async with sandbox(30) as children:
        draft = await ArticleExtractor(children, ExtractSettings()).extract([GOOD], OUTLET, entry())
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)


async def test_a_page_that_kills_its_reader_twice_is_quarantined_with_its_bytes(tmp_path):
    async with sandbox(0.05) as children:
        extractor = ArticleExtractor(children, ExtractSettings(), quarantine=tmp_path / "quarantine")
        answer = await extractor.extract([ENDLESS], OUTLET, entry())
    assert isinstance(answer, Dropped)
    assert answer.reason is DropReason.QUARANTINED
    (kept,) = (tmp_path / "quarantine").glob("*.html")
    assert kept.read_bytes() == ENDLESS.body
    said = json.loads(kept.with_suffix(".json").read_text("utf-8"))
    assert said["url"] == ENDLESS.url
    assert said["detail"] == answer.detail


async def test_a_page_that_met_overload_is_put_off_and_uses_up_no_try(tmp_path):
    # More than a socket takes at once.
    large = replace(entry(), content="x" * 8_000_000)
    async with sandbox(0.1) as children:
        pid = await children.run(os.getpid)
        assert isinstance(pid, int)
        # A page is not to blame for what happens before its worker has it.
        os.kill(pid, signal.SIGSTOP)
        extractor = ArticleExtractor(children, ExtractSettings(), quarantine=tmp_path / "quarantine")
        assert await extractor.extract([GOOD], OUTLET, large) == Deferred(
            reason=DropReason.UNREADABLE,
            detail="not done in 2 s on an overloaded machine",
            until=GOOD.fetched_at + timedelta(minutes=5),
            tried=False,
        )
    assert not (tmp_path / "quarantine").exists()


async def test_stories_that_go_together_say_what_each_says_by_itself():
    other = replace(GOOD, body=GOOD.body.replace(b"</h1>", b" dan lagi</h1>"), url=f"{GOOD.url}/2")
    picture = replace(GOOD, body=bytes(range(256)) * 100)
    async with sandbox(30) as children:
        extractor = ArticleExtractor(children, ExtractSettings(), finish=with_its_length)
        together = await extractor.extract_each([(one, OUTLET, entry()) for one in (GOOD, picture, other)])
        assert together == [await extractor.extract([one], OUTLET, entry()) for one in (GOOD, picture, other)]
    assert isinstance(together[0], Draft)
    assert isinstance(together[1], Dropped)


async def test_one_that_is_too_much_has_those_it_went_with_read_by_themselves(tmp_path):
    async with sandbox(0.5) as children:
        extractor = ArticleExtractor(children, ExtractSettings(), quarantine=tmp_path / "quarantine")
        assert await extractor.extract_each([(one, OUTLET, entry()) for one in (GOOD, ENDLESS)]) == [None, None]
    # Nothing tells yet which of them it was.
    assert not (tmp_path / "quarantine").exists()


def raising(draft, _text):
    if "gagal" in (draft.title or ""):
        raise ValueError(draft.title)
    return draft


async def test_one_that_raises_is_read_by_itself():
    bad = replace(GOOD, body=article_html(paragraphs(*PARAGRAPHS), title="Judul yang gagal").encode())
    async with sandbox(30) as children:
        extractor = ArticleExtractor(children, ExtractSettings(), finish=raising)
        good, none = await extractor.extract_each([(one, OUTLET, entry()) for one in (GOOD, bad)])
    assert isinstance(good, Draft)
    assert none is None


def with_its_length(draft, text):
    return replace(draft, section=str(len(text)))


async def test_a_draft_is_finished_where_it_was_read():
    async with sandbox(30) as children:
        extractor = ArticleExtractor(children, ExtractSettings(), finish=with_its_length)
        draft = await extractor.with_settings(ExtractSettings()).extract([GOOD], OUTLET, entry())
    assert isinstance(draft, Draft)
    assert draft.section == str(len(draft.text))
