"""Stories in the layouts of the Indonesian press, old and new, read without an outlet's file. Pages are ours.

Each page opens with a comment that holds the lines of its story.
"""

from pathlib import Path
from string import Template

import pytest

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, entry, page

HERE = Path(__file__).parent / "layouts"
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(HERE.glob("*.html"))}
STORY = (Path(__file__).parent.parent / "outlets" / "pages" / "story.txt").read_text("utf-8").splitlines()
PIECES = {f"p{number}": paragraph for number, paragraph in enumerate(STORY, start=1)}
TITLE = "Warga Kampung Tenun Hidupkan Lagi Pasar Apung"


@pytest.mark.parametrize("name", PAGES)
def test_the_text_is_the_whole_story_and_nothing_else(name):
    told, _, html = PAGES[name].removeprefix("<!--\n").partition("\n-->\n")
    draft = read_pages([page(Template(html).substitute(PIECES, title=TITLE))], OUTLET, entry(), ExtractSettings())
    assert isinstance(draft, Draft), draft
    assert draft.text == Template(told).substitute(PIECES)
    assert draft.title == TITLE
