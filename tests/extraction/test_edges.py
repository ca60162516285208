import numpy as np
import pytest

from scraper.extraction.blocks import read_blocks
from scraper.extraction.edges import join_places, signatures
from scraper.extraction.engine import Witness
from scraper.extraction.loading import parse
from tests.extraction.builders import PARAGRAPHS


def blocks(body):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    return read_blocks(tree)


@pytest.mark.parametrize("place", ["<b>Jakarta</b> -", "KABAR.CO, Jakarta –", "WASHINGTON (AP) —"])
def test_a_place_before_a_paragraph_opens_it(place):
    joined = join_places(blocks(f"<div>{place}<p>Hujan turun.</p><p>Sungai naik.</p></div>"))
    opening = place.replace("<b>", "").replace("</b>", "")
    assert [block.text for block in joined] == [f"{opening} Hujan turun.", "Sungai naik."]
    assert [block.tag for block in joined] == ["p", "p"]


@pytest.mark.parametrize(
    "body",
    [
        "<div>Jakarta<p>Hujan turun.</p></div>",
        "<div>Jakarta -<h2>Hujan turun.</h2></div>",
        "<div><p>Jakarta -</p><p>Hujan turun.</p></div>",
        "<div>Hujan turun di mana-mana! -<p>Hujan turun.</p></div>",
    ],
)
def test_no_other_line_is_joined(body):
    assert [block.text for block in join_places(blocks(body))] == [block.text for block in blocks(body)]


def signed(body, *, taken=False):
    found = blocks(body)
    keep = np.array([block.text in PARAGRAPHS for block in found], np.bool_)
    marks = signatures(found, Witness([block.text for block in found] if taken else []), keep)
    return [block.text for block, mark in zip(found, marks, strict=True) if mark]


STORY = f"<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>"


@pytest.mark.parametrize("code", ["(fyk/ash)", "(rks)", "[cob]", "(H-2)", "(Ant/H-2)", "(kpl/pur/tch)", "(Cas/Isk)"])
def test_a_desks_codes_sign_the_story(code):
    assert signed(f"<div>{STORY}<p>{code}</p></div>") == [code]
    assert signed(f"<div>{STORY}{code}</div>") == [code]


def test_a_box_of_links_may_stand_before_the_codes():
    links = '<div><p><a href="/1">Kapal baru</a></p><p><a href="/2">Pelabuhan</a></p></div>'
    assert signed(f"<div>{STORY}{links}<p>(rks)</p></div>") == ["(rks)"]


def test_a_name_in_capitals_signs_when_the_engine_took_it():
    assert signed(f"<div>{STORY}<p>RINA SARI</p></div>", taken=True) == ["RINA SARI"]
    assert signed(f"<div>{STORY}<p>RINA SARI | BUDI LIMA</p></div>", taken=True) == ["RINA SARI | BUDI LIMA"]
    assert signed(f"<div>{STORY}<p>RINA SARI</p></div>") == []


@pytest.mark.parametrize("line", ["ANTARA", "Rina Sari", "CONTACT US", "(lihat juga halaman lain)", "(2015)"])
def test_what_is_no_signature_is_left_to_the_others(line):
    assert signed(f"<div>{STORY}<p>{line}</p></div>", taken=True) == []


def test_codes_elsewhere_on_the_page_sign_nothing():
    assert signed(f"<div>{STORY}</div><div><p>(rks)</p></div>") == []
    assert signed("<p>(rks)</p>") == []
