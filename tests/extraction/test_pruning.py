import pytest

from scraper.extraction.blocks import read_blocks
from scraper.extraction.loading import parse
from scraper.extraction.pruning import prune

TITLE = "Jalan baru ke desa dibuka"


def left(body, title=TITLE):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    prune(tree, title)
    return [block.text for block in read_blocks(tree)]


def story(title, text, inside=""):
    return f"<article><header><h1>{title}</h1></header><p>{text}</p>{inside}</article>"


def test_a_story_that_an_endless_page_loads_below_its_own_is_removed():
    assert left(story(TITLE, "Satu.") + story("Harga cabai turun tajam", "Dua.")) == [TITLE, "Satu."]


def test_the_page_s_own_story_is_told_by_its_title_and_not_by_its_place():
    body = story("Harga cabai turun tajam", "Dua.") + story(TITLE, "Satu.") + story("Gempa di laut", "Tiga.")
    assert "Satu." in left(body)
    assert "Tiga." not in left(body)


@pytest.mark.parametrize(
    "body",
    [
        story("Judul lain sama sekali", "Satu.") + story("Harga cabai turun", "Dua."),
        story(TITLE, "Satu.", "<h1>Latar belakang</h1><p>Dua.</p>"),
        f"<h1>{TITLE}</h1><p>Satu.</p>" + story("Harga cabai turun tajam", "Dua."),
        story(TITLE, "Satu.", story("Kutipan yang disisipkan", "Dua.")),
        story(TITLE, "Satu.") + story(f"{TITLE} hari ini", "Dua."),
    ],
)
def test_in_doubt_nothing_is_removed(body):
    assert {"Satu.", "Dua."} <= set(left(body))


def test_a_footer_that_unclosed_markup_wrapped_around_the_story_stays():
    assert left(f"<footer><article><h1>{TITLE}</h1><p>Satu.</p></article></footer>") == [TITLE, "Satu."]
    assert left("<p>Satu.</p><footer><p>Hak cipta.</p></footer>") == ["Satu."]


def test_posts_quoted_from_elsewhere_are_removed():
    assert left("<p>Satu.</p><blockquote class=twitter-tweet><p>Kicauan.</p></blockquote>") == ["Satu."]


@pytest.mark.parametrize(
    "names", ["id=onetrust-consent-sdk", "class='qc-cmp2-container'", "id=didomi-host", "class='gdpr-note'"]
)
def test_what_a_consent_manager_puts_into_the_page_is_removed(names):
    assert left(f"<p>Satu.</p><div {names}><div><p>Kami memakai kuki.</p></div></div>") == ["Satu."]


def test_a_page_that_is_wrapped_in_such_names_stays():
    assert left("<div class='gdpr-aware'><article><p>Satu.</p></article></div>") == ["Satu."]
