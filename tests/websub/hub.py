"""A small hub and publisher of our own, over real sockets."""

import asyncio
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fetching.web import Web, reply

STORY = """<html><head><title>{title}</title></head><body><article><h1>{title}</h1>
<p>Warga {title} berkumpul di balai desa pada hari Senin untuk membahas perbaikan jembatan yang rusak karena banjir.</p>
<p>Kepala desa {title} berkata bahwa pekerjaan akan dimulai minggu depan dan selesai sebelum musim hujan tiba lagi.</p>
<p>Biaya perbaikan jembatan di {title} ditanggung bersama oleh pemerintah daerah dan sumbangan para warga setempat.</p>
</article></body></html>"""


class Hub:
    """Verifies what it is asked for, at once or when told to, and pushes signed content."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.asked: list[dict[str, str]] = []
        self.live: dict[str, dict[str, str]] = {}
        """The last request by topic."""
        self.tasks: set[asyncio.Task[Any]] = set()

    async def answer(self, asked, reader, writer):
        length = int(asked.header("content-length"))
        form = dict(parse_qsl((await reader.readexactly(length)).decode()))
        self.asked.append(form)
        writer.write(reply(status=202))
        await writer.drain()
        task = asyncio.create_task(self.verify(form))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def verify(self, form):
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "c h&llenge"}
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = form["hub.lease_seconds"]
        status, body = await self.call(form["hub.callback"] + "?" + urlencode(query))
        if (status, body) != (200, b"c h&llenge"):
            return
        if form["hub.mode"] == "subscribe":
            self.live[form["hub.topic"]] = form
        else:
            self.live.pop(form["hub.topic"], None)

    async def push(self, topic, body, signed_with=None):
        """Send the content to whoever subscribed; the status of the answer."""
        form = self.live[topic]
        headers = ""
        if secret := signed_with or form.get("hub.secret"):
            headers = f"X-Hub-Signature: sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}\r\n"
        return (await self.call(form["hub.callback"], body, headers))[0]

    async def call(self, url, body=None, headers=""):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        method = "GET" if body is None else "POST"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        length = "" if body is None else f"Content-Type: application/rss+xml\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}{length}\r\n".encode())
        writer.write(body or b"")
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split(b" ")[1]), answer


def feed(base, titles, hub=None):
    links = f'<atom:link rel="self" href="{base}/feed"/>' + (f'<atom:link rel="hub" href="{hub}"/>' if hub else "")
    items = "".join(f"<item><title>{title}</title><link>{base}/{title}</link></item>" for title in titles)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>Kabar</title>{links}{items}</channel></rss>"
    ).encode()


def stories(*titles):
    return {f"/{title}": reply(STORY.format(title=title).encode()) for title in titles}
