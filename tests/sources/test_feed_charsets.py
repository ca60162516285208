"""A feed whose charset is declared wrongly loses no letter on its way to entries."""

import pytest

from scraper.model.feed import Listing
from scraper.sources.listing import list_entries
from tests.sources.test_listing import OUTLET, page
from tests.test_charsets import CHINESE, FRENCH, INDONESIAN, JAPANESE, KOREAN, RUSSIAN, TAIWANESE

ARABIC = "أعلن رئيس الوزراء اليوم عن إجراءات جديدة لدعم الاقتصاد"


@pytest.mark.parametrize(
    ("text", "codec", "header", "declared"),
    [
        (INDONESIAN, "utf-8", "iso-8859-1", "iso-8859-1"),
        (FRENCH, "cp1252", "utf-8", "utf-8"),
        (FRENCH, "cp1252", "utf-8", "iso-8859-1"),
        (RUSSIAN, "cp1251", "utf-8", "utf-8"),
        (RUSSIAN, "cp1251", "iso-8859-1", "windows-1251"),
        (CHINESE, "gb18030", "utf-8", "gb2312"),
        (CHINESE, "gb18030", "iso-8859-1", "utf-8"),
        (JAPANESE, "cp932", "utf-8", "utf-8"),
        (KOREAN, "cp949", "iso-8859-1", "utf-8"),
        (TAIWANESE, "big5", "gb2312", "utf-8"),
        (ARABIC, "cp1256", "utf-8", "utf-8"),
        (RUSSIAN, "utf-16", "utf-8", "utf-16"),
        (RUSSIAN, "utf-16-le", "iso-8859-1", "utf-16"),
        (RUSSIAN, "utf-16-be", None, "utf-8"),
        (RUSSIAN, "utf-8-sig", "windows-1251", "windows-1251"),
        (INDONESIAN, "utf-8", "utf-16", "utf-16"),
    ],
)
def test_titles_come_out_as_they_were_written(text, codec, header, declared):
    feed = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>Kabar</title>'
        f"<item><title>{text}</title><link>https://harian.example/1</link></item></channel></rss>"
    )
    content_type = f"application/rss+xml; charset={header}" if header else "application/rss+xml"
    listing = list_entries(page(feed.encode(codec), content_type), OUTLET)
    assert isinstance(listing, Listing)
    assert [entry.title for entry in listing.entries] == [text]
