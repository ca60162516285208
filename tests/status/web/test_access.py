"""Who is let in."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.status.web.access import COOKIE, is_meant
from scraper.status.web.app import Look
from tests.status.web.filled import served

TOKEN = "kunci-yang-panjang"  # noqa: S105 - it guards nothing


@pytest.mark.parametrize(
    ("host", "meant"),
    [
        ("127.0.0.1:8080", True),
        ("127.0.0.1", True),
        ("[::1]:8080", True),
        ("[::1]", True),
        ("192.168.1.9:8080", True),
        ("localhost:8080", True),
        ("LOCALHOST", True),
        ("app.localhost", True),
        ("localhost.", True),
        ("status.example", True),
        ("Status.Example:8080", True),
        ("evil.example:8080", False),
        ("status.example.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[::1", True),
        ("evil.example:80:80", False),
        ("127.0.0.1@evil.example", False),
    ],
)
def test_only_names_that_are_meant_are_answered(host, meant):
    assert is_meant(host, ["status.example"]) is meant


@given(st.text())
def test_any_host_header_is_decided(host):
    assert is_meant(host, ()) in {True, False}


def test_a_rebound_name_reads_nothing(address):
    answer = httpx.get(f"{address}/", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "articles" not in answer.text
    with httpx.Client() as client:
        request = client.build_request("GET", f"{address}/static/page.css", headers={"host": "evil.example:80"})
        assert client.send(request).status_code == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_it_only_reads(address, method):
    assert httpx.request(method, f"{address}/").status_code == 405


@pytest.fixture(scope="module")
def guarded(collected):
    with served(collected, Look(token=TOKEN)) as url:
        yield url


def test_without_the_token_nothing_is_told(guarded):
    answer = httpx.get(f"{guarded}/")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="scraper"')
    browser = httpx.get(f"{guarded}/articles", headers={"accept": "text/html,*/*"})
    assert (browser.status_code, browser.headers["location"]) == (303, "/entrance")
    wrong = {"authorization": "Bearer kunci", "cookie": f"{COOKIE}={TOKEN}"}
    assert httpx.get(f"{guarded}/", headers=wrong).status_code == 401
    assert httpx.get(f"{guarded}/", headers={"authorization": "Bearer"}).status_code == 401


def test_the_token_is_taken_from_programs_and_from_the_form(guarded):
    assert httpx.get(f"{guarded}/", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    with httpx.Client() as browser:
        assert browser.post(f"{guarded}/entrance", data={"token": "salah"}).status_code == 403
        entered = browser.post(f"{guarded}/entrance", data={"token": TOKEN})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert TOKEN not in cookie
        assert browser.get(f"{guarded}/").status_code == 200


def test_a_form_without_end_is_cut_off(guarded):
    assert httpx.post(f"{guarded}/entrance", content=b"token=" + b"a" * 100_000).status_code == 413
