"""What the line learns of its articles' lengths, as far as `scraper status`."""

from contextlib import closing
from datetime import timedelta

from scraper.engine.events import Event, StorySettled, hearing_of_stories
from scraper.model.entry import Pending
from scraper.model.feed import FeedState
from scraper.model.verdict import Kept, Outcome
from scraper.polling import LENGTHS, Trouble, unpacked
from scraper.service.lengths import ArticleLengths
from scraper.status import overview
from scraper.storage import open_archive
from tests.storage.samples import NOW, article, entry, new, store_in

FEED = "https://koran.example/feed"


def settled(number: int, characters: int, source: str = FEED) -> StorySettled:
    kept = Kept(article=article(number, source=source, text="a" * characters), judged=new(number))
    pending = Pending(entry=entry(number, source=source), found_at=NOW)
    return StorySettled(outcome=Outcome(pending=pending, verdict=kept))


def learn(lengths: ArticleLengths, count: int, characters: int, source: str = FEED) -> list[Event]:
    told: list[Event] = []
    note = hearing_of_stories(lengths.hear, told.append)
    for number in range(count):
        note(settled(number, characters, source))
    return told


def test_status_tells_since_when_articles_are_short(tmp_path):
    lengths = ArticleLengths(None, [FEED], lambda: NOW)
    assert len(learn(lengths, 40, 3000)) == 40
    learn(lengths, 20, 300)
    saved = lengths.learnt.to_save()
    assert saved is not None
    assert lengths.learnt.to_save() is None
    with closing(store_in(tmp_path / "data")) as store:
        store.register([FeedState(url=FEED, outlet="koran", next_due=NOW + timedelta(hours=2))])
        store.remember(LENGTHS, saved)
    with open_archive(tmp_path / "data") as archive:
        (trouble,) = overview(archive, NOW + timedelta(hours=1)).troubles
    assert (trouble.feed, trouble.finding.trouble, trouble.finding.since) == (FEED, Trouble.SHRINKING, NOW)


def test_only_feeds_of_ours_are_remembered():
    lengths = ArticleLengths(None, [FEED], lambda: NOW)
    learn(lengths, 1, 3000, "https://koran.example/sitemap.xml")
    assert lengths.learnt.to_save() is None
    learn(lengths, 1, 3000)
    saved = lengths.learnt.to_save()
    assert list(unpacked(saved)) == [FEED]
    again = ArticleLengths(saved, ["https://lain.example/feed"], lambda: NOW)
    learn(again, 1, 3000, "https://lain.example/feed")
    assert list(unpacked(again.learnt.to_save())) == ["https://lain.example/feed"]
