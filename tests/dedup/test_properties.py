"""What holds for every text."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.dedup import NearDuplicates, judge_all
from scraper.dedup.fingerprint import decode, encode, take_fingerprint, trim
from scraper.dedup.normal import read_text, strip_dateline
from scraper.model.verdict import Relation, Story
from scraper.settings import DedupSettings
from tests.dedup.stories import prose, story

BOILERPLATE = (
    "ADVERTISEMENT",
    "SCROLL TO CONTINUE WITH CONTENT",
    "Baca juga: Warga Lembah Hijau Panen Raya",
    "Simak Video: Detik-detik Jembatan Dibuka",
    "[Gambas:Video 20detik]",
    "Read more: Ten villages to visit this year",
    "Story continues below",
    "Editor: Ratna Wibowo",
    "(abc/def)",
    "Ikuti kanal kami di WhatsApp untuk berita terbaru",
    "Copyright © Harian Lembah 2026",
    "Artikel ini telah tayang di harianlembah.test dengan judul Panen Raya",
)
texts = st.lists(st.text(min_size=1), max_size=8).map("\n".join)


def same_cluster(*stories: Story) -> bool:
    clusters = {judged.judgement.cluster for _, judged in judge_all(stories)}
    return len(clusters) == 1


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_a_text_is_its_own_copy(number: int, sentences: int):
    text = "\n".join(prose(number, sentences))
    assert same_cluster(story("a", "one", text), story("b", "two", text, hours=24 * 900))


@given(texts)
def test_any_text_with_a_word_is_its_own_copy(text: str):
    detector = NearDuplicates(DedupSettings())
    first = detector.consider(story("a", "one", text))
    second = detector.consider(story("b", "two", text))
    known = decode(first.fingerprint).shingles > 0
    assert second.judgement.relation is (Relation.COPY if known else Relation.NEW)


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.integers(0, 1000))
def test_no_order_of_arrival_splits_a_verbatim_cluster(dice: random.Random, number: int):
    body = "\n".join(prose(number))
    stories = [
        story("plain", "one", body),
        story("dated", "two", "KALIRA (Two News) - " + body, 3),
        story("advertised", "three", body.replace("\n", "\nADVERTISEMENT\n", 1), 400),
        story("credited", "four", body + "\nArtikel ini telah tayang di one.test", 5),
        story("placed", "five", "five.test, Kalira - " + body, 9),
    ]
    strangers = [story(f"stranger{n}", "one", "\n".join(prose(-1 - n - number)), n) for n in range(4)]
    mixed = stories + strangers
    dice.shuffle(mixed)
    found = {told.id: judged.judgement.cluster for told, judged in judge_all(mixed)}
    assert len({found[told.id] for told in stories}) == 1
    assert all(found[told.id] == told.id for told in strangers)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1000), st.lists(st.tuples(st.sampled_from(BOILERPLATE), st.integers(0, 12)), max_size=6))
def test_boilerplate_changes_no_verdict(number: int, added: list[tuple[str, int]]):
    lines = prose(number)
    cut = prose(number)[: 4 + number % 8]
    for line, place in added:
        cut.insert(place, line)
    first = story("a", "one", "\n".join(lines))
    plain = [
        judged.judgement
        for _, judged in judge_all([first, story("b", "two", "\n".join(prose(number)[: 4 + number % 8]))])
    ]
    dressed = [judged.judgement for _, judged in judge_all([first, story("b", "two", "\n".join(cut))])]
    assert dressed == plain


@given(texts, st.none() | st.text(max_size=30))
def test_every_text_can_be_read_and_its_fingerprint_kept(text: str, dateline: str | None):
    reading = read_text(text, dateline)
    taken = take_fingerprint(reading.lines, reading.marks)
    assert decode(encode(taken)) == taken
    trimmed = decode(trim(encode(taken)))
    assert (trimmed.sketch, trimmed.exact, trimmed.figures) == (taken.sketch, taken.exact, taken.figures)


@given(st.text(max_size=80))
def test_what_follows_a_dateline_is_never_empty(line: str):
    assert bool(strip_dateline(line).strip()) == bool(line.strip())
