"""`scraper backfill` at the terminal: what it refuses, what it lists, how it goes on."""

import json

import pytest
from typer.testing import CliRunner

from scraper.cli.app import app
from scraper.model.failures import ScraperError
from tests.sources import warcs

STORY = "<html><head><title>Banjir surut</title></head><body><article>" + "".join(
    f"<p>Warga desa {number} kembali ke rumah setelah air surut pada pagi hari, kata kepala desa itu.</p>"
    for number in range(12)
)


@pytest.fixture
def scraper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    monkeypatch.setenv("SCRAPER_EXTRACT_WORKERS", "1")
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, ["backfill", *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--warc", "none-*.warc.gz"), "matches no file"),
        (("--folder", "none"), "is no directory"),
        (("--resume", "--limit", "3"), "give it alone"),
        (("--warc", "a.warc", "--dry-run"), "files are not listed"),
        (("--warc", "a.warc", "--since", "2026-02-01", "--until", "2026-01-01"), "is before --since"),
        (("--warc", "a.warc", "--since", "yesterday"), "is no time"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(scraper, tmp_path, arguments, told):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.info()]))
    done = scraper(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.output.replace("│", " ").split())
    assert not (tmp_path / "data").exists()


def test_runs_are_listed_and_a_finished_one_is_not_gone_on_with(scraper, tmp_path):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.response("https://koran.example/1", STORY.encode())]))
    assert "No backfill has been run" in scraper("list").stdout
    events = [json.loads(line) for line in scraper("--warc", "*.warc", "--json").stdout.splitlines()]
    assert (events[-1]["event"], events[-1]["stage"], events[-1]["kept"]) == ("end", "done", 1)
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert json.loads((tmp_path / events[-1]["report"]).read_text("utf-8"))["outlets"]["koran.example"]["kept"] == 1
    (row,) = [json.loads(line) for line in scraper("list", "--json").stdout.splitlines()]
    assert (row["run"], row["stage"], row["kept"]) == (1, "done", 1)
    for number in ((), ("9",)):
        with pytest.raises(ScraperError, match="There is no"):
            scraper("--resume", *number)
    again = scraper("--warc", "*.warc")
    assert "1 were known already" in again.stdout
    assert "Backfill 2: done" in again.stdout
