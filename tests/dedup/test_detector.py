from dataclasses import replace

import pytest

from scraper.dedup import ForeignFingerprintError, NearDuplicates, judge_all
from scraper.model.verdict import Relation
from scraper.settings import DedupSettings
from tests.dedup.stories import remembered, story

FERRY = """The harbour office in Kalira said on Monday that the ferry Putri Samudra will stay in dock until Friday.
Engineers found two cracks in the left propeller shaft during a routine check, harbour master Ratna Wibowo said.
About 340 passengers who hold tickets for the evening crossing can change them free of charge at any counter.
A replacement vessel from the neighbouring island is expected to take over the route from Wednesday morning.
The shipping line has promised to publish the report of the inspection before the end of the month."""
MARKET = """Traders at the old fish market of Benua Timur will move into a new hall next year, mayor Hadi Kusno said.
The hall offers room for 212 stalls, cold storage for forty tonnes and a quay where small boats can unload.
Rents stay unchanged for three years, a promise that the traders' association had asked for in writing.
Work on the foundation begins in April, once the rainy season is over and the ground has dried out."""


def test_the_first_story_is_new_and_opens_its_cluster():
    judgement = NearDuplicates(DedupSettings()).consider(story("a", "one", FERRY)).judgement
    assert (judgement.relation, judgement.cluster, judgement.of) == (Relation.NEW, "a", None)
    assert judgement.why


def test_a_copy_joins_the_cluster_and_says_of_what():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    judgement = detector.consider(story("b", "two", "KALIRA (One News) - " + FERRY, 2)).judgement
    assert (judgement.relation, judgement.cluster, judgement.of) == (Relation.COPY, "a", "a")
    assert judgement.similarity == 1.0
    assert "a (one)" in judgement.why


def test_a_cut_copy_is_found_by_containment():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    judgement = detector.consider(story("b", "two", "\n".join(FERRY.split("\n")[:2]), 2)).judgement
    assert judgement.relation is Relation.COPY
    assert judgement.containment > judgement.resemblance


def test_another_story_is_new():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    assert detector.consider(story("b", "two", MARKET)).judgement.relation is Relation.NEW


def test_the_same_outlets_later_version_is_an_update():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    later = FERRY + "\nThe line later said that the report will be out on Thursday, earlier than first announced."
    judgement = detector.consider(story("b", "one", later, 3)).judgement
    assert (judgement.relation, judgement.cluster) == (Relation.UPDATE, "a")


def test_two_copies_in_one_instant_keep_exactly_one():
    detector = NearDuplicates(DedupSettings())
    found = [detector.consider(story(str(n), f"outlet{n}", FERRY)).judgement.relation for n in range(8)]
    assert found == [Relation.NEW] + [Relation.COPY] * 7


def test_a_story_considered_again_replaces_its_earlier_self():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    again = detector.consider(story("a", "one", MARKET)).judgement
    assert (again.relation, again.cluster) == (Relation.NEW, "a")
    assert detector.consider(story("b", "two", FERRY)).judgement.relation is Relation.NEW
    assert detector.consider(story("c", "two", MARKET)).judgement.of == "a"


def test_the_first_of_a_cluster_is_not_a_copy_of_its_own_copies():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", FERRY))
    detector.consider(story("b", "two", FERRY, 1))
    again = detector.consider(story("a", "one", FERRY, 2)).judgement
    assert (again.relation, again.cluster) == (Relation.NEW, "a")


def test_what_was_loaded_is_judged_as_what_was_seen():
    stories = [story("a", "one", FERRY), story("m", "one", MARKET, 1)]
    rows = [remembered(n, given, judged) for n, (given, judged) in enumerate(judge_all(stories), start=1)]
    restarted = NearDuplicates(DedupSettings())
    assert restarted.load(rows) == 2
    assert restarted.load(rows) == 0
    judgement = restarted.consider(story("b", "two", FERRY, 2)).judgement
    assert (judgement.relation, judgement.cluster) == (Relation.COPY, "a")


def test_a_foreign_fingerprint_is_refused_with_its_row():
    row = remembered(7, story("a", "one", FERRY), next(judge_all([story("a", "one", FERRY)]))[1])
    foreign = replace(row, fingerprint=b"\xff" + row.fingerprint[1:])
    with pytest.raises(ForeignFingerprintError, match=r"row 7.*kind 255"):
        NearDuplicates(DedupSettings()).load([foreign])


def test_empty_texts_are_no_copies_of_each_other():
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "one", ""))
    assert detector.consider(story("b", "two", "")).judgement.relation is Relation.NEW


@pytest.mark.parametrize(
    "text",
    [
        "x" + " " * 1_000_000 + "y",
        "a b c\n" * 100_000,
        "A " * 300_000,
        "市政府" * 100_000,
        "said Adam Baker " * 30_000,
        "1.2,3:" * 100_000,
        "abc \ud800 def " * 1000,
        ("this story " + "published " * 35 + "\n") * 2000,
    ],
    ids=["spaces", "lines", "capitals", "characters", "names", "figures", "surrogates", "credits"],
)
def test_a_monstrous_text_is_judged_like_any(text: str):
    detector = NearDuplicates(DedupSettings())
    assert detector.consider(story("a", "one", text)).judgement.relation is Relation.NEW
    judged = detector.consider(story("b", "two", text))
    assert judged.judgement.relation in {Relation.COPY, Relation.NEW}
    assert len(judged.fingerprint) < 600
