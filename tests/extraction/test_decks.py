import numpy as np
import pytest

from scraper.extraction.blocks import read_blocks
from scraper.extraction.decks import KEEP_NAMED, KEEP_SAID, decks, summaries
from scraper.extraction.engine import Witness
from scraper.extraction.loading import parse
from tests.extraction.builders import PARAGRAPHS

DECK = "Warga pesisir menyambut kapal yang pulang membawa ikan"
STORY = "".join(f"<p>{paragraph} {paragraph}</p>" for paragraph in PARAGRAPHS)


def found(deck, *, chance, description="", heading="<h1>Laut Tenang</h1>"):
    tree = parse(f"<html><body>{heading}{deck}<div>{STORY}</div></body></html>")
    assert tree is not None
    blocks = read_blocks(tree)
    keep = np.array([PARAGRAPHS[0] in block.text or PARAGRAPHS[1] in block.text for block in blocks], np.bool_)
    likely = np.array([0.9 if kept else chance for kept in keep], np.float32)
    marks = decks(blocks, likely, keep, Witness([description]))
    return [block.text for block, mark in zip(blocks, marks, strict=True) if mark]


@pytest.mark.parametrize(
    "names",
    [
        "article-subtitle",
        "teaser lead",
        "strapline",
        "post-header__text__dek",
        "article-excerpt larva",
        "epigraph",
        "standfirst",
        "font--subhead",
        "article__summary",
    ],
)
def test_what_its_own_name_calls_a_deck_is_one(names):
    assert found(f'<h2 class="{names}">{DECK}</h2>', chance=KEEP_NAMED + 0.01) == [DECK]


@pytest.mark.parametrize(
    "names",
    [
        "atc-ImageDescription intro",
        "related-teaser teaser",
        "article-intro__date lead",
        "summary-card",
        "leading-loose",
        "",
    ],
)
def test_other_names_say_nothing(names):
    assert found(f'<p class="{names}">{DECK}</p>', chance=0.4) == []


def test_what_the_page_says_of_itself_is_its_deck():
    assert found(f"<p>{DECK}</p>", chance=KEEP_SAID + 0.01, description=DECK) == [DECK]
    assert found(f"<p>{DECK}</p>", chance=KEEP_SAID - 0.01, description=DECK) == []


def test_points_that_sum_the_story_up_are_part_of_it():
    points = f'<div class="summary-list"><ul><li>{DECK}</li><li>Harga ikan turun di pasar utama</li></ul></div>'
    assert len(found(points, chance=KEEP_NAMED + 0.01)) == 2
    assert found(points.replace("summary", "link"), chance=KEEP_NAMED + 0.01) == []
    assert found(f"<p>Ringkasan Berita:</p>{points}", chance=KEEP_NAMED + 0.01) == []


def test_nothing_above_the_heading_nor_below_the_first_paragraph_is_a_deck():
    deck = f'<p class="standfirst">{DECK}</p>'
    assert found("", chance=0.4, heading=f"{deck}<h1>Laut Tenang</h1>") == []
    assert found("", chance=0.4, heading=f"<h1>Laut Tenang</h1><p>{PARAGRAPHS[0]} {PARAGRAPHS[0]}</p>{deck}") == []


def test_a_page_without_story_has_no_deck():
    tree = parse(f'<html><body><p class="standfirst">{DECK}</p></body></html>')
    assert tree is not None
    blocks = read_blocks(tree)
    assert not decks(blocks, np.ones(1, np.float32), np.zeros(1, np.bool_), Witness([DECK])).any()


@pytest.mark.parametrize("announcing", ["Ringkasan Berita:", "Baca 10 detik", "Intinya sih..."])
def test_the_pages_own_summary_before_the_story_is_no_part_of_it(announcing):
    points = "<ul><li>Kapal pulang.</li><li>Ikan murah.</li></ul>"
    long = f"{PARAGRAPHS[0]} {PARAGRAPHS[1]}"

    def gone(body):
        tree = parse(f"<html><body>{body}</body></html>")
        assert tree is not None
        blocks = read_blocks(tree)
        marks = summaries(blocks, np.ones(len(blocks), np.bool_))
        return [block.text for block, mark in zip(blocks, marks, strict=True) if mark]

    assert gone(f"<p>{announcing}</p>{points}<p>{long}</p>") == [announcing, "Kapal pulang.", "Ikan murah."]
    assert gone(f"<p>Syaratnya:</p>{points}<p>{long}</p>") == []
    assert gone(f"<p>{long}</p><p>{announcing}</p>{points}<p>{long}</p>") == []
