"""The archive in other formats."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import datetime

import feedparser
import pytest

from scraper.model.article import Image
from scraper.storage import Standing, open_archive
from scraper.storage.export import Exported, UnknownFormatError, chosen, newest, write, write_files
from scraper.storage.history import Member
from scraper.storage.records import decode
from tests.storage.samples import LEASE, NOW, article, collect, copy_of, duplicate, entry, store_in

NASTY = 'Harga <b>"naik"</b> & \x0b turun; kata, mereka'


def exported(number=1, **changes) -> Exported:
    return Exported(article=article(number, **changes))


def with_company() -> Exported:
    other = Member(
        id=f"{2:016x}",
        outlet="suara",
        url="https://suara.example/2?a=1&b=2",
        title="Salinan",
        time=NOW,
        standing=Standing.DROPPED,
        judgement=copy_of(2, 1).judgement,
    )
    return Exported(article=article(1), also_from=(other,))


def written(form, *articles) -> bytes:
    out = io.BytesIO()
    assert write(form, iter(articles), out) == len(articles)
    return out.getvalue()


def test_jsonl_is_the_archives_own_record():
    first, second = written("jsonl", exported(1), exported(2)).splitlines()
    assert (decode(first), decode(second)) == (article(1), article(2))


def test_jsonl_tells_the_cluster():
    record = json.loads(written("jsonl", with_company()))
    assert list(record)[-1] == "also_from"
    (other,) = record["also_from"]
    assert (other["outlet"], other["kept"], other["similarity"]) == ("suara", False, 0.97)


def test_csv_survives_what_csv_finds_hard():
    story = exported(1, title=NASTY, text='a "b",\nc', authors=("Sri", "Budi, S.H."), image=Image(url="u"))
    data = written("csv", story, exported(2))
    assert data.count(b"id,revision,outlet") == 1
    first, second = csv.DictReader(io.StringIO(data.decode(), newline=""))
    assert (first["title"], first["text"]) == (NASTY, 'a "b",\nc')
    assert (first["authors"], first["place"], first["image"]) == ("Sri; Budi, S.H.", "Jakarta", "u")
    assert datetime.fromisoformat(second["published"]) == article(2).published
    assert second["modified"] == ""


def test_parquet_has_types():
    parquet = pytest.importorskip("pyarrow.parquet")
    data = written("parquet", *(exported(number) for number in range(2100)))
    table = parquet.read_table(io.BytesIO(data))
    row = table.slice(1, 1).to_pylist()[0]
    assert table.num_rows == 2100
    assert row["published"] == article(1).published
    assert (row["tags"], row["paywalled"], row["revision"]) == (["banjir", "cuaca"], False, 0)


def test_a_feed_is_read_by_a_feed_reader():
    data = written("feed", exported(1, title=NASTY, text=f"Satu & dua\n{NASTY}"), with_company())
    ET.fromstring(data)  # noqa: S314 - written by us just now
    feed = feedparser.parse(io.BytesIO(data))
    assert not feed.bozo
    first, second = feed.entries
    assert first.id == f"tag:kabar.example,2026:{1:016x}"
    assert "Satu &amp; dua" in first.content[0].value
    assert "<b>" not in first.content[0].value.replace("&lt;b&gt;", "")
    assert [link.rel for link in second.links] == ["alternate", "related"]


def test_a_feed_of_nothing_is_a_feed():
    assert not feedparser.parse(io.BytesIO(written("feed"))).bozo
    assert json.loads(written("json-feed"))["items"] == []


def test_a_json_feed_has_items():
    first, second = json.loads(written("json-feed", exported(1), exported(2)))["items"]
    assert first["url"] == article(1).url
    assert second["content_html"].startswith("<p>Jakarta basah")


def test_html_lets_nothing_out_of_its_place():
    page = written("html-feed", exported(1, title="</h2><script>", text="<script>", url="javascript:alert(1)")).decode()
    assert "<script" not in page
    assert "javascript:" not in page


def test_markdown_and_text_are_readable():
    text = written("txt", exported(1), exported(2)).decode()
    assert text.startswith("Berita 1: “hujan” — deras\n\nJakarta basah, kata warga 1.\n\nBanjir surut")
    assert "\f\nBerita 2" in text
    assert r"\[x\]\(" not in written("md", exported(1, title="[x](y)")).decode()
    assert r"# \[x\](y)" in written("md", exported(1, title="[x](y)")).decode()
    assert "Also from: [suara](<https://suara.example/2?a=1&b=2>)" in written("md", with_company()).decode()


def test_markdown_takes_no_sign_of_a_text_for_its_own():
    text = "- Bukan daftar\n1. Pertama\n+ dua\n---\nAT&amp;T ~~lama~~ *baru*\n2024) lalu\n3.5 persen\n-5 derajat"
    paragraphs = written("md", exported(1, text=text)).decode().split("\n\n")[2:]
    assert [each.strip() for each in paragraphs] == [
        "\\- Bukan daftar",
        "1\\. Pertama",
        "\\+ dua",
        "\\---",
        "AT\\&amp;T \\~\\~lama\\~\\~ \\*baru\\*",
        "2024\\) lalu",
        "3.5 persen",
        "-5 derajat",
    ]


def test_one_file_an_article_named_by_date_outlet_and_slug(tmp_path):
    long = "Presiden Meninjau Lokasi Banjir di Jakarta Selatan Bersama Gubernur dan Wali Kota"
    articles = [exported(1), exported(2, title=article(1).title), exported(3, title=long), exported(4, title="安")]
    assert write_files("txt", articles, tmp_path / "out") == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "2026-11-23_kabar_0000000000000004.txt",
        "2026-11-23_kabar_berita-1-hujan-deras-0000000000000002.txt",
        "2026-11-23_kabar_berita-1-hujan-deras.txt",
        "2026-11-23_kabar_presiden-meninjau-lokasi-banjir-di-jakarta-selatan-bersama.txt",
    ]


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(UnknownFormatError, match="jsonl, csv, parquet"):
        write("docx", [], io.BytesIO())
    with pytest.raises(UnknownFormatError, match="txt and md"):
        write_files("csv", [], tmp_path)


def test_articles_are_chosen_from_an_archive(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1], "kabar")
    store.enqueue([entry(2, "suara")], NOW)
    store.commit([duplicate(waiting, 2, of=1) for waiting in store.claim(NOW, 1, LEASE)], NOW)
    collect(store, [3], "suara")
    with open_archive(tmp_path) as archive:
        assert [one.article.id for one in chosen(archive, outlet="suara")] == [f"{3:016x}"]
        (first, _) = chosen(archive, clusters=True)
        assert [member.outlet for member in first.also_from] == ["suara"]
        assert [one.article.id for one in newest(archive, 5)] == [f"{3:016x}", f"{1:016x}"]
        assert [one.article.id for one in newest(archive, 1)] == [f"{3:016x}"]
        assert [one.article.outlet for one in newest(archive, 5, outlet="kabar")] == ["kabar"]
        assert list(newest(archive, 5, language="en")) == []
    store.close()
