import numpy as np
import pytest

from scraper.extraction.asides import asides
from scraper.extraction.blocks import read_blocks
from scraper.extraction.loading import parse
from tests.extraction.builders import PARAGRAPHS

STORY = "".join(f"<p>{paragraph}</p>" for paragraph in (*PARAGRAPHS, *(f"Lalu {one}" for one in PARAGRAPHS)))


def gone(body, *, authors=()):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    blocks = read_blocks(tree)
    marks = asides(blocks, np.ones(len(blocks), np.bool_), authors)
    return [block.text for block, mark in zip(blocks, marks, strict=True) if mark]


@pytest.mark.parametrize(
    "caption",
    [
        "<figure><figcaption>Perahu nelayan di pagi hari.</figcaption></figure>",
        "<figure><figcaption><p>Perahu nelayan di pagi hari.</p></figcaption></figure>",
        '<p class="wp-caption-text">Perahu nelayan di pagi hari.</p>',
        '<div class="photodesc">Perahu nelayan di pagi hari.</div>',
        '<p class="img-description">Perahu nelayan di pagi hari.</p>',
        '<div class="photo"><img src="a.jpg"><p>Perahu nelayan di pagi hari.</p></div>',
    ],
)
def test_captions_beside_a_story_in_words_are_no_part_of_it(caption):
    assert gone(caption + STORY) == ["Perahu nelayan di pagi hari."]


def test_a_picture_among_the_paragraphs_makes_no_caption_of_them():
    assert gone(f'<div class="photo"><img src="a.jpg">{STORY}</div>{STORY}') == []
    assert gone(f'{STORY}<div class="photo"><img src="a.jpg"><p>{" ".join(PARAGRAPHS)}</p></div>{STORY}') == []


def test_captions_that_are_the_story_stay():
    row = "".join(f"<figure><figcaption>{paragraph}</figcaption></figure>" for paragraph in PARAGRAPHS)
    assert gone(row) == []
    assert gone(f"<p>{PARAGRAPHS[0]}</p>{row}") == []


def test_a_paragraph_that_is_a_link_alone_leads_elsewhere():
    assert gone(f'{STORY}<p><a href="/1"><b>KAPAL BARU TIBA</b></a></p>{STORY}') == ["KAPAL BARU TIBA"]
    assert gone(f'{STORY}<p>Lihat <a href="/1">kapal baru yang tiba</a></p>') == []
    assert gone(f'{STORY}<h2><a href="/1">Kapal baru tiba</a></h2>') == []


def test_a_story_made_of_links_keeps_them():
    links = "".join(f'<p><a href="/{at}">{paragraph}</a></p>' for at, paragraph in enumerate(PARAGRAPHS))
    assert gone(f"<p>{PARAGRAPHS[0]}</p>{links}") == []


def test_who_the_author_is_is_not_told_at_the_end():
    bio = "Rina Sari adalah wartawan kami di pesisir utara."
    assert gone(f"{STORY}<p>{bio}</p>", authors=("Rina Sari",)) == [bio]
    assert gone(f"{STORY}<p>{bio}</p>") == []
    assert gone(f"<p>{bio}</p>{STORY}", authors=("Rina Sari",)) == []
    assert gone(f"{STORY}<p>Rina Sari ikut melaut.</p>", authors=("Rina Sari",)) == []


def test_a_last_line_that_announces_what_does_not_follow_goes():
    assert gone(f"{STORY}<p>Perkembangan terbaru ada di sini:</p>") == ["Perkembangan terbaru ada di sini:"]
    assert gone(f"<p>Perkembangan terbaru ada di sini:</p>{STORY}") == []
    assert gone(f"<p>{PARAGRAPHS[0]}</p><p>Perkembangan:</p>") == []
