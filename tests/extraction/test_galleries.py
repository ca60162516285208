"""Stories told in pictures."""

import numpy as np
import pytest

from scraper.extraction import read_pages
from scraper.extraction.blocks import read_blocks
from scraper.extraction.galleries import rest_of_rows
from scraper.extraction.loading import parse
from scraper.model.article import Draft
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, article_html, entry, page

CAPTIONS = (
    "Seorang nelayan menjemur ikan di tepi Pantai Kenjeran, Surabaya, Senin (6/7/2026). Cuaca cerah membantu mereka.",
    "Para pekerja mengangkat keranjang berisi ikan kering menuju truk yang akan berangkat ke pasar induk.",
    "Anak-anak bermain layang-layang di antara deretan jemuran ikan pada sore hari di kampung nelayan.",
    "Ibu-ibu memilah ikan menurut ukuran sebelum dikemas untuk dikirim ke Malang dan Kediri.",
    "Perahu kembali ke dermaga menjelang malam setelah melaut sejak pagi buta.",
)
SHAPES = {
    "figures": "<figure class=galeri><img src={n}.jpg><figcaption class=keterangan>{text}</figcaption></figure>",
    "slider": "<div class=slide><img data-src={n}.jpg><div class=caption-photo>{text}</div><span>{n}/5</span></div>",
    "list": "<li class=foto><picture><source><img src={n}.jpg></picture><span>{n}</span><div><p>{text}</p></div></li>",
    "deep": "<div class=item><div><a href=#{n}><img src={n}.jpg></a></div><div><p class=t>{text}</p></div></div>",
}
OTHERS = "".join(
    f"<article class=kartu><a href=/f/{n}><img src=f{n}.jpg></a><h4><a href=/f/{n}>Foto: Suasana {place}</a></h4>"
    f"<p class=t>Pengunjung memadati {place} untuk menikmati libur panjang bersama keluarga.</p></article>"
    for n, place in enumerate(("pasar", "taman", "kebun", "pantai"))
)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tag", ["div", "ul"])
def test_every_caption_of_a_photo_story_is_its_text(shape, tag):
    row = "".join(SHAPES[shape].format(n=at, text=text) for at, text in enumerate(CAPTIONS, 1))
    body = f"<{tag} class=galeri-foto>{row}</{tag}>"
    after = f"<section><h3>Foto Lainnya</h3>{OTHERS}</section>"
    head = f'<meta property="og:description" content="{CAPTIONS[0]}">'
    draft = read_pages(
        [page(article_html(body, title="Potret Kampung Nelayan", head=head, after=after))],
        OUTLET,
        entry(),
        ExtractSettings(),
    )
    assert isinstance(draft, Draft), draft
    assert draft.text.split("\n") == list(CAPTIONS)


def chosen(markup, *picked):
    tree = parse(f"<html><body>{markup}</body></html>")
    assert tree is not None
    blocks = read_blocks(tree)
    found = rest_of_rows(blocks, np.array([block.text in picked for block in blocks], np.bool_))
    return [block.text for block, taken in zip(blocks, found.tolist(), strict=True) if taken]


ROW = "".join(f"<figure><img><figcaption>{text}</figcaption></figure>" for text in CAPTIONS)


def test_captions_follow_the_others_of_their_row():
    assert chosen(f"<div>{ROW}</div>", *CAPTIONS[:3]) == list(CAPTIONS)


def test_two_captions_do_not_make_a_photo_story():
    assert chosen(f"<div>{ROW}</div>", *CAPTIONS[:2]) == []


def test_captions_beside_a_longer_story_stay_out():
    story = " ".join(CAPTIONS * 3)
    assert chosen(f"<div>{ROW}</div><p>{story}</p>", *CAPTIONS[:3], story) == []


def test_paragraphs_between_pictures_are_no_captions():
    body = "".join(f"<p>{text}</p><img>" for text in CAPTIONS)
    assert chosen(f"<section><div>{body}</div><div><img></div></section>", *CAPTIONS[:4]) == []


def test_linked_captions_are_teasers():
    row = "".join(f"<figure><img><figcaption>{text}</figcaption></figure>" for text in CAPTIONS[:4])
    teaser = f"<figure><img><figcaption><a href=/x>{CAPTIONS[4]}</a></figcaption></figure>"
    assert chosen(f"<div>{row}{teaser}</div>", *CAPTIONS[:4]) == list(CAPTIONS[:4])
