"""A small web of outlets on loopback whose stories appear one after the other, and that notes who asked when."""

import itertools
import multiprocessing
import random
import socket
import struct
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection

from scraper.model.outlet import Outlet

SAID = """
warga kota hujan deras banjir jalan raya pasar pagi sore petani padi harga beras naik turun pemerintah daerah
rapat anggaran sekolah guru murid buku perpustakaan kereta bandara pesawat kapal nelayan laut ikan gunung hutan
api angin panas dingin rumah sakit dokter perawat obat vaksin tim sepak bola gol pelatih pemain juara piala
jembatan sungai bendungan listrik padam cuaca ramalan musim kemarau panen kopi teh gula garam minyak bumi gas
menteri gubernur bupati camat lurah polisi jaksa hakim sidang saksi bukti putusan hukum undang partai suara
pemilu
"""
WORDS = tuple(SAID.split())
LAST_DATA_RECEIVED = 52
"""Where Linux's struct tcp_info holds how many milliseconds ago data came last."""


@dataclass
class Village:
    """`outlets` hosts with `stories` each; story k of every host appears `every` seconds after the one before it."""

    outlets: int
    stories: int
    every: float
    moved: bool = True
    """Every third story is linked through another outlet's host, which redirects."""
    asked: dict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    began: float = 0.0
    port: int = 0

    def host(self, number: int) -> str:
        return f"127.31.7.{number + 1}"

    def story(self, number: int, story: int) -> str:
        return f"http://{self.host(number)}:{self.port}/berita/{story}.html"

    def link(self, number: int, story: int) -> str:
        if self.moved and story % 3 == 2:
            return f"http://{self.host((number + 1) % self.outlets)}:{self.port}/go/{number}/{story}"
        return self.story(number, story)

    def all_links(self) -> set[str]:
        return {self.link(number, story) for number in range(self.outlets) for story in range(self.stories)}

    def configured(self) -> tuple[Outlet, ...]:
        return tuple(
            Outlet(
                id=f"desa{number}",
                name=f"Desa {number}",
                domains=(self.host(number),),
                feeds=(f"http://{self.host(number)}:{self.port}/feed.xml",),
            )
            for number in range(self.outlets)
        )

    def visible(self) -> int:
        return min(self.stories, 1 + int((time.monotonic() - self.began) / self.every)) if self.every else self.stories

    def everything_is_out(self) -> bool:
        return self.visible() == self.stories

    def page(self, number: int, story: int) -> str:
        dice = random.Random(f"{number}/{story}")  # noqa: S311 - invents stories
        title = " ".join(dice.choices(WORDS, k=7)).capitalize()
        paragraphs = "".join(
            f"<p>{' '.join(dice.choices(WORDS, k=45)).capitalize()}, kata warga desa nomor {number}.</p>"
            for _ in range(dice.randint(5, 9))
        )
        return (
            f'<html lang="id"><head><title>{title}</title></head><body><nav><a href="/">Beranda</a></nav>'
            f"<article><h1>{title}</h1>{paragraphs}</article><footer>Hak cipta</footer></body></html>"
        )

    def feed(self, number: int) -> str:
        items = "".join(
            f"<item><title>Berita {story}</title><link>{self.link(number, story)}</link>"
            f"<pubDate>{formatdate(1_790_000_000 + 60 * story)}</pubDate></item>"
            for story in range(self.visible())
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desa</title>{items}</channel></rss>'

    @contextmanager
    def open(self) -> Iterator["Village"]:
        servers = []
        for number in range(self.outlets):
            handler = type("Handler", (_Handler,), {"village": self, "number": number})
            server = ThreadingHTTPServer((self.host(number), self.port), handler)
            self.port = server.server_port
            servers.append(server)
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self.began = time.monotonic()
        try:
            yield self
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()

    @contextmanager
    def elsewhere(self) -> Iterator["Village"]:
        """Served by a process of its own, so that the times it notes are those of the requests."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        child = context.Process(target=_serve, args=(self, theirs), daemon=True)
        child.start()
        self.port, self.began = ours.recv()
        try:
            yield self
        finally:
            ours.send("enough")
            self.asked = ours.recv()
            child.join(30)

    def impolite(self, spacing: float) -> list[str]:
        """Pairs of requests to one host that came too close to each other."""
        found = []
        for host, requests in self.asked.items():
            stamps = sorted(requests)
            for (earlier, first), (later, second) in itertools.pairwise(stamps):
                if later - earlier < spacing:
                    found.append(f"{host}: {first} and {second} after {later - earlier:.3f} s")
        return found


def _serve(village: Village, line: Connection) -> None:
    with village.open():
        line.send((village.port, village.began))
        line.recv()
    line.send(dict(village.asked))


def waited(connection: socket.socket) -> float:
    """Seconds since the kernel received the request: a server with too much to do is late to read it."""
    if sys.platform != "linux":
        return 0.0
    information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, LAST_DATA_RECEIVED + 4)
    milliseconds: int = struct.unpack_from("=I", information, LAST_DATA_RECEIVED)[0]
    return milliseconds / 1000


class _Handler(BaseHTTPRequestHandler):
    village: Village
    number: int

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def do_GET(self) -> None:
        village, path = self.village, self.path
        village.asked[village.host(self.number)].append((time.monotonic() - waited(self.connection), path))
        if path == "/feed.xml":
            self._answer(200, village.feed(self.number), "application/rss+xml")
        elif path.startswith("/go/"):
            _, _, number, story = path.split("/")
            self.send_response(302)
            self.send_header("Location", village.story(int(number), int(story)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/berita/"):
            page = village.page(self.number, int(path.removeprefix("/berita/").removesuffix(".html")))
            self._answer(200, page, "text/html; charset=utf-8")
        else:
            self._answer(404, "", "text/plain")

    def _answer(self, status: int, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
