"""What shares postings is found in runs and in memory alike, and just that."""

import itertools
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import decode, encode, take_fingerprint
from scraper.dedup.lookup import Query, candidates, same_text
from scraper.dedup.recent import Recent
from scraper.dedup.run import DTYPES, DamagedRunError, Run
from scraper.dedup.writing import FileSink, MemorySink, freeze, merge
from tests.dedup.stories import NOON, prose

ALWAYS = timedelta(days=9000)
CROWD = 64


def entry(number: int, lines: Sequence[str], name: str = "") -> Entry:
    return Entry(
        seq=number + 1,
        id=name or f"{number:016x}",
        outlet=f"outlet{number % 3}",
        group=None,
        time=NOON + timedelta(hours=number),
        cluster=f"{number:016x}",
        print=encode(take_fingerprint(lines, range(len(lines)))),
    )


def stories(count: int) -> list[Entry]:
    """Stories of which every third takes half of its lines from one of the four before."""
    bodies = [prose(number) for number in range(count)]
    for at in range(3, count, 3):
        bodies[at] = [*bodies[at - 1 - at % 4 % 3][:6], *bodies[at][:6]]
    return [entry(at, body) for at, body in enumerate(bodies)]


def query(of: Entry, within: timedelta = ALWAYS, need: int = 2) -> Query:
    return Query.of(decode(of.print), since=of.time - within, until=of.time + within, need=need)


def sharing(of: Entry, among: Sequence[Entry], within: timedelta = ALWAYS, need: int = 2) -> set[tuple[int, int]]:
    """How many postings are shared with which of them, counted one by one."""
    wanted = set(decode(of.print).postings)
    shared = {
        at: len(wanted & set(decode(other.print).postings))
        for at, other in enumerate(among)
        if abs(other.time - of.time) <= within
    }
    return {(count, at) for at, count in shared.items() if count >= need}


def write(path: Path, entries: Sequence[Entry]) -> Path:
    with FileSink(path) as sink:
        freeze(entries, sink)
    return path


@pytest.mark.parametrize("most_sieved", [0, 1 << 30], ids=["without sieves", "with sieves"])
@pytest.mark.parametrize("within", [ALWAYS, timedelta(hours=4)], ids=["always", "four hours"])
def test_runs_find_just_what_shares_postings(tmp_path: Path, most_sieved: int, within: timedelta):
    told = stories(90)
    firsts = (0, 40, 52, 90)
    runs = [
        Run.open(write(tmp_path / f"{first}.run", told[first:last]), most_sieved)
        for first, last in itertools.pairwise(firsts)
    ]
    for asked in told:
        found = {(count, firsts[at] + row) for count, at, row in candidates(runs, query(asked, within))}
        assert found == sharing(asked, told, within)
        assert [firsts[at] + row for at, row in same_text(runs, query(asked, within))] == [asked.seq - 1]


def test_merged_runs_find_what_their_parts_found():
    told = stories(80)
    parts = []
    for first in (0, 33, 41):
        sink = MemorySink()
        freeze(told[first : {0: 33, 33: 41, 41: 80}[first]], sink)
        parts.append(Run(sink.close()))
    sink = MemorySink()
    for _ in merge(parts, sink):
        pass
    whole = Run(sink.close())
    for asked in told:
        assert {(count, row) for count, _, row in candidates([whole], query(asked))} == sharing(asked, told)


@pytest.mark.parametrize("most_sieved", [0, 1 << 30], ids=["without sieves", "with sieves"])
def test_of_a_crowd_the_latest_are_found(tmp_path: Path, most_sieved: int):
    told = [entry(number, prose(7)) for number in range(3 * CROWD)]
    run = Run.open(write(tmp_path / "a.run", told), most_sieved)
    rows = [row for _, _, row in candidates([run], query(told[0]))]
    assert sorted(rows) == list(range(2 * CROWD, 3 * CROWD))
    recent = Recent()
    for one in told:
        recent.add(one)
    places = [place for place, _, _ in recent.candidates(decode(told[0].print).postings, query(told[0]))]
    assert sorted(places) == sorted(rows)


@pytest.mark.parametrize("most_sieved", [0, 1 << 30], ids=["without sieves", "with sieves"])
def test_buckets_that_lead_out_of_the_run_are_told(tmp_path: Path, most_sieved: int):
    told = stories(30)
    path = write(tmp_path / "a.run", told)
    start, count = Run.open(path).header.columns["buckets"]
    data = bytearray(path.read_bytes())
    begin = 20 + int.from_bytes(data[8:12], "little") + start
    wild = np.random.default_rng(1).integers(0, 1 << 32, count, np.uint32).astype(DTYPES["buckets"]).tobytes()
    data[begin : begin + len(wild)] = wild
    harmed = tmp_path / "b.run"
    harmed.write_bytes(data)
    with pytest.raises(DamagedRunError, match="lead out of it"):
        list(candidates([Run.open(harmed, most_sieved)], query(told[3])))


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, 5), st.integers(0, 3)),
            st.tuples(st.just("freeze"), st.integers(0, 5), st.just(0)),
        ),
        max_size=60,
    )
)
def test_memory_is_as_good_as_a_plain_list(steps: list[tuple[str, int, int]]):
    texts = [prose(1, 8), [*prose(1, 4), *prose(2, 4)], prose(3, 8), prose(1, 8)]
    recent, plain = Recent(), dict[str, Entry]()
    for number, (step, which, text) in enumerate(steps):
        name = f"story {which}"
        if step == "add":
            plain[name] = entry(number, texts[text], name)
            recent.add(plain[name])
        elif name in plain:
            recent.remove([plain.pop(name)])
    assert len(recent) == len(plain)
    for body in texts:
        asked = entry(0, body)
        found = Counter(
            {one.id: count for _, one, count in recent.candidates(decode(asked.print).postings, query(asked))}
        )
        shared = {
            id_: len({*decode(asked.print).postings} & {*decode(one.print).postings}) for id_, one in plain.items()
        }
        assert found == {id_: count for id_, count in shared.items() if count >= 2}
        exact = decode(asked.print).exact
        assert {one.id for one in recent.same_text(exact)} == {
            id_ for id_, one in plain.items() if decode(one.print).exact == exact
        }


def test_one_that_was_considered_again_stays_when_its_earlier_self_is_frozen():
    recent = Recent()
    first, again = entry(0, prose(1), "a"), entry(1, prose(2), "a")
    recent.add(first)
    recent.add(again)
    recent.remove([first])
    assert recent.get("a") is again
