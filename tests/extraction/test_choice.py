import numpy as np
import pytest

from scraper.extraction.blocks import read_blocks
from scraper.extraction.choice import (
    KEEP,
    KEEP_ALIKE,
    KEEP_BOLD,
    KEEP_CALLED,
    KEEP_HEADING,
    KEEP_HEADING_AMID,
    Seen,
    choose,
    passed_over,
)
from scraper.extraction.engine import Witness
from scraper.extraction.features import NOTHING, Sights, measure
from scraper.extraction.loading import parse
from scraper.extraction.model import BlockModel, block_model
from tests.extraction.builders import PARAGRAPHS, article_html, paragraphs

LONG = " ".join(PARAGRAPHS)


def seen(body, *, description="", engine=()):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return Seen(
        blocks=read_blocks(tree), figures=NOTHING, description=Witness([description]), engine=Witness(list(engine))
    )


def likely(*chances):
    return np.array(chances, np.float32)


def test_blocks_that_are_likely_enough_are_chosen():
    page = seen("<p>satu</p><p>dua</p>")
    assert [block.text for block in choose(page, likely(0.9, KEEP - 0.01))] == ["satu"]


def test_a_named_body_lowers_the_bar_inside_and_raises_it_outside():
    page = seen("<div><p>di dalam</p></div><p>di luar</p>")
    body = [page.blocks[0].element.getparent()]
    assert [block.text for block in choose(page, likely(0.3, 0.7), body)] == ["di dalam"]
    assert [block.text for block in choose(page, likely(0.1, 0.9), body)] == ["di luar"]


def test_a_doubtful_paragraph_among_many_sure_ones_of_its_kind_stays():
    page = seen(
        "<div>" + "".join(f"<p>{LONG} {at}</p>" for at in range(7)) + "</div><aside><p>" + LONG + "</p></aside>"
    )
    doubtful = KEEP_ALIKE + 0.01
    assert len(choose(page, likely(*[0.95] * 6, doubtful, doubtful))) == 7


def test_a_doubtful_sub_heading_between_two_parts_of_the_story_stays():
    page = seen("<p>satu</p><h3>Latar belakang</h3><p>dua</p><h3>Latar belakang</h3>", engine=["Latar belakang"])
    doubtful = KEEP_HEADING + 0.01
    assert [block.text for block in choose(page, likely(0.9, doubtful, 0.9, doubtful))] == [
        "satu",
        "Latar belakang",
        "dua",
    ]


def test_a_sub_heading_right_between_two_paragraphs_needs_little_more_than_the_engines_word():
    markup = f"<p>{LONG}</p><h3>Latar belakang</h3><p>{LONG}</p>"
    doubtful = KEEP_HEADING_AMID + 0.01
    assert len(choose(seen(markup, engine=["Latar belakang"]), likely(0.9, doubtful, 0.9))) == 3
    assert len(choose(seen(markup), likely(0.9, doubtful, 0.9))) == 2
    assert len(choose(seen(markup), likely(0.9, KEEP_HEADING + 0.01, 0.9))) == 3


def test_a_picture_or_a_box_may_stand_between_a_sub_heading_and_the_text():
    box = "<div>Foto: istimewa</div>"
    page = seen(f"<p>{LONG}</p>{box}<h3>Latar belakang</h3>{box}<p>{LONG}</p>", engine=["Latar belakang"])
    doubtful = KEEP_HEADING + 0.01
    assert "Latar belakang" in [block.text for block in choose(page, likely(0.9, 0, doubtful, 0, 0.9))]
    far = seen(f"<p>{LONG}</p>{box}<h3>Latar belakang</h3>{box * 4}<p>{LONG}</p>", engine=["Latar belakang"])
    assert "Latar belakang" not in [block.text for block in choose(far, likely(0.9, 0, doubtful, 0, 0, 0, 0, 0.9))]


def test_furniture_beside_a_sub_heading_does_not_part_it_from_the_text():
    markup = f"<p>{LONG}</p><div>Advertisement</div><h3>Latar belakang</h3><p>{LONG}</p>"
    doubtful = KEEP_HEADING + 0.01
    assert "Latar belakang" in [block.text for block in choose(seen(markup), likely(0.9, 0, doubtful, 0.9))]
    other = markup.replace("Advertisement", "Iklan kapal baru")
    assert "Latar belakang" not in [block.text for block in choose(seen(other), likely(0.9, 0, doubtful, 0.9))]


def test_sub_headings_of_one_dress_are_chosen_together():
    heads = ("Satu", "Dua", "Tiga", "Empat")
    page = seen("".join(f"<p>{LONG} {head}</p><h2 class=x>{head}</h2>" for head in heads) + f"<p>{LONG}</p>")
    doubtful = KEEP_HEADING + 0.01
    chances = likely(0.9, doubtful, 0.9, doubtful, 0.9, doubtful, 0.9, 0.0, 0.9)
    assert [block.text for block in choose(page, chances) if block.tag == "h2"] == list(heads)


