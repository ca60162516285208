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
        (("--warc", "."), "'.' matches no file but a directory; name the files in it: './*.warc.gz'"),
        (("--resume", "--limit", "3"), "give it alone"),
        (("--warc", "a.warc", "--since", "2026-02-01", "--until", "2026-01-01"), "is before --since"),
        (("--warc", "a.warc", "--since", "yesterday"), "is no time"),
        (("--warc", "a.warc", "--source", "index"), "give it too"),
        (("--sitemap", "koran.example/peta.xml", "--outlet", "koran"), "'koran.example/peta.xml' is no web address"),
        (("--source", "news", "--outlet", "koran"), "no outlet that is asked for names any news_sitemaps"),
        (("--source", "feed"), "no outlet that is asked for names any feeds"),
        (("--source", "index", "--since", "2026-01-01"), "no outlet that is asked for names any index_pages"),
        (("--source", "frob"), "there is no source 'frob'; there are sitemap, news, index, feed, wayback"),
        (("--resume", "x"), "'x' is no number of a backfill. None was run there."),
        (("--resume=x",), "'x' is no number of a backfill."),
        (("--outlet", "koran", "list"), "is no option of"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(scraper, tmp_path, arguments, told):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.info()]))
    (tmp_path / "config" / "outlets").mkdir(parents=True)
    (tmp_path / "config" / "scraper.toml").touch()
    (tmp_path / "config" / "outlets" / "koran.toml").write_text(
        'name = "Koran"\ndomains = ["koran.example"]\nsitemaps = ["https://koran.example/peta.xml"]\n', "utf-8"
    )
    done = scraper(*arguments)
    assert done.exit_code == 2
    assert told in " ".join(done.output.replace("│", " ").split())
    assert not (tmp_path / "data").exists()


def test_lines_of_a_list_that_are_no_address_are_counted_and_told_by_their_numbers(scraper, tmp_path):
    (tmp_path / "list.txt").write_text("# mine\nhttps://127.0.0.1/1\nnone\n\n" + "ftp://koran.example/\n" * 6, "utf-8")
    done = scraper("--urls", "list.txt")
    assert "7 passed over: no web address in lines 3, 5, 6, 7, 8 and 2 more of the list" in done.stdout
    assert "refused-address=1" in done.stdout


def test_runs_are_listed_and_a_finished_one_is_not_gone_on_with(scraper, tmp_path):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.response("https://koran.example/1", STORY.encode())]))
    assert "No backfill has been run" in scraper("list").stdout
    events = [json.loads(line) for line in scraper("--warc", "*.warc", "--json").stdout.splitlines()]
    assert (events[-1]["event"], events[-1]["stage"], events[-1]["kept"]) == ("end", "done", 1)
    assert {event["event"] for event in events[:-1]} == {"progress"}
    assert json.loads((tmp_path / events[-1]["report"]).read_text("utf-8"))["outlets"]["koran.example"]["kept"] == 1
    (row,) = [json.loads(line) for line in scraper("list", "--json").stdout.splitlines()]
    assert (row["run"], row["stage"], row["kept"]) == (1, "done", 1)
    with pytest.raises(ScraperError, match="There is no"):
        scraper("--resume")
    refused = scraper("--resume", "9", "--json")
    assert refused.exit_code == 2
    assert "There is no backfill 9 in data" in refused.output
    assert "The latest are 1 (done)." in " ".join(refused.output.replace("│", " ").split())
    again = scraper("--warc", "*.warc")
    assert "1 were known already" in again.stdout
    assert "Backfill 2: done" in again.stdout


def test_lines_are_plain_where_they_are_piped_and_records_where_json_is_asked_for(scraper, tmp_path, monkeypatch):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.response("https://koran.example/1", STORY.encode())]))
    (tmp_path / "broken.warc").write_bytes(b"no archive")
    plain = scraper("--warc", "a.warc").stderr
    assert "[info     ] kept outlet=koran.example url=https://koran.example/1 " in plain
    assert "[info     ] backfill run=1 stage=" in plain
    assert "[warning  ] list failed" in scraper("--warc", "broken.warc", "--dry-run").stderr
    records = scraper("--warc", "broken.warc", "--dry-run", "--json").stderr.splitlines()
    assert [json.loads(record)["event"] for record in records] == ["list failed"]
    monkeypatch.setenv("SCRAPER_LOG_FORMAT", "json")
    assert json.loads(scraper("--warc", "broken.warc").stderr.splitlines()[0])["event"] == "backfill"


