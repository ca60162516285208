import gzip
import json

import pytest
from typer.testing import CliRunner

from scraper import __version__
from scraper.cli.app import NAMES, app
from tests.cli.pages import PARAGRAPHS, article


@pytest.fixture
def scraper(tmp_path, monkeypatch):
    """Runs a command in an empty directory, as a user of another machine would."""
    monkeypatch.chdir(tmp_path)
    for name in ("SCRAPER_CONFIG", "SCRAPER_STORE_DATA"):
        monkeypatch.delenv(name, raising=False)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, list(arguments), catch_exceptions=False)


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def test_version_and_help(scraper):
    assert scraper("--version").stdout == f"scraper {__version__}\n"
    for command in NAMES:
        told = scraper(command, "--help")
        assert told.exit_code == 0
        assert f"scraper {command}" in told.stdout, f"{command} teaches by example"
        assert "<" not in told.stdout, "no names of types, which say nothing to whoever reads them"


def test_a_mistyped_command_is_told_with_what_may_be_meant(scraper):
    refused = scraper("exprot")
    assert refused.exit_code == 2
    assert "Did you mean 'export'" in refused.stderr


@pytest.mark.parametrize("before", [True, False])
def test_options_stand_before_the_name_of_what_a_group_does_or_behind_it(scraper, tmp_path, before):
    (tmp_path / "mine" / "outlets").mkdir(parents=True)
    (tmp_path / "mine" / "outlets" / "koran.toml").write_text(
        'name = "Koran"\ndomains = ["koran.example"]\nfeeds = ["https://koran.example/rss"]\n', "utf-8"
    )
    config = ("--config", "mine")
    told = scraper("outlets", *config, "show", "koran") if before else scraper("outlets", "show", "koran", *config)
    assert "Koran" in told.stdout
    refused = scraper("outlets", "--feeds", "list.txt", "show", "koran")
    assert refused.exit_code == 2
    assert "--feeds: is no option of" in refused.stderr


