"""What happened by the hour, and how late stories were saved."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from scraper.model.verdict import DropReason
from scraper.storage import LAG_BOUNDS, open_archive
from scraper.storage.hourly import RING
from tests.storage.samples import LEASE, NOW, dropped, duplicate, entry, kept, store_in

HOUR = timedelta(hours=1)


def settle(store, number, now, outcome, outlet="kabar", **changes):
    store.enqueue([entry(number, outlet)], now)
    (claimed,) = store.claim(now, 1, LEASE)
    store.commit([outcome(claimed, number, **changes)], now)


def hours(data, since, until, outlet=None):
    with open_archive(data) as archive:
        found = archive.hours(since, until, outlet)
    return [(line.hour, line.outlet, line.kept, line.copies, line.dropped) for line in found]


def test_each_fate_is_counted_in_its_hour_and_outlet(tmp_path):
    store = store_in(tmp_path)
    settle(store, 1, NOW, kept)
    settle(store, 2, NOW + timedelta(minutes=59), kept)
    settle(store, 3, NOW, lambda pending, number: duplicate(pending, number, 1))
    settle(store, 4, NOW, lambda pending, _: dropped(pending, DropReason.ROBOTS))
    settle(store, 5, NOW + HOUR, kept, outlet="warta")
    store.close()
    expected = [(NOW, "kabar", 2, 1, 1), (NOW + HOUR, "warta", 1, 0, 0)]
    assert hours(tmp_path, NOW, NOW + HOUR) == expected
    assert hours(tmp_path, NOW + HOUR, NOW + HOUR) == expected[1:]
    assert hours(tmp_path, NOW, NOW + HOUR, "kabar") == expected[:1]
    assert hours(tmp_path, NOW + HOUR, NOW) == []


def test_the_lag_is_the_time_from_publication_to_saving(tmp_path):
    store = store_in(tmp_path)
    for number, late in enumerate((timedelta(seconds=-5), timedelta(minutes=1), timedelta(minutes=40), timedelta(9))):
        settle(store, number, NOW, kept, published=NOW - late)
    settle(store, 9, NOW, kept, published=None)
    store.close()
    with open_archive(tmp_path) as archive:
        (line,) = archive.hours(NOW, NOW)
    assert line.kept == 5
    assert {LAG_BOUNDS[at] if at < len(LAG_BOUNDS) else None: n for at, n in enumerate(line.lags) if n} == {
        timedelta(minutes=1): 2,
        timedelta(hours=1): 1,
        None: 1,
    }


def test_an_hour_takes_the_place_of_the_one_two_weeks_before(tmp_path):
    store = store_in(tmp_path)
    settle(store, 1, NOW, kept)
    settle(store, 2, NOW + RING * HOUR, kept)
    later = NOW + (RING - 2) * HOUR
    settle(store, 3, later, kept)
    store.close()
    end = NOW + RING * HOUR
    assert [line[0] for line in hours(tmp_path, NOW - 9 * RING * HOUR, end)] == [later, end], (
        "the ring is read in order"
    )
    with closing(sqlite3.connect(tmp_path / "state.db")) as state:
        assert state.execute("SELECT count(DISTINCT slot) FROM hours").fetchone() == (2,)


def test_hours_of_a_state_from_before_are_told_by_its_lines(tmp_path):
    store = store_in(tmp_path)
    settle(store, 1, NOW, kept)
    settle(store, 2, NOW - RING * HOUR, kept)
    store.close()
    with closing(sqlite3.connect(tmp_path / "state.db")) as state:
        state.executescript("DROP TABLE hours; DROP TABLE recent_names; PRAGMA user_version = 3;")
    store_in(tmp_path).close()
    assert hours(tmp_path, NOW - RING * HOUR, NOW) == [(NOW, "kabar", 1, 0, 0)]