def test_a_bold_line_between_two_paragraphs_is_a_sub_heading():
    body = "<p>{}</p><p><b>Latar belakang</b>{}</p><p>{}</p>"
    doubtful = likely(0.9, KEEP_BOLD + 0.01, 0.9)
    page = seen(body.format(LONG, "", LONG), engine=["Latar belakang"])
    assert "Latar belakang" in [block.text for block in choose(page, doubtful)]
    assert len(choose(page, likely(0.9, KEEP_BOLD - 0.01, 0.9))) == 2
    assert len(choose(page, likely(0.9, KEEP_BOLD + 0.01, 0.1))) == 1
    assert len(choose(seen(body.format(LONG, "", LONG)), doubtful)) == 2
    plain = seen(body.format(LONG, " kata dia", LONG), engine=["Latar belakang kata dia"])
    assert len(choose(plain, doubtful)) == 2


def test_a_paragraph_that_is_called_a_sub_heading_is_one():
    body = '<p>{}</p><p class="wp-block-{}">Latar belakang</p><p>{}</p>'
    doubtful = likely(0.9, KEEP_CALLED + 0.01, 0.9)
    page = seen(body.format(LONG, "crosshead", LONG), engine=["Latar belakang"])
    assert "Latar belakang" in [block.text for block in choose(page, doubtful)]
    assert len(choose(seen(body.format(LONG, "text", LONG), engine=["Latar belakang"]), doubtful)) == 2


def test_a_linked_heading_is_another_storys():
    page = seen(
        f"<p>{LONG}</p><h3><a href=/x>Kabar lain hari ini</a></h3><p>{LONG}</p>", engine=["Kabar lain hari ini"]
    )
    assert len(choose(page, likely(0.9, 0.4, 0.9))) == 2


def test_a_page_that_is_not_understood_is_read_by_its_description():
    body = "".join(f"<div><figcaption class=k>{text}</figcaption></div>" for text in PARAGRAPHS[:2])
    page = seen(f"<p>{PARAGRAPHS[2]}</p>{body}", description=PARAGRAPHS[0])
    assert [block.text for block in choose(page, likely(0.5, 0.2, 0.2))] == list(PARAGRAPHS[:2])


def test_what_stood_amid_the_story_or_was_witnessed_is_passed_over_by_name():
    page = seen(
        f"<div><p>{PARAGRAPHS[0]}</p><p>Sisipan</p></div><p>{PARAGRAPHS[1]}</p><b>Menu</b>", engine=[PARAGRAPHS[1]]
    )
    assert passed_over(page, page.blocks[:1]) == ["Sisipan", PARAGRAPHS[1]]


def test_the_model_that_ships_reads_the_figures_that_are_taken():
    tree = parse(article_html(paragraphs(*PARAGRAPHS)))
    assert tree is not None
    blocks = read_blocks(tree)
    sights = Sights(engine=Witness(list(PARAGRAPHS)), data=None, title="Laut Tenang", description="")
    chances = block_model().likely(measure(blocks, tree, sights))
    assert [block.text for block, chance in zip(blocks, chances, strict=True) if chance > KEEP] == list(PARAGRAPHS)


def test_figures_of_another_width_are_refused():
    with pytest.raises(ValueError, match="figures"):
        block_model().likely(np.zeros((2, 3), np.float32))


def test_trees_are_read_level_by_level():
    model = BlockModel(
        columns=np.array([[0, 1, 0]], np.int16),
        limits=np.array([[0.5, 0.5, np.inf]], np.float32),
        leaves=np.array([[-9, 9, 2, 7]], np.float32),
        bias=0.0,
        width=2,
    )
    chances = model.likely(np.array([[0, 0], [0, 1], [1, 0]], np.float32))
    assert chances.round(2).tolist() == pytest.approx([0.0, 1.0, 0.88])


def test_the_description_is_not_said_again_below_the_text_that_says_it():
    short = "Perusahaan listrik resmi mengoperasikan gardu induk baru."
    long = "Perusahaan listrik resmi mengoperasikan gardu induk baru berikut jaringannya pada Selasa pagi."
    page = seen(f"<div class=a>{long}</div><div class=b>{short}</div>", description=short)
    assert [block.text for block in choose(page, likely(0.9, 0.9))] == [long]
    standfirst = seen(f"<div class=b>{short}</div><div class=a>{long}</div>", description=short)
    assert [block.text for block in choose(standfirst, likely(0.9, 0.9))] == [short, long]


def test_links_that_a_short_line_announces_are_other_stories():
    links = "<p><a href=/a>Jembatan lama ditutup sepekan</a></p><p><a href=/b>Harga beras turun</a></p>"
    page = seen(f"<p>{LONG}</p><p>Baca Juga</p>{links}<p>{LONG} lagi</p><p>Unduh <a href=/c>dokumen lengkap</a></p>")
    chosen = choose(page, likely(0.9, 0.1, 0.9, 0.9, 0.9, 0.9))
    assert [block.text for block in chosen] == [LONG, f"{LONG} lagi", "Unduh dokumen lengkap"]
    assert "Jembatan lama ditutup sepekan" in passed_over(page, chosen)
