from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.engine import steps
from scraper.engine.settling import Settler
from scraper.model.article import Dateline, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.verdict import Deferred, Dropped, DropReason, Judged, Judgement, Kept, Relation, Story
from scraper.settings import DedupSettings, Settings
from tests.fakes import FakeDeduplicator, FakeJunk, page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OUTLET = Outlet(id="koran", name="Koran", domains=("koran.example",), group="grup")
FEED = "https://koran.example/feed"
URL = "https://koran.example/read/1"
ENTRY = Entry(key=URL, url=URL, outlet="koran", source=FEED, title="Judul", published=NOW - timedelta(hours=1))
PENDING = Pending(entry=ENTRY, found_at=NOW, attempts=1)


def settle(result, pending, outlet, deduplicator, settings, *, kept=None, junk=None):
    previous = {} if kept is None else {kept.id: kept}
    settler = Settler(
        deduplicator=deduplicator,
        junk=junk or FakeJunk(),
        previous=previous.get,
        kept_version=previous.get,
        prefers=lambda new, standing: len(new.text) > len(standing.text),
        settings=settings,
    )
    return settler.settle(result, pending, outlet)


def reading(**draft):
    return steps.Reading(pending=PENDING, draft=Draft(**{"text": "satu dua", **draft}), pages=(page(URL),))


def test_a_new_story_is_kept_and_takes_from_the_feed_what_the_page_does_not_say():
    outcome = settle(reading(), PENDING, OUTLET, FakeDeduplicator(), Settings())
    assert isinstance(outcome.verdict, Kept)
    article = outcome.verdict.article
    assert (article.title, article.published) == ("Judul", ENTRY.published)
    assert (article.origins["title"], article.origins["published"]) == ("feed", "feed")
    assert article.cluster == article.id


def test_selectors_that_matched_nothing_go_with_the_verdict_and_not_into_the_record():
    outcome = settle(reading(degraded=("selectors.body",)), PENDING, OUTLET, FakeDeduplicator(), Settings())
    assert outcome.degraded == ("selectors.body",)
    assert isinstance(outcome.verdict, Kept)
    assert not hasattr(outcome.verdict.article, "degraded")


def test_the_judge_sees_the_dateline_and_a_sane_time():
    dedup = FakeDeduplicator()
    dateline = Dateline(verbatim="Jakarta - ", place="Jakarta")
    settle(reading(dateline=dateline, published=NOW + timedelta(days=400)), PENDING, OUTLET, dedup, Settings())
    seen = dedup.considered[0]
    assert (seen.dateline, seen.time, seen.group) == ("Jakarta - ", NOW, "grup")


def test_a_copy_is_dropped_with_its_article_so_that_the_cluster_can_record_it():
    dedup = FakeDeduplicator()
    dedup.first["satu dua"] = "0123"
    outcome = settle(reading(), PENDING, OUTLET, dedup, Settings())
    assert isinstance(outcome.verdict, Dropped)
    assert outcome.verdict.reason is DropReason.DUPLICATE
    assert outcome.verdict.article is not None
    assert outcome.verdict.article.cluster == "0123"


class _Updates:
    def consider(self, story: Story) -> Judged:
        judgement = Judgement(relation=Relation.UPDATE, cluster="0123", of="0123", why="a later version")
        return Judged(judgement=judgement, fingerprint=story.id.encode())


@pytest.mark.parametrize(("keep_updates", "kind"), [(False, Dropped), (True, Kept)])
def test_an_update_is_kept_only_when_asked_for(keep_updates, kind):
    settings = Settings(dedup=DedupSettings(keep_updates=keep_updates))
    assert isinstance(settle(reading(), PENDING, OUTLET, _Updates(), settings).verdict, kind)


def test_final_and_canonical_addresses_become_aliases_and_strangers_do_not():
    moved = replace(page("https://www.koran.example/news/1"), requested_url=URL)
    story = replace(reading(canonical_url="https://koran.example/canonical/1"), pages=(moved,))
    aliases = settle(story, PENDING, OUTLET, FakeDeduplicator(), Settings()).aliases
    assert len(aliases) == 2
    stranger = reading(canonical_url="https://other.example/1")
    assert settle(stranger, PENDING, OUTLET, FakeDeduplicator(), Settings()).aliases == ()