def test_extract_shows_a_saved_page(scraper, tmp_path):
    (tmp_path / "page.html").write_text(article(), "utf-8")
    result = scraper("extract", "page.html", "--url", "https://koran.example/read/1", "--json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)
    assert row["title"] == "Trotoar Braga Ditata Ulang"
    assert row["text"].splitlines() == list(PARAGRAPHS)
    assert row["published"] == "2026-03-01T08:30:00+07:00"
    assert row["language"] == "id"
    shown = scraper("extract", "page.html", "--url", "https://koran.example/read/1")
    assert PARAGRAPHS[0] in shown.stdout


def test_extract_tells_what_the_daemon_would_not_keep_and_shows_it_all_the_same(scraper, tmp_path):
    (tmp_path / "short.html").write_text(article(paragraphs=PARAGRAPHS[:1]), "utf-8")
    result = scraper("extract", "short.html", "--url", "https://koran.example/read/2", "--json")
    assert result.exit_code == 1
    row = json.loads(result.stdout)
    assert row["refused"]["reason"] == "too-short"
    assert row["text"] == PARAGRAPHS[0]


def test_a_batch_goes_on_past_pages_that_fail_and_keeps_its_order(scraper, tmp_path):
    (tmp_path / "one.html").write_text(article("Berita Satu"), "utf-8")
    (tmp_path / "two.html.gz").write_bytes(gzip.compress(article("Berita Dua").encode()))
    (tmp_path / "torn.html.gz").write_bytes(gzip.compress(article().encode())[:60])
    manifest = [
        {"id": 1, "file": "one.html", "url": "https://koran.example/read/1"},
        {"id": "gone", "file": "gone.html", "url": "https://koran.example/read/9"},
        {"id": "torn", "file": "torn.html.gz", "url": "https://koran.example/read/8"},
        {"id": "two", "file": "two.html.gz", "url": "https://koran.example/read/2"},
    ]
    text = "\n".join(map(json.dumps, manifest)) + "\nnot json\n"
    (tmp_path / "manifest.jsonl").write_text(text, "utf-8")
    result = scraper("extract", "--batch", "manifest.jsonl")
    found = rows(result.stdout)
    assert [row["id"] for row in found] == [1, "gone", "torn", "two", "line 5"]
    assert (found[0]["title"], found[3]["title"]) == ("Berita Satu", "Berita Dua")
    assert all("error" in found[at] for at in (1, 2, 4))
    assert result.exit_code == 1


def test_nothing_in_a_manifest_ends_its_batch(scraper, tmp_path):
    (tmp_path / "one.html").write_text(article("Berita Satu"), "utf-8")
    (tmp_path / "plain.html.gz").write_text(article("Berita Dua"), "utf-8")
    (tmp_path / "empty.html").touch()
    (tmp_path / "picture.html").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    (tmp_path / "old.html").write_bytes(article("Berita Kafé").replace("utf-8", "latin-1").encode("latin-1"))
    names = ["one.html", "plain.html.gz", "old.html", "empty.html", "picture.html", ".", "a\0b", "x" * 5000, None, 7]
    manifest = [{"id": at, "file": name, "url": f"https://koran.example/{at}"} for at, name in enumerate(names)]
    manifest += [{"id": "\ud800", "file": "one.html"}, {"id": "port", "file": "one.html", "url": "http://x:y:z/"}]
    lines = [
        *map(json.dumps, manifest),
        '{"id": "num", "file": "one.html", "url": 7}',
        "[]",
        '"x"',
        "{",
        "{}",
        "[" * 100_000,
    ]
    (tmp_path / "manifest.jsonl").write_text("\n".join(lines), "utf-8")
    result = scraper("extract", "--batch", "manifest.jsonl")
    found = rows(result.stdout)
    assert [row["id"] for row in found] == [
        *range(10),
        "\ud800",
        "port",
        "num",
        *(f"line {at}" for at in range(14, 19)),
    ]
    assert [row["id"] for row in found if "error" not in row] == [0, 1, 2, "\ud800", "port"]
    assert [row["title"] for row in found[:3]] == ["Berita Satu", "Berita Dua", "Berita Kafé"]
    assert result.exit_code == 1


def test_dedup_judges_a_file_in_the_order_of_arrival(scraper, tmp_path):
    text = "\n".join(PARAGRAPHS)
    stories = [
        {"id": 7, "src": "koran", "lang": "id", "t": 100, "title": "Trotoar Braga", "text": text},
        {"id": "b", "src": "harian", "lang": "id", "t": 900, "title": "Trotoar di Braga", "text": f"BANDUNG - {text}"},
    ]
    with gzip.open(tmp_path / "stories.jsonl.gz", "wt", encoding="utf-8") as out:
        out.write("".join(json.dumps(story) + "\n" for story in stories) + '{"id": 3}\n')
    result = scraper("dedup", "--batch", "stories.jsonl.gz")
    first, second = rows(result.stdout)
    assert (first["id"], first["verdict"], first["cluster"]) == (7, "new", 7)
    assert (second["id"], second["verdict"], second["cluster"], second["of"]) == ("b", "copy", 7, 7)
    assert second["why"]
    assert "line 3" in result.stderr
    assert result.exit_code == 1


def test_bad_usage_is_exit_status_2_with_a_sentence(scraper, tmp_path):
    assert scraper("extract").exit_code == 2
    missing = scraper("dedup", "--batch", "nowhere.jsonl")
    assert missing.exit_code == 2
    assert "nowhere.jsonl" in missing.stderr
    (tmp_path / "feeds.txt").write_text("https://koran.example/feed\n", "utf-8")
    unknown = scraper("run", "--feeds", "feeds.txt", "--allow-network", "not-a-network")
    assert unknown.exit_code == 2
    assert "127.0.0.0/8" in unknown.stderr


def test_commands_that_read_say_so_when_there_is_no_data_directory(tmp_path, scraper):
    from scraper.model.failures import ScraperError  # noqa: PLC0415

    for arguments in (("status",), ("explain", "https://koran.example/1"), ("export",)):
        with pytest.raises(ScraperError, match="nowhere"):
            scraper(*arguments, "--data", str(tmp_path / "nowhere"))
