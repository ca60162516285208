"""Exports as a user makes them: each form, each filter, to files, pipes and feed readers."""

import csv
import io
import json
import os
import threading
from datetime import timedelta

import feedparser
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from scraper.cli.app import app
from tests.storage.samples import LEASE, NOW, duplicate, entry, kept, store_in


@pytest.fixture
def scraper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    store = store_in(tmp_path / "data")
    for number, outlet, language in ((0, "kabar", "id"), (1, "kabar", "en"), (2, "suara", "id"), (3, "suara", "id")):
        store.enqueue([entry(number, outlet)], NOW)
        (claimed,) = store.claim(NOW, 1, LEASE)
        published = entry(number).published
        assert published is not None
        store.commit([kept(claimed, number, language=language, published=published + timedelta(days=number))], NOW)
    store.enqueue([entry(9, "suara")], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    store.commit([duplicate(claimed, 9, of=0)], NOW)
    store.close()
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["export", *arguments], catch_exceptions=False)


def ids(lines):
    return [int(json.loads(line)["id"], 16) for line in lines.splitlines()]


FILTERS: tuple[tuple[tuple[str, ...], list[int]], ...] = (
    ((), [0, 1, 2, 3]),
    (("--outlet", "suara"), [2, 3]),
    (("--language", "en"), [1]),
    (("--since", "2026-11-24"), [1, 2, 3]),
    (("--since", "2026-11-24", "--until", "2026-11-25"), [1, 2]),
    (("--query", "HUJAN warga"), [0, 1, 2, 3]),
    (("--query", "warga 3"), [3]),
    (("--outlet", "suara", "--language", "en"), []),
)


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
def test_what_is_asked_for_is_written_and_counted(scraper, chosen, expected):
    done = scraper(*chosen)
    assert ids(done.stdout) == expected
    assert f"{len(expected)} article" in done.stderr


@pytest.mark.parametrize(("chosen", "expected"), FILTERS)
def test_feeds_know_every_filter_and_begin_with_the_newest(scraper, chosen, expected):
    feed = feedparser.parse(io.BytesIO(scraper("--format", "feed", *chosen).stdout_bytes))
    assert not feed.bozo
    assert [int(one.id.rpartition(":")[2], 16) for one in feed.entries] == expected[::-1]
    items = json.loads(scraper("--format", "json-feed", *chosen).stdout)["items"]
    assert [item["url"] for item in items] == [one.link for one in feed.entries]
    assert all("Banjir surut pada malam hari." in item["content_html"] for item in items), "the whole text"


def test_a_copy_is_told_with_its_story_and_is_none_of_its_own(scraper):
    rows = list(csv.DictReader(io.StringIO(scraper("--format", "csv", "--clusters").stdout)))
    assert [row["also_from"] for row in rows] == [entry(9, "suara").url, "", "", ""]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "txt", "md", "html-feed", "feed", "json-feed"])
def test_a_file_holds_what_a_pipe_gives(scraper, tmp_path, form):
    piped = scraper("--format", form).stdout_bytes
    scraper("--format", form, "--out", f"out.{form}")
    written = (tmp_path / f"out.{form}").read_bytes()
    if form == "parquet":
        assert parquet.read_table(io.BytesIO(written)).num_rows == parquet.read_table(io.BytesIO(piped)).num_rows == 4
    else:
        assert written == piped
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []


def test_texts_are_named_by_date_outlet_and_words(scraper, tmp_path):
    scraper("--format", "txt", "--out", "texts/", "--outlet", "suara")
    assert sorted(path.name for path in (tmp_path / "texts").iterdir()) == [
        "2026-11-25_suara_berita-2-hujan-deras.txt",
        "2026-11-26_suara_berita-3-hujan-deras.txt",
    ]


def test_a_named_pipe_takes_an_export(scraper, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    taken = []
    reader = threading.Thread(target=lambda: taken.append((tmp_path / "pipe").read_text()), daemon=True)
    reader.start()
    scraper("--out", "pipe")
    reader.join(30)
    assert ids(taken[0]) == [0, 1, 2, 3]


def test_a_file_is_whole_at_every_moment(scraper, tmp_path):
    (tmp_path / "news.xml").write_text("the old feed")
    (part,) = (tmp_path / "data").rglob("part-1.jsonl")
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(Exception, match=r"part-1\.jsonl"):
        scraper("--format", "feed", "--out", "news.xml")
    assert (tmp_path / "news.xml").read_text() == "the old feed"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "news.xml"]


def test_an_outlet_that_is_not_there_is_said_with_the_one_that_may_be_meant(scraper):
    assert "Is suara meant?" in scraper("--outlet", "sura").stderr
    assert "There are kabar, suara." in scraper("--outlet", "zzz").stderr


def test_a_language_is_known_by_its_code_however_it_is_written(scraper):
    assert ids(scraper("--language", "EN-us").stdout) == [1]
    assert "There are en, id." in scraper("--language", "zz").stderr


def test_a_range_without_a_moment_is_bad_usage(scraper):
    refused = scraper("--since", "2026-11-25", "--until", "2026-11-24")
    assert refused.exit_code == 2
    assert "2026-11-24 is before 2026-11-25" in refused.stderr
    assert scraper("--since", "2026-11-24", "--until", "2026-11-24").exit_code == 0


def test_a_file_that_cannot_be_written_is_a_failure(scraper, tmp_path):
    (tmp_path / "plain").write_text("a file", "utf-8")
    for arguments in (("--out", "/dev/full"), ("--out", "plain/x.jsonl"), ("--format", "txt", "--out", "plain")):
        failed = scraper(*arguments)
        assert failed.exit_code == 1
        assert failed.stderr.startswith(f"scraper: {arguments[-1]}: ")
