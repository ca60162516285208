"""Whatever pages and feeds bring along is stored, and comes back as it was wherever it can be written at all."""

import json
import tempfile
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.model.article import Article, Dateline, Image
from scraper.model.entry import Pending
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept, Outcome
from scraper.storage import open_archive, verify
from scraper.storage.records import decode, encode
from tests.storage.samples import LEASE, NOW, article, entry, new, store_in

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
GOOD_TEXT = st.text(max_size=20)
ZONES = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones come along


def articles(text):
    texts = st.lists(text, max_size=3).map(tuple)
    return st.builds(
        Article,
        id=st.integers(0, 2**64 - 1).map("{:016x}".format),
        revision=st.integers(0, 99),
        published=st.none() | TIMES,
        modified=st.none() | TIMES,
        found_at=TIMES,
        fetched_at=TIMES,
        dateline=st.none() | st.builds(Dateline, verbatim=text, place=st.none() | text),
        image=st.none() | st.builds(Image, url=text, caption=st.none() | text),
        origins=st.dictionaries(text, text, max_size=3),
        paywalled=st.booleans(),
        from_feed=st.booleans(),
        **dict.fromkeys(("authors", "editors", "agencies", "tags", "pages", "dropped_lines"), texts),
        **dict.fromkeys(("outlet", "url", "text", "source", "cluster"), text),
        **{name: st.none() | text for name in ("canonical_url", "title", "language", "section")},
    )


@given(TIMES | st.datetimes(timezones=st.just(UTC)))
def test_times_are_written_as_isoformat_writes_them(moment):
    line = json.loads(encode(article(1, found_at=moment)))
    assert line["found_at"] == moment.isoformat()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles(GOOD_TEXT))
def test_an_article_survives_its_line(original):
    line = encode(original)
    assert line.count(b"\n") == 1
    again = decode(line)
    assert again == original
    for field in fields(Article):
        value = getattr(original, field.name)
        if isinstance(value, datetime):
            assert getattr(again, field.name).utcoffset() == value.utcoffset()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles(ANY_TEXT))
def test_no_text_is_too_odd_for_a_line(original):
    assert len(decode(encode(original)).text) == len(original.text)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, st.sampled_from(["kept", "dropped", "deferred"])), max_size=6))
def test_no_text_stops_a_group(rows):
    with tempfile.TemporaryDirectory() as directory:
        store = store_in(Path(directory))
        entries = [
            entry(number, key=f"{number}{text}", title=other, source=text, guid=other, authors=(text,))
            for number, (text, other, _) in enumerate(rows)
        ]
        assert store.enqueue(entries, NOW) == len(rows)
        claimed = {pending.entry.url: pending for pending in store.claim(NOW, 99, LEASE)}
        store.commit(
            [_outcome(claimed[entries[number].url], number, row) for number, row in enumerate(rows)],
            NOW + timedelta(seconds=1),
        )
        expected = sum(row[2] == "kept" for row in rows)
        with open_archive(directory) as archive:
            assert len(list(archive.articles())) == expected
        store.close()
        assert verify(Path(directory)).problems == []


def _outcome(pending: Pending, number: int, row: tuple[str, str, str]) -> Outcome:
    text, other, kind = row
    aliases = (f"alias {number} {other}",)
    if kind == "kept":
        story = article(number, title=other, text=text, language=other, section=text)
        return Outcome(pending=pending, verdict=Kept(article=story, judged=new(number)), aliases=aliases)
    if kind == "dropped":
        verdict = Dropped(reason=DropReason.TOO_SHORT, detail=text)
        return Outcome(pending=pending, verdict=verdict, aliases=aliases)
    until = datetime(2026, 12, 1, tzinfo=UTC)
    return Outcome(pending=pending, verdict=Deferred(reason=DropReason.FETCH_FAILED, detail=text, until=until))
