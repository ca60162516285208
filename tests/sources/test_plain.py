import pytest

from scraper.sources.raw import plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Banjir  di\n Jakarta", "Banjir di Jakarta"),
        ("Tarif &amp;amp; pajak", "Tarif & pajak"),
        ("<b>Gempa</b> M 5,3", "Gempa M 5,3"),
        ("a\x1b[31mmerah\x07\x00", "a[31mmerah"),
        ("&#27;]0;judul", "]0;judul"),
        ("sampul\u202egnp.exe", "sampulgnp.exe"),
        ("\u200b \x9b", None),
        ("", None),
        (None, None),
    ],
)
def test_a_title_is_plain_text_that_cannot_drive_a_terminal(written, read):
    assert plain(written) == read
