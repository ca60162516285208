"""What the store promises to the line."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from scraper.model.entry import Pending
from scraper.model.failures import StoreBusyError, StoreDamagedError
from scraper.model.span import Span
from scraper.model.verdict import Dropped, DropReason, Outcome
from scraper.storage import Store, pending
from tests.storage.samples import (
    JAKARTA,
    LEASE,
    NOW,
    collect,
    copy_of,
    deferred,
    dropped,
    duplicate,
    entry,
    feed,
    kept,
    lines,
    new,
    store_in,
)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    opened = store_in(tmp_path / "data")
    yield opened
    opened.close()


def one(store: Store, number: int = 1, now=NOW) -> Pending:
    store.enqueue([entry(number)], now)
    (claimed,) = store.claim(now, 1, LEASE)
    return claimed


class TestFeeds:
    def test_a_registered_feed_is_due(self, store):
        store.register([feed()])
        assert store.due(NOW, 10) == [feed()]

    def test_a_feed_that_lists_without_end_fills_no_queue_and_is_read_again(self, store, monkeypatch):
        monkeypatch.setattr(pending, "MOST_WAITING", 5)
        state = feed(etag=b"1", body_digest=b"2" * 32)
        assert store.record_poll(state, [entry(number) for number in range(8)], NOW) == 5
        (told,) = store.feeds()
        assert (told.memory.passed_over, told.memory.passed_over_at) == (3, NOW)
        assert told.memory.passed_over_since == NOW
        assert (told.etag, told.body_digest) == (None, None), "an unchanged answer would hide what was passed over"
        collect(store, range(5))
        assert store.record_poll(told, [entry(number) for number in range(8)], NOW) == 3

    def test_a_known_feed_keeps_its_state(self, store):
        polled = feed(next_due=NOW + timedelta(hours=1), etag=b'W/"1"', polls=3, interval=timedelta(minutes=7))
        store.register([feed()])
        store.record_poll(polled, [], NOW)
        store.register([feed()])
        assert store.due(NOW, 10) == []
        assert store.due(NOW + timedelta(hours=1), 10) == [polled]

    def test_a_feed_that_is_not_named_is_retired_and_comes_back_as_it_was(self, store):
        store.register([feed("satu"), feed("dua")])
        store.record_poll(feed("satu", etag=b"1"), [], NOW)
        store.register([feed("dua")])
        assert [state.outlet for state in store.due(NOW, 10)] == ["dua"]
        store.register([feed("satu"), feed("dua")])
        assert {state.outlet: state.etag for state in store.due(NOW, 10)} == {"satu": b"1", "dua": None}

    def test_the_longest_due_comes_first(self, store):
        store.register([feed(str(hours), next_due=NOW - timedelta(hours=hours)) for hours in (1, 3, 2)])
        assert [state.outlet for state in store.due(NOW, 2)] == ["3", "2"]

    def test_a_feed_can_be_hastened_as_far_as_its_floor_allows_and_never_delayed(self, store):
        floor, later = timedelta(minutes=5), NOW + timedelta(hours=1)
        store.register([feed("satu"), feed("dua"), feed("tiga")])
        store.record_poll(feed("satu", next_due=later, polled_at=NOW - timedelta(minutes=2)), [], NOW)
        store.record_poll(feed("dua", next_due=later, failures=1), [], NOW)
        store.record_poll(feed("tiga", next_due=NOW - timedelta(hours=1)), [], NOW)
        assert store.hasten(feed("satu").url, NOW, floor)
        assert not store.hasten(feed("satu").url, NOW, floor)
        assert not store.hasten(feed("dua").url, NOW, floor)
        assert not store.hasten(feed("tiga").url, NOW, floor)
        assert not store.hasten("https://nobody.example/", NOW, floor)
        due = {state.outlet: state.next_due for state in store.feeds()}
        assert due == {"satu": NOW + timedelta(minutes=3), "dua": later, "tiga": NOW - timedelta(hours=1)}

    def test_every_field_survives(self, store):
        state = feed(
            etag=b'"\xff"',
            last_modified=b"yesterday",
            body_digest=bytes(32),
            interval=timedelta(minutes=5, microseconds=1),
            polled_at=NOW,
            succeeded_at=NOW - timedelta(1),
            new_at=NOW - timedelta(2),
            failures=4,
            failing_since=NOW - timedelta(3),
            last_failure="status 500",
            polls=9,
            entries_found=77,
        )
        store.record_poll(state, [], NOW)
        assert store.due(NOW, 1) == [state]


class TestPending:
    def test_entries_come_back_whole(self, store):
        listed = entry(1, key="kabar:1", authors=("Sri", "Budi"), guid="tag:1", content="<p>isi</p>" * 100, title=None)
        assert store.record_poll(feed(), [listed, entry(2)], NOW) == 2
        first, second = store.claim(NOW, 5, LEASE)
        assert first == Pending(entry=listed, found_at=NOW, attempts=1)
        assert second.entry == entry(2)
        assert second.entry.published.utcoffset() == timedelta(hours=7)

    def test_seen_keys_are_passed_over(self, store):
        assert store.enqueue([entry(1), entry(1)], NOW) == 1
        assert store.record_poll(feed(), [entry(1), entry(2)], NOW) == 1
        assert store.enqueue([entry(1), entry(2), entry(3)], NOW) == 1

    def test_a_claimed_entry_is_free_again_after_its_lease(self, store):
        claimed = one(store)
        assert claimed.attempts == 1
        assert store.claim(NOW + LEASE - timedelta(microseconds=1), 1, LEASE) == []
        (again,) = store.claim(NOW + LEASE, 1, LEASE)
        assert (again.entry, again.attempts) == (claimed.entry, 2)

    def test_a_released_entry_was_not_tried(self, store):
        claimed = one(store)
        store.release([claimed.entry.key])
        store.release([claimed.entry.key, "unknown"])
        assert store.claim(NOW, 1, LEASE) == [claimed]

    def test_outlets_take_turns(self, store):
        store.enqueue([entry(n, "besar") for n in range(50)], NOW - timedelta(hours=1))
        store.enqueue([entry(n, "kecil") for n in range(2)], NOW)
        outlets = [claimed.entry.outlet for claimed in store.claim(NOW, 6, LEASE)]
        assert outlets == ["besar", "kecil", "besar", "kecil", "besar", "besar"]

    def test_no_outlet_gets_more_than_is_said(self, store):
        store.enqueue([entry(n, "besar") for n in range(50)], NOW - timedelta(hours=1))
        store.enqueue([entry(n, "kecil") for n in range(2)], NOW)
        outlets = [claimed.entry.outlet for claimed in store.claim(NOW, 9, LEASE, each=3)]
        assert outlets == ["besar", "kecil", "besar", "kecil", "besar"]

    def test_outlets_can_be_skipped(self, store):
        store.enqueue([entry(1, "satu"), entry(1, "dua")], NOW)
        claimed = store.claim(NOW, 9, LEASE, frozenset({"satu", "tak dikenal"}))
        assert [each.entry.outlet for each in claimed] == ["dua"]


class TestCommit:
    def test_a_kept_story_is_a_line(self, store, tmp_path):
        store.commit([kept(one(store), 1)], NOW)
        file = tmp_path / "data/articles/date=2026-11-23/part-1.jsonl"
        (line,) = file.read_text(encoding="utf-8").splitlines()
        record = json.loads(line)
        assert list(record)[:4] == ["schema", "id", "revision", "outlet"]
        assert record["schema"] == 1
        assert record["published"] == "2026-11-23T14:30:00+07:00"
        assert record["found_at"] == "2026-11-23T08:00:00+00:00"
        assert "“hujan” — deras" in line
        assert store.claim(NOW + LEASE * 2, 1, LEASE) == []

    def test_aliases_are_seen_from_then_on(self, store):
        store.commit([kept(one(store), 1, aliases=("https://m.kabar.example/1",))], NOW)
        assert store.enqueue([entry(9, key="https://m.kabar.example/1")], NOW) == 0

    def test_the_same_call_again_changes_nothing(self, store, tmp_path):
        outcomes = [kept(one(store), 1)]
        store.commit(outcomes, NOW)
        store.commit(outcomes, NOW)
        store.commit([*outcomes, *outcomes], NOW)
        assert len(lines(tmp_path / "data")) == 1

    def test_an_entry_that_was_never_queued_is_taken_in(self, store, tmp_path):
        store.commit([kept(Pending(entry=entry(1), found_at=NOW), 1)], NOW)
        assert len(lines(tmp_path / "data")) == 1
        assert store.enqueue([entry(1)], NOW) == 0

    def test_a_deferred_story_waits_with_its_attempts(self, store):
        store.commit([deferred(one(store), NOW + timedelta(hours=1))], NOW)
        assert store.claim(NOW + timedelta(minutes=59), 1, LEASE) == []
        (again,) = store.claim(NOW + timedelta(hours=1), 1, LEASE)
        assert again.attempts == 2

    def test_a_dropped_story_does_not_come_back(self, store, tmp_path):
        store.commit([dropped(one(store))], NOW)
        assert store.enqueue([entry(1)], NOW) == 0
        assert store.claim(NOW + LEASE, 1, LEASE) == []
        assert lines(tmp_path / "data") == []

    def test_copies_leave_no_line_unless_wanted(self, tmp_path):
        for keep, expected in ((False, 0), (True, 1)):
            data = tmp_path / str(keep)
            store = store_in(data, keep_duplicates=keep)
            store.commit([kept(one(store, 1), 1), duplicate(one(store, 2), 2, of=1)], NOW)
            store.close()
            assert (len(lines(data)), len(lines(data, "duplicates"))) == (1, expected)

    def test_a_revision_is_a_new_line_of_the_same_article(self, store, tmp_path):
        store.commit([kept(one(store), 1)], NOW)
        assert store.revisit([entry(1).key, "unknown"], NOW + LEASE) == 1
        assert store.revisit([entry(1).key], NOW + LEASE) == 0
        (again,) = store.claim(NOW + LEASE, 1, LEASE)
        assert again.revision_of == f"{1:016x}"
        store.commit([kept(again, 1, revision=1, text="Teks baru.")], NOW)
        assert [json.loads(line)["revision"] for line in lines(tmp_path / "data")] == [0, 1]
        assert [story.fingerprint for story in store.remembered()] == [b"print 1"]

    def test_looking_again_in_vain_leaves_the_story_kept(self, store):
        store.commit([kept(one(store), 1)], NOW)
        store.revisit([entry(1).key], NOW)
        (again,) = store.claim(NOW, 1, LEASE)
        store.commit([dropped(again, DropReason.SAME_TEXT, "nothing new")], NOW)
        assert store.claim(NOW + LEASE, 1, LEASE) == []
        assert store.revisit([entry(1).key], NOW) == 1

    def test_a_new_day_has_a_new_directory(self, store, tmp_path):
        late = NOW.replace(hour=23, minute=59).astimezone(JAKARTA)
        collect(store, [1], now=late)
        collect(store, [2], now=late + timedelta(minutes=1))
        parts = sorted(str(path.relative_to(tmp_path / "data")) for path in tmp_path.rglob("part-*"))
        assert parts == ["articles/date=2026-11-23/part-1.jsonl", "articles/date=2026-11-24/part-1.jsonl"]

    def test_a_full_part_is_followed_by_the_next(self, tmp_path):
        store = store_in(tmp_path, seal_bytes=500)
        for number in range(3):
            collect(store, [number])
        store.close()
        assert sorted(path.name for path in tmp_path.rglob("part-*")) == [f"part-{n}.jsonl" for n in (1, 2, 3)]


class TestMemory:
    def test_stories_are_remembered_in_order(self, store):
        store.commit([kept(one(store, 1), 1), duplicate(one(store, 2), 2, of=1)], NOW)
        first, second = store.remembered(groups={"kabar": "grup"})
        assert (first.id, first.cluster, first.fingerprint) == (f"{1:016x}", f"{1:016x}", new(1).fingerprint)
        assert (second.id, second.cluster, second.fingerprint) == (
            f"{2:016x}",
            f"{1:016x}",
            copy_of(2, 1).fingerprint,
        )
        assert (first.outlet, first.group) == ("kabar", "grup")
        assert list(store.remembered(first.seq)) == [second.__class__(**{**_fields(second), "group": None})]

    def test_values_are_kept_by_name(self, store):
        assert store.memory("robots") is None
        store.remember("robots", b"1")
        store.remember("robots", b"2")
        assert store.memory("robots") == b"2"


def _fields(value):
    return {name: getattr(value, name) for name in value.__slots__}


class TestOpening:
    def test_everything_is_there_after_a_restart(self, tmp_path):
        store = store_in(tmp_path)
        store.register([feed()])
        collect(store, [1, 2])
        store.enqueue([entry(3), entry(4)], NOW)
        store.claim(NOW, 1, LEASE)
        store.close()
        store = store_in(tmp_path)
        assert [pending.attempts for pending in store.claim(NOW, 9, LEASE)] == [2, 1]
        assert store.recovered == ("Took up 1 stories again that were being worked on.",)
        collect(store, [5])
        store.close()
        assert len(lines(tmp_path)) == 3
        assert len(list(tmp_path.rglob("part-*"))) == 1

    def test_the_rest_of_an_unfinished_group_is_cut_off(self, tmp_path):
        store = store_in(tmp_path)
        collect(store, [1])
        store.close()
        (part,) = tmp_path.rglob("part-1.jsonl")
        whole = part.read_bytes()
        part.write_bytes(whole + b'{"schema": 1, "id": "half')
        store = store_in(tmp_path)
        store.close()
        assert part.read_bytes() == whole
        assert any("Cut 25 bytes" in sentence for sentence in store.recovered)

    def test_missing_bytes_are_told(self, tmp_path):
        store = store_in(tmp_path)
        collect(store, [1])
        store.close()
        (part,) = tmp_path.rglob("part-1.jsonl")
        part.write_bytes(b"short")
        with pytest.raises(StoreDamagedError, match=r"has 5 bytes .* `scraper verify"):
            store_in(tmp_path)
        assert part.read_bytes() == b"short"

    def test_a_second_writer_is_refused_with_the_first_ones_pid(self, tmp_path):
        store = store_in(tmp_path)
        with pytest.raises(StoreBusyError, match=r"pid \d+, started 2026-11-23T08:00:00\+00:00"):
            store_in(tmp_path)
        store.close()
        store_in(tmp_path).close()

    def test_a_stale_lock_does_not_block(self, tmp_path):
        (tmp_path / "lock").write_text("pid 1, started long ago\n")
        store_in(tmp_path).close()

    def test_a_newer_file_is_refused_untouched(self, tmp_path):
        store_in(tmp_path).close()
        with sqlite3.connect(tmp_path / "state.db") as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        before = (tmp_path / "state.db").read_bytes()
        with pytest.raises(StoreDamagedError, match="newer than this program"):
            store_in(tmp_path)
        assert (tmp_path / "state.db").read_bytes() == before

    def test_rubbish_is_refused_untouched(self, tmp_path):
        (tmp_path / "state.db").write_bytes(b"rubbish" * 1000)
        with pytest.raises(StoreDamagedError, match=r"state\.db is damaged"):
            store_in(tmp_path)
        assert (tmp_path / "state.db").read_bytes() == b"rubbish" * 1000

    def test_articles_without_a_catalog_are_not_started_over(self, tmp_path):
        store = store_in(tmp_path)
        collect(store, [1])
        store.close()
        for file in tmp_path.glob("state.db*"):
            file.unlink()
        with pytest.raises(StoreDamagedError, match=r"state\.db is missing"):
            store_in(tmp_path)
        (tmp_path / "state.db").touch()
        with pytest.raises(StoreDamagedError, match=r"state\.db is empty"):
            store_in(tmp_path)
        assert (tmp_path / "state.db").stat().st_size == 0

    def test_another_programs_file_is_left_alone(self, tmp_path):
        with closing(sqlite3.connect(tmp_path / "state.db")) as other:
            other.execute("CREATE TABLE words (meaning TEXT)")
        before = (tmp_path / "state.db").read_bytes()
        with pytest.raises(StoreDamagedError, match="not one of this program"):
            store_in(tmp_path)
        assert (tmp_path / "state.db").read_bytes() == before

    def test_damage_among_what_the_judge_remembers_is_said_in_a_sentence(self, tmp_path):
        store = store_in(tmp_path)
        collect(store, range(40))
        store.close()
        with closing(sqlite3.connect(tmp_path / "state.db")) as state:
            (root,) = state.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'stories'").fetchone()
        content = bytearray((tmp_path / "state.db").read_bytes())
        content[(root - 1) * 1024 : root * 1024] = b"\x5a" * 1024
        (tmp_path / "state.db").write_bytes(content)
        store = store_in(tmp_path)
        with pytest.raises(StoreDamagedError, match="scraper repair"):
            list(store.remembered())
        store.close()


class TestFiniteSources:
    def test_what_was_dropped_only_for_its_age_is_taken_up_again(self, store):
        store.enqueue([entry(1), entry(2)], NOW)
        old, short = store.claim(NOW, 2, LEASE)
        store.commit([dropped(old, DropReason.OUT_OF_RANGE), dropped(short, DropReason.TOO_SHORT)], NOW)
        assert store.enqueue([entry(1), entry(2)], NOW) == 1
        assert store.enqueue([entry(1), entry(2)], NOW) == 0
        assert [pending.entry.key for pending in store.claim(NOW, 9, LEASE)] == [old.entry.key]

    def test_it_is_left_alone_when_it_is_known_to_lie_outside_the_time_that_is_asked_for(self, store):
        store.enqueue([entry(1)], NOW)
        (old,) = store.claim(NOW, 1, LEASE)
        january = Span(since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC))
        in_december = Dropped.for_age(DropReason.OUT_OF_RANGE, datetime(2025, 12, 9, tzinfo=UTC), "not asked for")
        store.commit([Outcome(pending=old, verdict=in_december)], NOW)
        assert store.enqueue([entry(1)], NOW, None, january) == 0
        assert store.enqueue([entry(1)], NOW, None, Span(until=january.since)) == 1

    def test_what_had_its_verdict_before_is_told_from_what_came_since(self, store):
        store.enqueue([entry(1), entry(2)], NOW)
        first, second = store.claim(NOW, 2, LEASE)
        keys = [first.entry.key, second.entry.key, entry(3).key]
        store.commit([dropped(first, DropReason.TOO_SHORT)], NOW)
        store.commit([dropped(second, DropReason.TOO_SHORT)], NOW + timedelta(hours=1))
        later = timedelta(minutes=1)
        assert [store.judged_before(keys, NOW + n * later) for n in (0, 1, 61)] == [0, 1, 2]

    def test_no_more_is_taken_than_the_limit(self, store):
        store.enqueue([entry(1)], NOW)
        assert store.enqueue([entry(n) for n in range(1, 9)], NOW, 3) == 3


class TestLookingAgain:
    def listed(self, store, updated, now):
        store.register([feed()])
        store.record_poll(feed(), [entry(1, updated=updated)], now)
        return store.claim(now, 9, LEASE)

    def test_a_kept_story_that_its_feed_calls_changed_is_looked_at_again(self, store):
        store.commit([kept(one(store), 1)], NOW)
        later = NOW + timedelta(hours=2)
        (again,) = self.listed(store, later - timedelta(minutes=1), later)
        assert again.revision_of == f"{1:016x}"

    def test_not_for_a_change_that_was_seen_nor_too_soon_nor_after_a_week(self, store):
        store.commit([kept(one(store), 1)], NOW)
        assert self.listed(store, NOW - timedelta(minutes=1), NOW + timedelta(hours=2)) == []
        assert self.listed(store, NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)) == []
        assert self.listed(store, NOW + timedelta(days=8), NOW + timedelta(days=8)) == []
        assert self.listed(store, None, NOW + timedelta(hours=2)) == []

    def test_a_feed_that_calls_everything_changed_at_each_poll_costs_a_handful_of_looks(self, store):
        store.commit([kept(one(store), 1)], NOW)
        looks = 0
        for minutes in range(0, 8 * 24 * 60, 15):
            now = NOW + timedelta(minutes=minutes)
            for again in self.listed(store, now, now):
                looks += 1
                store.commit([dropped(again, DropReason.SAME_TEXT)], now)
        assert 1 <= looks <= 15


def test_the_form_of_a_line_is_told_beside_the_lines(store, tmp_path):
    store.commit([kept(one(store), 1)], NOW)
    told = json.loads((tmp_path / "data/schema.json").read_text())
    (line,) = lines(tmp_path / "data")
    assert list(json.loads(line)) == list(told["properties"]) == told["required"]
    assert told["properties"]["schema"] == {"const": 1}
    assert told["$defs"].keys() == {"Image", "Dateline"}