def test_a_deferral_without_a_try_gives_the_try_back():
    waits = Deferred(reason=DropReason.FETCH_FAILED, detail="not our turn", until=NOW, tried=False)
    assert settle(waits, PENDING, OUTLET, FakeDeduplicator(), Settings()).pending.attempts == 0
    tried = replace(waits, tried=True)
    assert settle(tried, PENDING, OUTLET, FakeDeduplicator(), Settings()).pending.attempts == 1


def kept_before(text: str):
    verdict = settle(reading(text=text), PENDING, OUTLET, FakeDeduplicator(), Settings()).verdict
    assert isinstance(verdict, Kept)
    return replace(verdict.article, cluster="feedfeedfeedfeed", revision=2)


def test_a_story_looked_at_again_is_a_new_revision_where_its_words_changed():
    before = kept_before("satu dua")
    again = replace(PENDING, revision_of=before.id, found_at=NOW + timedelta(hours=1))
    changed = replace(reading(text="satu dua tiga"), pending=again)
    verdict = settle(changed, again, OUTLET, FakeDeduplicator(), Settings(), kept=before).verdict
    assert isinstance(verdict, Kept)
    article = verdict.article
    assert (article.id, article.revision, article.cluster) == (before.id, 3, before.cluster)
    assert article.found_at == before.found_at


@pytest.mark.parametrize("text", ["satu dua", "Satu, dua.", "satu\ndua"])
def test_other_punctuation_or_case_is_no_new_revision(text):
    before = kept_before("satu dua")
    again = replace(PENDING, revision_of=before.id)
    dedup = FakeDeduplicator()
    verdict = settle(replace(reading(text=text), pending=again), again, OUTLET, dedup, Settings(), kept=before).verdict
    assert isinstance(verdict, Dropped)
    assert verdict.reason is DropReason.SAME_TEXT
    assert not dedup.considered


def test_a_revision_of_what_is_not_kept_any_more_is_dropped():
    again = replace(PENDING, revision_of="feedfeedfeedfeed")
    verdict = settle(replace(reading(), pending=again), again, OUTLET, FakeDeduplicator(), Settings()).verdict
    assert isinstance(verdict, Dropped)


@pytest.mark.parametrize(
    ("keep", "text", "kind"),
    [("first", "satu dua tiga", Dropped), ("longest", "satu dua tiga", Kept), ("longest", "satu", Dropped)],
)
def test_a_better_version_takes_the_place_of_the_one_that_is_kept_where_the_setting_says_so(keep, text, kind):
    standing = replace(kept_before("satu dua"), id="0123", cluster="0123")
    dedup = FakeDeduplicator()
    dedup.first[text] = "0123"
    settings = Settings(dedup=DedupSettings(keep=keep))
    verdict = settle(reading(text=text), PENDING, OUTLET, dedup, settings, kept=standing).verdict
    assert isinstance(verdict, kind)
    if isinstance(verdict, Kept):
        assert (verdict.supersedes, verdict.article.cluster) == ("0123", "0123")


def test_a_line_that_the_outlet_taught_is_dropped_on_record_before_the_story_is_judged():
    junk, dedup = FakeJunk(), FakeDeduplicator()
    settle(reading(text="berita lain\nUnduh aplikasi kami"), PENDING, OUTLET, dedup, Settings(), junk=junk)
    story = reading(text="satu dua\nUnduh aplikasi kami", dropped_lines=("Baca juga",))
    verdict = settle(story, PENDING, OUTLET, dedup, Settings(), junk=junk).verdict
    assert isinstance(verdict, Kept)
    assert verdict.article.text == "satu dua"
    assert verdict.article.dropped_lines == ("Baca juga", "Unduh aplikasi kami")
    assert dedup.considered[-1].text == "satu dua"


def test_what_a_worker_prepared_reaches_the_judge():
    dedup = FakeDeduplicator()
    settle(reading(prepared=b"ready"), PENDING, OUTLET, dedup, Settings())
    assert dedup.considered[0].prepared == b"ready"
