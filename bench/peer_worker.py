"""One other extractor, in an environment of its own: reads the pages that it is told to, one after the other.

    python bench/peer_worker.py NAME SECONDS < requests > answers

Each line of the standard input is {"file": ..., "url": ...}, each line of the answer {"text": ..., "seconds": ...} or
{"error": ...}: the CPU time is that of this process for the one page. The first line of the answer is
{"version": ...}. A page that takes longer than SECONDS is given up. The network is shut: a system that asks for a host
name or a connection is refused at once, so that none waits for what it will not get.

Needs nothing but NAME's package: it runs where the project itself is not installed.
"""

import gzip
import importlib
import json
import logging
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Read = Callable[[bytes, str], str]


class NotKnownError(Exception):
    """The system does not know the page's publisher."""


def _decoded(body: bytes) -> str:
    return body.decode("utf-8", "replace")


def readability() -> Read:
    module: Any = importlib.import_module("readability")
    html: Any = importlib.import_module("lxml.html")

    def read(body: bytes, _url: str) -> str:
        tree = html.fromstring(module.Document(_decoded(body)).summary())
        blocks = tree.xpath("//p | //h1 | //h2 | //h3 | //h4 | //li | //blockquote[not(.//p)]")
        return "\n".join(block.text_content() for block in blocks) or str(tree.text_content())

    return read


def resiliparse() -> Read:
    extract: Any = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda body, _url: extract(_decoded(body), main_content=True)


def newspaper() -> Read:
    module: Any = importlib.import_module("newspaper")

    def read(body: bytes, url: str) -> str:
        article = module.Article(url, fetch_images=False)
        article.download(input_html=_decoded(body))
        article.parse()
        return str(article.text)

    return read


def goose() -> Read:
    reader: Any = importlib.import_module("goose3").Goose()
    return lambda body, _url: reader.extract(raw_html=_decoded(body)).cleaned_text


def news_please() -> Read:
    reader: Any = importlib.import_module("newsplease").NewsPlease
    return lambda body, url: reader.from_html(_decoded(body), url=url).maintext or ""


def fundus() -> Read:
    """Reads the publishers that fundus has a parser for, found by their hosts."""
    collection: Any = importlib.import_module("fundus").PublisherCollection
    known = {_host(publisher.domain): publisher for publisher in collection}

    def read(body: bytes, url: str) -> str:
        name = _host(url)
        publisher = next((known[host] for host in known if name == host or name.endswith(f".{host}")), None)
        if publisher is None:
            raise NotKnownError(name)
        found = publisher.parser().parse(_decoded(body), error_handling="suppress")
        return str(found.get("body") or "")

    return read


def _host(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")


READERS: dict[str, tuple[str, Callable[[], Read]]] = {
    "readability-lxml": ("readability-lxml", readability),
    "resiliparse": ("resiliparse", resiliparse),
    "newspaper4k": ("newspaper4k", newspaper),
    "goose3": ("goose3", goose),
    "news-please": ("news-please", news_please),
    "fundus": ("fundus", fundus),
}


def _refused(*_args: object, **_options: object) -> Any:
    raise OSError("no network here")


def _shut_the_network() -> None:
    socket.getaddrinfo = _refused
    socket.gethostbyname = _refused
    socket.create_connection = _refused
    setattr(socket.socket, "connect", _refused)  # noqa: B010 - a method of a class, which mypy lets nobody assign
    setattr(socket.socket, "connect_ex", _refused)  # noqa: B010


def _give_up(_signal: int, _frame: object) -> None:
    raise TimeoutError("took too long")


def _answer(read: Read, request: dict[str, str], seconds: int) -> dict[str, object]:
    raw = Path(request["file"]).read_bytes()
    body = gzip.decompress(raw) if request["file"].endswith(".gz") else raw
    signal.alarm(seconds)
    start = time.process_time()
    try:
        text = read(body, request["url"])
    except NotKnownError:
        return {"unknown": True}
    except Exception as error:  # noqa: BLE001 - what other extractors raise is counted, not judged
        return {"error": f"{type(error).__name__}: {error}"[:200], "seconds": time.process_time() - start}
    finally:
        signal.alarm(0)
    return {"text": text, "seconds": time.process_time() - start}


def main() -> None:
    """Answer until the requests end. What the system itself prints goes to the standard error."""
    name, seconds = sys.argv[1], int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    _shut_the_network()
    signal.signal(signal.SIGALRM, _give_up)
    package, build = READERS[name]
    read = build()
    answers.write(json.dumps({"version": version(package)}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(_answer(read, json.loads(line), seconds)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
