"""The channels against real servers and processes: taken, refused, broken, silent."""

import json
import socket
import socketserver
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scraper.alerts import Batch, Condition, Kind, Notice, Turn, channels, deliver
from scraper.alerts.channels import Command
from scraper.settings import AlertSettings
from tests.fakes import until

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def batch(*subjects, turn=Turn.RAISED, detail="no new entry for 9 days"):
    return Batch(
        host="desk",
        notices=tuple(
            Notice(
                turn=turn,
                at=NOON,
                since=NOON,
                condition=Condition(kind=Kind.OUTLET, subject=subject, detail=detail, advice="look"),
            )
            for subject in subjects
        ),
    )


def only(**settings):
    (channel,) = channels(AlertSettings(**settings))
    return channel


async def refusal(channel, batch) -> str:
    failure = (await deliver(channel, batch)).failure
    assert failure is not None
    return failure


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class HookServer(ThreadingHTTPServer):
    got: list[tuple[str, dict[str, str], dict[str, Any]]]
    status = 204


class Hook(BaseHTTPRequestHandler):
    server: HookServer

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = HookServer(("127.0.0.1", 0), Hook)
    server.got = []
    with serving(server):
        yield server


class PostServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    letters: list[str]
    commands: list[str]
    unknown: list[str]


class Post(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a letter needs."""

    server: PostServer

    def handle(self):
        self.say("220 post")
        letter: list[str] = []
        body = False
        while line := self.rfile.readline().decode():
            word = line.rstrip("\r\n")
            if body:
                if word == ".":
                    body = False
                    self.server.letters.append("\n".join(letter))
                    self.say("250 taken")
                else:
                    letter.append(word)
            else:
                body = self.command(word)

    def command(self, word):
        verb = word.upper()
        if verb.startswith("RCPT") and any(name in word for name in self.server.unknown):
            self.say("550 nobody here")
        elif verb == "DATA":
            self.say("354 go on")
            return True
        elif verb == "QUIT":
            self.say("221 bye")
        else:
            self.server.commands.append(word)
            self.say("250 fine")
        return False

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def post():
    server = PostServer(("127.0.0.1", 0), Post)
    server.letters, server.commands, server.unknown = [], [], []
    with serving(server):
        yield server


def mail(server, *receivers, user=""):
    address = f"smtp://{user}127.0.0.1:{server.server_address[1]}"
    return only(smtp=address, mail_from="scraper@example.org", mail_to=receivers or ("desk@example.org",))


async def test_a_webhook_gets_json_with_the_token(hook):
    channel = only(webhook=f"http://127.0.0.1:{hook.server_port}/in/abc?x=1", webhook_token="t0ken")  # noqa: S106 - made up
    assert "abc" not in channel.name
    assert (await deliver(channel, batch("koran", "harian"))).failure is None
    (path, headers, body) = hook.got[0]
    assert path == "/in/abc?x=1"
    assert headers["Authorization"] == "Bearer t0ken"
    assert [notice["subject"] for notice in body["notices"]] == ["koran", "harian"]
    assert body["notices"][0]["turn"] == "raised"
    assert body["text"].startswith("scraper on desk: 2 outlets degraded")


async def test_a_webhook_that_refuses_or_is_gone_is_a_failure_in_words(hook):
    channel = only(webhook=f"http://127.0.0.1:{hook.server_port}/")
    hook.status = 503
    assert (await refusal(channel, batch("koran"))).startswith("answered 503")
    hook.status = 302
    assert (await refusal(channel, batch("koran"))).startswith("answered 302")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    assert "refused" in await refusal(only(webhook=f"http://127.0.0.1:{port}/"), batch("koran"))


async def test_a_webhook_that_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        sent = await deliver(only(webhook=f"http://127.0.0.1:{mute.getsockname()[1]}/"), batch("koran"), 0.3)
    assert sent.failure == "took longer than 0.3 s"


async def test_a_letter_says_what_is_wrong_and_what_to_do(post):
    assert (await deliver(mail(post), batch("koran", detail="no new\r\nBcc: all@example.org"))).failure is None
    (letter,) = post.letters
    head, _, text = letter.partition("\n\n")
    assert "Subject: scraper on desk: outlet degraded (koran)" in head
    assert "Auto-Submitted: auto-generated" in head
    assert "\nBcc:" not in letter, "text from the network makes no header and no line"
    assert "what to do: look" in text


async def test_a_receiver_that_is_refused_is_a_failure(post):
    post.unknown = ["gone@"]
    assert "gone@" in await refusal(mail(post, "gone@example.org", "desk@example.org"), batch("koran"))
    assert len(post.letters) == 1


async def test_credentials_do_not_travel_in_the_clear(post, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", _as_loopback)
    address = f"smtp://me:secret@mail.example.org:{post.server_address[1]}"
    channel = only(smtp=address, mail_from="scraper@example.org", mail_to=("desk@example.org",))
    assert "not sent in the clear" in await refusal(channel, batch("koran"))
    assert not any(word.upper().startswith("AUTH") for word in post.commands)


def _as_loopback(_host, port, *_args, **_kwargs):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


async def test_a_command_gets_the_notices_on_its_standard_input(tmp_path):
    told = tmp_path / "told.json"
    channel = only(command=("/bin/sh", "-c", f"cat > {told}"))
    assert (await deliver(channel, batch("koran", turn=Turn.RECOVERED))).failure is None
    assert json.loads(told.read_text())["notices"][0]["turn"] == "recovered"


async def test_a_command_that_fails_is_a_failure_with_its_last_words(tmp_path):
    failing = only(command=("/bin/sh", "-c", "cat > /dev/null; echo one >&2; echo no route >&2; exit 3"))
    assert await refusal(failing, batch("koran")) == "ended with status 3: no route"
    assert await refusal(only(command=(str(tmp_path / "missing"),)), batch("koran"))
    deaf = only(command=("/bin/sh", "-c", "exec 0<&-; exit 0"))
    assert (await deliver(deaf, batch(*[f"outlet{n}" for n in range(3000)]))).failure is None


async def test_a_command_that_does_not_end_is_killed_with_its_children(tmp_path):
    begun = tmp_path / "begun"
    channel = Command(words=("/bin/sh", "-c", f"sleep 600 & echo $! > {begun}; wait"), patience_s=2)
    assert await refusal(channel, batch("koran")) == "took longer than 2 s"
    child = int(begun.read_text())
    await until(lambda: not alive(child))


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_only_whole_channels_are_opened():
    assert channels(AlertSettings()) == ()
    every = AlertSettings(
        webhook="https://h.example/",
        smtp="smtps://m.example",
        mail_from="a@b.example",
        mail_to=("c@d.example",),
        command=("x",),
    )
    assert [channel.name for channel in channels(every)] == ["webhook at h.example", "mail by m.example", "command x"]
