import numpy as np
import pytest

from scraper.extraction.blocks import read_blocks
from scraper.extraction.boxes import in_boxes
from scraper.extraction.loading import parse
from tests.extraction.builders import PARAGRAPHS, paragraphs

STORY = paragraphs(*PARAGRAPHS, *PARAGRAPHS)


def boxed(body):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    blocks = read_blocks(tree)
    found = in_boxes(blocks, np.ones(len(blocks), np.bool_))
    return [block.text for block, inside in zip(blocks, found, strict=True) if inside]


@pytest.mark.parametrize(
    "names",
    [
        "class='factbox right'",
        "class='article__fact-box'",
        "id=infobox-3",
        "class=Faktaruta",
        "class='comment-list'",
        "class=komentar",
        "id=disqus_thread",
        "class='newsletter-box'",
        "class='author-bio'",
        "class='baca-juga'",
        "class='polling'",
        "class='survey-box right'",
    ],
)
def test_what_stands_in_a_box_beside_the_story_is_no_part_of_the_story_around_it(names):
    assert boxed(f"<div>{STORY}<aside {names}><div><p>Panjang jalan: 12 km.</p></div></aside></div>") == [
        "Panjang jalan: 12 km."
    ]


def test_a_page_that_keeps_its_story_in_such_a_box_keeps_it():
    assert boxed(f"<div class=infobox>{STORY}</div><p>Kaki halaman.</p>") == []


def test_other_names_are_no_boxes():
    names = "article-body facts-matter infotext commentary correlated biography survey-results pollution"
    assert boxed(f"<div class='{names}'>{STORY}</div>") == []
