"""Who is let in."""

from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.status.web.access import COOKIE, is_meant
from scraper.status.web.app import Look
from scraper.status.web.guessing import Guesses
from tests.status.web.filled import served
from tests.storage.samples import NOW

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


def test_guessing_is_slowed_down_and_those_inside_notice_nothing(collected):
    now = [NOW]
    bearer = {"authorization": f"Bearer {TOKEN}"}
    with served(collected, Look(token=TOKEN), clock=lambda: now[0]) as url, httpx.Client(base_url=url) as inside:
        assert inside.post("/entrance", data={"token": TOKEN}).status_code == 303
        wrong = [httpx.get(f"{url}/", headers={"authorization": f"Bearer {number}"}).status_code for number in range(3)]
        wrong += [httpx.post(f"{url}/entrance", data={"token": "salah"}).status_code for _ in range(2)]
        assert wrong == [401, 401, 401, 403, 403]
        for answer in (httpx.post(f"{url}/entrance", data={"token": TOKEN}), httpx.get(f"{url}/", headers=bearer)):
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "1"), (
                "the right one is not heard either"
            )
        assert inside.get("/").status_code == 200
        assert httpx.get(f"{url}/entrance").status_code == 200
        now[0] += timedelta(seconds=2)
        assert httpx.post(f"{url}/entrance", data={"token": "salah"}).status_code == 403
        assert httpx.get(f"{url}/", headers=bearer).headers["retry-after"] == "2"
        now[0] += timedelta(seconds=3)
        assert httpx.get(f"{url}/", headers=bearer).status_code == 200
        assert httpx.get(f"{url}/", headers={"authorization": "Bearer salah"}).status_code == 401, "begun anew"


def test_pauses_grow_to_a_minute_for_each_address_and_are_forgotten():
    now = [NOW]
    guesses = Guesses(lambda: now[0])
    for _ in range(30):
        guesses.wrong("192.0.2.1")
    assert guesses.pause("192.0.2.1") == timedelta(seconds=60)
    assert guesses.pause("192.0.2.2") == timedelta()
    now[0] += timedelta(minutes=16)
    guesses.wrong("192.0.2.1")
    assert guesses.pause("192.0.2.1") == timedelta()
    for number in range(5):
        guesses.wrong(f"2001:db8::{number}")
    assert guesses.pause("2001:db8::ffff") > timedelta(), "one customer has a whole /64"
    assert guesses.pause("2001:db8:0:1::") == timedelta()
    for number in range(5000):
        guesses.wrong(f"host-{number}")
    assert guesses.pause("2001:db8::1") == timedelta(), "what is remembered is bounded"


def test_a_form_without_end_is_cut_off(guarded):
    assert httpx.post(f"{guarded}/entrance", content=b"token=" + b"a" * 100_000).status_code == 413
