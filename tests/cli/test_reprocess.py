"""Old pages read with new rules."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from scraper.cli.app import app
from scraper.dedup import NearDuplicates
from scraper.model.page import Page
from scraper.model.verdict import Kept, Story
from scraper.settings import DedupSettings
from scraper.storage import open_archive, verify
from scraper.urls import article_id
from tests.cli.pages import PARAGRAPHS, article
from tests.storage.samples import LEASE, NOW, entry, kept, store_in

OUTLET = 'name = "Koran"\ndomains = ["koran.example"]\nfeeds = ["https://koran.example/rss"]\n'


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    (tmp_path / "config/outlets").mkdir(parents=True)
    (tmp_path / "config/scraper.toml").write_text("[extract]\nworkers = 1\n", "utf-8")
    (tmp_path / "config/outlets/koran.toml").write_text(OUTLET, "utf-8")
    store, judge = store_in(tmp_path / "data", archive=True), NearDuplicates(DedupSettings())
    store.enqueue([entry(number, "koran") for number in (1, 2, 3)], NOW)
    for number, claimed in enumerate(store.claim(NOW, 3, LEASE), 1):
        url = claimed.entry.url
        html = "<html><p>Hilang.</p></html>" if number == 2 else article()
        page = Page(url=url, requested_url=url, body=html.encode(), fetched_at=NOW, content_type="text/html")
        pages = () if number == 3 else (page,)
        identity = article_id(claimed.entry.key)
        outcome = kept(claimed, number, id=identity, cluster=identity, text=f"Teks lama nomor {number}.")
        judged = judge.consider(
            Story(id=identity, outlet="koran", group=None, language="id", time=NOW, title="Lama", text=f"Teks {number}")
        )
        assert isinstance(outcome.verdict, Kept)
        store.commit([replace(outcome, pages=pages, verdict=replace(outcome.verdict, judged=judged))], NOW)
    store.close()
    return tmp_path / "data"


def run(*arguments):
    return CliRunner().invoke(app, ["reprocess", *arguments], catch_exceptions=False)


def newest(data, number):
    with open_archive(data) as archive:
        found = archive.article(article_id(entry(number, "koran").key))
        assert found is not None
        return found


def test_what_says_something_else_now_becomes_a_revision(data):
    tried = run("--dry-run")
    assert "2 read again: 1 changed, 1 would not be kept today" in tried.stderr
    assert newest(data, 1).revision == 0
    done = run()
    assert done.exit_code == 1
    assert f"changed: {entry(1, 'koran').url}" in done.stdout
    revised = newest(data, 1)
    assert (revised.revision, revised.text.splitlines(), revised.found_at) == (1, list(PARAGRAPHS), NOW)
    assert (newest(data, 2).revision, newest(data, 3).revision) == (0, 0)
    assert "0 changed" in run().stderr
    assert verify(data).problems == []
