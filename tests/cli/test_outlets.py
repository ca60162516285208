"""`scraper outlets`, as a user runs it."""

import json

import pytest
from typer.testing import CliRunner

from scraper.cli.app import app
from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.model.failures import ConfigurationError
from scraper.outlets import load_outlets, outlets_from_feeds

WARTA = """
name = "Warta"
domains = ["warta.example"]
country = "ID"
languages = ["id"]
feeds = ["https://warta.example/rss"]
[selectors]
body = ["article"]
[policy]
request_spacing = "90 s"
headers = { Accept-Language = "id" }
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    (tmp_path / "config" / "outlets").mkdir(parents=True)
    (tmp_path / "config" / "scraper.toml").write_text("", "utf-8")
    (tmp_path / "config" / "outlets" / "warta.toml").write_text(WARTA, "utf-8")
    (tmp_path / "config" / "outlets" / "koran.toml").write_text('name = "Koran"\ndomains = ["koran.example"]', "utf-8")
    return tmp_path / "config"


def scraper(*arguments):
    return CliRunner().invoke(app, ["outlets", *arguments])


@pytest.mark.usefixtures("config")
def test_outlets_are_listed_for_people_and_programs():
    told = scraper().stdout.splitlines()
    assert [line.split()[0] for line in told] == ["id", "koran", "warta"]
    rows = [json.loads(line) for line in scraper("--json").stdout.splitlines()]
    assert [(row["id"], row["feeds"], row["rules"]) for row in rows] == [
        ("koran", [], False),
        ("warta", ["https://warta.example/rss"], True),
    ]


@pytest.mark.usefixtures("config")
def test_one_outlet_is_shown_with_what_was_given_for_it():
    assert scraper("show", "warta").stdout.splitlines() == [
        "id: warta",
        "name: Warta",
        "domains:",
        "  warta.example",
        "country: ID",
        "languages:",
        "  id",
        "feeds:",
        "  https://warta.example/rss",
        "selectors.body:",
        "  article",
        "policy.request_spacing: 90 s",
        "policy.headers: {'Accept-Language': 'id'}",
    ]
    facts = json.loads(scraper("show", "warta", "--json").stdout)
    assert facts["selectors.body"] == ["article"]
    assert facts["policy.request_spacing"] == "90 s"


@pytest.mark.usefixtures("config")
def test_an_unknown_outlet_is_bad_usage():
    assert scraper("show", "nobody").exit_code == 2


def test_faults_of_settings_and_outlets_are_told_together(config):
    assert scraper("validate").stdout == "2 outlets, no errors\n"
    (config / "scraper.toml").write_text("[fetch]\nconcurrency = 0", "utf-8")
    (config / "outlets" / "koran.toml").write_text("name = 1", "utf-8")
    error = scraper("validate").exception
    assert isinstance(error, ConfigurationError)
    assert [fault.key for fault in error.faults] == ["fetch.concurrency", "domains", "name"]


@pytest.mark.usefixtures("config")
def test_feeds_are_handed_to_other_readers():
    (outlet,) = outlets_from_feeds(scraper("opml").stdout)
    assert outlet.feeds == ("https://warta.example/rss",)


def test_a_new_outlet_is_described_by_what_it_tells(config, monkeypatch):
    monkeypatch.setenv("SCRAPER_FETCH_HOST_SPACING", "0")
    monkeypatch.setenv("SCRAPER_EXTRACT_WORKERS", "1")
    with DemoWeb(utc_now()) as web:
        home = web.outlets[0].homepage or ""
        arguments = ("add", home, "--id", "cakrawala", "--allow-network", "127.0.0.0/8")
        first, second = scraper(*arguments), scraper(*arguments)
    assert first.exit_code == 0
    assert "cakrawala.toml" in first.stdout
    written = {outlet.id: outlet for outlet in load_outlets(config)}
    assert written["cakrawala"].feeds == (f"{home}feed.xml",)
    assert second.exit_code == 2
    assert scraper("add", "cakrawala.example").exit_code == 2


@pytest.mark.usefixtures("config")
def test_outlets_are_tried_out_over_the_network(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRAPER_FETCH_HOST_SPACING", "0")
    monkeypatch.setenv("SCRAPER_EXTRACT_WORKERS", "1")
    with DemoWeb(utc_now()) as web:
        home = web.outlets[0].homepage or ""
        (tmp_path / "feeds.txt").write_text(f"{home}feed.xml\n{web.outlets[1].homepage}nothing", "utf-8")
        arguments = ("check", "--feeds", "feeds.txt", "--allow-network", "127.0.0.0/8")
        result = scraper(*arguments, "--json")
        shown = scraper(*arguments).stdout
    assert result.exit_code == 1
    well, broken = (json.loads(line) for line in result.stdout.splitlines())
    assert (well["health"], well["advice"]) == ("well", [])
    assert well["characters"] > 500
    assert well["addresses"] == [{"url": f"{home}feed.xml", "entries": 3, "failure": None}]
    assert broken["health"] == "broken"
    assert "404" in broken["advice"][0]
    assert [line.split()[0] for line in shown.splitlines() if line[0] != " "] == ["well", "broken"]


def test_a_readers_list_becomes_outlet_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    (tmp_path / "feeds.opml").write_text(
        "<opml version='2.0'><body>"
        "<outline text='Baru' xmlUrl='https://www.baru.example/rss'/>"
        "<outline text='Baru' xmlUrl='https://www.baru.example/olahraga/rss'/>"
        "</body></opml>"
    )
    shown = scraper("import", "feeds.opml", "--config", "fresh", "--dry-run")
    assert "baru-example.toml: 2 feeds" in shown.stdout
    assert not (tmp_path / "fresh").exists()
    scraper("import", "feeds.opml", "--config", "fresh")
    (outlet,) = load_outlets(tmp_path / "fresh")
    assert outlet.feeds == ("https://www.baru.example/rss", "https://www.baru.example/olahraga/rss")
    (tmp_path / "more.txt").write_text("https://www.baru.example/rss\nhttps://www.baru.example/budaya/rss\n")
    again = scraper("import", "more.txt", "--config", "fresh")
    assert again.stdout == "baru-example: known already\n  without https://www.baru.example/budaya/rss\n"
    exported = scraper("export", "--config", "fresh").stdout
    assert outlets_from_feeds(exported)[0].feeds == outlet.feeds
