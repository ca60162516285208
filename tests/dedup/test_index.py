"""The index on disk: the same judgements as in memory, whatever happens to the process and its files."""

import errno
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scraper.dedup import NearDuplicates
from scraper.dedup.run import DTYPES, Run
from scraper.model.failures import StoreUnavailableError
from scraper.model.verdict import Judgement, Relation, Remembered, Story
from scraper.settings import DedupSettings
from tests.dedup.stories import prose, remembered, story, stream

SETTINGS = DedupSettings()


class CrashError(Exception):
    """The power went."""


class _Power:
    """Fails the n-th change to files under a directory and all later ones, as a kill or a full disk would."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.failure: Exception = CrashError()
        self.under = ""
        sys.addaudithook(self._watch)

    def _watch(self, event: str, args: tuple[object, ...]) -> None:
        if self.left is None or event not in {"open", "os.rename", "os.remove"}:
            return
        if event == "open" and "w" not in str(args[1]):
            return
        if not str(args[0]).startswith(self.under):
            return
        self.left -= 1
        if self.left < 0:
            raise self.failure


_POWER = _Power()


@pytest.fixture
def power() -> Iterator[_Power]:
    _POWER.failure = CrashError()
    yield _POWER
    _POWER.left = None


def judge(
    detector: NearDuplicates, stories: Sequence[Story], first_seq: int = 1
) -> tuple[list[Judgement], list[Remembered]]:
    judgements, rows = [], []
    for seq, given in enumerate(stories, start=first_seq):
        judged = detector.consider(given)
        judgements.append(judged.judgement)
        rows.append(remembered(seq, given, judged))
    return judgements, rows


def test_runs_judge_like_memory(tmp_path: Path):
    stories = stream(240)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    assert {judgement.relation for judgement in expected} >= {Relation.NEW, Relation.COPY}
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=16)
    found = []
    for start in range(0, 240, 40):
        found += judge(detector, stories[start : start + 40])[0]
        detector.load(rows[start : start + 40])
    assert found == expected
    assert detector.durable_seq > 200


def test_a_restart_changes_no_judgement(tmp_path: Path):
    stories = stream(200, seed=2)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    found = []
    for start in range(0, 200, 25):
        detector = NearDuplicates(SETTINGS, tmp_path, run_stories=16)
        detector.load(row for row in rows[:start] if row.seq > detector.durable_seq)
        found += judge(detector, stories[start : start + 25])[0]
    assert found == expected


def test_runs_in_memory_judge_like_small_ones():
    stories = stream(300, seed=3)
    expected = judge(NearDuplicates(SETTINGS), stories)[0]
    assert judge(NearDuplicates(SETTINGS, run_stories=8), stories)[0] == expected


def test_furniture_survives_a_restart(tmp_path: Path):
    teaser = " ".join(prose(-1, 6))
    rows = judge(NearDuplicates(SETTINGS), [story(str(n), "one", "\n".join([*prose(n), teaser])) for n in range(1, 4)])[
        1
    ]
    NearDuplicates(SETTINGS, tmp_path, run_stories=3).load(rows)
    restarted = NearDuplicates(SETTINGS, tmp_path)
    assert restarted.durable_seq == 3
    plain = restarted.consider(story("p", "two", "\n".join(prose(9)))).fingerprint
    furnished = restarted.consider(story("f", "one", "\n".join([*prose(9), teaser])))
    assert furnished.judgement.why.startswith("copy of p (two): word for word")
    assert plain != furnished.fingerprint


def test_a_crash_at_any_file_operation_loses_nothing(tmp_path: Path, power: _Power):
    stories = stream(36, seed=4)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    for crash_at in itertools.count():
        directory = tmp_path / str(crash_at)
        power.under, power.left = str(directory), crash_at
        try:
            NearDuplicates(SETTINGS, directory, run_stories=7).load(rows[:28])
            survived = True
        except CrashError:
            survived = False
        power.left = None
        restarted = NearDuplicates(SETTINGS, directory, run_stories=7)
        assert restarted.damage is None or restarted.durable_seq == 0
        restarted.load(row for row in rows[:28] if row.seq > restarted.durable_seq)
        assert judge(restarted, stories[28:])[0] == expected[28:]
        if survived:
            break
    assert crash_at > 15


@pytest.mark.parametrize("harm", ["delete", "cut", "head", "kind"])
def test_a_damaged_run_is_given_up_and_made_anew(tmp_path: Path, harm: str):
    stories = stream(80, seed=5)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    NearDuplicates(SETTINGS, tmp_path, run_stories=40).load(rows[:40])
    NearDuplicates(SETTINGS, tmp_path, run_stories=20).load(rows[40:60])
    _, victim = sorted(tmp_path.glob("*.run"))
    data = victim.read_bytes()
    if harm == "delete":
        victim.unlink()
    elif harm == "cut":
        victim.write_bytes(data[: len(data) // 2])
    elif harm == "head":
        victim.write_bytes(data[:40] + b"?" + data[41:])
    else:
        manifest = tmp_path / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"kind": 1', '"kind": 9'))
    restarted = NearDuplicates(SETTINGS, tmp_path, run_stories=20)
    assert restarted.damage
    assert restarted.durable_seq == (0 if harm == "kind" else 40)
    restarted.load(row for row in rows[:60] if row.seq > restarted.durable_seq)
    assert judge(restarted, stories[60:])[0] == expected[60:]
    assert NearDuplicates(SETTINGS, tmp_path).damage is None


@pytest.mark.parametrize("harm", ["delete", "cut"])
def test_a_damaged_furniture_file_makes_everything_anew(tmp_path: Path, harm: str):
    rows = judge(NearDuplicates(SETTINGS), stream(40, seed=6))[1]
    NearDuplicates(SETTINGS, tmp_path, run_stories=20).load(rows)
    victim = next(tmp_path.glob("*.furniture"))
    if harm == "delete":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:-3])
    restarted = NearDuplicates(SETTINGS, tmp_path, run_stories=20)
    assert restarted.damage
    assert restarted.durable_seq == 0
    assert restarted.load(rows) == 40


def test_what_was_not_committed_is_forgotten_by_a_restart(tmp_path: Path):
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=2)
    rows = judge(detector, [story("a", "one", "\n".join(prose(1))), story("b", "one", "\n".join(prose(2)))])[1]
    detector.load(rows)
    detector.consider(story("lost", "one", "\n".join(prose(3))))
    restarted = NearDuplicates(SETTINGS, tmp_path)
    assert restarted.consider(story("d", "two", "\n".join(prose(3)))).judgement.relation is Relation.NEW
    assert restarted.consider(story("e", "two", "\n".join(prose(2)))).judgement.of == "b"


def test_a_story_considered_again_replaces_its_self_in_a_run(tmp_path: Path):
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=2)
    stories = [story("a", "one", "\n".join(prose(1))), story("b", "one", "\n".join(prose(2)))]
    detector.load(judge(detector, stories)[1])
    assert detector.durable_seq == 2
    again = detector.consider(story("a", "one", "\n".join(prose(3)), 1))
    assert again.judgement.relation is Relation.NEW
    assert detector.consider(story("c", "two", "\n".join(prose(1)), 2)).judgement.relation is Relation.NEW
    rows = [remembered(3, story("a", "one", "", 1), again)]
    rows += judge(detector, [story("x", "one", "\n".join(prose(8)), 2)], first_seq=4)[1]
    detector.load(rows)
    restarted = NearDuplicates(SETTINGS, tmp_path)
    assert restarted.durable_seq == 4
    assert restarted.consider(story("c", "two", "\n".join(prose(1)), 2)).judgement.relation is Relation.NEW
    assert restarted.consider(story("d", "two", "\n".join(prose(3)), 2)).judgement.of == "a"


def test_an_exact_copy_is_known_after_years_and_a_cut_one_is_not(tmp_path: Path):
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=2)
    body = prose(1)
    detector.load(judge(detector, [story("a", "one", "\n".join(body)), story("b", "one", "\n".join(prose(2)))])[1])
    years = 24 * 365 * 3
    assert detector.consider(story("c", "two", "\n".join(body[:6]), years)).judgement.relation is Relation.NEW
    assert detector.consider(story("d", "two", "\n".join(body), years)).judgement.relation is Relation.COPY


class Catalog:
    """Rows in order of seq, as the store hands them out."""

    def __init__(self, rows: Iterable[Remembered] = ()) -> None:
        self.rows = list(rows)

    def __call__(self, after_seq: int) -> list[Remembered]:
        return [row for row in self.rows if row.seq > after_seq]


@pytest.mark.parametrize("other", ["the same", "renumbered", "shorter", "empty"])
def test_files_of_another_catalog_are_made_anew(tmp_path: Path, other: str):
    stories = stream(60, seed=8)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    NearDuplicates(SETTINGS, tmp_path, run_stories=20).follow(Catalog(rows[:40]))
    restarted = NearDuplicates(SETTINGS, tmp_path, run_stories=20)
    assert restarted.durable_seq == 40
    catalogs = {
        "the same": rows[:40],
        "renumbered": [replace(row, seq=row.seq - 1) for row in rows[1:41]],
        "shorter": rows[:10],
        "empty": [],
    }
    restarted.follow(Catalog(catalogs[other]))
    assert (restarted.damage is None) is (other == "the same")
    again = NearDuplicates(SETTINGS, tmp_path, run_stories=20)
    again.follow(Catalog(rows[:40]))
    assert judge(again, stories[40:])[0] == expected[40:]


def test_following_a_catalog_moves_stories_into_files(tmp_path: Path):
    stories = stream(600, seed=10)
    expected = judge(NearDuplicates(SETTINGS), stories)[0]
    catalog = Catalog()
    found = []
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=100)
    detector.follow(catalog)
    for seq, given in enumerate(stories, start=1):
        judged = detector.consider(given)
        found.append(judged.judgement)
        catalog.rows.append(remembered(seq, given, judged))
        if seq == 300:
            assert detector.durable_seq == 200
            detector = NearDuplicates(SETTINGS, tmp_path, run_stories=100)
            detector.follow(catalog)
    assert found == expected
    assert detector.durable_seq >= 500


def test_a_story_that_was_removed_is_no_reason_to_drop_its_copies(tmp_path: Path):
    stories = stream(200, seed=12)
    found = judge(NearDuplicates(SETTINGS), stories)[0]
    (copied, copy), *_ = [(one.of, at) for at, one in enumerate(found) if one.relation is Relation.COPY]
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=50)
    detector.follow(Catalog(), {copied}.__contains__)
    again = judge(detector, stories)[0]
    assert again[copy].of != copied
    assert copied not in {one.of for one in again if one.relation is Relation.COPY}


@pytest.mark.parametrize("column", ["records", "offsets"])
def test_damage_met_while_judging_makes_the_files_anew(tmp_path: Path, column: str):
    stories = stream(80, seed=12)
    expected, rows = judge(NearDuplicates(SETTINGS), stories)
    NearDuplicates(SETTINGS, tmp_path, run_stories=30).follow(Catalog(rows[:60]))
    for victim in tmp_path.glob("*.run"):
        start, count = Run.open(victim).header.columns[column]
        data = bytearray(victim.read_bytes())
        size = count * np.dtype(DTYPES[column]).itemsize
        begin = 20 + int.from_bytes(data[8:12], "little") + start
        data[begin : begin + size] = bytes(size) if column == "records" else b"\xff" * size
        victim.unlink()
        victim.write_bytes(data)
    restarted = NearDuplicates(SETTINGS, tmp_path, run_stories=30)
    assert restarted.durable_seq == 60
    catalog = Catalog(rows[:60])
    restarted.follow(catalog)
    assert judge(restarted, stories[60:])[0] == expected[60:]
    assert restarted.damage


def test_a_full_disk_stops_no_judgement_and_is_caught_up_with(tmp_path: Path, power: _Power):
    stories = stream(780, seed=13)
    expected = judge(NearDuplicates(SETTINGS), stories)[0]
    catalog = Catalog()
    detector = NearDuplicates(SETTINGS, tmp_path, run_stories=40)
    detector.follow(catalog)
    power.under, power.failure = str(tmp_path), OSError(errno.ENOSPC, "No space left on device")
    found = []
    for seq, given in enumerate(stories, start=1):
        power.left = 3 if seq == 260 else None if seq == 500 else power.left
        judged = detector.consider(given)
        found.append(judged.judgement)
        catalog.rows.append(remembered(seq, given, judged))
        if seq == 499:
            held = detector.durable_seq
    assert found == expected
    assert held < 300
    assert detector.durable_seq > 600


def test_a_disk_that_is_full_at_the_start_is_told(tmp_path: Path, power: _Power):
    rows = judge(NearDuplicates(SETTINGS), stream(30, seed=14))[1]
    power.under, power.failure = str(tmp_path), OSError(errno.ENOSPC, "No space left on device")
    power.left = 0
    with pytest.raises(StoreUnavailableError, match="cannot write the index: No space left"):
        NearDuplicates(SETTINGS, tmp_path, run_stories=20).follow(Catalog(rows))


def test_a_place_that_cannot_hold_the_index_is_told(tmp_path: Path):
    (tmp_path / "index").write_text("not a directory")
    with pytest.raises(StoreUnavailableError, match="index: cannot open the index"):
        NearDuplicates(SETTINGS, tmp_path / "index")