def test_options_before_list_are_heard_and_those_behind_it_weigh_more(scraper, tmp_path):
    (tmp_path / "a.warc").write_bytes(warcs.plain([warcs.info()]))
    scraper("--warc", "a.warc", "--data", "here")
    (row,) = [json.loads(line) for line in scraper("--data", "here", "--json", "list").stdout.splitlines()]
    assert row["run"] == 1
    assert scraper("--data", "here", "list", "--data", "there").stdout == "No backfill has been run in there.\n"


def test_a_pattern_that_the_shell_filled_in_is_taken_whole(scraper, tmp_path):
    for number in range(3):
        page = warcs.response(f"https://koran.example/berita/{number}", STORY.encode())
        (tmp_path / f"{number}.warc").write_bytes(warcs.plain([page]))
    done = scraper("--warc", "0.warc", "1.warc", "2.warc", "--dry-run")
    assert [address[-1] for address in done.stdout.splitlines()] == ["0", "1", "2"]
    assert scraper("--warc", "0.warc", "3.warc").exit_code == 2


def test_a_dry_run_lists_the_pages_of_files_and_how_long_they_take(scraper, tmp_path):
    pages = [f"https://koran.example/berita/{number}" for number in range(4)]
    records = [warcs.info(), *(warcs.response(url, STORY.encode()) for url in pages)]
    (tmp_path / "a.warc.gz").write_bytes(warcs.gzipped(records))
    (tmp_path / "broken.warc").write_bytes(b"no archive at all")
    done = scraper("--warc", "a.warc.gz", "--dry-run")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == pages
    assert "4 stories of 1 outlets; reading 4 pages at hand takes about 0:0" in done.stderr
    assert not (tmp_path / "data").exists(), "nothing is kept"
    events = [
        json.loads(line)
        for line in scraper("--warc", "*.warc*", "--dry-run", "--json", "--limit", "2").stdout.splitlines()
    ]
    assert [event["url"] for event in events[:-1]] == pages[:2]
    assert (events[-1]["stories"], events[-1]["pages_at_hand"], events[-1]["at_least_seconds"]) == (2, 2, 0)
    broken = scraper("--warc", "broken.warc", "--dry-run")
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert scraper("--warc", "a.warc.gz", "--limit", "1").exit_code == 0
    assert scraper("--warc", "a.warc.gz", "--dry-run").stdout.splitlines() == pages[1:], "what is here is not listed"


def test_a_file_that_ends_too_soon_is_told_by_its_name_and_read_on_once_it_is_whole(scraper, tmp_path):
    pages = [f"https://koran.example/berita/{number}" for number in range(3)]
    whole = warcs.gzipped([warcs.info(), *(warcs.response(url, STORY.encode()) for url in pages)])
    (tmp_path / "a.warc.gz").write_bytes(whole[:-50])
    looked = scraper("--warc", "a.warc.gz", "--dry-run")
    assert (looked.exit_code, looked.stdout.splitlines()) == (1, pages[:-1])
    done = scraper("--warc", "a.warc.gz", "--warc", "*.gz")
    assert done.exit_code == 1
    assert "a.warc.gz: the file ends amid a compressed piece" in done.stdout
    assert "Backfill 1: done, a list or file failed" in done.stdout
    assert "Try what failed again with `scraper backfill --resume 1`" in done.stdout
    assert "done, with failures" in scraper("list").stdout
    with pytest.raises(ScraperError, match="`--resume 1` tries again what failed"):
        scraper("--resume")
    (tmp_path / "a.warc.gz").write_bytes(whole)
    (*_, end) = [json.loads(line) for line in scraper("--resume", "1", "--json").stdout.splitlines()]
    assert (end["stage"], end["records"], end["found"], end["known"]) == ("done", 4, 3, 0)


def test_a_dry_run_lists_addresses_and_how_long_politeness_makes_them_take(scraper, tmp_path):
    addresses = [f"https://koran.example/berita/{number}" for number in range(5)]
    (tmp_path / "list.txt").write_text("\n".join([*addresses, "no address", addresses[0]]), "utf-8")
    (tmp_path / "saved" / "koran.example" / "2026").mkdir(parents=True)
    (tmp_path / "saved" / "koran.example" / "2026" / "banjir.html").write_text(STORY, "utf-8")
    done = scraper("--urls", "list.txt", "--folder", "saved", "--dry-run", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["url"] for row in rows[:-1]] == [*addresses, "https://koran.example/2026/banjir.html"]
    assert rows[-1]["stories"] == 6
    assert rows[-1]["pages_at_hand"] == 1
    assert rows[-1]["at_least_seconds"] >= 5
    assert not (tmp_path / "data").exists()
