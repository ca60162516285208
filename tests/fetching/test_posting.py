"""The one request that is no GET: a form for a hub."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from scraper.model.page import FetchFailed, FetchReason, Page, RequestKind
from tests.fetching.web import QUICK, Web, fetch, moved, outlet, reply, running, tls_pair

FORM = (("hub.mode", "subscribe"), ("hub.secret", "s&c=ret ü"))


def accepting(got):
    async def answer(asked, reader, writer):
        got.append((asked, await reader.readexactly(int(asked.header("content-length")))))
        writer.write(reply(b"soon", status=202))

    return answer


async def post(web: Web, path="/", scheme="http", **more):
    return await fetch(web.url(path, scheme=scheme), kind=RequestKind.HUB, form=FORM, **more)


async def test_a_form_is_posted_and_any_success_is_one():
    got: list[Any] = []
    async with running({"/": accepting(got)}) as web:
        answer = await post(web)
    assert isinstance(answer, Page)
    assert (answer.status, answer.body) == (202, b"soon")
    asked, body = got[0]
    assert asked.line == "POST / HTTP/1.1"
    assert asked.header("content-type") == b"application/x-www-form-urlencoded"
    assert tuple(parse_qsl(body.decode())) == FORM


async def test_a_hub_is_shown_no_credentials_of_the_outlet():
    got: list[Any] = []
    guest = outlet(headers=(("Authorization", "Bearer x"), ("Cookie", "a=b"), ("Accept-Language", "id")))
    async with running({"/": accepting(got)}) as web:
        assert isinstance(await post(web, outlet=guest), Page)
    asked, _ = got[0]
    assert asked.header("authorization") is None
    assert asked.header("cookie") is None
    assert asked.header("accept-language") == b"id"


@pytest.mark.parametrize("status", [307, 308])
async def test_redirects_that_keep_the_method_are_followed(status):
    got: list[Any] = []
    async with running({"/": moved(status, "/there"), "/there": accepting(got)}) as web:
        assert isinstance(await post(web), Page)
    assert tuple(parse_qsl(got[0][1].decode())) == FORM


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_redirects_that_turn_a_post_into_a_get_are_failures(status):
    async with running({"/": moved(status, "/there"), "/there": reply(b"")}) as web:
        failed = await post(web)
        assert web.paths() == ["/"]
    assert isinstance(failed, FetchFailed)
    assert failed.status == status


async def test_a_secret_is_not_carried_from_https_to_http():
    server, client = tls_pair("127.0.0.1")
    async with running() as plain, running({"/": moved(307, plain.url())}, tls=server) as web:
        failed = await post(web, scheme="https", tls=client)
        assert not plain.asked
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.REDIRECTS


async def test_hubs_inside_our_own_network_are_refused():
    failed = await fetch("http://10.0.0.1/hub", QUICK, kind=RequestKind.HUB, form=FORM)
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.REFUSED_ADDRESS


async def test_robots_say_nothing_about_hubs_and_answers_are_cut():
    routes = {"/robots.txt": reply(b"User-agent: *\nDisallow: /"), "/": reply(b"x" * 1_000_000)}
    async with running(routes) as web:
        answer = await post(web)
        assert web.paths() == ["/"]
    assert isinstance(answer, Page)
    assert len(answer.body) == 64 * 1024
