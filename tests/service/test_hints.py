"""What the line learns of its outlets' selectors, as far as `scraper status`."""

import json
from contextlib import closing
from datetime import timedelta

from typer.testing import CliRunner

from scraper.cli.app import app
from scraper.engine.events import Event, StorySettled, hearing_of_stories
from scraper.model.entry import Pending
from scraper.model.outlet import Outlet, Selectors
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept, Outcome
from scraper.polling import SELECTORS, Trouble, hints_unpacked
from scraper.service.hints import SelectorHints
from scraper.status import overview
from scraper.storage import open_archive
from tests.storage.samples import NOW, article, entry, new, store_in

FEED = "https://koran.example/feed"
BODY = "selectors.body"
RUNNER = CliRunner()


def outlet(**selectors) -> Outlet:
    return Outlet(id="koran", name="Koran", domains=("koran.example",), feeds=(FEED,), selectors=Selectors(**selectors))


def settled(number=1, degraded=(), source=FEED, run=None, verdict=None, **changes) -> StorySettled:
    verdict = verdict or Kept(article=article(number, "koran", source=source, **changes), judged=new(number))
    pending = Pending(entry=entry(number, "koran", source=source, run=run), found_at=NOW)
    return StorySettled(outcome=Outcome(pending=pending, verdict=verdict, degraded=tuple(degraded)))


def silent(hints) -> int:
    saved = hints.learnt.to_save()
    return hints_unpacked(saved)["koran"][BODY].silent


def test_status_tells_since_when_a_selector_matches_nothing(tmp_path):
    hints = SelectorHints(None, [outlet(body=("div.isi",), drop=(".iklan",))], lambda: NOW)
    told: list[Event] = []
    note = hearing_of_stories(hints.hear, told.append)
    for number in range(80):
        note(settled(number, (BODY,) if number >= 45 else ()))
    assert len(told) == 80
    saved = hints.learnt.to_save()
    assert saved is not None
    assert list(hints_unpacked(saved)["koran"]) == [BODY], "drop need not match on any page"
    assert hints.learnt.to_save() is None
    with closing(store_in(tmp_path / "data")) as store:
        store.remember(SELECTORS, saved)
    with open_archive(tmp_path / "data") as archive:
        report = overview(archive, NOW + timedelta(hours=1))
    (trouble,) = report.troubles
    assert (trouble.outlet, trouble.feed, trouble.finding.trouble) == ("koran", None, Trouble.UNMATCHED)
    assert report.findings_beside_feeds("koran") == (trouble.finding,)
    shown = RUNNER.invoke(app, ["status", "--data", str(tmp_path / "data")]).output
    assert f"koran: unmatched since {NOW:%Y-%m-%d %H:%M}\n" in shown
    assert "selectors.body (div.isi) matched nothing on the last 35 pages" in shown
    assert "scraper outlets check koran" in shown
    (row,) = json.loads(RUNNER.invoke(app, ["status", "--json", "--data", str(tmp_path / "data")]).output)["troubles"]
    assert (row["outlet"], row["feed"], row["finding"]["trouble"]) == ("koran", None, "unmatched")


def test_only_pages_read_lately_and_from_a_feed_of_ours_say_anything():
    hints = SelectorHints(None, [outlet(body=("div.isi",))], lambda: NOW)
    note = hearing_of_stories(hints.hear, lambda _: None)
    note(settled(degraded=(BODY,)))
    assert silent(hints) == 1
    copy = Dropped(reason=DropReason.DUPLICATE, detail="d", article=article(2), judged=new(2))
    note(settled(degraded=(BODY,), verdict=copy))
    assert silent(hints) == 2, "a copy was read as well"
    for event in (
        settled(degraded=(BODY,), source="https://koran.example/sitemap.xml"),
        settled(degraded=(BODY,), run="2026-03"),
        settled(degraded=(BODY,), from_feed=True),
        settled(verdict=Dropped(reason=DropReason.GONE, detail="410")),
        settled(verdict=Deferred(reason=DropReason.FETCH_FAILED, detail="503", until=NOW)),
    ):
        note(event)
    assert hints.learnt.to_save() is None


def test_a_mended_file_begins_anew_and_one_without_hints_is_forgotten():
    hints = SelectorHints(None, [outlet(body=("div.isi",), title=("h1",))], lambda: NOW)
    note = hearing_of_stories(hints.hear, lambda _: None)
    for number in range(40):
        note(settled(number, (BODY, "selectors.title")))
    saved = hints.learnt.to_save()
    same = SelectorHints(saved, [outlet(body=("div.isi",), title=("h1",))], lambda: NOW)
    assert same.learnt.to_save() is None
    mended = hints_unpacked(SelectorHints(saved, [outlet(body=("main",), title=("h1",))], lambda: NOW).learnt.to_save())
    assert mended["koran"][BODY].degraded_since is None
    assert mended["koran"]["selectors.title"].degraded_since == NOW
    assert hints_unpacked(SelectorHints(saved, [outlet()], lambda: NOW).learnt.to_save()) == {}
    assert hints_unpacked(SelectorHints(saved, [], lambda: NOW).learnt.to_save()) == {}
