"""How far a run has come in its files of pages."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from scraper.model.backfill import Captured
from scraper.service.places import MOST_ALONG, Place, Places

PLACE, TABLE = Places(7).names


class Run:
    """Counts records as a run does, and remembers what is written for each."""

    def __init__(self, durable):
        self.durable = durable
        self.places = Places(7)
        self.counted = self.places.take_up({PLACE: durable.get(PLACE), TABLE: durable.get(TABLE)})

    def record(self, outlet, number=1):
        self.counted.records += 1
        self.counted.found[outlet] = self.counted.found.get(outlet, 0) + number
        self.places.find(outlet, number)
        self.places.reach(0, f"{self.counted.records}")
        return self.places.written(self.counted)


def test_places_that_earlier_versions_saved_are_still_read():
    counted = Captured(records=9, taken=3, known=2, found={"harian": 3})
    earlier = [1, "1234+2", 0, {"records": 9, "taken": 3, "known": 2, "found": {"harian": 3}, "passed_over": {}}]
    places = Places(7)
    assert places.take_up({PLACE: msgspec.msgpack.encode(earlier), TABLE: None}) == counted
    assert places.at == Place(file=1, mark="1234+2", counted=counted)
    assert places.take_up({PLACE: msgspec.msgpack.encode([2, None, 7]), TABLE: None}) == Captured()
    assert places.at == Place(file=2, taken=7)


OUTLETS = st.integers(0, 3 * MOST_ALONG)


@given(st.lists(st.lists(st.tuples(OUTLETS, st.sampled_from([1, 1, 1, -1]), st.booleans()), max_size=200), max_size=4))
def test_a_run_that_was_killed_counts_what_was_durable(sessions):
    durable: dict[str, bytes | None] = {}
    expected: dict[str, int] = {}
    for session in sessions:
        run = Run(durable)
        assert run.counted.found == expected
        assert run.places.at.mark == (f"{run.counted.records}" if durable else None)
        waiting: dict[str, bytes | None] = {}
        for outlet, number, is_committed in session:
            waiting |= run.record(f"o{outlet}", number)
            if is_committed:
                durable |= waiting
                waiting, expected = {}, dict(run.counted.found)
    assert Run(durable).counted.found == expected


def test_what_is_written_with_a_record_does_not_grow_with_the_outlets():
    def mean_of(outlets):
        run = Run({})
        for outlet in range(outlets):
            run.record(f"outlet-{outlet}.example")
        written = [run.record(f"outlet-{number * 7 % outlets}.example") for number in range(1000)]
        return sum(len(values[PLACE]) for values in written) / 1000, sum(TABLE in values for values in written)

    places, tables = mean_of(20_000)
    assert places < 1000 + MOST_ALONG * 40
    assert tables <= 1000 / MOST_ALONG + 1
    few, none = mean_of(MOST_ALONG // 2)
    assert few > 0
    assert none == 0


def test_a_file_that_failed_is_left_for_another_time_with_how_far_it_was_read():
    places = Places(7)
    places.reach(0, "10")
    places.leave(0, failed=True)
    places.reach(1, "5")
    places.leave(1, failed=False)
    assert (places.at.file, places.at.unread) == (2, {0: "10"})
    places.reach(0, "20")
    places.leave(0, failed=False)
    assert (places.at.file, places.at.unread) == (2, {})
    assert places.forgotten() == {PLACE: None, TABLE: None}
