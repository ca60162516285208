from datetime import timedelta

from scraper.extraction import ArticleExtractor
from scraper.model.article import Draft
from scraper.sandbox import Sandbox
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, article_html, entry, page, paragraphs


async def test_a_page_is_read_in_the_sandbox():
    sandbox = Sandbox(workers=1, timeout=timedelta(seconds=20), memory=1_000_000_000, recycle_after=10)
    async with sandbox:
        extractor = ArticleExtractor(sandbox, ExtractSettings())
        draft = await extractor.extract([page(article_html(paragraphs(*PARAGRAPHS)))], OUTLET, entry())
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)
