"""Outlets that nobody has described yet: what they tell about themselves becomes the beginning of a file."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.outlets import load_outlets
from scraper.service.checkup import Health
from scraper.service.discovery import Discovered, discover
from scraper.settings import Settings
from scraper.sources import read_front


@pytest.fixture(scope="module")
def found():
    settings = Settings()
    fetch = replace(settings.fetch, allow_networks=("127.0.0.0/8",), host_spacing=timedelta(milliseconds=5))
    settings = replace(settings, fetch=fetch, extract=replace(settings.extract, workers=1))
    with DemoWeb(utc_now()) as web:
        homes = {outlet.id: outlet.homepage or "" for outlet in web.outlets}
        chosen = {name: homes[name] for name in ("cakrawala", "samudra", "coastandharbour")}
        yield {name: asyncio.run(discover(home, settings, utc_now)) for name, home in chosen.items()} | {"web": homes}
        # the web closes here: nothing answers any more


def test_feeds_that_the_front_page_declares_are_found(found):
    home, outlet = found["web"]["cakrawala"], found["cakrawala"].outlet
    assert outlet.feeds == (f"{home}feed.xml",)
    assert outlet.sitemaps == (f"{home}sitemap.xml",)
    assert (outlet.name, outlet.languages) == ("Kantor Berita Cakrawala", ("id",))
    assert found["cakrawala"].tried.health is Health.WELL


def test_news_sitemaps_that_robots_txt_declares_are_found(found):
    home, outlet = found["web"]["samudra"], found["samudra"].outlet
    assert (outlet.feeds, outlet.news_sitemaps) == ((), (f"{home}news-sitemap.xml",))


def test_what_is_written_is_a_sound_outlet_file(found, tmp_path):
    (tmp_path / "outlets").mkdir()
    one = found["coastandharbour"]
    text = one.file("2026-03-01")
    (tmp_path / "outlets" / f"{one.outlet.id}.toml").write_text(text, "utf-8")
    assert load_outlets(tmp_path) == (one.outlet,)
    assert text.startswith("# Coast & Harbour: found on 2026-03-01; look it over.\n# Its time zone is not known")
    assert "stories\n" in text


def test_a_site_that_does_not_answer_is_told():
    with DemoWeb(utc_now()) as web:
        home = web.outlets[0].homepage or ""
    settings = Settings()
    settings = replace(settings, fetch=replace(settings.fetch, allow_networks=("127.0.0.0/8",)))
    answer = asyncio.run(discover(home, settings, utc_now))
    assert not isinstance(answer, Discovered)
    assert len(answer) > 20


class Frontless(BaseHTTPRequestHandler):
    """A site without a front page, with one feed at a usual place and one that only those know who are told."""

    def do_GET(self):
        if self.path not in {"/rss.xml", "/hidden/list"}:
            self.send_error(404)
            return
        link = f"http://{self.headers['Host']}/read{self.path}"
        body = f"<rss version='2.0'><channel><title>W</title><item><link>{link}</link></item></channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(("named", "found"), [("/", "/rss.xml"), ("/hidden/list", "/hidden/list")])
def test_a_site_without_a_front_page_may_have_feeds(named, found):
    settings = Settings()
    fetch = replace(settings.fetch, allow_networks=("127.0.0.0/8",), host_spacing=timedelta(milliseconds=5))
    with ThreadingHTTPServer(("127.0.0.1", 0), Frontless) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site = f"http://127.0.0.1:{server.server_port}"
        answer = asyncio.run(discover(site + named, replace(settings, fetch=fetch), utc_now))
        server.shutdown()
    assert isinstance(answer, Discovered)
    assert answer.outlet.feeds == (site + found,)


@pytest.mark.parametrize("body", [b"", b"<", b"\xff\xfe", b"<html", b"plain words", b"<?xml version='1.0'?><rss/>"])
def test_any_front_page_can_be_read(body):
    assert read_front(body, "text/html", "https://warta.example/").feeds == ()


def test_a_front_page_declares_its_feeds_once_and_no_comments():
    body = b"""<html lang="id-ID"><head><title> Warta
    Pagi </title>
    <link rel="alternate" type="application/rss+xml" href="/rss">
    <link rel="Alternate" type="application/atom+xml; charset=utf-8" href="https://feeds.example/warta">
    <link rel="alternate" type="application/rss+xml" href="/comments/feed/">
    <link rel="alternate" type="application/rss+xml" href="/rss">
    <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
    <link rel="alternate" type="application/rss+xml" href="http://[::1">
    <link rel="alternate" hreflang="en" href="/en"><link rel="stylesheet" href="/a.css">"""
    front = read_front(body, None, "https://warta.example/")
    assert front.feeds == ("https://warta.example/rss", "https://feeds.example/warta")
    assert (front.name, front.language) == ("Warta Pagi", "id")
